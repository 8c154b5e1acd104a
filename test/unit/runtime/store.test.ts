import { afterEach, expect, test, vi } from 'vitest';
import type { OpenedNode } from '../../../src/runtime/nodeConnection.js';
import { Nodes, type NodeSetting } from '../../../src/runtime/store.js';
import { silentLogger } from '../../../src/util/logger.js';
import { fakeNode } from './fakeNode.js';

interface Opening {
  readonly setting: NodeSetting;
  readonly dispose: ReturnType<typeof vi.fn>;
  readonly rename: ReturnType<typeof vi.fn>;
}

const opened: Opening[] = [];
let store: Nodes | undefined;

function storeOf(...settings: NodeSetting[]): Nodes {
  const open = (setting: NodeSetting): OpenedNode => {
    const opening = { setting, dispose: vi.fn(), rename: vi.fn() };
    opened.push(opening);
    return { node: { ...fakeNode({}), dispose: opening.dispose }, rename: opening.rename };
  };
  store = new Nodes(open, silentLogger);
  configure(settings);
  return store;
}

const configure = (nodes: readonly NodeSetting[]): void => store?.configure({ nodes, intervalMs: 0 });
const ssh = (name: string, host: string, sshPath = 'ssh'): NodeSetting => ({
  ...{ id: `node:${name}`, name, host, sshPath },
});

afterEach(() => {
  store?.dispose();
  opened.length = 0;
});

test('a node whose setting is the same stays; one whose ssh program changed is opened anew', () => {
  const nodes = storeOf(ssh('a', 'host-a'), ssh('b', 'host-b'));
  const [a] = nodes.nodes;
  configure([ssh('a', 'host-a'), ssh('b', 'host-b', '/opt/ssh')]);
  expect(nodes.nodes[0]).toBe(a);
  expect(opened.map(({ setting }) => setting.sshPath)).toEqual(['ssh', 'ssh', '/opt/ssh']);
  expect(opened.map(({ dispose }) => dispose.mock.calls.length)).toEqual([0, 1, 0]);
});

test('a node that is only renamed stays open, under its new name', () => {
  const nodes = storeOf(ssh('a', 'host-a'), ssh('b', 'host-b'));
  configure([ssh('b', 'host-b'), ssh('c', 'host-a')]);
  expect(nodes.nodes.map(({ id, label }) => [id, label])).toEqual([
    ['node:b', 'b'],
    ['node:c', 'c'],
  ]);
  expect(opened).toHaveLength(2);
  expect(opened[0]?.rename).toHaveBeenCalledExactlyOnceWith('c');
  expect(opened[0]?.dispose).not.toHaveBeenCalled();
});

test('names that change places keep to their machines', () => {
  const nodes = storeOf(ssh('a', 'host-a'), ssh('b', 'host-b'));
  const machines = nodes.nodes.map(({ node }) => node);
  configure([ssh('a', 'host-b'), ssh('b', 'host-a')]);
  expect(nodes.nodes.map(({ node }) => node)).toEqual([machines[1], machines[0]]);
  expect(opened).toHaveLength(2);
});

test('a second name for a machine opens it a second time, and what is removed is closed', () => {
  const nodes = storeOf(ssh('a', 'host-a'));
  configure([ssh('a', 'host-a'), ssh('b', 'host-a')]);
  expect(opened).toHaveLength(2);
  configure([ssh('b', 'host-a')]);
  expect(nodes.nodes.map(({ label }) => label)).toEqual(['b']);
  expect(opened.map(({ dispose }) => dispose.mock.calls.length)).toEqual([1, 0]);
});
