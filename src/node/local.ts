import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { ProcessTable } from '../model/process.js';
import { asError } from '../util/async.js';
import { DisposableStore, toDisposable, type Disposable } from '../util/dispose.js';
import { silentLogger, type Logger } from '../util/logger.js';
import { listFolder, readRange, readSmallFiles, statFile } from './localFiles.js';
import { followFile } from './localFollow.js';
import { runCommand, type RunOptions } from './localRun.js';
import { dialTcp, localSocket } from './localSocket.js';
import {
  NodeError,
  type CommandResult,
  type FileInfo,
  type FollowEvent,
  type Node,
  type ReachableSocket,
  type ReadOptions,
  type SweepOptions,
} from './node.js';
import { SweepClient } from './sweepClient.js';

export interface LocalNodeOptions {
  readonly logger?: Logger;
  /** The bundled src/node/sweepWorker.ts. Default: `sweepWorker.cjs` beside the bundle that this is part of. */
  readonly workerPath?: string;
  /** How often a followed file is looked at; default 200 ms. */
  readonly followPollMs?: number;
  readonly platform?: NodeJS.Platform;
}

/** The machine that the extension host runs on. */
export function createLocalNode(options: LocalNodeOptions = {}): Node {
  return new LocalNode(options);
}

class LocalNode implements Node {
  readonly kind = 'local';
  readonly #options: LocalNodeOptions;
  readonly #platform: NodeJS.Platform;
  readonly #disposables = new DisposableStore();
  readonly #running = new Set<AbortController>();
  #sweeps: SweepClient | undefined;

  constructor(options: LocalNodeOptions) {
    this.#options = options;
    this.#platform = options.platform ?? process.platform;
  }

  socket(path: string, signal?: AbortSignal): Promise<ReachableSocket> {
    return this.#within(signal, (within) => localSocket(path, this.#platform, within));
  }

  async dial(host: string, port: number, signal?: AbortSignal): Promise<Duplex> {
    const socket = await this.#within(signal, (within) => dialTcp(host, port, within));
    const owned = this.#disposables.add(toDisposable(() => socket.destroy()));
    socket.once('close', () => this.#disposables.delete(owned));
    return socket;
  }

  run(command: readonly [string, ...string[]], options: RunOptions = {}): Promise<CommandResult> {
    return this.#within(options.signal, (signal) => runCommand(command, { ...options, signal }));
  }

  stat(path: string, signal?: AbortSignal): Promise<FileInfo> {
    return this.#within(signal, (within) => statFile(path, within));
  }

  list(path: string, signal?: AbortSignal): Promise<readonly string[]> {
    return this.#within(signal, (within) => listFolder(path, within));
  }

  readFile(path: string, options: ReadOptions = {}): Promise<Buffer> {
    return this.#within(options.signal, (signal) => readRange(path, { ...options, signal }));
  }

  readFiles(
    paths: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, Buffer | NodeError>> {
    return this.#within(signal, (within) => readSmallFiles(paths, within));
  }

  follow(path: string, from: number, listener: (event: FollowEvent) => void): Disposable {
    const { logger = silentLogger, followPollMs = 200 } = this.#options;
    const follow = followFile(path, from, listener, { pollMs: followPollMs, logger });
    this.#disposables.add(follow);
    return toDisposable(() => this.#disposables.delete(follow));
  }

  async sweep(options: SweepOptions): Promise<ProcessTable> {
    if (this.#platform !== 'linux') {
      throw new NodeError(
        'unsupported',
        `Processes are read from /proc, which ${this.#platform} does not have. Add a Linux node in criExplorer.nodes.`,
      );
    }
    return this.#within(options.signal, (signal) => this.#sweepClient().sweep({ ...options, signal }));
  }

  env(name: string): Promise<string | undefined> {
    return Promise.resolve(process.env[name]);
  }

  #sweepClient(): SweepClient {
    const workerPath = this.#options.workerPath ?? join(__dirname, 'sweepWorker.cjs');
    this.#sweeps ??= this.#disposables.add(
      new SweepClient({ workerPath, idleMs: 60_000, timeoutMs: 10_000 }),
    );
    return this.#sweeps;
  }

  /**
   * Runs an action until the caller's signal aborts or the node is disposed, and waits no longer then: a read from a
   * dead network mount can't be called off. (AbortSignal.any would pile up on a signal that lives as long as the node.)
   */
  async #within<T>(signal: AbortSignal | undefined, action: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#disposables.isDisposed) throw closed();
    signal?.throwIfAborted();
    const abort = new AbortController();
    const onAbort = (): void => abort.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#running.add(abort);
    const aborted = new Promise<never>((_, reject) => {
      abort.signal.addEventListener('abort', () => reject(asError(abort.signal.reason)), { once: true });
    });
    try {
      return await Promise.race([action(abort.signal), aborted]);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#running.delete(abort);
    }
  }

  dispose(): void {
    this.#disposables.dispose();
    for (const abort of this.#running) abort.abort(closed());
  }
}

function closed(): NodeError {
  return new NodeError('failed', 'The node was closed.');
}
