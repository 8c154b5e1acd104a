import { listenersAt } from '../model/procUnix.js';
import type { ProcessTable } from '../model/process.js';
import { programOf } from '../model/runtimes/family.js';
import type { Daemon } from '../model/survival.js';
import type { Node } from '../node/node.js';
import { readHolders, readUnixSockets } from './socketReader.js';

/** Programs that serve CRI; those of k3s, RKE2 and k0s also as the parent of a containerd. */
const servers = /^(containerd|crio|cri-dockerd|dockerd|kubelet|kubelite|k3s|rke2|k0s)\b/;

/**
 * The process that listens at a CRI socket, by /proc/net/unix and its open sockets: two round trips. Undefined when that
 * can't be seen. systemd, which holds the sockets of units that it starts on demand, does not count.
 */
export async function findDaemon(
  node: Node,
  socketPath: string,
  { processes }: ProcessTable,
  signal: AbortSignal,
): Promise<Daemon | undefined> {
  const candidates = [...processes.values()].filter((process) => servers.test(programOf(process)));
  if (candidates.length === 0) return undefined;
  const inodes = listenersAt(await readUnixSockets(node, signal), socketPath);
  const pids = candidates.map(({ pid }) => pid);
  const holders = await readHolders(node, inodes, pids, signal);
  // What it just forked holds them too, until it executes another program.
  const [oldest] = [...holders.values()]
    .flatMap((found) => found.flatMap((pid) => processes.get(pid) ?? []))
    .sort((a, b) => a.startTicks - b.startTicks);
  return oldest && { pid: oldest.pid, startTicks: oldest.startTicks, startedAt: oldest.startedAt };
}
