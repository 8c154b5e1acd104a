import { afterEach, expect, test, vi } from 'vitest';
import { specReading } from '../../../src/model/oci/readSpec.js';
import { viewing } from '../../../src/model/oci/view.js';
import { runInTurns, runNow, type Steps } from '../../../src/model/steps.js';

afterEach(() => void vi.restoreAllMocks());

/** Counts to `end`, each step taking `ms` milliseconds of a clock that stands still otherwise. */
function* counting(end: number, ms: number): Steps<number> {
  const now = performance.now();
  const clock = vi.spyOn(performance, 'now').mockReturnValue(now);
  for (let step = 1; step <= end; step++) {
    clock.mockReturnValue(now + step * ms);
    yield;
  }
  return end;
}

test('a long computation lets others run about every 10 ms, and before it begins', async () => {
  const breathe = vi.fn(() => Promise.resolve());
  await expect(runInTurns(counting(3200, 0.5), breathe)).resolves.toBe(3200);
  expect(breathe.mock.calls.length).toBeGreaterThan(90);
  expect(runNow(counting(3, 1))).toBe(3);
});

test('it ends with what the break throws', async () => {
  let breaks = 0;
  const breathe = (): Promise<void> =>
    ++breaks > 2 ? Promise.reject(new Error('cancelled')) : Promise.resolve();
  await expect(runInTurns(counting(3200, 0.5), breathe)).rejects.toThrow('cancelled');
});

/** Runs to the end and counts the steps. */
function counted<T>(steps: Steps<T>): { value: T; count: number } {
  for (let count = 0; ; count++) {
    const step = steps.next();
    if (step.done) return { value: step.value, count };
  }
}

test.each([
  ['variables', { process: { env: Array.from({ length: 1000 }, (_, index) => `A${index}=b`) } }],
  ['mounts', { mounts: Array.from({ length: 1000 }, (_, index) => ({ destination: `/${index}` })) }],
  [
    'annotations',
    { annotations: Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`a${index}`, 'b'])) },
  ],
])('reading a spec of very many %s can be interrupted at each of them', (_, spec) => {
  const text = JSON.stringify(spec);
  const reading = counted(specReading(text, {}));
  // Each value as it is parsed, and each row.
  expect(reading.count).toBeGreaterThan(2 * 1000);
  expect(counted(viewing(reading.value)).count).toBeGreaterThanOrEqual(1000);
});

test('keys that occur twice at very many depths are told of a few times only', () => {
  const deep = 20_000;
  const text = `{"x":${'{"a":1,"a":'.repeat(deep)}1${'}'.repeat(deep)}}`;
  expect(runNow(specReading(text, {})).problems.length).toBeLessThan(100);
});
