import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { loginShellCommand, quoteWord } from '../../../src/node/shell/quote.js';

const hostile = [
  "it's",
  '$(touch /tmp/x)',
  '`id`',
  'a\nb',
  '\\n\\\\',
  '!!',
  '%s%b',
  '',
  ' -n',
  'é\u{1f600}',
  '"',
  '#!~*?[a]',
];

test.each(hostile)('a word comes back from sh as it was: %j', (word) => {
  expect(execFileSync('sh', ['-c', `printf %s ${quoteWord(word)}`], { encoding: 'utf8' })).toBe(word);
});

test.each(hostile)('a script comes back through a login shell: %j', (word) => {
  const command = loginShellCommand(`printf %s ${quoteWord(word)}`);
  expect(execFileSync('bash', ['-c', command], { encoding: 'utf8' })).toBe(word);
  expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toBe(word);
});

test('what csh and fish read differently does not occur between the quotes', () => {
  const command = loginShellCommand(`printf %s ${quoteWord(hostile.join(''))}`);
  const encoded = /^exec sh -c '[^']*' sh '([^']*)'$/.exec(command)?.[1];
  expect(encoded).toBeDefined();
  expect(encoded).not.toMatch(/[!\n']|\\\\|[^ -~]/);
});
