import type { LogBatch } from '../../src/model/log/entry.js';
import type { LogsApi, OpenedLog } from '../../src/protocol/logs.js';
import type { RpcView } from '../../src/protocol/rpc.js';

export interface FeedHandlers {
  readonly onOpened: (log: OpenedLog) => void;
  readonly onNews: (batch: LogBatch) => void;
  /** News came during a pause, and is held. */
  readonly onHeld: () => void;
  readonly onError: (message: string) => void;
}

/** Asks the host for what is new, no faster than the page can show it, and for nothing while paused. */
export class LogFeed {
  readonly #rpc: RpcView<LogsApi>;
  readonly #handlers: FeedHandlers;
  #run = 0;
  #isPaused = false;
  #resumed: (() => void) | undefined;
  /** What was asked for before the pause, and came during it. */
  #held: LogBatch | undefined;

  constructor(rpc: RpcView<LogsApi>, handlers: FeedHandlers) {
    this.#rpc = rpc;
    this.#handlers = handlers;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Items that came during the pause and aren't the host's to count any more. */
  get held(): number {
    return this.#held?.items.length ?? 0;
  }

  /** Opens the log at its end, whatever was shown of it. */
  async open(): Promise<void> {
    const run = ++this.#run;
    this.#held = undefined;
    this.#resume();
    try {
      const opened = await this.#rpc.ask('open', undefined);
      if (run !== this.#run) return;
      this.#handlers.onOpened(opened);
      await this.#follow(run);
    } catch (error) {
      if (run === this.#run) this.#handlers.onError(error instanceof Error ? error.message : String(error));
    }
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held) this.#handlers.onNews(held);
    this.#resume();
  }

  #resume(): void {
    this.#isPaused = false;
    this.#resumed?.();
    this.#resumed = undefined;
  }

  async #follow(run: number): Promise<void> {
    for (;;) {
      if (this.#isPaused) await new Promise<void>((resolve) => (this.#resumed = resolve));
      if (run !== this.#run) return;
      const news = await this.#rpc.ask('next', undefined);
      if (run !== this.#run) return;
      if (news.type === 'batch') this.#take(news);
      else if (news.type === 'tooMany' && !this.#isPaused) return this.open();
      await nextFrame();
    }
  }

  #take(batch: LogBatch): void {
    if (this.#isPaused) {
      this.#held = batch;
      this.#handlers.onHeld();
    } else this.#handlers.onNews(batch);
  }
}

function nextFrame(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => resolve()));
}
