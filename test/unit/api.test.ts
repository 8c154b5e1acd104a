import { expect, test, vi } from 'vitest';
import { ApiChanges, createApi } from '../../src/api.js';
import { makingSnapshot, type Parts } from '../../src/model/picture.js';
import { runNow } from '../../src/model/steps.js';
import type { RuntimeSnapshot } from '../../src/model/snapshot.js';
import type { NodeConnection, NodeStore } from '../../src/runtime/nodes.js';

const links = [
  { pid: 1, ppid: 0, role: 'init', command: ['/sbin/init'], startedAt: 1 },
  { pid: 7, ppid: 1, role: 'shim', command: ['containerd-shim-runc-v2'], startedAt: 2 },
  { pid: 9, ppid: 7, role: 'container', command: ['sh'], startedAt: 3 },
] as const;

const ancestry = { links };
const none = { links: [], reason: 'none' };

const parts = (state: 'running' | 'exited'): Parts => ({
  header: { endpoint: 'unix:///x', name: 'containerd', version: '2.1', apiVersion: 'v1', takenAt: 5 },
  conditions: [],
  sandboxes: [
    {
      ...{ id: 's', name: 'web', namespace: 'default', uid: 'u', attempt: 0, state: 'ready', createdAt: 1 },
      ...{ runtimeHandler: '', labels: { app: 'web' }, annotations: {} },
    },
  ],
  containers: [
    {
      ...{
        id: 'c',
        sandboxId: 's',
        name: 'main',
        attempt: 2,
        state,
        image: 'i',
        imageRef: 'r',
        createdAt: 1,
      },
      ...{ labels: {}, annotations: {} },
    },
  ],
  place: (id) => (id === 'c' ? { pid: 9, ancestry } : { ancestry: none }),
  ip: () => '10.0.0.1',
});

const make = (state: 'running' | 'exited', previous?: RuntimeSnapshot): RuntimeSnapshot =>
  runNow(makingSnapshot(parts(state), previous));

function nodeWith(snapshot: RuntimeSnapshot | undefined, more: Partial<NodeConnection> = {}): NodeConnection {
  const endpoint = { endpoint: 'unix:///x', sources: ['test'], configured: true, state: 'ready' as const };
  const runtimes = snapshot ? [{ snapshot }] : [];
  return {
    ...{ id: 'n', label: 'lab', kind: 'local', state: 'ready', endpoints: [endpoint] },
    runtimes,
    ...more,
  } as NodeConnection;
}

const apiOver = (node: NodeConnection): ReturnType<typeof createApi> =>
  createApi({ nodes: [node], refresh: () => Promise.resolve() } as unknown as NodeStore, vi.fn());

test('all that the API gives is plain data, and whole', async () => {
  const api = apiOver(nodeWith(make('running')));
  expect(api.version).toBe(1);
  expect(api.nodes()).toEqual([
    {
      id: 'n',
      label: 'lab',
      kind: 'local',
      state: 'ready',
      endpoints: [{ endpoint: 'unix:///x', state: 'ready' }],
    },
  ]);
  const snapshot = await api.refresh('n');
  expect(snapshot).toEqual(api.snapshot('n'));
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
  expect(snapshot.runtimes[0]?.sandboxes[0]).toMatchObject({ name: 'web', ip: '10.0.0.1', ancestry: [] });
  expect(snapshot.runtimes[0]?.containers[0]).toMatchObject({
    name: 'main',
    sandboxId: 's',
    pid: 9,
    ancestry: links,
  });
});

test('a caller can’t change the extension’s own picture', () => {
  const picture = make('running');
  const api = apiOver(nodeWith(picture));
  const mine = api.snapshot('n')!.runtimes[0]!;
  mine.sandboxes[0]!.labels.app = 'changed';
  mine.containers[0]!.ancestry[0]!.command[0] = 'changed';
  expect(picture.sandboxes[0]?.labels).toEqual({ app: 'web' });
  expect(links[0].command).toEqual(['/sbin/init']);
});

test('an unknown node has no snapshot, nor one that was never read', () => {
  expect(apiOver(nodeWith(undefined)).snapshot('n')).toBeUndefined();
  expect(apiOver(nodeWith(undefined)).snapshot('other')).toBeUndefined();
});

test('a refresh that finds all as it was is no change; a new state is one', () => {
  const changes = new ApiChanges();
  const first = make('running');
  expect(changes.isNew(nodeWith(first))).toBe(true);
  const same = make('running', first);
  expect(changes.isNew(nodeWith(same))).toBe(false);
  const exited = make('exited', same);
  expect(changes.isNew(nodeWith(exited))).toBe(true);
  expect(changes.isNew(nodeWith(exited, { state: 'lost' }))).toBe(true);
  expect(changes.isNew(nodeWith(exited, { state: 'lost' }))).toBe(false);
});
