import { describe, expect, test } from 'vitest';
import { cgroupFacts } from '../../../../src/model/oci/reality/cgroup.js';
import { listText } from '../../../../src/model/oci/reality/cgroupCpu.js';
import { cgroupEnd, ownGroup } from '../../../../src/model/oci/reality/cgroupPath.js';
import { weightsOf } from '../../../../src/model/oci/reality/cpuShares.js';
import { secondFiles } from '../../../../src/model/oci/reality/reality.js';
import { fakeKernel, lineOf, specOf } from './realitySupport.js';

const v2Mounts = '30 22 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n';
const v1Mounts = ['cpu,cpuacct', 'cpuset', 'memory', 'pids']
  .map(
    (names, index) =>
      `${31 + index} 30 0:${40 + index} / /sys/fs/cgroup/${names} rw - cgroup cgroup rw,${names}\n`,
  )
  .join('');
const hybridMounts = `${v1Mounts}39 30 0:60 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n`;
const pod = '/kubepods/burstable/pod1';
const group = `${pod}/abc`;
const MiB = 1024 * 1024;
const noLimit = '9223372036854771712\n';

const inFolder = (folder: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));

function v2(own: Readonly<Record<string, string>>, above: Readonly<Record<string, string>> = {}) {
  const defaults = {
    'memory.max': 'max\n',
    'cpu.max': 'max 100000\n',
    'cpu.weight': '100\n',
    'pids.max': 'max\n',
  };
  return fakeKernel({
    readerMounts: v2Mounts,
    files: {
      '/proc/100/cgroup': `0::${group}\n`,
      ...inFolder(`/sys/fs/cgroup${group}`, { ...defaults, ...own }),
      ...inFolder(`/sys/fs/cgroup${pod}`, above),
    },
  });
}

function v1(own: Readonly<Record<string, Readonly<Record<string, string>>>>, mounts = v1Mounts) {
  const defaults: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    memory: { 'memory.limit_in_bytes': noLimit, 'memory.memsw.limit_in_bytes': noLimit },
    'cpu,cpuacct': { 'cpu.cfs_quota_us': '-1\n', 'cpu.cfs_period_us': '100000\n', 'cpu.shares': '1024\n' },
    pids: { 'pids.max': 'max\n' },
  };
  const folders = [...new Set([...Object.keys(defaults), ...Object.keys(own)])];
  const files = folders.map((name) =>
    inFolder(`/sys/fs/cgroup/${name}${group}`, { ...defaults[name], ...own[name] }),
  );
  const lines = ['4:memory', '3:cpuset', '2:cpu,cpuacct', '1:pids']
    .map((line) => `${line}:${group}\n`)
    .join('');
  return fakeKernel({
    readerMounts: mounts,
    files: Object.assign({ '/proc/100/cgroup': `${lines}0::/\n` }, ...files) as Record<string, string>,
  });
}

const spec = (resources: object) => specOf({ linux: { cgroupsPath: group, resources } });
const facts = (resources: object, kernel: ReturnType<typeof fakeKernel>) =>
  cgroupFacts(spec(resources), kernel);
const lines = (resources: object, kernel: ReturnType<typeof fakeKernel>) =>
  facts(resources, kernel).slice(1).map(lineOf);

describe('cgroup v2', () => {
  test('nothing asked for, nothing there', () => {
    expect(facts({}, v2({})).map(lineOf)).toEqual([
      `same cgroup: ${group} | ${group}`,
      'same memory limit: no limit | no limit',
      'same CPU quota: no quota | no quota',
      'same CPU shares: weight 100 | weight 100',
      'same process limit: no limit | no limit',
    ]);
  });

  test('memory, rounded to pages, and swap alone', () => {
    const memory = { limit: 64 * MiB + 5, swap: 65 * MiB + 5, reservation: 32 * MiB };
    const kernel = v2({
      'memory.max': `${64 * MiB}\n`,
      'memory.swap.max': `${MiB}\n`,
      'memory.low': `${32 * MiB}\n`,
    });
    const [limit, swap, reservation] = facts({ memory }, kernel).slice(1);
    expect(limit).toMatchObject({
      verdict: 'same',
      note: 'The kernel keeps whole pages.',
      source: `/sys/fs/cgroup${group}/memory.max`,
    });
    expect(swap).toMatchObject({
      verdict: 'same',
      spec: '1 MiB (1048576)',
      path: ['linux', 'resources', 'memory', 'swap'],
    });
    expect(reservation).toMatchObject({ verdict: 'same' });
    expect(lines({ memory }, v2({ 'memory.max': `${65 * MiB}\n` }))[0]).toBe(
      `drift memory limit: 64 MiB (${64 * MiB + 5}) | 65 MiB (${65 * MiB})`,
    );
    expect(lines({}, v2({ 'memory.max': '4096\n' }))[0]).toBe('drift memory limit: no limit | 4 KiB (4096)');
    expect(lines({ memory: { limit: -1, swap: -1 } }, v2({ 'memory.swap.max': 'max\n' }))[1]).toBe(
      'same swap limit: no limit | no limit',
    );
  });

  test('without swap accounting no swap limit holds, which is no drift', () => {
    const [, swap] = facts({ memory: { limit: MiB, swap: MiB } }, v2({ 'memory.max': `${MiB}\n` })).slice(1);
    expect(swap).toMatchObject({
      verdict: 'unreadable',
      note: expect.stringContaining('doesn’t count swap') as string,
    });
  });

  test('shares by both formulas', () => {
    for (const weight of ['77', '170']) {
      expect(lines({ cpu: { shares: 2000 } }, v2({ 'cpu.weight': `${weight}\n` }))[2]).toBe(
        `same CPU shares: weight ${weight} | weight ${weight}`,
      );
    }
    expect(lines({ cpu: { shares: 2000 } }, v2({ 'cpu.weight': '1\n' }))[2]).toBe(
      'drift CPU shares: weight 77 | weight 1',
    );
    expect(lines({}, v2({ 'cpu.weight': '1\n' }))[2]).toBe('drift CPU shares: weight 100 | weight 1');
  });

  test('quota, as systemd rounds it too', () => {
    const cpu = { quota: 33_333, period: 100_000 };
    expect(lines({ cpu }, v2({ 'cpu.max': '33333 100000\n' }))[1]).toMatch(/^same CPU quota: 0.33 cores/);
    expect(lines({ cpu }, v2({ 'cpu.max': '34000 100000\n' }))[1]).toMatch(/^same/);
    expect(lines({ cpu }, v2({ 'cpu.max': '20000 100000\n' }))[1]).toBe(
      'drift CPU quota: 0.33 cores (33333 of 100000 µs) | 0.2 cores (20000 of 100000 µs)',
    );
    expect(lines({ cpu: { quota: -1 } }, v2({}))[1]).toBe('same CPU quota: no quota | no quota');
  });

  test('what binds is said: the pod’s memory, CPU and processes', () => {
    const kernel = v2(
      { 'memory.max': `${64 * MiB}\n`, 'cpu.max': '50000 100000\n' },
      { 'memory.max': `${32 * MiB}\n`, 'cpu.max': '20000 100000\n', 'pids.max': '100\n' },
    );
    const resources = { memory: { limit: 64 * MiB }, cpu: { quota: 50_000, period: 100_000 } };
    const notes = facts(resources, kernel).map(({ note }) => note);
    expect(notes[1]).toBe(`The group right above, ${pod}, allows 32 MiB (33554432) and binds first.`);
    expect(notes[2]).toContain('allows 0.2 cores');
    expect(notes[4]).toContain('allows 100 processes');
    expect(facts(resources, kernel).every(({ verdict }) => verdict !== 'drift')).toBe(true);
  });

  test('cpuset in any spelling; unified files; huge pages', () => {
    const resources = {
      cpu: { cpus: '0,1,2,5', mems: '0' },
      unified: { 'memory.high': String(MiB + 1), 'cpu.max': '10000  100000', '../evil': 'x' },
      hugepageLimits: [{ pageSize: '2MB', limit: 0 }],
    };
    const kernel = v2({
      ...{ 'cpuset.cpus': '0-2,5\n', 'cpuset.cpus.effective': '0-1\n', 'cpuset.mems': '1\n' },
      ...{ 'memory.high': `${MiB}\n`, 'cpu.max': '20000 100000\n', 'hugetlb.2MB.max': 'max\n' },
    });
    expect(secondFiles(spec(resources), kernel)).toEqual(
      expect.arrayContaining([
        `/sys/fs/cgroup${group}/memory.high`,
        `/sys/fs/cgroup${group}/hugetlb.2MB.max`,
      ]),
    );
    expect(secondFiles(spec(resources), kernel).join()).not.toContain('evil');
    // The quota is said once, by the file that the spec names.
    expect(lines(resources, kernel).filter((line) => line.includes('quota'))).toEqual([]);
    expect(lines(resources, kernel).slice(2)).toEqual([
      'same CPUs: 0-2,5 | 0-2,5',
      'drift memory nodes: 0 | 1',
      'same process limit: no limit | no limit',
      'drift huge pages of 2MB: 0 bytes | no limit',
      `same memory.high: 1 MiB (${MiB + 1}) | 1 MiB (${MiB})`,
      'drift cpu.max: 10000 100000 | 20000 100000',
    ]);
  });
});

describe('cgroup v1 and hybrid', () => {
  test.each([v1Mounts, hybridMounts])('limits of each hierarchy', (mounts) => {
    const memory = { limit: 64 * MiB, swap: 64 * MiB };
    const kernel = v1(
      {
        memory: { 'memory.limit_in_bytes': `${64 * MiB}\n`, 'memory.memsw.limit_in_bytes': `${64 * MiB}\n` },
        'cpu,cpuacct': { 'cpu.shares': '102\n', 'cpu.cfs_quota_us': '25000\n' },
        pids: { 'pids.max': '100\n' },
      },
      mounts,
    );
    expect(lines({ memory, cpu: { shares: 102, quota: 25_000 }, pids: { limit: 100 } }, kernel)).toEqual([
      'same memory limit: 64 MiB (67108864) | 64 MiB (67108864)',
      'same memory and swap limit: 64 MiB (67108864) | 64 MiB (67108864)',
      'same CPU quota: 0.25 cores (25000 of 100000 µs) | 0.25 cores (25000 of 100000 µs)',
      'same CPU shares: 102 | 102',
      'same process limit: 100 processes | 100 processes',
    ]);
  });

  test('what was changed', () => {
    const kernel = v1({ 'cpu,cpuacct': { 'cpu.shares': '2\n' }, pids: { 'pids.max': '5\n' } });
    expect(
      lines({ cpu: { shares: 102 }, pids: { limit: -1 } }, kernel).filter((line) => line.startsWith('drift')),
    ).toEqual(['drift CPU shares: 102 | 2', 'drift process limit: no limit | 5 processes']);
  });
});

describe('the group itself', () => {
  const groupLine = (cgroupsPath: string, cgroups: string) =>
    cgroupFacts(
      specOf({ linux: { cgroupsPath } }),
      fakeKernel({ files: { '/proc/100/cgroup': cgroups } }),
    )[0];

  test('by path, by systemd unit, in a group below, moved away', () => {
    expect(groupLine('/a/b', '0::/a/b\n')).toMatchObject({ verdict: 'same' });
    const unit = 'kubepods-pod1.slice:cri-containerd:abc';
    expect(
      groupLine(unit, '0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-abc.scope\n'),
    ).toMatchObject({ verdict: 'same', spec: unit, kernel: unit });
    expect(groupLine('/a/b', '0::/a/b/init.scope\n')).toMatchObject({
      verdict: 'same',
      note: 'In a group below, /a/b/init.scope.',
    });
    expect(groupLine('/a/b', '5:memory:/other\n0::/\n')).toMatchObject({
      verdict: 'drift',
      kernel: '/other',
    });
    expect(groupLine('/a/b', '')).toMatchObject({ verdict: 'unreadable' });
  });

  test('ends and own groups', () => {
    expect(cgroupEnd(specOf({ linux: { cgroupsPath: 'x.slice::name' } }))).toBe('/name.scope');
    expect(cgroupEnd(specOf({ linux: { cgroupsPath: '/' } }))).toBeUndefined();
    expect(ownGroup('/kind/a/b/c/d', '/a/b')).toBe('/kind/a/b');
    expect(ownGroup('/a/bc', '/a/b')).toBe('/a/bc');
  });

  test('nothing mounted to read limits from', () => {
    const kernel = fakeKernel({ files: { '/proc/100/cgroup': `0::${group}\n` } });
    expect(lines({}, kernel)).toEqual([
      'unreadable memory limit: no limit | ',
      'unreadable process limit: no limit | ',
    ]);
  });
});

test('CPU shares as weights: least, default and most, by both formulas', () => {
  const all = [0n, 1n, 2n, 102n, 1024n, 2000n, 22_000n, 262_144n, 1n << 60n].map((shares) =>
    weightsOf(shares).map(Number),
  );
  expect(all).toEqual([[], [1], [1], [4, 17], [39, 100], [77, 170], [840, 1204], [10_000], [10_000]]);
});

test('lists of CPUs in their shortest form; what is no list stays as written', () => {
  expect(['0,1,2', '3,1-2', '7', '0-3,5', 'x', '0-99999999'].map(listText)).toEqual([
    ...['0-2', '1-3', '7', '0-3,5', 'x', '0-99999999'],
  ]);
  const many = Array<string>(300_000).fill('0-8000').join(',');
  expect(listText(many)).toBe(many);
});
