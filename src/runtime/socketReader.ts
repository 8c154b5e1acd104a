import { parseOpenSockets, parsingUnixSockets, type UnixSocket } from '../model/procUnix.js';
import { runInTurns } from '../model/steps.js';
import type { Node } from '../node/node.js';
import { breathe } from '../util/async.js';

/** Pids in one command line: SSH passes it as one word, of which Linux takes 128 KiB. */
const atOnce = 4_000;
/** stat(2) of a file on a dead network share never ends by itself. Milliseconds. */
const patience = 10_000;

/** All unix sockets of the node, by inode; rejects when they can't be read. */
export async function readUnixSockets(
  node: Node,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, UnixSocket>> {
  const { code, stdout } = await node.run(['cat', '/proc/net/unix'], { signal });
  if (code !== 0) throw new Error('/proc/net/unix could not be read.');
  return runInTurns(parsingUnixSockets(stdout), breathe);
}

/**
 * $1 an extended regular expression of lines to print, $2… pids, all processes when there are none. Prints raw mode, inode
 * and name of open files, then `alive PID` for those of the pids that are still there. stat(1) of the file itself, since
 * the link's text, which ls(1) shows, may hold anything. GNU and busybox.
 */
const script = `e=$1; shift
if [ $# -gt 0 ]; then for p; do printf '%s\\n' "/proc/$p/fd/"*; done
else printf '%s\\n' /proc/[0-9]*/fd/*
fi | xargs stat -L -c '%f %i %n' 2>/dev/null | grep -E "$e"
for p; do [ -d "/proc/$p" ] && echo "alive $p"; done
exit 0`;

export interface OpenSockets {
  /** Inodes by pid, of the processes whose open files could be read. */
  readonly open: ReadonlyMap<number, ReadonlySet<number>>;
  /** Those that go on, but what they have open may not be read (proc_pid_fd(5)). */
  readonly shut: readonly number[];
}

/** What sockets some processes have open. */
export async function readOpenSockets(
  node: Node,
  pids: readonly number[],
  signal: AbortSignal,
): Promise<OpenSockets> {
  if (pids.length === 0) return { open: new Map(), shut: [] };
  const output = await run(node, '', pids, signal);
  const open = parseOpenSockets(output);
  const alive = [...output.toString('latin1').matchAll(/^alive (\d+)$/gm)].map(([, pid]) => Number(pid));
  return { open, shut: alive.filter((pid) => !open.has(pid)) };
}

/**
 * Which processes have sockets open, by inode; without the right to look (ptrace), nobody.
 * @param pids only these, if they are few; all processes of the node unless given
 */
export async function readHolders(
  node: Node,
  inodes: readonly number[],
  pids: readonly number[] | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, readonly number[]>> {
  const holders = new Map<number, number[]>();
  if (inodes.length === 0 || pids?.length === 0) return holders;
  const wanted = new Set(inodes);
  const some = pids && pids.length <= atOnce ? pids : [];
  const output = await run(node, `^c[0-9a-f]+ (${inodes.join('|')}) `, some, signal);
  for (const [pid, own] of parseOpenSockets(output)) {
    for (const inode of own) {
      if (!wanted.has(inode)) continue;
      const others = holders.get(inode);
      if (others) others.push(pid);
      else holders.set(inode, [pid]);
    }
  }
  return holders;
}

async function run(
  node: Node,
  expression: string,
  pids: readonly number[],
  signal: AbortSignal,
): Promise<Buffer> {
  const some = pids.slice(0, atOnce).map(String);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  const { stdout } = await node.run(['sh', '-c', script, 'sh', expression, ...some], { signal: limit });
  return stdout;
}
