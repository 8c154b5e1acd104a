import { expect, test } from 'vitest';
import { clip, inert, visible } from '../../../src/model/visible.js';

test.each([
  ['plain ünï 世界 ❤️', 'plain ünï 世界 ❤️'],
  ['a\nb\tc\r', 'a\\nb\\tc\\r'],
  ['\u0000\u001b[31m\u007f\u0085', '\\x00\\x1b[31m\\x7f\\x85'],
  ['\u202egnp\u2066\u200b\ufeff\u2028\u3164', '\\u202egnp\\u2066\\u200b\\ufeff\\u2028\\u3164'],
  ['\ud800x', '\\ud800x'],
  ['\u{e0041}', '\\u{e0041}'],
])('visible %j', (text, expected) => {
  expect(visible(text)).toBe(expected);
});

test('clip never cuts through a pair', () => {
  expect(clip('abc', 3)).toBe('abc');
  expect(clip('abcd', 3)).toBe('ab…');
  expect(clip('a🙂bc', 3)).toBe('a…');
});

test('inert breaks the icon and link syntax without changing what is seen', () => {
  const text = inert('a $(trash) $$(x) [y](command:z)');
  expect(text).not.toMatch(/[$\]]\(/);
  expect(text.replaceAll('\u2060', '')).toBe('a $(trash) $$(x) [y](command:z)');
  expect(inert('x'.repeat(500))).toHaveLength(200);
});
