import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { faultOf } from '../../../src/node/shell/faults.js';
import { BrokenFrames, FrameParser } from '../../../src/node/shell/frames.js';
import type { ChannelEnd, Launcher, ShellCommand } from '../../../src/node/shell/launcher.js';
import {
  isTable,
  parseEnv,
  parseFiles,
  parseLooks,
  parseStats,
  parseTables,
} from '../../../src/node/shell/outputs.js';
import { PrivateFolder, privateBases, whyUnsafe } from '../../../src/node/shell/privateFolder.js';
import { ShellSweep } from '../../../src/node/shell/sweep.js';
import { passwordNeeded, sudoArguments, sudoFault } from '../../../src/node/sudo.js';
import { SudoPassword } from '../../../src/node/sudoPassword.js';

/** Prints what a test wants. */
function printing(print: (command: ShellCommand) => Buffer): Launcher {
  return {
    launch(command) {
      const stdout = Readable.from([print(command)]);
      const ended = new Promise<ChannelEnd>((resolve) =>
        stdout.on('end', () => resolve({ code: 0, stderr: '' })),
      );
      return Promise.resolve({ stdin: new PassThrough(), stdout, ended, dispose: () => undefined });
    },
  };
}

const stat = (pid: number, comm: string, ppid: number): string =>
  `${pid} (${comm}) S ${ppid} 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 ${pid * 100} 0 0\n`;

/** As grep prints a file: each line with the file's name before it. */
const prefixed = (name: string, text: string): string =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => `${name}:${line}\n`)
    .join('');

interface Fake {
  readonly pid: number;
  readonly comm: string;
  readonly argv: readonly string[];
}

/** As the script prints it: `from`, `to` and `pids` are its arguments. */
function sweepOutput(
  processes: readonly Fake[],
  [from = '0', to = '99', ...pids]: readonly string[] = [],
): Buffer {
  const listed = from === '-' ? [] : processes;
  const detailed = processes.filter(
    ({ pid }) => pids.includes(String(pid)) || (pid > Number(from) && pid <= Number(to)),
  );
  const text =
    'boot-id\n1000.50 1.0\nbtime 1700000000\n' +
    listed.map(({ pid, comm }) => prefixed(`${pid}/stat`, stat(pid, comm, 1))).join('') +
    detailed.map(({ pid }) => prefixed(`${pid}/cgroup`, '0::/a\n')).join('');
  const rest = detailed.flatMap(({ pid, argv }) => argv.map((word) => `${pid}/cmdline:${word}\0`));
  return Buffer.from(`${text}\0${rest.join('')}`, 'latin1');
}

test('a sweep is read in bytes, hostile names and all', async () => {
  const hostile = { pid: 7, comm: 'a) S 9\n8/stat:8 (x', argv: ['', 'two\nlines', '9/cmdline:no', '\xff'] };
  const all = [{ pid: 5, comm: 'init', argv: ['/sbin/init'] }, hostile];
  const { processes } = await new ShellSweep(printing(() => sweepOutput(all))).sweep({ cwdOf: [] });
  expect([...processes.keys()]).toEqual([5, 7]);
  expect(processes.get(7)).toMatchObject({
    comm: hostile.comm,
    ppid: 1,
    argv: ['', 'two\nlines', '9/cmdline:no', '\\xff'],
    cgroups: ['/a'],
    startedAt: 1_700_000_007_000,
  });
});

test('what did not change stays the same object; folders are asked for once', async () => {
  const asked: (readonly string[])[] = [];
  const all = [5, 6, 7].map((pid) => ({ pid, comm: pid === 6 ? 'b' : `shim-${pid}`, argv: ['a'] }));
  const sweep = new ShellSweep(
    printing(({ script, args = [] }) => {
      if (!script.includes('pwd -P')) return sweepOutput(all, args);
      asked.push(args);
      return Buffer.from('5:/bundle\n7:/no\n\0' + '7:\0');
    }),
  );
  const first = await sweep.sweep({ cwdOf: ['shim'] });
  const second = await sweep.sweep({ cwdOf: ['shim'] });
  expect(asked).toEqual([['5', '7']]);
  expect(second.processes.get(5)?.cwd).toBe('/bundle\n7:/no');
  expect(second.processes.get(7)?.cwd).toBeUndefined();
  for (const pid of [5, 6, 7]) expect(second.processes.get(pid)).toBe(first.processes.get(pid));
});

test('of known processes only their stat is read, of new and changed ones all', async () => {
  const asked: (readonly string[])[] = [];
  let all: Fake[] = [5, 16, 17].map((pid) => ({ pid, comm: 'a', argv: ['a'] }));
  const sweep = new ShellSweep(
    printing(({ args = [] }) => {
      asked.push(args);
      return sweepOutput(all, args);
    }),
  );
  await sweep.sweep({ cwdOf: [] });
  all = [
    { pid: 4, comm: 'wrapped', argv: ['w'] },
    { pid: 5, comm: 'a', argv: ['without a trace'] },
    { pid: 16, comm: 'executed', argv: ['e', 'f'] },
    { pid: 20, comm: 'new', argv: ['n'] },
  ];
  const { processes } = await sweep.sweep({ cwdOf: [] });
  expect(asked).toEqual([
    ['0', '4194304'],
    ['17', '1017'],
    ['-', '-', '4', '16'],
  ]);
  expect([...processes].map(([pid, { argv }]) => [pid, argv])).toEqual([
    [4, ['w']],
    [5, ['a']],
    [16, ['e', 'f']],
    [20, ['n']],
  ]);
  for (let round = 0; round < 10; round++) await sweep.sweep({ cwdOf: [] });
  expect(asked.filter((args) => args.includes('5'))).toEqual([['20', '1020', '5']]);
});

test('a kernel worker that is called otherwise is not read again', async () => {
  const asked: (readonly string[])[] = [];
  let comm = 'kworker/1:3-events';
  const sweep = new ShellSweep(
    printing(({ args = [] }) => {
      asked.push(args);
      const all = [{ pid: 5, comm, argv: [] }];
      return Buffer.from(sweepOutput(all, args).toString('latin1').replace(') S 1 ', ') S 2 '), 'latin1');
    }),
  );
  await sweep.sweep({ cwdOf: [] });
  comm = 'kworker/1:3-mm_percpu_wq';
  const { processes } = await sweep.sweep({ cwdOf: [] });
  expect(processes.get(5)).toMatchObject({ comm, ppid: 2 });
  expect(asked).toHaveLength(2);
});

test('a packed sweep is unpacked', async () => {
  const output = gzipSync(sweepOutput([{ pid: 5, comm: 'a', argv: ['a'] }]));
  const { processes } = await new ShellSweep(printing(() => output)).sweep({ cwdOf: [] });
  expect(processes.get(5)?.argv).toEqual(['a']);
});

test('a node without /proc is told so', async () => {
  const sweep = new ShellSweep(printing(() => Buffer.alloc(0)));
  await expect(sweep.sweep({ cwdOf: [] })).rejects.toMatchObject({ kind: 'unsupported' });
});

test('tables of /proc: lines by their file, empty ones, and those that are gone', () => {
  const paths = ['/proc/1/net/a', '/proc/2/net/b', '/proc/3/net/c'];
  const output =
    'grep: /proc/3/net/c: No such file or directory\n/proc/1/net/a:x: y\n/proc/1/net/a:\n/proc/9/net/z:no\n';
  const files = parseTables(paths, Buffer.from(output));
  expect(files.get('/proc/1/net/a')?.toString()).toBe('x: y\n\n');
  expect(files.get('/proc/2/net/b')).toEqual(Buffer.alloc(0));
  expect(files.get('/proc/3/net/c')).toMatchObject({ kind: 'missing' });
  expect(files.size).toBe(3);
  expect([isTable('/proc/12/net/fib_trie'), isTable('/proc/12/environ'), isTable('/etc/x')]).toEqual([
    true,
    false,
    false,
  ]);
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

test('stats, looks at sockets and variables, each in its place', () => {
  const stats = parseStats(
    ['/a', '/b', '/c'],
    Buffer.from('+65024:7 12 1700000000 c1ed\n- sh: /b: No such file \n+usage\n'),
  );
  expect(stats.get('/a')).toEqual({
    identity: '65024:7',
    size: 12,
    modifiedAt: 1_700_000_000_000,
    type: 'socket',
  });
  expect(stats.get('/b')).toMatchObject({ kind: 'missing' });
  expect(stats.get('/c')).toMatchObject({ kind: 'unsupported' });
  const looks = parseLooks(['/a', '/b', '/c', '/d'], Buffer.from('+\n- nosocket \n- Permission denied \n'));
  expect(looks.get('/a')).toBe('ok');
  expect(looks.get('/b')).toMatchObject({ kind: 'unsupported' });
  expect(looks.get('/c')).toMatchObject({ kind: 'denied' });
  expect(looks.get('/d')).toMatchObject({ kind: 'failed' });
  expect([...parseEnv(['A', 'B', 'C'], Buffer.from('+x\n+y\0-\0+\0'))]).toEqual([
    ['A', 'x\n+y'],
    ['B', undefined],
    ['C', ''],
  ]);
});

test('small files', () => {
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
