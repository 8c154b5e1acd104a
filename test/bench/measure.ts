import { performance } from 'node:perf_hooks';

/** Milliseconds of each of `times` runs, after `warmUp` that don't count. */
export async function timings(times: number, run: () => Promise<unknown>, warmUp = 1): Promise<number[]> {
  for (let index = 0; index < warmUp; index++) await run();
  const all: number[] = [];
  for (let index = 0; index < times; index++) {
    const start = performance.now();
    await run();
    all.push(performance.now() - start);
  }
  return all;
}

/** As {@link timings}, but milliseconds of CPU, of all threads of this process. */
export async function cpuTimes(times: number, run: () => Promise<unknown>, warmUp = 1): Promise<number[]> {
  for (let index = 0; index < warmUp; index++) await run();
  const all: number[] = [];
  for (let index = 0; index < times; index++) {
    const start = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(start);
    all.push((user + system) / 1000);
  }
  return all;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** The longest time that the event loop did not turn while `run` went on, in milliseconds. */
export async function longestStall(run: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  let running = true;
  const turn = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  await run();
  running = false;
  turn();
  return longest;
}
