import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mergeSweep } from '../../../src/node/sweepMerge.js';
import type { SweepChanges } from '../../../src/node/sweepProtocol.js';
import { Sweeper } from '../../../src/node/sweeper.js';

interface Fake {
  comm?: string;
  state?: string;
  ppid?: number;
  startTicks?: number;
  argArea?: string;
  cmdline?: string;
  cgroup?: string;
}

let proc: string;
let now: number;
let uptime: number;
let sweeper: Sweeper;

const setUptime = (seconds: number): void => {
  now += (seconds - uptime) * 1000;
  uptime = seconds;
  writeFileSync(join(proc, 'uptime'), `${seconds} 1\n`);
};

function put(pid: number, fake: Fake = {}): void {
  const { comm = 'sh', state = 'S', ppid = 1, startTicks = 100, argArea = '10 20' } = fake;
  const { cmdline = 'sh\0', cgroup = '0::/x\n' } = fake;
  const fields = Array.from({ length: 50 }, () => '0');
  fields[0] = state;
  fields[1] = String(ppid);
  fields[19] = String(startTicks);
  [fields[45], fields[46]] = argArea.split(' ') as [string, string];
  mkdirSync(join(proc, String(pid)), { recursive: true });
  writeFileSync(join(proc, String(pid), 'stat'), `${pid} (${comm}) ${fields.join(' ')}\n`);
  writeFileSync(join(proc, String(pid), 'cmdline'), cmdline);
  writeFileSync(join(proc, String(pid), 'cgroup'), cgroup);
}

const sweep = (cwdOf: string[] = []): SweepChanges => sweeper.sweep({ cwdOf });
/** Old enough, and pid 201 is in no round of the first sweeps. */
const OLD = 201;

beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), 'criex-proc-'));
  mkdirSync(join(proc, 'sys/kernel/random'), { recursive: true });
  writeFileSync(join(proc, 'sys/kernel/random/boot_id'), 'boot-1\n');
  mkdirSync(join(proc, 'self'));
  now = 1_000_000;
  uptime = 0;
  setUptime(500);
  sweeper = new Sweeper(proc, () => now);
});
afterEach(() => rmSync(proc, { recursive: true }));

describe('Sweeper', () => {
  it('tells all at first, then what changed', () => {
    put(OLD, { cmdline: 'a\0b\0' });
    put(202);
    const first = sweep();
    expect(first.changed.map(({ pid }) => pid).sort()).toEqual([OLD, 202]);
    expect(first.changed.find(({ pid }) => pid === OLD)).toEqual({
      pid: OLD,
      ppid: 1,
      state: 'S',
      comm: 'sh',
      argv: ['a', 'b'],
      cgroups: ['/x'],
      startTicks: 100,
      startedAt: 1_500_000 - 500_000 + 1000,
    });
    expect(sweep()).toMatchObject({ changed: [], states: [], gone: [] });

    put(OLD, { cmdline: 'a\0b\0', state: 'R' });
    rmSync(join(proc, '202'), { recursive: true });
    expect(sweep()).toMatchObject({ changed: [], states: [[OLD, 'R']], gone: [202] });
  });

  it.each<[string, Fake]>([
    ['comm', { comm: 'top' }],
    ['ppid', { ppid: 7 }],
    ['the place of the arguments', { argArea: '30 40' }],
    ['the end of the process', { state: 'Z' }],
    ['the start: the pid was reused', { startTicks: 101 }],
  ])('reads all anew on a change of %s', (_, change) => {
    put(OLD);
    sweep();
    put(OLD, { ...change, cmdline: 'top\0', cgroup: '0::/y\n' });
    expect(sweep().changed).toMatchObject([{ pid: OLD, argv: ['top'], cgroups: ['/y'] }]);
  });

  it('reads a young process anew each time, until it was seen when it no longer was', () => {
    const startTicks = 500 * 100 - 10;
    put(OLD, { startTicks, cmdline: 'runc\0init\0' });
    sweep();
    put(OLD, { startTicks, cmdline: 'nginx\0', cgroup: '0::/pod/id\n' });
    expect(sweep().changed).toMatchObject([{ argv: ['nginx'], cgroups: ['/pod/id'] }]);
    setUptime(600);
    put(OLD, { startTicks, cmdline: 'worker\0' });
    expect(sweep().changed).toMatchObject([{ argv: ['worker'] }]);
    put(OLD, { startTicks, cmdline: 'unseen\0' });
    expect(sweep().changed).toEqual([]);
  });

  it('reads every process anew now and then', () => {
    put(OLD);
    sweep();
    put(OLD, { cmdline: 'other\0' });
    const heard = Array.from({ length: 10 }, () => sweep().changed.length);
    expect(heard.filter((count) => count > 0)).toEqual([1]);
  });

  it('keeps the start times while the clock drifts, and moves them when it is set', () => {
    put(OLD);
    const { boot } = sweep();
    now += 400;
    expect(sweep()).toMatchObject({ boot, changed: [] });
    now += 60_000;
    put(202);
    expect(sweep().changed).toMatchObject([{ pid: OLD, startedAt: 1_061_400 }, { pid: 202 }]);
    now += 60_000;
    rmSync(join(proc, '202'), { recursive: true });
    expect(sweep()).toMatchObject({ changed: [{ pid: OLD }], gone: [202] });
  });

  it('takes the boot time that an earlier worker found', () => {
    put(OLD);
    const boot = { bootId: 'boot-1', epoch: 1_000_200 };
    expect(sweeper.sweep({ cwdOf: [], boot })).toMatchObject({ boot, changed: [{ startedAt: 1_001_200 }] });
  });

  it('reads the folders of the programs that it is asked for', () => {
    put(OLD, { comm: 'containerd-shim' });
    put(202, { comm: 'bash' });
    put(203, { comm: 'conmon' });
    symlinkSync('/run/b\xfcndle', join(proc, String(OLD), 'cwd'));
    symlinkSync('/root', join(proc, '202', 'cwd'));
    const folders = ({ changed }: SweepChanges) => changed.map(({ pid, cwd }) => [pid, cwd]).sort();
    const asked = ['containerd-shim', 'conmon'];
    expect(folders(sweep(asked))).toEqual([
      [OLD, '/run/bündle'],
      [202, undefined],
      [203, undefined],
    ]);
    expect(sweep(asked).changed).toEqual([]);
    expect(folders(sweep(['bash']))).toContainEqual([202, '/root']);
  });

  it('skips what vanishes mid-read and what is no process', () => {
    put(OLD);
    put(202);
    rmSync(join(proc, '202', 'cgroup'));
    mkdirSync(join(proc, '203'));
    put(204);
    writeFileSync(join(proc, '204', 'stat'), 'garbage');
    expect(sweep().changed.map(({ pid }) => pid)).toEqual([OLD]);
  });

  it('fails without an uptime', () => {
    rmSync(join(proc, 'uptime'));
    expect(() => sweep()).toThrow('uptime');
  });
});

describe('mergeSweep', () => {
  const record = (pid: number, argv = ['a']) =>
    ({ pid, ppid: 1, state: 'S', comm: 'c', argv, cgroups: ['/'], startTicks: 1, startedAt: 1 }) as const;
  const changes = (more: Partial<SweepChanges>): SweepChanges => ({
    takenAt: 1,
    boot: { bootId: '', epoch: 0 },
    changed: [],
    states: [],
    gone: [],
    ...more,
  });
  const before = new Map([1, 2, 3].map((pid) => [pid, record(pid)]));

  it('is the same map when nothing changed', () => {
    expect(mergeSweep(before, changes({}), false)).toBe(before);
  });

  it('keeps what stayed', () => {
    const more = { changed: [record(2), record(4)], states: [[1, 'R']] as const, gone: [3] };
    const after = mergeSweep(before, changes(more), false);
    expect([...after.keys()]).toEqual([1, 2, 4]);
    expect(after.get(1)).toEqual({ ...record(1), state: 'R' });
    expect(after.get(1)?.argv).toBe(before.get(1)?.argv);
    expect(after.get(2)).toBe(before.get(2));
    expect(before.size).toBe(3);
  });

  it('takes a new worker’s table for all there is, and keeps its known objects', () => {
    const after = mergeSweep(before, changes({ changed: [record(1), record(2, ['b'])] }), true);
    expect([...after.keys()]).toEqual([1, 2]);
    expect(after.get(1)).toBe(before.get(1));
    expect(after.get(2)?.argv).toEqual(['b']);
    expect(after.get(2)?.cgroups).toBe(before.get(2)?.cgroups);
  });
});
