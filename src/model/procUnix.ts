import { textOf } from './procText.js';
import type { Steps } from './steps.js';
import { withoutVar } from './varRun.js';

/**
 * Parsers of what tells who listens on a unix socket and who is connected to whom. Anyone may bind a socket to a path that
 * holds a newline and forge a line of these tables; such a line contradicts a true one, and then neither counts.
 */

/** One unix socket of a network namespace. */
export interface UnixSocket {
  readonly inode: number;
  readonly listening: boolean;
  /** Where it was bound, of a connection that was accepted where the listening one was; `@…` is an abstract name. */
  readonly path?: string;
}

/** __SO_ACCEPTCON (include/linux/net.h), which unix_seq_show prints for a listening socket (net/unix/af_unix.c). */
const ACCEPTS = 0x10000;

/** Kernel pointer, references, protocol, flags, type, state, inode, path. */
const row = /^[0-9a-f]+: [0-9a-f]{8} [0-9a-f]{8} ([0-9a-f]{8}) [0-9a-f]{4} [0-9a-f]{2} +(\d+)(?: (.+))?$/i;

/** /proc/net/unix, by inode. */
export function* parsingUnixSockets(bytes: Uint8Array): Steps<ReadonlyMap<number, UnixSocket>> {
  const sockets = new Map<number, UnixSocket>();
  const contested = new Set<number>();
  for (const line of textOf(bytes).split('\n')) {
    yield;
    const [, flags = '', digits, path] = row.exec(line) ?? [];
    if (digits === undefined) continue;
    const inode = Number(digits);
    if (sockets.has(inode)) contested.add(inode);
    const listening = (Number.parseInt(flags, 16) & ACCEPTS) !== 0;
    sockets.set(inode, { inode, listening, ...(path === undefined ? {} : { path }) });
  }
  for (const inode of contested) sockets.delete(inode);
  return sockets;
}

/** The inodes of the sockets that listen at a path. */
export function listenersAt(sockets: ReadonlyMap<number, UnixSocket>, path: string): readonly number[] {
  const wanted = withoutVar(path);
  return [...sockets.values()]
    .filter(({ listening, path: bound = '' }) => listening && withoutVar(bound) === wanted)
    .map(({ inode }) => inode);
}

/** `u_str ESTAB 0 0 LOCAL INODE PEER INODE`: the only columns of ss(8) that matter are the two inodes at the end. */
const connection = /^u_(?:str|seq)\s+ESTAB\s.*\s(\d+)\s+\S+\s+(\d+)\s*$/;

/** `ss -xn`, without -p: the inode of the other end, by inode. Only the kernel's sock_diag tells it, no file does. */
export function* parsingPeers(bytes: Uint8Array): Steps<ReadonlyMap<number, number>> {
  const peers = new Map<number, number>();
  const contested = new Set<number>();
  for (const line of textOf(bytes).split('\n')) {
    yield;
    const [, own, other] = connection.exec(line) ?? [];
    if (own === undefined) continue;
    if (peers.has(Number(own))) contested.add(Number(own));
    peers.set(Number(own), Number(other));
  }
  for (const [own, other] of peers) if (peers.get(other) !== own) contested.add(own);
  for (const inode of contested) peers.delete(inode);
  return peers;
}

/**
 * Pids in the `users:(("name",pid=1,fd=2),…)` of `ss -xlpn` on the lines that end with one of the paths' columns. A name
 * may forge a pid: take them as those to look at, not as the answer.
 */
export function pidsAt(bytes: Uint8Array, paths: readonly string[]): readonly number[] {
  const pids = new Set<number>();
  for (const line of textOf(bytes).split('\n')) {
    if (!paths.some((path) => line.includes(` ${path} `))) continue;
    for (const [, pid] of line.matchAll(/pid=(\d+),fd=/g)) pids.add(Number(pid));
  }
  return [...pids];
}

/**
 * Socket inodes by the process that has them open, from `stat -L -c '%f %i %n' /proc/PID/fd/*`: raw mode in hex, inode,
 * the name as it was given. Unlike the target of the link, none of the three can be forged.
 */
export function parseOpenSockets(bytes: Uint8Array): ReadonlyMap<number, ReadonlySet<number>> {
  const open = new Map<number, Set<number>>();
  for (const line of textOf(bytes).split('\n')) {
    const [, mode = '', inode, digits] = /^([0-9a-f]+) (\d+) \/proc\/(\d+)\/fd\/\d+$/.exec(line) ?? [];
    if (digits === undefined) continue;
    const pid = Number(digits);
    let inodes = open.get(pid);
    if (!inodes) open.set(pid, (inodes = new Set()));
    // S_IFSOCK, inode(7).
    if ((Number.parseInt(mode, 16) & 0o170000) === 0o140000) inodes.add(Number(inode));
  }
  return open;
}
