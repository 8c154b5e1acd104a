import { expect, test } from 'vitest';
import { runNow } from '../../../../src/model/steps.js';
import { readingAnswers, type Question } from '../../../../src/runtime/doctor/answers.js';

const id = 'a'.repeat(64);
const folder: Question = { kind: 'folder', path: '/run/x' };
const answers = (text: string, questions: readonly Question[] = [folder]) =>
  runNow(readingAnswers(text, questions));

test('all that the script prints', () => {
  const text = [
    'C 1700000000.250000000',
    ...['R 1 ok', 'D 1 24:17 1699999999 /run/x/./one', 'F 2 50 100 4096 10 5', 'M 3 mnt:[4026531841]'],
    ...[
      'S cgroups',
      `G 30:1 /sys/fs/cgroup/kubepods/${id}`,
      `P /sys/fs/cgroup/kubepods/${id}/cgroup.procs:42`,
    ],
    ...['S netns', 'U 4026531992', 'X 1'],
  ].join('\n');
  const all = answers(text, [folder, { kind: 'disk', path: '/' }, { kind: 'mnt', pid: 7 }]);
  expect(all.clock).toBe(1_700_000_000_250);
  expect(all.folders.get(0)).toBe('ok');
  expect(all.entries.get(0)).toEqual([{ name: 'one', identity: '24:17', modifiedAt: 1_699_999_999_000 }]);
  expect(all.disks.get(1)).toEqual({
    ...{ bytes: { total: 409_600, available: 204_800 }, inodes: { total: 10, available: 5 } },
  });
  expect(all.mountNamespaces.get(2)).toBe('mnt:[4026531841]');
  expect(all.cgroups).toEqual([{ path: `/sys/fs/cgroup/kubepods/${id}`, id, identity: '30:1', pids: [42] }]);
  expect(all.netNamespaces).toEqual(new Set([4026531992]));
});

test('hostile names make no answers, and what is hidden is not called unused', () => {
  const all = answers(
    'D 1 24:17 5 /run/y/./one\nD 9 1:1 5 /run/x/./a\nR 1 fine\nnonsense\nS netns\nU 1\nX 77\n',
  );
  expect(all.entries.size).toBe(0);
  expect(all.folders.size).toBe(0);
  expect(all.cgroups).toBeUndefined();
  expect(all.netNamespaces).toBeUndefined();
});

test('only the cgroup of a container itself, not one made inside of it nor conmon’s', () => {
  const paths = [`/sys/fs/cgroup/${id}/docker/${'b'.repeat(64)}`, `/sys/fs/cgroup/crio-conmon-${id}.scope`];
  const all = answers(['S cgroups', ...paths.map((path) => `G 30:1 ${path}`)].join('\n'));
  expect(all.cgroups).toEqual([]);
});
