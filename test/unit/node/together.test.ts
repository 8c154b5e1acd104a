import { expect, test, vi } from 'vitest';
import { Together } from '../../../src/node/shell/together.js';

test('what is asked in one turn is answered at once, what is asked later is asked anew', async () => {
  const answer = vi.fn((keys: readonly string[]) =>
    Promise.resolve(new Map(keys.map((key) => [key, key.toUpperCase()]))),
  );
  const together = new Together(answer);
  expect(await Promise.all(['a', 'b', 'a'].map((key) => together.ask(key)))).toEqual(['A', 'B', 'A']);
  expect(await together.ask('a')).toBe('A');
  expect(answer.mock.calls.map(([keys]) => keys)).toEqual([['a', 'b'], ['a']]);
});

test('one who gives up leaves the others their answer; when all have, the question is taken back', async () => {
  let answered = (): void => undefined;
  let within: AbortSignal | undefined;
  const together = new Together((keys, signal) => {
    within = signal;
    return new Promise<Map<string, number>>((resolve, reject) => {
      answered = () => resolve(new Map(keys.map((key) => [key, 1])));
      signal.addEventListener('abort', () => reject(new Error('taken back')), { once: true });
    });
  });
  const first = new AbortController();
  const second = new AbortController();
  const given = together.ask('a', first.signal);
  const kept = together.ask('b');
  first.abort(new Error('enough'));
  await expect(given).rejects.toThrow('enough');
  await vi.waitFor(() => expect(within).toBeDefined());
  expect(within?.aborted).toBe(false);
  answered();
  expect(await kept).toBe(1);

  within = undefined;
  const alone = together.ask('c', second.signal);
  await vi.waitFor(() => expect(within).toBeDefined());
  second.abort(new Error('enough'));
  await expect(alone).rejects.toThrow('enough');
  expect((within as AbortSignal | undefined)?.aborted).toBe(true);
});

test('a failure is everybody’s', async () => {
  const together = new Together(() => Promise.reject(new Error('cut')));
  const all = await Promise.allSettled([together.ask('a'), together.ask('b')]);
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
