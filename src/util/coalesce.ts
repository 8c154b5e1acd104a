/**
 * Runs one task at a time for many callers.
 * `join` shares the run under way; `fresh` wants one that starts after the call, and shares that with other callers.
 */
export class Coalesced<T> {
  readonly #task: () => Promise<T>;
  #current: Promise<T> | undefined;
  #next: Promise<T> | undefined;

  constructor(task: () => Promise<T>) {
    this.#task = task;
  }

  join(): Promise<T> {
    return this.#current ?? this.#start();
  }

  fresh(): Promise<T> {
    if (!this.#current) return this.#start();
    this.#next ??= this.#current.then(ignore, ignore).then(() => {
      this.#next = undefined;
      return this.join(); // one that another caller started meanwhile is fresh enough
    });
    return this.#next;
  }

  #start(): Promise<T> {
    const run = this.#task().finally(() => {
      if (this.#current === run) this.#current = undefined;
    });
    this.#current = run;
    return run;
  }
}

const ignore = (): void => undefined;
