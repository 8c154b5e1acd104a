/** Asks one question after the other, since VS Code has one place for them and a new one would close the one before. */
export class PromptQueue {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Asks when those before have been answered.
   * @param signal takes the question back: it is not asked any more, and the answer is undefined
   */
  ask<T>(question: () => Promise<T | undefined>, signal: AbortSignal): Promise<T | undefined> {
    const turn = this.#last.then(() => (signal.aborted ? undefined : question()));
    this.#last = turn.catch(() => undefined);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => resolve(undefined);
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      turn.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
  }
}
