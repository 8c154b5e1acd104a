import { describe, expect, test } from 'vitest';
import { PromptQueue } from '../../../src/commands/promptQueue.js';
import { hostKeyLines, oneLine, placeholderOf } from '../../../src/commands/promptText.js';
import { english as t } from '../../../src/util/translate.js';

const never = new AbortController().signal;

/** A question that the test answers. */
function question(): {
  ask: () => Promise<string | undefined>;
  answer: (text?: string) => void;
  asked: () => boolean;
} {
  let asked = false;
  let answer: (text?: string) => void = () => undefined;
  const answered = new Promise<string | undefined>((resolve) => (answer = resolve));
  return { ask: () => ((asked = true), answered), answer: (text) => answer(text), asked: () => asked };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('PromptQueue', () => {
  test('asks one after the other, whatever becomes of them', async () => {
    const queue = new PromptQueue();
    const [a, b] = [question(), question()];
    const failing = queue.ask(() => Promise.reject(new Error('closed')), never);
    const first = queue.ask(a.ask, never);
    const second = queue.ask(b.ask, never);
    await expect(failing).rejects.toThrow('closed');
    await settle();
    expect([a.asked(), b.asked()]).toEqual([true, false]);
    a.answer('one');
    expect(await first).toBe('one');
    await settle();
    b.answer(undefined);
    expect(await second).toBeUndefined();
  });

  test('does not ask what was taken back while it waited', async () => {
    const queue = new PromptQueue();
    const [a, b, c] = [question(), question(), question()];
    const taken = new AbortController();
    const first = queue.ask(a.ask, never);
    const second = queue.ask(b.ask, taken.signal);
    const third = queue.ask(c.ask, never);
    taken.abort();
    expect(await second).toBeUndefined();
    a.answer('one');
    c.answer('three');
    expect([await first, await third, b.asked()]).toEqual(['one', 'three', false]);
  });
});

describe('ssh’s words', () => {
  const asked = [
    "The authenticity of host '[127.0.0.1]:2222 ([127.0.0.1]:2222)' can't be established.",
    'ED25519 key fingerprint is SHA256:abc.',
    'This key is not known by any other names.',
    'Are you sure you want to continue connecting (yes/no/[fingerprint])? ',
  ];

  test('of a host key: all but the question, the fingerprint in front', () => {
    expect(hostKeyLines(asked.join('\n'))).toEqual([
      { label: asked[0] },
      { label: 'SHA256:abc', description: 'ED25519 key fingerprint' },
      { label: asked[2] },
    ]);
  });

  test('are inert, on one line and not too long', () => {
    expect(oneLine('  Code for $(trash)\r\n\n[x](command:y)\u202e: ')).toBe(
      'Code for $\u2060(trash) [x]\u2060(command:y)\\u202e',
    );
    expect(oneLine('x'.repeat(10_000)).length).toBeLessThanOrEqual(500);
    expect(hostKeyLines('$(x) SHA256:\u0007')).toEqual([{ label: '$\u2060(x) SHA256:\\x07' }]);
  });

  test('have a name for the empty field', () => {
    expect(placeholderOf('password', t)).toBe('Password');
    expect(placeholderOf('other', t)).toBe('Answer');
  });
});
