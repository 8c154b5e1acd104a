import { cgroupOwners } from '../cgroupOwner.js';
import type { ProcessRecord } from '../process.js';
import { clip } from '../visible.js';
import { accountOf, type Account } from './account.js';
import { idsIn, type Query } from './query.js';
import { layerOf, type Listener, type Reads } from './reads.js';
import { isInside, type FindNode, type Subject, type Subjects } from './subjects.js';

/** Something that fits a query. */
export interface Match {
  readonly nodeId: string;
  /** A sandbox or container to show. */
  readonly subject?: Subject;
  /** A process that belongs to neither. */
  readonly process?: { readonly pid: number } & Account;
  /** Sentences without an end, for people: `pid 123 is its first process`. They hold the node's words. */
  readonly why: readonly string[];
}

/** How well something fits, the best first. */
type Rank = 0 | 1 | 2 | 3;

const most = 200;
const mostProcesses = 20;

/**
 * What fits a query on one node, the best first.
 * @param reads what was read of the node for it, when it was
 */
export function matchesOf(
  query: Query,
  node: FindNode,
  subjects: Subjects,
  reads: Reads | undefined,
): readonly Match[] {
  const found = new Collected(node, subjects);
  byPid(query, found);
  byIds(query, found);
  byPath(query, found);
  byAddress(query, found);
  if (reads) byReads(query, reads, found);
  byWord(query, found);
  return found.sorted();
}

/** Matches under way: each thing once, with all the reasons for it. */
class Collected {
  readonly node: FindNode;
  readonly subjects: Subjects;
  readonly #servers: ReadonlyMap<number, string>;
  readonly #found = new Map<string, { rank: Rank; match: Match }>();

  constructor(node: FindNode, subjects: Subjects) {
    this.node = node;
    this.subjects = subjects;
    this.#servers = new Map(
      node.runtimes.flatMap(({ daemonPid, endpoint }) =>
        daemonPid === undefined ? [] : [[daemonPid, endpoint] as const],
      ),
    );
  }

  add(subject: Subject, why: string, rank: Rank): void {
    this.#put(`${subject.endpoint} ${subject.id}`, rank, why, () => ({ subject }));
  }

  /** A process: what it belongs to, or itself. */
  addPid(pid: number, why: string, rank: Rank): void {
    const member = this.subjects.ofPid(pid);
    if (member) {
      this.add(member.subject, why, rank);
      return;
    }
    const table = this.node.processes;
    const process = table?.processes.get(pid);
    if (!table || !process) return;
    this.#put(`pid ${pid}`, rank, why, () => ({
      process: { pid, ...accountOf(process, table, this.#servers) },
    }));
  }

  sorted(): readonly Match[] {
    const all = [...this.#found.values()].sort((a, b) => a.rank - b.rank);
    return all.slice(0, most).map(({ match }) => match);
  }

  #put(key: string, rank: Rank, why: string, make: () => Omit<Match, 'nodeId' | 'why'>): void {
    const known = this.#found.get(key);
    if (!known) {
      this.#found.set(key, { rank, match: { nodeId: this.node.nodeId, ...make(), why: [why] } });
    } else if (!known.match.why.includes(why)) {
      known.match = { ...known.match, why: [...known.match.why, why] };
      if (rank < known.rank) known.rank = rank;
    }
  }
}

function byPid({ pid }: Query, found: Collected): void {
  if (pid === undefined) return;
  const member = found.subjects.ofPid(pid);
  if (!member) {
    found.addPid(pid, `it has pid ${pid}`, 0);
    return;
  }
  const { role, command } = member.link;
  const shown = clip(command.join(' '), 80);
  const what = isInside(member.link)
    ? role === 'child'
      ? `one of its processes: ${shown}`
      : 'its first process'
    : `its ${role}`;
  found.add(member.subject, `pid ${pid} is ${what}`, 0);
}

function byIds({ idPrefix, holder = '' }: Query, found: Collected): void {
  const runs = idsIn(holder).map(({ id }) => id);
  for (const subject of found.subjects.all) {
    const { id } = subject;
    if (idPrefix !== undefined && id.startsWith(idPrefix)) {
      found.add(
        subject,
        id === idPrefix ? 'its id' : `its id begins with ${idPrefix}`,
        idPrefix.length >= 12 ? 0 : 2,
      );
    } else if (runs.some((run) => id.startsWith(run))) found.add(subject, 'its id is in the text', 0);
  }
}

function byPath({ path, holder = '' }: Query, found: Collected): void {
  if (holder.includes('/')) byPod(holder, found);
  if (path === undefined || path === '/') return;
  const { subjects, node } = found;
  // What an outer group names is what all below it is in; what it is called inside is up to the container.
  const owner = cgroupOwners(new Set(subjects.all.map(({ id }) => id))).ownerOf({ cgroups: [path] });
  const owning = subjects.all.find(({ id }) => id === owner);
  if (owning) {
    found.add(owning, 'the path names it', 0);
    return;
  }
  let processes = 0;
  for (const process of node.processes?.processes.values() ?? []) {
    if (!process.cgroups.some((group) => group === path || group.startsWith(`${path}/`))) continue;
    if (!subjects.ofPid(process.pid) && ++processes > mostProcesses) continue;
    found.addPid(process.pid, `${labelOf(process)} is in this cgroup`, 1);
  }
}

const labelOf = ({ pid, comm }: ProcessRecord): string => `pid ${pid} (${comm})`;

/** Shortest that is surely a UID: the kubelet makes 36 characters, of static pods 32. */
const uidLength = 32;

/** Paths of the kubelet: `…/pods/UID/containers/NAME`, `/var/log/pods/NS_POD_UID/NAME/N.log`, and cgroups of pods. */
function byPod(text: string, found: Collected): void {
  // systemd gives `-` a meaning in names of slices, so the kubelet writes `_`.
  const plain = text.replaceAll('_', '-');
  for (const subject of found.subjects.all) {
    const { sandbox, container } = subject;
    const uid = sandbox?.uid ?? '';
    if (uid.length < uidLength || !plain.includes(uid)) continue;
    const rest = plain.slice(plain.indexOf(uid) + uid.length);
    const [, name, attempt] = /^\/(?:containers\/)?([^/]+)(?:\/(\d+)\.log)?/.exec(rest) ?? [];
    if (!container) found.add(subject, `the path names the pod’s UID ${uid}`, 1);
    else if (name === container.name && (attempt === undefined || Number(attempt) === container.attempt))
      found.add(subject, `the path names the pod’s UID and this container`, 0);
  }
}

function byAddress({ ip }: Query, found: Collected): void {
  if (ip === undefined) return;
  for (const subject of found.subjects.all) {
    if (!subject.container && subject.sandbox?.ip === ip) found.add(subject, `its address is ${ip}`, 0);
  }
}

function byReads(query: Query, reads: Reads, found: Collected): void {
  const { innerPid, port, path } = query;
  if (innerPid !== undefined) {
    for (const { pid, inside } of reads.inner) {
      if (!inside.includes(innerPid)) continue;
      found.addPid(pid, `pid ${innerPid} inside is pid ${pid} of the node`, pid === query.pid ? 0 : 1);
    }
  }
  if (port !== undefined) byPort(query, port, reads, found);
  if (path !== undefined) byRoot(path, reads, found);
}

function byPort({ ip }: Query, port: number, { listeners, holders }: Reads, found: Collected): void {
  const { subjects } = found;
  const hasIp = ip !== undefined && subjects.all.some(({ sandbox }) => sandbox?.ip === ip);
  const own = new Map<number, Listener>();
  // Pods on the node's own network show its sockets too: who is process 1's neighbour says nothing of the pod.
  for (const listener of listeners) {
    if (!own.has(listener.inode) || listener.pid === 1) own.set(listener.inode, listener);
  }
  for (const { pid, protocol, inode } of own.values()) {
    const member = subjects.ofPid(pid);
    if (hasIp && member?.subject.sandbox?.ip !== ip) continue;
    const pids = holders.get(inode) ?? [];
    for (const holder of pids) found.addPid(holder, `pid ${holder} listens on ${protocol} port ${port}`, 1);
    if (pids.length > 0 || !member || pid === 1) continue;
    const { endpoint, sandbox } = member.subject;
    const pod: Subject = sandbox ? { endpoint, id: sandbox.id, sandbox } : member.subject;
    found.add(
      pod,
      `something in this pod listens on ${protocol} port ${port}; to see what, be root on the node`,
      1,
    );
  }
}

function byRoot(path: string, { roots }: Reads, found: Collected): void {
  for (const root of roots) {
    const layer = layerOf(root, path);
    if (layer === undefined) continue;
    const isOwn = layer === 0 && root.writable;
    found.addPid(
      root.pid,
      isOwn ? 'the path is in its own writable layer' : 'the path is in a layer of its image',
      isOwn ? 0 : 1,
    );
  }
}

function byWord({ word }: Query, found: Collected): void {
  if (word === undefined) return;
  for (const subject of found.subjects.all) {
    const { sandbox, container } = subject;
    const pod = sandbox ? [sandbox.name, `${sandbox.namespace}/${sandbox.name}`] : [];
    const names = container ? [container.name, ...pod.map((name) => `${name}/${container.name}`)] : pod;
    const named = bestOf(names, word, container ? container.name : pod[0]);
    if (named !== undefined) found.add(subject, 'its name', named);
    const image = container && bestOf([container.image, container.imageRef], word);
    if (image !== undefined) found.add(subject, `its image ${container?.image ?? ''}`, image === 0 ? 1 : 3);
  }
}

/** Part of a container's long names says nothing unless it reaches into its own. */
function bestOf(names: readonly string[], word: string, own?: string): Rank | undefined {
  const lower = names.map((name) => name.toLowerCase());
  if (lower.includes(word)) return 0;
  const parts = own === undefined || word.includes('/') ? lower : [own.toLowerCase()];
  if (parts.some((name) => name.startsWith(word))) return 2;
  return parts.some((name) => name.includes(word)) ? 3 : undefined;
}
