const firstMs = 500;
const lastMs = 30_000;

/**
 * How long to wait before another try, in milliseconds: doubled each time, half of it by chance, so that many windows
 * don't knock at once.
 * @param tries those that failed before, from 0
 * @param random from 0 to 1
 */
export function backoff(tries: number, random: number): number {
  const full = Math.min(lastMs, firstMs * 2 ** Math.min(tries + 1, 16));
  return Math.max(firstMs, Math.round(full / 2 + (full / 2) * random));
}
