import type { CriClient } from '../../src/cri/client.js';
import { delay } from '../../src/util/async.js';

/** A kubelet waits 10 s after the first crash and 300 s at most; this one is ten times quicker. */
const firstWaitMs = 1_000;
const longestWaitMs = 30_000;
const mostAttempts = 50;

/** Makes the next attempt of containers that end, and keeps only the last ended one, as a kubelet does. */
export class RestartLoops {
  readonly #client: CriClient;
  readonly #abort = new AbortController();
  readonly #loops: Promise<void>[] = [];

  constructor(client: CriClient) {
    this.#client = client;
  }

  /** `make` starts an attempt and resolves with its container's id; `id` is that of attempt 0. */
  add(id: string, make: (attempt: number) => Promise<string>): void {
    this.#loops.push(this.#loop(id, make));
  }

  /** Resolves when no further attempt can come. */
  async stop(): Promise<void> {
    this.#abort.abort(new Error('the lab stops'));
    await Promise.all(this.#loops);
  }

  async #loop(first: string, make: (attempt: number) => Promise<string>): Promise<void> {
    const { signal } = this.#abort;
    let [previous, current, wait] = [undefined as string | undefined, first, firstWaitMs];
    for (let attempt = 1; attempt < mostAttempts && !signal.aborted;) {
      try {
        const status = await this.#client.containerStatus(current, false, { signal });
        if (status.state === 'running') {
          await delay(500, signal);
          continue;
        }
        await delay(wait, signal);
        wait = Math.min(wait * 2, longestWaitMs);
        // Counted whether it works or not: containerd keeps the name of an attempt that was created but not started.
        const next = await make(attempt++);
        if (previous !== undefined) await this.#client.call('RemoveContainer', { containerId: previous });
        [previous, current] = [current, next];
      } catch {
        // The pod was removed, or a test killed containerd: then it may come back.
        if (await this.#isGone(current)) return;
        await delay(500, signal).catch(() => undefined);
      }
    }
  }

  async #isGone(id: string): Promise<boolean> {
    return this.#client.containerStatus(id).then(
      () => false,
      (error: unknown) => error instanceof Error && 'kind' in error && error.kind === 'notFound',
    );
  }
}
