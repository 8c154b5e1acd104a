import type { UnixSocket } from '../procUnix.js';
import { withoutVar } from '../varRun.js';

/** What a node tells of its unix sockets. */
export interface SocketEvidence {
  /** By inode. */
  readonly sockets: ReadonlyMap<number, UnixSocket>;
  /** The inode of the other end, by inode; absent where nothing on the node tells it. */
  readonly peers?: ReadonlyMap<number, number>;
  /** Inodes by pid, of the processes whose open files could be read. */
  readonly open: ReadonlyMap<number, ReadonlySet<number>>;
}

/** Answers who listens and who is connected. `undefined`: can't be told. */
export class Sockets {
  readonly #evidence: SocketEvidence | undefined;
  readonly #listening = new Map<string, number[]>();

  constructor(evidence: SocketEvidence | undefined) {
    this.#evidence = evidence;
    for (const { inode, listening, path } of evidence?.sockets.values() ?? []) {
      if (!listening || path === undefined) continue;
      const key = withoutVar(path);
      const inodes = this.#listening.get(key);
      if (inodes) inodes.push(inode);
      else this.#listening.set(key, [inode]);
    }
  }

  /** The pids whose open sockets were read. */
  get known(): readonly number[] {
    return [...(this.#evidence?.open.keys() ?? [])];
  }

  /** Whether the open sockets of a process were read. */
  knows(pid: number): boolean {
    return this.#evidence?.open.has(pid) ?? false;
  }

  listens(pid: number, path: string): boolean | undefined {
    const open = this.#evidence?.open.get(pid);
    if (!open) return undefined;
    return (this.#listening.get(withoutVar(path)) ?? []).some((inode) => open.has(inode));
  }

  /** Whether a process is at the other end of a connection that was accepted at a path. */
  isClient(pid: number, path: string): boolean | undefined {
    const { sockets, peers, open } = this.#evidence ?? {};
    const own = open?.get(pid);
    if (!sockets || !peers || !own) return undefined;
    return [...own].some((inode) => {
      const other = sockets.get(peers.get(inode) ?? -1);
      return other?.path !== undefined && withoutVar(other.path) === withoutVar(path);
    });
  }

  /** Whether two processes hold the ends of one connection. */
  areConnected(a: number, b: number): boolean | undefined {
    const { peers, open } = this.#evidence ?? {};
    const [one, other] = [open?.get(a), open?.get(b)];
    if (!peers || !one || !other) return undefined;
    const [few, many] = one.size <= other.size ? [one, other] : [other, one];
    return [...few].some((inode) => many.has(peers.get(inode) ?? -1));
  }

  /** How many connections that were accepted at a path a process holds. */
  accepted(pid: number, path: string): number {
    const { sockets, open } = this.#evidence ?? {};
    return [...(open?.get(pid) ?? [])].filter((inode) => {
      const socket = sockets?.get(inode);
      return (
        socket?.listening === false &&
        socket.path !== undefined &&
        withoutVar(socket.path) === withoutVar(path)
      );
    }).length;
  }
}
