import { expect, it } from 'vitest';
import { readLogDocument } from '../../../src/runtime/logDocument.js';
import { FakeLogNode } from './fakeLogNode.js';

const path = '/0.log';
const line = (text: string, tag = 'F'): string => `2026-11-24T04:15:29Z stdout ${tag} ${text}\n`;
const read = (content: string, limit: number) => {
  const node = new FakeLogNode();
  node.create(path, content);
  return readLogDocument(node.node, path, limit, new AbortController().signal);
};

it('gives a short file whole, without escape sequences, with what isn’t complete', async () => {
  const content = line('\u001b[31mred\u001b[0m\u202e') + 'odd\n' + line('$ ', 'P');
  expect(await read(content, 1000)).toEqual({
    lines: ['2026-11-24T04:15:29Z stdout red<U+202E>', 'odd', '2026-11-24T04:15:29Z stdout $ '],
    size: Buffer.byteLength(content),
    omitted: 0,
  });
});

it.each([
  ['in the middle of a line', 50],
  ['at the start of a line', 2 * line('n').length],
])('begins with a whole line when it is cut %s', async (_where, limit) => {
  const { lines, size, omitted } = await read(line('1') + line('2') + line('3') + line('4'), limit);
  expect(lines.map((text) => text.at(-1))).toEqual(limit === 50 ? ['4'] : ['3', '4']);
  expect(omitted).toBe(size - lines.length * line('n').length);
});

it('reads several steps', async () => {
  const content = line('x'.repeat(1000)).repeat(3000);
  expect((await read(content, 2_500_000)).lines.length).toBe(
    Math.floor(2_500_000 / line('x'.repeat(1000)).length),
  );
});
