import { delay } from '../../../src/util/async.js';

/** Asks again until there is an answer that is neither undefined nor false; fails with `what` and the last error. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = error;
    }
    await delay(100);
  } while (Date.now() < deadline);
  throw new Error(`waited ${timeoutMs / 1000} s in vain until ${what}`, { cause: last });
}
