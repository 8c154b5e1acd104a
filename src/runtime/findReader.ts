import type { Query } from '../model/find/query.js';
import {
  parseInnerPids,
  parseListeners,
  parseRootMounts,
  type Listener,
  type Reads,
} from '../model/find/reads.js';
import type { FindNode, Subjects } from '../model/find/subjects.js';
import type { Node } from '../node/node.js';
import { readHolders } from './socketReader.js';

/** What was read of a node for a query, and what couldn't be. Sentences for people, without an end. */
export interface Look extends Reads {
  readonly looked: readonly string[];
  readonly unread: readonly string[];
}

/** Pods whose files are read for one query. */
const mostPods = 2_000;
const mostBytes = 8 * 1024 * 1024;

/** $1 an extended regular expression, $2… names below /proc/PID; the pids come by stdin, or are all of the node. */
const script = `LC_ALL=C; export LC_ALL; e=$1; all=$2; shift 2
if [ "$all" ]; then for n; do printf "/proc/%s/$n\\n" $(cd /proc && echo [0-9]*); done
else while read -r p; do for n; do echo "/proc/$p/$n"; done; done
fi | xargs grep -EHs "$e"; exit 0`;

async function grepProc(
  node: Node,
  expression: string,
  names: readonly string[],
  pids: readonly number[] | 'all',
  signal: AbortSignal,
): Promise<string> {
  const all = pids === 'all' ? 'all' : '';
  const input = Buffer.from(pids === 'all' ? '' : pids.map((pid) => `${pid}\n`).join(''));
  const options = { input, maxBytes: mostBytes, signal };
  const { stdout } = await node.run(['sh', '-c', script, 'sh', expression, all, ...names], options);
  return stdout.toString('utf8');
}

/** Whether the pictures and the process table alone don't answer a query. */
export const needsReading = ({ innerPid, port, path }: Query): boolean =>
  innerPid !== undefined || port !== undefined || path !== undefined;

/** Reads what a query needs of a node, all at once and in a few round trips, however many pods there are. */
export async function readFor(
  query: Query,
  { processes }: FindNode,
  subjects: Subjects,
  node: Node,
  signal: AbortSignal,
): Promise<Look> {
  const { innerPid, port, path } = query;
  const [inner, sockets, roots] = await Promise.all([
    innerPid === undefined ? undefined : readInner(innerPid, node, signal),
    port === undefined ? undefined : readSockets(port, subjects, node, signal),
    path === undefined ? undefined : readRoots(subjects, node, signal),
  ]);
  const looked = [
    ...(processes ? [`${processes.processes.size} processes`] : []),
    ...(inner ? ['pids inside of all pid namespaces'] : []),
    ...(sockets ? [`listening sockets of ${sockets.namespaces} network namespaces`] : []),
    ...(roots ? [`root mounts of ${roots.count} containers and sandboxes`] : []),
  ];
  const unread = [
    ...(processes ? [] : ['the process table']),
    ...(sockets && sockets.more > 0 ? [`the listening sockets of ${sockets.more} more pods`] : []),
    ...(roots && roots.more > 0 ? [`the mounts of ${roots.more} more containers and sandboxes`] : []),
    ...(sockets?.isHidden
      ? ['who has the listening sockets open: be root on the node (sudo) to see it']
      : []),
    ...(roots?.isHidden ? ['the mounts of some containers: be root on the node (sudo) to see them'] : []),
  ];
  return {
    inner: inner ?? [],
    listeners: sockets?.listeners ?? [],
    holders: sockets?.holders ?? new Map<number, readonly number[]>(),
    roots: roots?.mounts ?? [],
    looked,
    unread,
  };
}

async function readInner(pid: number, node: Node, signal: AbortSignal): Promise<Reads['inner']> {
  const expression = `^NSpid:.*[[:space:]]${pid}([[:space:]]|$)`;
  return parseInnerPids(await grepProc(node, expression, ['status'], 'all', signal));
}

async function readSockets(
  port: number,
  subjects: Subjects,
  node: Node,
  signal: AbortSignal,
): Promise<
  Pick<Reads, 'listeners' | 'holders'> & {
    readonly namespaces: number;
    readonly more: number;
    readonly isHidden: boolean;
  }
> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const expression = `^ *[0-9]+: [0-9A-F]+:${hex} [0-9A-F]+:0000 (0A|07) `;
  const pods = subjects.networkPids();
  const pids = [1, ...pods.slice(0, mostPods)];
  const names = ['net/tcp', 'net/tcp6', 'net/udp', 'net/udp6'];
  const listeners = parseListeners(await grepProc(node, expression, names, pids, signal), port);
  const inodes = [...new Set(listeners.map(({ inode }) => inode))];
  const holders = await readHolders(node, inodes, candidatesOf(listeners, subjects), signal);
  const isHidden = inodes.some((inode) => !holders.has(inode));
  const more = pods.length - (pids.length - 1);
  return { listeners, holders, namespaces: pids.length, more, isHidden };
}

/** Sockets of the node's own network may be anybody's, others only of the pod's own processes. */
function candidatesOf(listeners: readonly Listener[], subjects: Subjects): readonly number[] | undefined {
  if (listeners.some(({ pid }) => pid === 1)) return undefined;
  return [...new Set(listeners.flatMap(({ pid }) => subjects.podPids(pid)))];
}

async function readRoots(
  subjects: Subjects,
  node: Node,
  signal: AbortSignal,
): Promise<{
  readonly mounts: Reads['roots'];
  readonly count: number;
  readonly more: number;
  readonly isHidden: boolean;
}> {
  const pids = subjects.all.flatMap(({ sandbox, container }) => {
    const pid = container ? container.pid : sandbox?.pid;
    return pid === undefined ? [] : [pid];
  });
  const some = pids.slice(0, mostPods);
  const expression = '^[0-9]+ [0-9]+ [0-9:]+ [^ ]+ / ';
  const mounts = parseRootMounts(await grepProc(node, expression, ['mountinfo'], some, signal));
  const read = new Set(mounts.map(({ pid }) => pid));
  return {
    mounts,
    count: some.length,
    more: pids.length - some.length,
    isHidden: some.some((pid) => !read.has(pid)),
  };
}
