import type { Duplex } from 'node:stream';
import type { ProcessTable } from '../model/process.js';
import type { Disposable } from '../util/dispose.js';

/** A socket of the node, made reachable as a unix socket (or a Windows pipe) of this machine. */
export interface ReachableSocket extends Disposable {
  /** A path for `net.connect` and grpc-js on this machine. */
  readonly path: string;
}

export interface CommandResult {
  /** The exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

export interface FileInfo {
  /** Names the file itself, whatever its path: `device:inode`. */
  readonly identity: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
  readonly type: 'file' | 'directory' | 'socket' | 'fifo' | 'other';
}

export interface ReadOptions {
  /** Bytes from the start; default 0. */
  readonly offset?: number;
  /** Bytes at most; fewer come back at the file's end. Default 1 MiB. */
  readonly length?: number;
  readonly signal?: AbortSignal;
}

/**
 * What a follow says, in order. `data` are the bytes at `offset` of the present file. `rotated` means that the
 * path names another file now (or was truncated): all of the old one has been delivered, and offsets start anew at 0.
 * `missing` means that the path names nothing now; the follow goes on waiting.
 */
export type FollowEvent =
  | { readonly type: 'data'; readonly offset: number; readonly bytes: Buffer }
  | { readonly type: 'rotated' }
  | { readonly type: 'missing' };

export interface SweepOptions {
  /** Read the working folder of processes whose comm starts with one of these. */
  readonly cwdOf: readonly string[];
  readonly signal?: AbortSignal;
}

/**
 * A machine we can reach: opens sockets and ports, runs commands, reads files and the process table.
 * It knows nothing of containers. Every promise rejects with a {@link NodeError} or the signal's reason.
 */
export interface Node extends Disposable {
  readonly kind: 'local' | 'ssh';
  /** Makes a unix socket (or Windows pipe) of the node reachable; dispose what comes back. */
  socket(path: string, signal?: AbortSignal): Promise<ReachableSocket>;
  /** Opens a TCP connection to an address as seen from the node. */
  dial(host: string, port: number, signal?: AbortSignal): Promise<Duplex>;
  /** Runs a program, no shell between. Rejects when it can't be started or prints over `maxBytes` (default 16 MiB). */
  run(
    command: readonly [string, ...string[]],
    options?: { readonly input?: Buffer; readonly maxBytes?: number; readonly signal?: AbortSignal },
  ): Promise<CommandResult>;
  /** Follows symbolic links. */
  stat(path: string, signal?: AbortSignal): Promise<FileInfo>;
  /** Names in a folder, sorted. */
  list(path: string, signal?: AbortSignal): Promise<readonly string[]>;
  readFile(path: string, options?: ReadOptions): Promise<Buffer>;
  /** Many small files in one round trip (up to 256 KiB of each); one that can't be read is a NodeError in its place. */
  readFiles(paths: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, Buffer | NodeError>>;
  /** Follows a file from a byte offset of the file that the path names now, over rotations. Dispose to stop. */
  follow(path: string, from: number, listener: (event: FollowEvent) => void): Disposable;
  /** Reads the process table. */
  sweep(options: SweepOptions): Promise<ProcessTable>;
  /** An environment variable of the node's session, if set. */
  env(name: string): Promise<string | undefined>;
}

export type NodeErrorKind = 'missing' | 'denied' | 'refused' | 'unsupported' | 'failed';

/** Why a node could not do something. `message` is fit for people. */
export class NodeError extends Error {
  constructor(
    readonly kind: NodeErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'NodeError';
  }
}
