import { expect, it } from 'vitest';
import type { LogBatch } from '../../../src/model/log/entry.js';
import { LogQueue } from '../../../src/runtime/logQueue.js';

const batch = (...texts: string[]): LogBatch => ({
  items: texts.map((text, offset) => ({ kind: 'line', offset, end: offset + 1, stream: 'stdout', text })),
  pending: [],
  state: 'following',
});
const texts = (taken: LogBatch | undefined): string[] | undefined =>
  taken?.items.map((item) => (item.kind === 'line' ? item.text : ''));

it('gives what waits at once, put together, and counts it', async () => {
  const queue = new LogQueue();
  queue.push(batch('a'));
  queue.push(batch('b', 'c'));
  expect(queue.count).toBe(3);
  expect(texts(await queue.take(1))).toEqual(['a', 'b', 'c']);
  expect(queue.count).toBe(0);
});

it('waits for what comes, for the time given', async () => {
  const queue = new LogQueue();
  expect(await queue.take(1)).toBeUndefined();
  const taken = queue.take(60_000);
  queue.push(batch('a'));
  expect(texts(await taken)).toEqual(['a']);
});

it('gives a state without items too', async () => {
  const queue = new LogQueue();
  queue.push({ items: [], pending: [], state: 'missing' });
  expect(await queue.take(1)).toEqual({ items: [], pending: [], state: 'missing' });
  expect(await queue.take(1)).toBeUndefined();
});

it('splits what is much, and tells what is pending with the last part only', async () => {
  const queue = new LogQueue();
  const pending = batch('half').items.filter((item) => item.kind === 'line');
  queue.push({ ...batch(...Array.from({ length: 7000 }, (_, n) => String(n))), pending });
  const first = await queue.take(1);
  const second = await queue.take(1);
  expect([first?.items.length, first?.pending.length]).toEqual([5000, 0]);
  expect([second?.items.length, second?.pending.length]).toEqual([2000, 1]);
});

it.each([
  ['items', { items: 3, text: 1000 }],
  ['text', { items: 1000, text: 3 }],
])('is full over a number of %s, and holds nothing then', async (_what, limits) => {
  const queue = new LogQueue(limits);
  queue.push(batch('a', 'b', 'c'));
  expect(queue.isFull).toBe(false);
  queue.push(batch('d'));
  queue.push(batch('e'));
  expect([queue.isFull, queue.count]).toEqual([true, 4]);
  expect(await queue.take(1)).toBeUndefined();
});

it('stops waiting when told', async () => {
  const abort = new AbortController();
  const taken = new LogQueue().take(60_000, abort.signal);
  abort.abort(new Error('closed'));
  await expect(taken).rejects.toThrow('closed');
});
