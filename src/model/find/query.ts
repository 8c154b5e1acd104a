/** What a person looks for, in all the ways that their words can be meant. */
export interface Query {
  /** As typed, without blanks around it. */
  readonly text: string;
  /** A pid of the node. */
  readonly pid?: number;
  /** The same may be a pid inside a container: not where a path of /proc named it. */
  readonly innerPid?: number;
  /** TCP or UDP. */
  readonly port?: number;
  /** An IPv4 or IPv6 address, in lower case. */
  readonly ip?: string;
  /** The start of an id. */
  readonly idPrefix?: string;
  /** Text that may hold an id or a pod's UID: a path, an image, a line of a log. */
  readonly holder?: string;
  /** An absolute path: of a cgroup, or of a file. */
  readonly path?: string;
  /** Part of a name or image, in lower case. */
  readonly word?: string;
}

/** Far more than a path has (PATH_MAX). */
const longest = 4096;

const maxPid = 4_194_304; // PID_MAX_LIMIT, include/linux/threads.h
const maxPort = 65_535;

/**
 * Takes `123`, `pid 123`, `:8080`, `10.0.0.5`, `10.0.0.5:8080`, ids and their prefixes, `containerd://ID`, paths, lines of
 * /proc/PID/cgroup, names and images. Undefined when there is nothing to look for.
 */
export function parseQuery(typed: string): Query | undefined {
  const text = typed.slice(0, longest).trim();
  if (text === '') return undefined;
  const [, kind, rest] = /^(pid|port|ip|id|name|image|path|cgroup)\s*[:=\s]\s*(\S.*)$/is.exec(text) ?? [];
  if (kind !== undefined && rest !== undefined) return { text, ...meant(kind.toLowerCase(), rest.trim()) };
  const path = pathIn(text);
  if (path !== undefined) return { text, holder: text, path, ...procPid(path) };
  return { text, ...addressIn(text), ...numberIn(text), ...idIn(text), ...wordIn(text), holder: text };
}

function meant(kind: string, text: string): Omit<Query, 'text'> {
  const number = numberIn(text);
  switch (kind) {
    case 'pid':
      return number.pid === undefined ? {} : { pid: number.pid, innerPid: number.pid };
    case 'port':
      return number.port === undefined ? {} : { port: number.port };
    case 'ip':
      return addressIn(text);
    case 'id':
      return { ...idIn(text), holder: text };
    case 'path':
    case 'cgroup': {
      const path = pathIn(text);
      return path === undefined ? { holder: text } : { holder: text, path };
    }
    default:
      return { word: text.toLowerCase() };
  }
}

/** How v1 names the folders of its hierarchies: by controllers, in some order; and a hybrid node its v2 one. */
const hierarchy =
  /^\/(?:unified|systemd|(?:(?:blkio|cpu|cpuacct|cpuset|devices|freezer|hugetlb|memory|misc|net_cls|net_prio|perf_event|pids|rdma),?)+)(?=\/)/;

/** The path in a line of /proc/PID/cgroup (cgroups(7)), of a file below /sys/fs/cgroup, or as it is. */
function pathIn(text: string): string | undefined {
  const path = /^\d+:[^/]*:(\/.*)$/s.exec(text)?.[1] ?? text;
  if (!path.startsWith('/')) return undefined;
  const group = /^\/sys\/fs\/cgroup(\/.*)$/s.exec(path)?.[1]?.replace(hierarchy, '');
  return (group ?? path).replace(/\/(?:cgroup\.[a-z.]+|tasks)$/, '').replace(/(?<=.)\/+$/, '');
}

function procPid(path: string): Pick<Query, 'pid'> {
  const pid = /^\/proc\/(\d+)(?:\/|$)/.exec(path)?.[1];
  return pid === undefined ? {} : { pid: Number(pid) };
}

function addressIn(text: string): Pick<Query, 'ip' | 'port'> {
  const [, v4, v4Port] =
    /^(?:[a-z]+:\/\/)?(\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}))?(?:\/.*)?$/i.exec(text) ?? [];
  if (v4 !== undefined) return { ip: v4, ...portOf(v4Port) };
  const [, framed, framedPort] =
    /^(?:[a-z]+:\/\/)?\[([0-9a-f:]+)\](?::(\d{1,5}))?(?:\/.*)?$/i.exec(text) ?? [];
  if (framed !== undefined) return { ip: framed.toLowerCase(), ...portOf(framedPort) };
  if (/^[0-9a-f]*:[0-9a-f:]*:[0-9a-f]*$/i.test(text)) return { ip: text.toLowerCase() };
  return portOf(/^(?:localhost)?:(\d{1,5})$/i.exec(text)?.[1]);
}

function portOf(text: string | undefined): Pick<Query, 'port'> {
  const port = Number(text ?? NaN);
  return port >= 1 && port <= maxPort ? { port } : {};
}

function numberIn(text: string): Pick<Query, 'pid' | 'innerPid' | 'port'> {
  if (!/^\d{1,7}$/.test(text)) return {};
  const number = Number(text);
  return {
    ...(number >= 1 && number <= maxPid ? { pid: number, innerPid: number } : {}),
    ...portOf(text),
  };
}

/** `containerd://ID` is how the API server writes it (ContainerStatus.containerID). */
function idIn(text: string): Pick<Query, 'idPrefix'> {
  const id = /^(?:[a-z-]+:\/\/)?([0-9a-f]{4,64})(?:…|\.\.\.)?$/i.exec(text)?.[1];
  return id === undefined ? {} : { idPrefix: id.toLowerCase() };
}

function wordIn(text: string): Pick<Query, 'word'> {
  return /[\n\r]/.test(text) ? {} : { word: text.toLowerCase() };
}

/** Whether some text, such as what is in the clipboard, is worth offering: it has the look of more than a word. */
export function looksFindable(text: string): boolean {
  const query = text.length > longest ? undefined : parseQuery(text);
  if (!query || /[\n\r]/.test(query.text)) return false;
  const { pid, port, ip, idPrefix, path } = query;
  const isId = (idPrefix?.length ?? 0) >= 12;
  return [pid, port, ip, path].some((part) => part !== undefined) || isId || idsIn(query.text).length > 0;
}

/** Runs of hex digits that may be ids or the start of one: 12 digits as Docker cuts them, up to 64. */
export function idsIn(text: string): readonly { readonly id: string; readonly index: number }[] {
  return [...text.matchAll(/(?<![0-9a-z])[0-9a-f]{12,64}(?![0-9a-z])/g)].map(({ 0: id, index }) => ({
    id,
    index,
  }));
}
