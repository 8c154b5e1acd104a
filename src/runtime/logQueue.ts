import type { LogBatch, LogItem } from '../model/log/entry.js';

/** What a slow or absent reader missed; bounded. */
export interface LogQueueLimits {
  readonly items: number;
  /** UTF-16 units of all texts together. */
  readonly text: number;
}

const defaultLimits: LogQueueLimits = { items: 50_000, text: 32 * 1024 * 1024 };
/** Of one batch that is taken. */
const batchLimits: LogQueueLimits = { items: 5000, text: 4 * 1024 * 1024 };

/**
 * Between a log that comes at its own pace and a view that takes at its own. When the view is too far behind, the
 * queue is `full`: it lets go of what it holds, and the log is to be opened anew at its end.
 */
export class LogQueue {
  readonly #limits: LogQueueLimits;
  #items: LogItem[] = [];
  #text = 0;
  #count = 0;
  #full = false;
  /** The last of what came besides items; undefined when it was taken. */
  #rest: Omit<LogBatch, 'items'> | undefined;
  #wake: (() => void) | undefined;

  constructor(limits = defaultLimits) {
    this.#limits = limits;
  }

  get isFull(): boolean {
    return this.#full;
  }

  /** Items that wait; when full, those that waited at that moment. */
  get count(): number {
    return this.#count;
  }

  push({ items, ...rest }: LogBatch): void {
    if (this.#full) return;
    for (const item of items) {
      this.#items.push(item);
      this.#text += textSize(item);
    }
    this.#count = this.#items.length;
    this.#rest = rest;
    if (this.#count > this.#limits.items || this.#text > this.#limits.text) this.giveUp();
    this.#wake?.();
  }

  /** Makes it full now: what comes next is not of the log that was opened. */
  giveUp(): void {
    this.#full = true;
    this.#items = [];
    this.#wake?.();
  }

  /** Waits for the next batch; undefined when there was none within `timeoutMs`, or when the queue is full. */
  async take(timeoutMs: number, signal?: AbortSignal): Promise<LogBatch | undefined> {
    if (!this.#full && this.#rest === undefined) await this.#wait(timeoutMs, signal);
    signal?.throwIfAborted();
    if (this.#full || this.#rest === undefined) return undefined;
    const items = this.#items.splice(0, this.#nextLength());
    for (const item of items) this.#text -= textSize(item);
    this.#count = this.#items.length;
    const { pending, state } = this.#rest;
    // What is pending comes after all items.
    if (this.#items.length > 0) return { items, pending: [], state };
    this.#rest = undefined;
    return { items, pending, state };
  }

  #nextLength(): number {
    let text = 0;
    let length = 0;
    for (const item of this.#items) {
      text += textSize(item);
      if (length > 0 && (length >= batchLimits.items || text > batchLimits.text)) break;
      length++;
    }
    return length;
  }

  #wait(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(end, timeoutMs);
      signal?.addEventListener('abort', end, { once: true });
      this.#wake = end;
    });
  }
}

function textSize(item: LogItem): number {
  return item.kind === 'line' ? item.text.length : 0;
}
