import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faultOf } from '../../../src/node/shell/faults.js';
import { BrokenFrames, FrameParser } from '../../../src/node/shell/frames.js';
import type { Launcher } from '../../../src/node/shell/launcher.js';
import { parseFiles, parseStat } from '../../../src/node/shell/outputs.js';
import { PrivateFolder, privateBases, whyUnsafe } from '../../../src/node/shell/privateFolder.js';
import { ShellSweep } from '../../../src/node/shell/sweep.js';
import { passwordNeeded, sudoArguments, sudoFault } from '../../../src/node/sudo.js';
import { SudoPassword } from '../../../src/node/sudoPassword.js';

const neverLaunched: Launcher = { launch: () => Promise.reject(new Error('launched')) };

const stat = (pid: number, comm: string, ppid: number): string =>
  `${pid} (${comm}) S ${ppid} 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 ${pid * 100} 0 0\n`;

/** As grep prints a file: each line with the file's name before it. */
const prefixed = (name: string, text: string): string =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => `${name}:${line}\n`)
    .join('');

function sweepOutput(...processes: { pid: number; comm: string; argv: string[]; cwd?: string }[]): Buffer {
  const text =
    'boot-id\n1000.50 1.0\nbtime 1700000000\n' +
    processes.map(({ pid, comm }) => prefixed(`${pid}/stat`, stat(pid, comm, 1))).join('') +
    processes.map(({ pid }) => prefixed(`${pid}/cgroup`, '0::/a\n')).join('');
  const rest = processes.flatMap(({ pid, argv, cwd }) => [
    ...argv.map((word) => `${pid}/cmdline:${word}\0`),
    ...(cwd === undefined ? [] : [`${pid}/cwd:${cwd}\0`]),
  ]);
  return Buffer.from(`${text}\0${rest.join('')}`, 'latin1');
}

test('a sweep is read in bytes, hostile names and all', async () => {
  const sweep = new ShellSweep(neverLaunched);
  const hostile = {
    pid: 7,
    comm: 'a) S 9\n8/stat:8 (x',
    argv: ['', 'two\nlines', '9/cmdline:no', '\xff'],
    cwd: '/b\n1/cwd:/no',
  };
  const { processes } = await sweep.read(
    sweepOutput({ pid: 5, comm: 'init', argv: ['/sbin/init'] }, hostile),
  );
  expect([...processes.keys()]).toEqual([5, 7]);
  expect(processes.get(7)).toMatchObject({
    comm: hostile.comm,
    ppid: 1,
    argv: ['', 'two\nlines', '9/cmdline:no', '\\xff'],
    cwd: hostile.cwd,
    cgroups: ['/a'],
    startedAt: 1_700_000_007_000,
  });
});

test('what did not change stays the same object', async () => {
  const sweep = new ShellSweep(neverLaunched);
  const first = await sweep.read(
    sweepOutput({ pid: 5, comm: 'a', argv: ['a'] }, { pid: 6, comm: 'b', argv: ['b'] }),
  );
  const second = await sweep.read(
    sweepOutput({ pid: 5, comm: 'a', argv: ['a'] }, { pid: 6, comm: 'b', argv: ['c'] }),
  );
  expect(second.processes.get(5)).toBe(first.processes.get(5));
  expect(second.processes.get(6)?.argv).toEqual(['c']);
});

test('a node without /proc is told so', async () => {
  await expect(new ShellSweep(neverLaunched).read(Buffer.alloc(0))).rejects.toMatchObject({
    kind: 'unsupported',
  });
});

test('frames come out of any cut of the stream', () => {
  const stream = Buffer.from('I 1:2\nD 5 6\nab\n.\nD.\nM\nR\nH\n');
  for (const size of [1, 2, 3, stream.length]) {
    const parser = new FrameParser();
    const frames = [];
    for (let at = 0; at < stream.length; at += size)
      frames.push(...parser.push(stream.subarray(at, at + size)));
    expect(frames).toEqual([
      { type: 'opened', identity: '1:2' },
      { type: 'data', offset: 5, bytes: Buffer.from('ab\n.\nD') },
      { type: 'missing' },
      { type: 'rotated' },
      { type: 'alive' },
    ]);
  }
});

test('a file that shrank while it was read breaks the stream instead of garbling it', () => {
  expect(() => new FrameParser().push(Buffer.from('D 0 6\nabc.\nR\nM\n'))).toThrow(BrokenFrames);
  expect(() => new FrameParser().push(Buffer.from('what\n'))).toThrow(BrokenFrames);
});

test('stat and small files', () => {
  expect(parseStat(Buffer.from('65024:7 12 1700000000 c1ed\n'))).toEqual({
    identity: '65024:7',
    size: 12,
    modifiedAt: 1_700_000_000_000,
    type: 'socket',
  });
  expect(() => parseStat(Buffer.from('usage'))).toThrow();
  const files = parseFiles(
    ['/a', '/b', '/c'],
    Buffer.from('+\n 2b 0a\n 2d\n-\n 50 65 72 6d 69 73 73 69 6f 6e 20 64 65 6e 69 65 64\n+\n'),
  );
  expect(files.get('/a')).toEqual(Buffer.from('+\n-'));
  expect(files.get('/b')).toMatchObject({ kind: 'denied' });
  expect(files.get('/c')).toEqual(Buffer.alloc(0));
});

test.each([
  ["dd: failed to open '/x': Permission denied", 'denied'],
  ["stat: can't stat '/x': No such file or directory", 'missing'],
  ['sh: 1: cannot open /x: No such file', 'missing'],
  ['x E connect(5, AF=1 "/x", 4): Connection refused', 'refused'],
  ['not a regular file', 'unsupported'],
  ['Input/output error', 'failed'],
])('%s', (said, kind) => {
  expect(faultOf('/x', said)).toMatchObject({ kind, message: expect.stringMatching(/^\/x: /) as string });
});

test('a denied path advises sudo, and never to loosen the file', () => {
  const { message } = faultOf('/run/x.sock', 'Permission denied');
  expect(message).toContain('Use sudo');
  expect(message).not.toMatch(/chmod|chown|setfacl|group/i);
});

test('sudo: its command line and what it says', () => {
  expect(sudoArguments()).toEqual(['sudo', '-n', '--']);
  expect(sudoArguments('p')).toEqual(['sudo', '-S', '-k', '-p', 'p', '--']);
  const end = (stderr: string, code = 1): { code: number; stderr: string } => ({ code, stderr });
  expect(passwordNeeded(end('sudo: a password is required'))).toBe(true);
  expect(passwordNeeded(end('sudo: interactive authentication is required'))).toBe(true);
  expect(sudoFault(end('me is not in the sudoers file.'))?.message).toContain('act as root');
  expect(sudoFault(end('sh: 1: exec: sudo: not found', 127))?.kind).toBe('unsupported');
  expect(sudoFault(end('sudo: sorry, you must have a tty to run sudo'))?.message).toContain('requiretty');
  expect(sudoFault(end('anything else'))).toBeUndefined();
});

test('sudo’s password: three wrong ones are enough', async () => {
  const given = ['a', 'b', 'c', 'd'];
  const password = new SudoPassword(() => Promise.resolve(given.shift()), 'host');
  await password.renew(undefined);
  await password.renew('a');
  await password.renew('b');
  expect(password.current).toBe('c');
  await expect(password.renew('c')).rejects.toThrow('3 times');
  await expect(password.renew(undefined)).rejects.toThrow('3 times');
  password.reset();
  await password.renew(undefined);
  expect(password.current).toBe('d');
  password.dispose();
  expect(password.current).toBeUndefined();
});

test('the private folder is ours alone, and refuses one that isn’t', () => {
  const base = mkdtempSync('/tmp/cri-t-');
  try {
    const folder = new PrivateFolder([base]);
    expect(whyUnsafe(folder.path)).toBeUndefined();
    folder.dispose();
    const parent = join(base, `cri-explorer-${process.getuid?.() ?? 0}`);
    mkdirSync(parent, { mode: 0o755 });
    expect(() => new PrivateFolder([base])).toThrow('open to others');
    rmSync(parent, { recursive: true });
    symlinkSync('/tmp', parent);
    expect(() => new PrivateFolder([base])).toThrow('is not a folder');
    rmSync(parent);
    writeFileSync(parent, '');
    expect(() => new PrivateFolder([base])).toThrow('is not a folder');
  } finally {
    rmSync(base, { recursive: true });
  }
  expect(privateBases({ XDG_RUNTIME_DIR: '/run/user/1000' }, 'linux')).toEqual(['/run/user/1000', '/tmp']);
  expect(privateBases({ XDG_RUNTIME_DIR: `/${'x'.repeat(60)}` }, 'linux')).toEqual(['/tmp']);
  expect(privateBases({ TEMP: 'C:\\t' }, 'win32')).toEqual(['C:\\t']);
});
