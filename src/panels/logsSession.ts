import type { LogNews, OpenedLog } from '../protocol/logs.js';
import type { LogBatch, LogPage, LogPageRequest } from '../model/log/entry.js';
import type { RuntimeConnection } from '../runtime/connection.js';
import { LogQueue } from '../runtime/logQueue.js';
import { openLog, type OpenLog } from '../runtime/logReader.js';
import type { Disposable } from '../util/dispose.js';

/** A container's log and what a view hasn't taken of it yet. */
interface Following {
  readonly node: RuntimeConnection['node'];
  readonly log: OpenLog;
  readonly queue: LogQueue;
  readonly abort: AbortController;
}

export interface LogSessionOptions {
  /** Waits for the runtime, which may not be there yet after a window reload. */
  readonly connection: (signal: AbortSignal) => Promise<RuntimeConnection>;
  readonly containerId: string;
  /** Entries to begin with. */
  readonly tail: () => number;
  /** Told from time to time while items wait. */
  readonly onWaiting: (count: number, more: boolean) => void;
}

/** Milliseconds a question for news is held; well under the protocol's time-out. */
const patience = 20_000;
const waitingDelay = 200;

/** Serves one view: at most one log is open, from its `open` to the next, or to `close`. */
export class LogSession implements Disposable {
  readonly #options: LogSessionOptions;
  #path: string | undefined;
  #following: Following | undefined;
  #opening: AbortController | undefined;
  #waitingTimer: NodeJS.Timeout | undefined;

  constructor(options: LogSessionOptions) {
    this.#options = options;
  }

  /** Opens the log at its end, instead of what was open. */
  async open(asked: AbortSignal): Promise<OpenedLog> {
    this.close();
    const abort = new AbortController();
    this.#opening = abort;
    const signal = AbortSignal.any([asked, abort.signal]);
    const connection = await this.#options.connection(signal);
    // The path stays when the runtime is lost.
    this.#path ??= (await connection.containerDetails(this.#options.containerId, signal)).logPath;
    const log = await openLog(connection.node, this.#path, { tail: this.#options.tail(), signal });
    if (signal.aborted) {
      log.dispose();
      signal.throwIfAborted();
    }
    const queue = new LogQueue();
    this.#following = { node: connection.node, log, queue, abort };
    log.follow((batch) => this.#push(queue, batch));
    return { ...log.first, path: this.#path };
  }

  async next(asked: AbortSignal): Promise<LogNews> {
    const { queue, abort } = this.#open();
    const batch = await queue.take(patience, AbortSignal.any([asked, abort.signal]));
    if (batch) return { type: 'batch', ...batch };
    return { type: queue.isFull ? 'tooMany' : 'nothing' };
  }

  before(request: LogPageRequest, signal: AbortSignal): Promise<LogPage> {
    return this.#open().log.before(request, signal);
  }

  /**
   * Tells the session what the target's runtime is now. A node that the settings changed is another one, and of the one
   * that was closed nothing comes any more: the view is made to open the log anew, or to hear why it can't be had.
   */
  check(present: RuntimeConnection | undefined): void {
    const following = this.#following;
    if (!following || present?.node === following.node) return;
    following.log.dispose();
    following.queue.giveUp();
  }

  /** Stops following. The session can be opened again. */
  close(): void {
    const reason = new Error('the log was closed');
    this.#opening?.abort(reason);
    this.#opening = undefined;
    this.#following?.log.dispose();
    this.#following = undefined;
    clearTimeout(this.#waitingTimer);
    this.#waitingTimer = undefined;
  }

  dispose(): void {
    this.close();
  }

  #open(): Following {
    if (!this.#following) throw new Error('The log is not open.');
    return this.#following;
  }

  #push(queue: LogQueue, batch: LogBatch): void {
    queue.push(batch);
    this.#waitingTimer ??= setTimeout(() => {
      this.#waitingTimer = undefined;
      if (queue.count > 0) this.#options.onWaiting(queue.count, queue.isFull);
    }, waitingDelay);
  }
}
