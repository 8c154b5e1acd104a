import { expect, it } from 'vitest';
import type { ChainGraph } from '../../../../src/model/chain/graph.js';
import type { JoinTarget } from '../../../../src/model/join.js';
import { tableOf } from '../recorded.js';
import { processRecord } from '../../runtime/fakeNode.js';
import { chainOf, drawing, snapshotOf } from './chains.js';

const endpoint = 'unix:///run/containerd/containerd.sock';
const idOf = (text: string, index: number): string => `${text}${index}`.padEnd(64, 'f');
const more = ({ boxes }: ChainGraph) =>
  boxes.filter(({ kind }) => kind === 'more').map(({ title, facts }) => [title, facts[0]?.value]);

it('of hundreds of pods fifty are drawn, one shim and one pod box each', () => {
  const pods = Array.from({ length: 300 }, (_, index) => index + 1);
  const table = tableOf([
    processRecord({ pid: 1, ppid: 0, argv: ['init'], startTicks: 0 }),
    ...pods.flatMap((pod) => [
      processRecord({
        pid: pod * 10,
        comm: 'containerd-shim',
        argv: ['containerd-shim-runc-v2', '-id', idOf('a', pod)],
      }),
      processRecord({ pid: pod * 10 + 1, ppid: pod * 10, cgroups: [`/kubepods/${idOf('a', pod)}`] }),
    ]),
  ]);
  const targets = pods.map((pod): JoinTarget => ({ id: idOf('a', pod), role: 'sandbox', running: true }));
  const snapshot = snapshotOf({ name: 'containerd', endpoint, table, targets });
  const graph = chainOf(snapshot, { table, scope: { kind: 'node' } });
  const count = (kind: string): number => graph.boxes.filter((box) => box.kind === kind).length;
  expect([count('shim'), count('sandbox'), count('init')]).toEqual([50, 50, 1]);
  expect(more(graph)).toEqual([['pods', '250']]);
});

it('of a crowd of children twelve are drawn', () => {
  const [sandbox, one] = [idOf('a', 1), idOf('b', 1)];
  const cgroups = [`/kubepods/${one}`];
  const table = tableOf([
    processRecord({ pid: 1, ppid: 0, startTicks: 0 }),
    processRecord({ pid: 10, cgroups }),
    ...Array.from({ length: 40 }, (_, index) => processRecord({ pid: 100 + index, ppid: 10, cgroups })),
  ]);
  const targets: JoinTarget[] = [{ id: one, role: 'container', running: true, sandboxId: sandbox }];
  const snapshot = snapshotOf({ name: 'containerd', endpoint, table, targets });
  const graph = chainOf(snapshot, { table, scope: { kind: 'container', endpoint, id: one } });
  expect(graph.boxes.filter(({ kind }) => kind === 'child')).toHaveLength(12);
  expect(more(graph)).toEqual([['processes', '28']]);
});

it('a daemon started by hand, far below process 1: only the nearest and the topmost parent are drawn', () => {
  const line = Array.from({ length: 9 }, (_, index) =>
    processRecord({ pid: index + 1, ppid: index, argv: [`p${index + 1}`], startTicks: index }),
  );
  const table = tableOf([...line, processRecord({ pid: 10, ppid: 9, argv: ['containerd'] })]);
  const snapshot = snapshotOf({ name: 'containerd', endpoint, table, targets: [] });
  const graph = chainOf(snapshot, { table, scope: { kind: 'node' } });
  expect(drawing(graph).filter((edge) => edge.startsWith('parent'))).toEqual([
    'parent!: init p9 9 -> server containerd 10',
    'parent!: init p1 1 -> more processes',
    'parent!: more processes -> init p9 9',
  ]);
  expect(more(graph)).toEqual([['processes', '7']]);
});

it('ids stay the same over refreshes, and are those of boxes only', () => {
  const table = tableOf([
    processRecord({ pid: 1, ppid: 0, startTicks: 0 }),
    processRecord({ pid: 5, argv: ['kubelet'] }),
  ]);
  const snapshot = snapshotOf({ name: 'containerd', endpoint, table, targets: [] });
  const draw = (): ChainGraph => chainOf(snapshot, { table, scope: { kind: 'node' } });
  const graph = draw();
  expect(draw()).toEqual(graph);
  const ids = new Set(graph.boxes.map(({ id }) => id));
  expect(ids.size).toBe(graph.boxes.length);
  expect(graph.edges.every(({ from, to }) => ids.has(from) && ids.has(to))).toBe(true);
  expect([...ids]).toContain('pid:5:100');
});

it('without a process table the runtime and its socket are there, with the reason', () => {
  const snapshot = {
    ...snapshotOf({ name: 'containerd', endpoint, table: tableOf([]), targets: [] }),
    processesReason: 'no /proc',
  };
  const graph = chainOf(snapshot, { table: undefined, scope: { kind: 'node' } });
  expect(drawing(graph)).toEqual([
    'cri: (kubelet kubelet) -> socket containerd.sock',
    'cri: socket containerd.sock -> server containerd',
  ]);
  expect(graph.notes).toContain('no /proc');
});

it('an id that the runtime does not list any more is a note', () => {
  const snapshot = snapshotOf({ name: 'containerd', endpoint, table: tableOf([]), targets: [] });
  const scope = { kind: 'container', endpoint, id: 'gone' } as const;
  expect(chainOf(snapshot, { table: undefined, scope }).notes).toContain(
    'The runtime does not list gone any more.',
  );
});
