import { expect, test } from 'vitest';
import { splitCommand } from '../../../src/terminal/splitCommand.js';

test.each([
  ['ls -l /tmp', ['ls', '-l', '/tmp']],
  ['  a\t b  ', ['a', 'b']],
  [`echo 'a  b' "c  d"`, ['echo', 'a  b', 'c  d']],
  [`a'b'"c"d`, ['abcd']],
  [String.raw`a\ b \' \"`, ['a b', "'", '"']],
  [String.raw`"a\"b\\c\$d\n"`, [String.raw`a"b\c$d\n`]],
  [String.raw`'a\b'`, [String.raw`a\b`]],
  [`'' ""`, ['', '']],
  ['echo $HOME * | x > y', ['echo', '$HOME', '*', '|', 'x', '>', 'y']],
  [`sh -c 'kill -9 "$(pidof x)"'`, ['sh', '-c', 'kill -9 "$(pidof x)"']],
  ['ünï 世界 🙂', ['ünï', '世界', '🙂']],
])('%s', (line, words) => {
  expect(splitCommand(line)).toEqual({ words });
});

test.each([
  ['', 'empty'],
  ['   ', 'empty'],
  [`echo 'a`, 'unclosed quote'],
  [`echo "a\\"`, 'unclosed quote'],
  ['echo a\\', 'dangling backslash'],
])('%j is %s', (line, problem) => {
  expect(splitCommand(line)).toEqual({ problem });
});
