import { expect, test } from 'vitest';
import { findById, makingSnapshot, type Parts } from '../../../src/model/picture.js';
import { runNow } from '../../../src/model/steps.js';
import type { ListedContainer, ListedSandbox, RuntimeSnapshot } from '../../../src/model/snapshot.js';

const header = {
  endpoint: 'unix:///x',
  name: 'containerd',
  version: '1',
  apiVersion: 'v1',
  takenAt: 1,
} as const;
const none = { links: [], reason: 'not asked' };

const sandbox = (id: string, parts: Partial<ListedSandbox> = {}): ListedSandbox => ({
  ...{ id, name: id, namespace: 'default', uid: `uid-${id}`, attempt: 0, state: 'ready', createdAt: 1 },
  ...{ runtimeHandler: '', labels: { app: 'a' }, annotations: {} },
  ...parts,
});

const container = (id: string, sandboxId: string, parts: Partial<ListedContainer> = {}): ListedContainer => ({
  ...{ id, sandboxId, name: id, attempt: 0, state: 'running', image: 'i', imageRef: 'r', createdAt: 1 },
  ...{ labels: { app: 'a' }, annotations: {} },
  ...parts,
});

const partsOf = (parts: Partial<Parts>): Parts => ({
  ...{ header, conditions: [], sandboxes: [], containers: [] },
  ...{ place: () => ({ ancestry: none }), ip: () => undefined },
  ...parts,
});

const make = (parts: Partial<Parts>, previous?: RuntimeSnapshot): RuntimeSnapshot =>
  runNow(makingSnapshot(partsOf(parts), previous));

test('containers go under their sandbox, by name and newest attempt first; strays are orphans', () => {
  const { sandboxes, orphans } = make({
    sandboxes: [sandbox('b'), sandbox('a'), sandbox('s', { namespace: 'aaa' })],
    containers: [
      container('x0', 'a', { name: 'x', attempt: 0 }),
      container('x1', 'a', { name: 'x', attempt: 1 }),
      container('w', 'a'),
      container('stray', 'gone'),
    ],
  });
  expect(sandboxes.map(({ id }) => id)).toEqual(['s', 'a', 'b']);
  expect(sandboxes[1]?.containers.map(({ id }) => id)).toEqual(['w', 'x1', 'x0']);
  expect(orphans.map(({ id }) => id)).toEqual(['stray']);
});

test('what did not change is the same object, up to the lists themselves', () => {
  const lists = (): Partial<Parts> => ({
    sandboxes: [sandbox('a'), sandbox('b')],
    containers: [container('c', 'a'), container('d', 'b'), container('o', 'gone')],
  });
  const first = make(lists());
  const second = make(lists(), first);
  expect(second.sandboxes).toBe(first.sandboxes);
  expect(second.orphans).toBe(first.orphans);
});

test('a change is new objects on the way to it and nowhere else', () => {
  const sandboxes = [sandbox('a'), sandbox('b')];
  const first = make({
    sandboxes,
    containers: [container('c', 'a'), container('d', 'b'), container('e', 'b')],
  });
  const second = make(
    {
      sandboxes: [sandbox('a'), sandbox('b')],
      containers: [container('c', 'a'), container('d', 'b', { state: 'exited' }), container('e', 'b')],
    },
    first,
  );
  expect(second.sandboxes).not.toBe(first.sandboxes);
  expect(second.sandboxes[0]).toBe(first.sandboxes[0]);
  expect(second.sandboxes[1]).not.toBe(first.sandboxes[1]);
  expect(findById(second, 'd').container).toMatchObject({ state: 'exited' });
  expect(findById(second, 'e').container).toBe(findById(first, 'e').container);
});

test.each([
  ['a label’s value', { labels: { app: 'b' } }],
  ['a label more', { labels: { app: 'a', b: 'c' } }],
  ['a label less', { labels: {} }],
])('%s is a change', (_, parts) => {
  const first = make({ sandboxes: [sandbox('a')] });
  const second = make({ sandboxes: [sandbox('a', parts)] }, first);
  expect(second.sandboxes[0]).not.toBe(first.sandboxes[0]);
});

test('a new pid, ancestry or address is a change', () => {
  const sandboxes = [sandbox('a')];
  const first = make({ sandboxes });
  const placed = make({ sandboxes, place: () => ({ pid: 7, ancestry: none }) }, first);
  expect(placed.sandboxes[0]).toMatchObject({ pid: 7 });
  const addressed = make(
    { sandboxes, place: () => ({ pid: 7, ancestry: none }), ip: () => '10.0.0.1' },
    placed,
  );
  expect(addressed.sandboxes[0]).toMatchObject({ pid: 7, ip: '10.0.0.1' });
});

test('lets go after each of thousands', () => {
  const containers = Array.from({ length: 5000 }, (_, index) => container(`c${index}`, 'a'));
  const steps = makingSnapshot(partsOf({ sandboxes: [sandbox('a')], containers }), undefined);
  expect([...steps].length).toBeGreaterThanOrEqual(5000);
});
