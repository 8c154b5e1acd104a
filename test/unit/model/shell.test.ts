import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { commandLine, crictlCommand, nsenterCommand, quote } from '../../../src/model/shell.js';

const hostile = [
  '',
  'plain',
  "it's",
  '"; rm -rf /; "',
  '$(id) `id` ${x} !! * ? ~ #',
  'a b\tc\nd',
  '\\',
  "\\'",
  '-rf',
  '=ls',
  '~root',
  'ünï 世界 🙂',
  '\u001b[31m\u0003',
  "\n'\\'\u202e",
];

describe('quote', () => {
  test.each(hostile)('%j is read back by bash as it was', (text) => {
    const printed = execFileSync('bash', ['--norc', '-c', `printf %s ${quote(text)}`], { encoding: 'utf8' });
    // printf's own options aside: a leading dash needs no quoting.
    if (!text.startsWith('-')) expect(printed).toBe(text);
  });

  test.each(hostile)('%j has no control character that a terminal would act on', (text) => {
    // eslint-disable-next-line no-control-regex -- the point
    expect(quote(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  });

  test('leaves plain words readable', () => {
    expect(commandLine(['/bin/x', '--a=b', 'unix:///run/c.sock', 'a b'])).toBe(
      "/bin/x --a=b unix:///run/c.sock 'a b'",
    );
  });
});

describe('crictlCommand', () => {
  test('names the endpoint and the id', () => {
    expect(crictlCommand('unix:///run/c.sock', 'inspect', '3f2a')).toBe(
      'crictl --runtime-endpoint unix:///run/c.sock inspect 3f2a',
    );
    expect(crictlCommand('unix:///run/c.sock', 'exec', '3f2a')).toBe(
      'crictl --runtime-endpoint unix:///run/c.sock exec --interactive --tty 3f2a sh',
    );
  });

  test('quotes what a node said and keeps it from being an option', () => {
    expect(crictlCommand("unix:///a';id", 'inspectp', '-x')).toBe(
      String.raw`crictl --runtime-endpoint 'unix:///a'\'';id' inspectp -- -x`,
    );
    expect(crictlCommand('unix:///a', 'ps', '$(id)')).toBe(
      "crictl --runtime-endpoint unix:///a ps --all '--pod=$(id)'",
    );
  });
});

test('nsenterCommand enters what the scope names', () => {
  expect(nsenterCommand(42, 'all')).toBe('nsenter -t 42 -m -u -i -n -p -- sh');
  expect(nsenterCommand(42, 'network')).toBe('nsenter -t 42 -n -- sh');
  expect(nsenterCommand(42, 'withoutFiles')).toBe('nsenter -t 42 -u -i -n -p -- sh');
});
