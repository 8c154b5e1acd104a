import type { ProcessInfo } from '../process.js';
import type { Daemon } from './daemons.js';
import type { Sockets } from './sockets.js';

/** The sentences that say how an edge is known, or why it is only inferred. */

const rights = 'their owner and root only: use a node with sudo (setting criExplorer.nodes)';

const named = ({ title, process }: Daemon): string => (process ? `${title} (pid ${process.pid})` : title);

const notSeen = ({ title }: Daemon): string => `No process of this node is known to be ${title}.`;

const unreadable = (daemon: Daemon): string =>
  `The open sockets of ${named(daemon)} could not be read; the kernel shows them to ${rights}.`;

export function serverUnknown(name: string): string {
  return (
    `${name} answers, but none of the node’s processes could be recognised as the one that does: ` +
    `/proc may hide it from this user, or it runs in a container or under another name.`
  );
}

export function ofClient(sockets: Sockets, path: string, client: Daemon, server: Daemon): string {
  const { process } = client;
  if (!process) return `${notSeen(client)} This is where one would connect.`;
  if (!sockets.knows(process.pid)) return unreadable(client);
  const connected = sockets.isClient(process.pid, path);
  if (connected) {
    return `${named(client)} holds the other end of a connection accepted at ${path} (/proc/${process.pid}/fd, /proc/net/unix, ss).`;
  }
  if (connected === false)
    return `No open socket of ${named(client)} is connected to ${path} now; it is the one that would use it.`;
  const accepted = server.process ? sockets.accepted(server.process.pid, path) : 0;
  const held =
    accepted > 0
      ? `${named(server)} holds ${accepted} ${accepted === 1 ? 'connection' : 'connections'} accepted at ${path}, but w`
      : 'W';
  return `${held}ho is at the other end only the program ss (package iproute2) can tell, and it gave no answer on this node.`;
}

export function ofListener(sockets: Sockets, path: string, server: Daemon): string {
  const { process } = server;
  if (!process) return notSeen(server);
  const listens = sockets.listens(process.pid, path);
  if (listens)
    return `${named(server)} has the socket open that listens at ${path} (/proc/${process.pid}/fd, /proc/net/unix).`;
  if (listens === undefined) return `${unreadable(server)} It is named by its program and command line.`;
  return `${named(server)} does not listen at ${path} now.`;
}

/** Of a daemon's line to a shim or conmon. */
export function ofMonitor(
  daemon: Daemon,
  monitor: ProcessInfo,
  role: string,
  connected: boolean | undefined,
): string {
  const start =
    role === 'monitor'
      ? `${daemon.title} started it; it then left its parent, so that it outlives ${daemon.title}.`
      : `${daemon.title} started it through a process that exited at once, so that it outlives ${daemon.title}.`;
  if (!daemon.process) return `${start} ${notSeen(daemon)}`;
  if (connected)
    return `${named(daemon)} and ${monitor.pid} hold the two ends of a connection (/proc/${daemon.process.pid}/fd, /proc/${monitor.pid}/fd, ss). ${start}`;
  return start;
}

export function ofLowLevel(name: string, monitor: string, source: string): string {
  return `${monitor} ran ${name} with the bundle’s config.json; ${name} made the container and exited. Known from: ${source}.`;
}

export function ofFirst(name: string): string {
  return (
    `${name} started this process and exited; whoever had asked the kernel for such orphans ` +
    `(prctl PR_SET_CHILD_SUBREAPER) became its parent.`
  );
}

export function ofInside(boundary: string): string {
  return `It runs inside of ${boundary}, behind a kernel of its own: none of the node’s processes is one of its own.`;
}

/** Of a pod in outline that is no child of its monitor. */
export function ofPod(by: string): string {
  return `The pod runs below ${by}; its own processes are in its own chain.`;
}

/** Of a sandbox or container without a process. */
export function ofGone(reason: string | undefined): string {
  return reason ?? 'None of its processes is known.';
}

export function ofMore(count: number): string {
  return `${count} more processes of the same container, by its cgroup; they are not drawn one by one.`;
}

export function ofMorePods(count: number): string {
  return `${count} more pods, which are not drawn one by one. Show the chain of a pod to see it.`;
}
