import { expect, test } from 'vitest';
import { Coalesced } from '../../../src/util/coalesce.js';

function manual(): { task: () => Promise<number>; finish: (() => void)[]; starts: () => number } {
  const finish: (() => void)[] = [];
  let starts = 0;
  return {
    task: () => {
      const run = ++starts;
      return new Promise((resolve) => finish.push(() => resolve(run)));
    },
    finish,
    starts: () => starts,
  };
}

test('join shares the run under way', async () => {
  const { task, finish, starts } = manual();
  const shared = new Coalesced(task);
  const both = Promise.all([shared.join(), shared.join()]);
  finish[0]?.();
  expect(await both).toEqual([1, 1]);
  expect(starts()).toBe(1);
});

test('fresh starts after the run under way, once for all who ask', async () => {
  const { task, finish, starts } = manual();
  const shared = new Coalesced(task);
  const first = shared.join();
  const fresh = Promise.all([shared.fresh(), shared.fresh()]);
  expect(starts()).toBe(1);
  finish[0]?.();
  expect(await first).toBe(1);
  await expect.poll(starts).toBe(2);
  finish[1]?.();
  expect(await fresh).toEqual([2, 2]);
});

test('a failed run does not keep the next from starting', async () => {
  let runs = 0;
  const shared = new Coalesced(() =>
    ++runs === 1 ? Promise.reject(new Error('once')) : Promise.resolve(runs),
  );
  const first = shared.join();
  const fresh = shared.fresh();
  await expect(first).rejects.toThrow('once');
  expect(await fresh).toBe(2);
  expect(await shared.join()).toBe(3);
});
