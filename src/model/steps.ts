/** A long computation that lets go at each `yield`: the same code runs at once or in turns. */
export type Steps<T> = Generator<void, T, void>;

/** Runs to the end without a break. */
export function runNow<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

const turnMs = 10;
const stepsBetweenLooks = 32;

/**
 * Runs in turns of about 10 ms, the first one a turn of its own.
 * @param breathe lets others run; what it throws ends the computation
 */
export async function runInTurns<T>(steps: Steps<T>, breathe: () => Promise<void>): Promise<T> {
  await breathe();
  let since = performance.now();
  for (let count = 1; ; count++) {
    const step = steps.next();
    if (step.done) return step.value;
    if (count % stepsBetweenLooks !== 0 || performance.now() - since < turnMs) continue;
    await breathe();
    since = performance.now();
  }
}
