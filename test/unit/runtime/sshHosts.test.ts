import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostProblem, readSshHosts } from '../../../src/runtime/sshHosts.js';

let home: string;
const write = (path: string, ...lines: string[]): void => {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, lines.join('\n'));
};
const aliases = async (): Promise<string[]> =>
  (await readSshHosts(join(home, '.ssh/config'))).map(({ alias }) => alias);

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cri-hosts-'));
});
afterEach(() => rmSync(home, { recursive: true }));

test('hosts come with what their own lines say, the first of each', async () => {
  write(
    '.ssh/config',
    'User everyone',
    'Host web "db"  # two',
    '  hostname=10.0.0.1',
    '  HostName 10.0.0.2',
    '\tUser deploy',
    'Host bastion',
    '  Port 2222',
    'Match host x',
    '  User other',
    'host web',
    '  Port 22',
  );
  expect(await readSshHosts(join(home, '.ssh/config'))).toEqual([
    { alias: 'web', hostName: '10.0.0.1', user: 'deploy', port: '22' },
    { alias: 'db', hostName: '10.0.0.1', user: 'deploy' },
    { alias: 'bastion', port: '2222' },
  ]);
});

test('patterns and names that no node can have are left out', async () => {
  write('.ssh/config', 'Host * a? !b *.test ok -F/x a;b', 'Host !c', 'Host "two words" last');
  expect(await aliases()).toEqual(['ok', 'last']);
});

test('Include is followed: relative, ~, patterns, several, nested, in a Host, and in a ring', async () => {
  write('.ssh/conf.d/b', 'Host b');
  write('.ssh/conf.d/a', 'Host a', 'Include config');
  write('.ssh/conf.d/.hidden', 'Host hidden');
  write(
    '.ssh/config',
    `Include conf.d/? "~/more" ${home}/abs*/c`,
    'Host main',
    '  Include inner',
    'Include absent',
  );
  write('more', 'Host more');
  write('absolute/c', 'Host c');
  write('.ssh/inner', 'Host inner');
  expect(await aliases()).toEqual(['a', 'b', 'more', 'c', 'main', 'inner']);
});

test('a line that can’t be understood leaves the others', async () => {
  write(
    '.ssh/config',
    'Host',
    'Host "open',
    'Match',
    '=',
    '\u0000\u0001',
    'Include',
    'Host ok\r',
    '  User "x',
  );
  expect(await aliases()).toEqual(['ok']);
});

test('without a configuration there are none', async () => {
  expect(await aliases()).toEqual([]);
  mkdirSync(join(home, '.ssh/config'), { recursive: true });
  expect(await aliases()).toEqual([]);
});

test('a host that ssh would take for an option is a problem', () => {
  expect(hostProblem('-oProxyCommand=x')).toMatch(/begins with a dash/);
  expect(hostProblem('user@host:22')).toBeUndefined();
  expect(hostProblem('')).toBeDefined();
});
