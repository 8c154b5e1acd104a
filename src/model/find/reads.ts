/**
 * What has to be read from the node to answer a query, beyond the pictures. All of it is lines of /proc as `grep -H` prints
 * them, `PATH:LINE`.
 */
export interface Reads {
  readonly inner: readonly InnerPid[];
  readonly listeners: readonly Listener[];
  /** Who has the listeners' sockets open, by inode, as far as that could be seen. */
  readonly holders: ReadonlyMap<number, readonly number[]>;
  readonly roots: readonly RootMount[];
}

/** A process with a pid of its own in the pid namespaces that it is in. */
export interface InnerPid {
  readonly pid: number;
  /** From the outer namespaces to its own. */
  readonly inside: readonly number[];
}

/** A socket that waits for peers. */
export interface Listener {
  /** The process in whose network namespace it is. */
  readonly pid: number;
  readonly protocol: 'tcp' | 'udp';
  readonly inode: number;
}

/** What a process has as its root folder. */
export interface RootMount {
  readonly pid: number;
  /** Folders of the node, the topmost layer first; of other filesystems than overlay the one folder. */
  readonly layers: readonly string[];
  /** Whether the first one takes what is written. */
  readonly writable: boolean;
}

/** `NSpid:` of /proc/PID/status (proc_pid_status(5)): the pid in each namespace, from the reader's to the process's own. */
export function parseInnerPids(text: string): readonly InnerPid[] {
  return text.split('\n').flatMap((line) => {
    const [, pid, numbers = ''] = /^\/proc\/(\d+)\/status:NSpid:\s*([\d\s]+)$/.exec(line) ?? [];
    const inside = numbers.trim().split(/\s+/).slice(1).map(Number);
    return pid === undefined || inside.length === 0 ? [] : [{ pid: Number(pid), inside }];
  });
}

/**
 * Lines of /proc/PID/net/{tcp,tcp6,udp,udp6}: `sl local_address rem_address st … inode` (tcp4_seq_show in
 * net/ipv4/tcp_ipv4.c); state 0A is TCP_LISTEN, 07 is an unconnected UDP socket.
 */
export function parseListeners(text: string, port: number): readonly Listener[] {
  return text.split('\n').flatMap((line): Listener[] => {
    const found = /^\/proc\/(\d+)\/net\/(tcp|udp)6?:\s*\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ (0A|07) (.*)$/.exec(
      line,
    );
    if (!found) return [];
    const [, pid = '', protocol, hexPort = '', state, rest = ''] = found;
    // tx_queue:rx_queue, tr:tm->when, retrnsmt, uid, timeout, inode
    const inode = Number(rest.trim().split(/\s+/)[5]);
    const waits = protocol === 'udp' ? state === '07' : state === '0A';
    if (!waits || !(inode > 0) || Number.parseInt(hexPort, 16) !== port) return [];
    return [{ pid: Number(pid), protocol: protocol === 'udp' ? 'udp' : 'tcp', inode }];
  });
}

/**
 * Root mounts of /proc/PID/mountinfo (proc_pid_mountinfo(5)): `id parent major:minor root mountpoint options … - type source
 * options`. Overlay names its folders in the options (Documentation/filesystems/overlayfs.rst); relative ones are below
 * the folder that has the upper one's folder (containerd, Docker and CRI-O mount from there).
 */
export function parseRootMounts(text: string): readonly RootMount[] {
  return text.split('\n').flatMap((line): RootMount[] => {
    const found = /^\/proc\/(\d+)\/mountinfo:\d+ \d+ \S+ (\S+) \/ .* - (\S+) \S+ (\S+)$/.exec(line);
    if (!found) return [];
    const [, pid = '', root = '', type, options = ''] = found;
    if (type !== 'overlay') {
      // The node's own root, or that of a process which shares it, is no container's folder.
      return root === '/' ? [] : [{ pid: Number(pid), layers: [unescape(root)], writable: true }];
    }
    const upper = optionOf(options, 'upperdir');
    const lower = optionOf(options, 'lowerdir')?.split(/(?<!\\):/) ?? [];
    const base = upper === undefined ? '' : folderOf(folderOf(upper));
    const layers = [...(upper === undefined ? [] : [upper]), ...lower].map((layer) =>
      layer.startsWith('/') ? layer : `${base}/${layer}`,
    );
    return [{ pid: Number(pid), layers, writable: upper !== undefined }];
  });
}

function optionOf(options: string, name: string): string | undefined {
  const found = options.split(/(?<!\\),/).find((option) => option.startsWith(`${name}=`));
  return found === undefined ? undefined : unescape(found.slice(name.length + 1));
}

/** mangle_path() of fs/seq_file.c writes blanks and backslashes as three octal digits. */
const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

const folderOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0));

/** Which layer of a root holds a path of the node: 0 for the topmost; undefined for none. */
export function layerOf({ layers }: RootMount, path: string): number | undefined {
  const at = layers.findIndex((layer) => holds(layerFolder(layer), path));
  return at < 0 ? undefined : at;
}

/** Beside `…/snapshots/42/fs` and `…/overlay2/HASH/diff` are the work folder and the place where it all is mounted. */
const layerFolder = (layer: string): string => layer.replace(/\/(?:fs|diff)$/, '');

/** A mount's root is counted from its filesystem's top, which the node may have mounted anywhere. */
function holds(folder: string, path: string): boolean {
  const [inner, outer] = [`${folder}/`, `${path}/`];
  return (
    folder.length > 1 && (outer.startsWith(inner) || (folder.split('/').length > 3 && outer.includes(inner)))
  );
}
