import { expect, test, vi } from 'vitest';
import type { CriClient } from '../../../src/cri/client.js';
import { CriError } from '../../../src/cri/errors.js';
import type { ProcessTable } from '../../../src/model/process.js';
import type { ListedContainer } from '../../../src/model/snapshot.js';
import { Placer, type Tables } from '../../../src/runtime/placer.js';
import { silentLogger } from '../../../src/util/logger.js';
import { fakeNode, processRecord } from './fakeNode.js';

const containers = Array.from({ length: 20 }, (_, index) => ({
  id: `c${index}`,
  sandboxId: 's',
  state: 'running',
})) as unknown as ListedContainer[];

const tablesOf = (recent: ProcessTable, newer = recent): Tables => ({
  recent,
  newer: () => Promise.resolve(newer),
});

test('a runtime that leaves statuses unanswered is not asked for one after the other', async () => {
  const asked: string[] = [];
  const client = {
    containerStatus: (id: string) => {
      asked.push(id);
      return Promise.reject(new CriError('hung', 'no answer'));
    },
  } as unknown as CriClient;
  const placer = new Placer(fakeNode({}), silentLogger);
  const tables = tablesOf({ takenAt: 0, processes: new Map() });
  const place = (): Promise<ProcessTable> =>
    placer.place({ sandboxes: [], containers }, tables, client, new AbortController().signal);
  await place();
  // As many as are asked at once: no more than one deadline is waited for.
  expect(asked).toEqual(['c0', 'c1', 'c2', 'c3']);
  await place();
  expect(asked.slice(4)).toEqual(['c4', 'c5', 'c6', 'c7']);
});

const running = (...ids: string[]): ListedContainer[] =>
  ids.map((id) => ({ id, sandboxId: 's', state: 'running' })) as unknown as ListedContainer[];
const tableOf = (takenAt: number, ...ids: string[]): ProcessTable => ({
  takenAt,
  processes: new Map(
    ids.map((id, index) => [index + 2, processRecord({ pid: index + 2, cgroups: [`/kubepods/podx/${id}`] })]),
  ),
});
const [a, b] = ['a', 'b'].map((digit) => digit.repeat(64)) as [string, string];
const place = (placer: Placer, ids: string[], tables: Tables): Promise<ProcessTable> =>
  placer.place(
    { sandboxes: [], containers: running(...ids) },
    tables,
    undefined,
    new AbortController().signal,
  );

test('a table from beside the lists will do while it has all that runs', async () => {
  const placer = new Placer(fakeNode({}), silentLogger);
  const recent = tableOf(Date.now(), a);
  expect(await place(placer, [a], tablesOf(recent, tableOf(Date.now())))).toBe(recent);
  expect(placer.placeOf(a).pid).toBe(2);
});

test('what began to run meanwhile is looked for in a newer table, once', async () => {
  const placer = new Placer(fakeNode({}), silentLogger);
  const recent = tableOf(Date.now(), a);
  const newer = tableOf(Date.now(), a, b);
  expect(await place(placer, [a, b], tablesOf(recent, newer))).toBe(newer);
  expect(placer.placeOf(b).pid).toBe(3);
  // In a virtual machine: no table ever has it, so none is read for it again.
  const vm = 'c'.repeat(64);
  expect(await place(placer, [a, b, vm], tablesOf(recent, newer))).toBe(newer);
  const again = tableOf(Date.now(), a, b);
  expect(await place(placer, [a, b, vm], tablesOf(again, newer))).toBe(again);
});

test('one that is new is never shown by a table from before its lists, nor by one that is old', async () => {
  const placer = new Placer(fakeNode({}), silentLogger);
  const recent = tableOf(Date.now(), a, b);
  const newer = tableOf(Date.now(), a, b);
  expect(await place(placer, [a], tablesOf(recent, newer))).toBe(recent);
  expect(await place(placer, [a, b], tablesOf(recent, newer))).toBe(newer);
  const old = tableOf(Date.now() - 60_000, a, b);
  expect(await place(placer, [a, b], tablesOf(old, newer))).toBe(newer);
});

test('files of shims that take long do not hold up the picture', async () => {
  let answer = (): void => undefined;
  const shim = processRecord({
    ...{
      pid: 9,
      ppid: 1,
      startTicks: 1,
      comm: 'containerd-shim',
      cwd: `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${b}`,
    },
    argv: ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'k8s.io', '-id', b],
  });
  const first = processRecord({ pid: 10, ppid: 9, cgroups: [`/kubepods/podx/${a}`], startTicks: 5 });
  const table = { takenAt: Date.now(), processes: new Map([shim, first].map((one) => [one.pid, one])) };
  const options = Buffer.from('{"binary_name":"/usr/bin/crun"}');
  const readFiles = (paths: readonly string[]): Promise<ReadonlyMap<string, Buffer>> =>
    paths.every((path) => path.endsWith('/options.json'))
      ? new Promise((resolve) => (answer = () => resolve(new Map(paths.map((path) => [path, options])))))
      : Promise.resolve(new Map());
  const placer = new Placer({ ...fakeNode({}), readFiles }, silentLogger);
  await place(placer, [a], tablesOf(table));
  expect(placer.placeOf(a).ancestry.lowLevel?.name).toBe('runc');
  answer();
  await vi.waitFor(() => expect(placer.placeOf(a).ancestry.lowLevel?.name).toBe('crun'));
});
