import { describe, expect, test } from 'vitest';
import type { ProcessTable } from '../../../src/model/process.js';
import {
  fateOf,
  fatesOf,
  settledFates,
  survivors,
  type Moment,
  type SurvivalEntry,
} from '../../../src/model/survival.js';
import { processRecord } from '../runtime/fakeNode.js';
import { container, sandbox, snapshot } from '../views/picture.js';

interface Shape {
  readonly id: string;
  readonly name?: string;
  readonly pid?: number;
  readonly startTicks?: number;
  readonly attempt?: number;
  readonly state?: 'running' | 'exited';
}

/** One pod with these containers; a daemon that started at tick 500 before, and at 9000 after. */
function moment(containers: readonly Shape[], daemonTicks = 500): Moment {
  const processes = new Map(containers.map(({ id, pid, startTicks }) => [id, { pid, startTicks }])) as Map<
    string,
    { pid: number; startTicks: number }
  >;
  processes.set('s1', { pid: 20, startTicks: 1000 });
  return {
    snapshot: snapshot({
      sandboxes: [
        sandbox({
          containers: containers.map(({ id, name = 'main', state = 'running', attempt = 0 }) =>
            container({ id, name, state, attempt }),
          ),
        }),
      ],
    }),
    processes,
    daemon: { pid: 5, startTicks: daemonTicks, startedAt: 0 },
  };
}

const table = (
  ...living: readonly (readonly [pid: number, startTicks: number, state?: string])[]
): ProcessTable => ({
  takenAt: 0,
  processes: new Map(
    [[20, 1000] as const, ...living].map(([pid, startTicks, state = 'S']) => [
      pid,
      processRecord({ pid, startTicks, state }),
    ]),
  ),
});

const fates = (
  before: readonly Shape[],
  after: readonly Shape[],
  living: ProcessTable,
  gone = new Map<string, number>(),
): readonly SurvivalEntry[] =>
  fatesOf(moment(before), moment(after, 9000), living, gone).filter(({ role }) => role === 'container');

const one: Shape = { id: 'c1', pid: 30, startTicks: 1100 };

describe('what became of a container', () => {
  test('survived: the same process, listed as running', () => {
    expect(fatesOf(moment([one]), moment([one], 9000), table([30, 1100]), new Map())).toEqual([
      { role: 'sandbox', id: 's1', namespace: 'default', pod: 'web', pid: 20, fate: 'survived' },
      {
        ...{ role: 'container', id: 'c1', namespace: 'default', pod: 'web', container: 'main' },
        ...{ pid: 30, fate: 'survived' },
      },
    ]);
  });

  test('survived even if no cgroup places it any more', () => {
    expect(fates([one], [{ id: 'c1' }], table([30, 1100]))).toMatchObject([{ fate: 'survived' }]);
  });

  test('died: the process is gone, and when that was seen', () => {
    const gone = new Map([['c1', 77]]);
    expect(fates([one], [{ ...one, state: 'exited' }], table(), gone)).toMatchObject([
      { id: 'c1', fate: 'died', pid: 30, goneAt: 77 },
    ]);
  });

  test('died: another process has its pid now', () => {
    expect(fates([one], [{ ...one, state: 'exited' }], table([30, 4321]))).toMatchObject([{ fate: 'died' }]);
  });

  test('died: what is left is a zombie', () => {
    expect(fates([one], [{ ...one, state: 'exited' }], table([30, 1100, 'Z']))).toMatchObject([
      { fate: 'died' },
    ]);
  });

  test('died: the runtime believes that it runs, but has no process for it', () => {
    expect(fates([one], [{ id: 'c1' }], table())).toMatchObject([{ fate: 'died' }]);
  });

  test('replaced: a new attempt under the same name', () => {
    const next: Shape = { id: 'c2', pid: 31, startTicks: 9100, attempt: 1 };
    const found = fates([one], [{ ...one, state: 'exited' }, next], table([31, 9100]));
    expect(found).toMatchObject([{ id: 'c1', fate: 'replaced', replacedBy: 'c2', pid: 30 }]);
  });

  test('replaced: the same id with a new first process, be it by the same pid', () => {
    expect(fates([one], [{ ...one, startTicks: 9100 }], table([30, 9100]))).toMatchObject([
      { id: 'c1', fate: 'replaced', replacedBy: 'c1' },
    ]);
  });

  test('abandoned: it goes on, but the runtime does not list it as running', () => {
    expect(fates([one], [], table([30, 1100]))).toMatchObject([{ id: 'c1', fate: 'abandoned' }]);
    expect(fates([one], [{ ...one, state: 'exited' }], table([30, 1100]))).toMatchObject([
      { fate: 'abandoned' },
    ]);
  });

  test('adopted: not listed before, but older than the new daemon', () => {
    const late: Shape = { id: 'c9', name: 'late', pid: 40, startTicks: 8000 };
    expect(fates([one], [one, late], table([30, 1100], [40, 8000]))).toMatchObject([
      { id: 'c1', fate: 'survived' },
      { id: 'c9', fate: 'adopted', pid: 40 },
    ]);
  });

  test('what the new daemon started itself is not part of it', () => {
    const fresh: Shape = { id: 'c9', name: 'fresh', pid: 40, startTicks: 9500 };
    expect(fates([one], [one, fresh], table([30, 1100], [40, 9500]))).toHaveLength(1);
  });

  test('what replaced another is not counted as adopted too', () => {
    const next: Shape = { id: 'c2', pid: 31, startTicks: 8000 };
    expect(fates([one], [next], table([31, 8000]))).toMatchObject([{ fate: 'replaced', replacedBy: 'c2' }]);
  });

  test('unknown: no process of it was known', () => {
    expect(fates([{ id: 'c1' }], [one], table([30, 1100]))).toMatchObject([{ fate: 'unknown' }]);
  });

  test('what did not run before is left out', () => {
    expect(fates([{ ...one, state: 'exited' }], [{ ...one, state: 'exited' }], table())).toEqual([]);
  });

  test('one without a sandbox counts too', () => {
    const orphan = container({ id: 'c1', sandboxId: 'gone' });
    const picture = snapshot({ orphans: [orphan] });
    const at: Moment = { snapshot: picture, processes: new Map([['c1', { pid: 30, startTicks: 1100 }]]) };
    expect(fatesOf(at, at, table([30, 1100]), new Map())).toMatchObject([
      { id: 'c1', pod: '', fate: 'survived' },
    ]);
  });
});

test('a second look betters what died or was abandoned, and leaves what survived', () => {
  const entry = (id: string, fate: SurvivalEntry['fate']): SurvivalEntry => ({
    ...{ role: 'container', id, namespace: 'n', pod: 'p', fate },
  });
  const first = [entry('a', 'survived'), entry('b', 'died'), entry('c', 'abandoned'), entry('d', 'died')];
  const again: SurvivalEntry[] = [
    entry('a', 'died'),
    { ...entry('b', 'replaced'), replacedBy: 'b2' },
    entry('c', 'survived'),
    entry('d', 'died'),
    entry('e', 'adopted'),
  ];
  const settled = settledFates(first, again);
  expect(settled.map(({ id, fate }) => `${id} ${fate}`)).toEqual([
    ...['a survived', 'b replaced', 'c survived', 'd died', 'e adopted'],
  ]);
  expect(settledFates(settled, again)).toBe(settled);
});

test('counts containers, and finds the fate of an id before and now', () => {
  const entries: SurvivalEntry[] = [
    { role: 'sandbox', id: 's', namespace: '', pod: '', fate: 'survived' },
    { role: 'container', id: 'a', namespace: '', pod: '', fate: 'survived' },
    { role: 'container', id: 'b', namespace: '', pod: '', fate: 'replaced', replacedBy: 'b2' },
    { role: 'container', id: 'c', namespace: '', pod: '', fate: 'adopted' },
  ];
  const survival = { runtimeName: 'x', lastSeenAt: 0, backAt: 1, entries, dismissed: false };
  expect(survivors(survival)).toEqual({ survived: 1, total: 2 });
  expect(fateOf(survival, 'b2')?.id).toBe('b');
  expect(fateOf(survival, 'z')).toBeUndefined();
});
