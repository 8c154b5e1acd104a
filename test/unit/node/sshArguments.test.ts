import { expect, test } from 'vitest';
import {
  aloneArguments,
  controlArguments,
  dialArguments,
  masterArguments,
  sessionArguments,
  socketForward,
  tcpTarget,
} from '../../../src/node/ssh/arguments.js';
import { parseDestination } from '../../../src/node/ssh/destination.js';

const login = {
  destination: parseDestination('me@host:2222'),
  configFile: '/c',
  keepAlive: { seconds: 10, count: 3 },
};

test.each([
  ['alias', [], 'alias'],
  ['me@host', [], 'me@host'],
  ['me@host:2222', ['-p', '2222'], 'me@host'],
  ['me@[fe80::1]:22', ['-p', '22'], 'me@fe80::1'],
  ['[::1]', [], '::1'],
  ['fe80::1', [], 'fe80::1'],
  ['ssh://me@host:22', [], 'ssh://me@host:22'],
])('%s is a destination', (text, options, host) => {
  expect(parseDestination(text)).toEqual({ text, options, host });
});

test.each([
  '-oProxyCommand=x',
  'a@-b',
  '',
  '  ',
  'a b',
  'a;b',
  'a\nb',
  '$(a)',
  '`a`',
  "a'b",
  'a|b',
  'host:99999',
])('%j is refused', (text) => expect(() => parseDestination(text)).toThrow());

test('the master stays in the foreground and listens for nobody else', () => {
  const line = masterArguments(login, '/d/0a').join(' ');
  expect(line).toMatch(/^-F \/c -T -a -x /);
  for (const part of [
    '-M -N -S /d/0a',
    'ControlPersist=no',
    'ClearAllForwardings=yes',
    'ServerAliveInterval=10',
    'ServerAliveCountMax=3',
    'StreamLocalBindMask=0177',
    '-p 2222',
  ]) {
    expect(line).toContain(part);
  }
  expect(line).toMatch(/ -- me@host$/);
});

test('without a master each command logs in, and shares nothing', () => {
  const line = aloneArguments({ ...login, configFile: undefined }, 'exec sh');
  expect(line.join(' ')).toMatch(/-p 2222 -o ControlMaster=no -o ControlPath=none -- me@host exec sh$/);
  expect(line).not.toContain('-M');
  expect(line).not.toContain('-F');
});

test('a client of the master reads no config and never logs in by itself', () => {
  for (const line of [
    sessionArguments('/d/0a', 'h', 'cmd'),
    dialArguments('/d/0a', 'h', 'x:1'),
    controlArguments('/d/0a', 'h', { cancel: '/d/x:/run/s' }),
  ]) {
    expect(line.join(' ')).toMatch(/^-F \/dev\/null -S \/d\/0a -o ControlMaster=no -o ProxyCommand=false /);
  }
  expect(controlArguments('/d/0a', 'h', { forward: '/d/x:/run/s' }).slice(-6)).toEqual([
    '-O',
    'forward',
    '-L',
    '/d/x:/run/s',
    '--',
    'h',
  ]);
});

test('a path that -L can’t carry is left to a bridge', () => {
  expect(socketForward('/d/x', '/run/containerd/containerd.sock')).toBe(
    '/d/x:/run/containerd/containerd.sock',
  );
  for (const path of ['/a:b', '/a%h', '/$HOME', '/a b', '/a\\b', 'relative', `/${'x'.repeat(120)}`]) {
    expect(socketForward('/d/x', path)).toBeUndefined();
  }
  expect([tcpTarget('127.0.0.1', 1), tcpTarget('::1', 1)]).toEqual(['127.0.0.1:1', '[::1]:1']);
});
