import { everyone, findingCast } from '../model/chain/cast.js';
import { listenersAt } from '../model/procUnix.js';
import type { ProcessTable } from '../model/process.js';
import type { Daemon } from '../model/survival.js';
import { runInTurns } from '../model/steps.js';
import type { Node } from '../node/node.js';
import { breathe } from '../util/async.js';
import { readHolders, readUnixSockets } from './socketReader.js';

/**
 * The process that listens at a CRI socket, by /proc/net/unix and its open sockets: two round trips. Undefined when that
 * can't be seen. systemd, which holds the sockets of units that it starts on demand, does not count.
 */
export async function findDaemon(
  node: Node,
  socketPath: string,
  table: ProcessTable,
  signal: AbortSignal,
): Promise<Daemon | undefined> {
  const candidates = everyone(await runInTurns(findingCast(table), breathe));
  if (candidates.length === 0) return undefined;
  const inodes = listenersAt(await readUnixSockets(node, signal), socketPath);
  const pids = candidates.map(({ pid }) => pid);
  const holders = await readHolders(node, inodes, pids, signal);
  // What it just forked holds them too, until it executes another program.
  const [oldest] = [...holders.values()]
    .flatMap((found) => found.flatMap((pid) => table.processes.get(pid) ?? []))
    .sort((a, b) => a.startTicks - b.startTicks);
  return oldest && { pid: oldest.pid, startTicks: oldest.startTicks, startedAt: oldest.startedAt };
}
