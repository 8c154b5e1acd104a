import type { Ancestry, ProcessInfo, ProcessRole } from '../../../src/model/process.js';
import type { Container, RuntimeSnapshot, Sandbox } from '../../../src/model/snapshot.js';
import type { RuntimeConnection } from '../../../src/runtime/connection.js';
import type { NodeConnection } from '../../../src/runtime/nodes.js';
import { english } from '../../../src/util/translate.js';
import type { ViewContext, ViewNode } from '../../../src/views/viewNode.js';

/** Makers of plain pictures for tests of the sidebar and the commands. */
export const now = Date.UTC(2026, 10, 24, 12, 0, 0);
const minute = 60_000;

export const context = (extra: Partial<ViewContext> = {}): ViewContext => ({
  t: english,
  now,
  groupByNamespace: false,
  ...extra,
});

export const link = (role: ProcessRole, pid: number, ppid: number, ...command: string[]): ProcessInfo => ({
  pid,
  ppid,
  role,
  command,
  startedAt: now - 5 * minute,
});

export const unknownAncestry: Ancestry = { links: [], reason: 'The container is not running.' };

export const runningAncestry: Ancestry = {
  links: [
    link('init', 1, 0, '/sbin/init'),
    link('shim', 20, 1, '/usr/bin/containerd-shim-runc-v2', '-namespace', 'k8s.io', '-id', 'abc'),
    link('container', 30, 20, 'sh', '-c', 'work & wait'),
    link('child', 31, 30, 'work'),
    link('child', 32, 31, '/bin/helper', '--x'),
    link('child', 33, 30, 'sleep', '1'),
    link('child', 40, 20, 'top'),
  ],
  lowLevel: {
    name: 'runc',
    bundle: '/run/b/abc',
    statePath: '/run/s/abc/state.json',
    source: 'cwd of shim 20',
  },
};

export const container = (extra: Partial<Container> = {}): Container => ({
  id: 'c1',
  sandboxId: 's1',
  name: 'main',
  attempt: 0,
  state: 'running',
  image: 'busybox:1.36',
  imageRef: 'sha256:0',
  createdAt: now - 5 * minute,
  labels: {},
  annotations: {},
  pid: 30,
  ancestry: unknownAncestry,
  ...extra,
});

export const sandbox = (extra: Partial<Sandbox> = {}): Sandbox => ({
  id: 's1',
  name: 'web',
  namespace: 'default',
  uid: 'u1',
  attempt: 0,
  state: 'ready',
  createdAt: now - 5 * minute,
  runtimeHandler: '',
  labels: {},
  annotations: {},
  ip: '10.0.0.5',
  pid: 25,
  ancestry: unknownAncestry,
  containers: [],
  ...extra,
});

export const snapshot = (extra: Partial<RuntimeSnapshot> = {}): RuntimeSnapshot => ({
  endpoint: 'unix:///run/containerd/containerd.sock',
  name: 'containerd',
  version: '1.6.20',
  apiVersion: 'v1',
  takenAt: now,
  conditions: [{ type: 'RuntimeReady', status: true, reason: '', message: '' }],
  sandboxes: [],
  orphans: [],
  ...extra,
});

export const runtime = (
  picture: RuntimeSnapshot | undefined,
  extra: Partial<RuntimeConnection> = {},
): RuntimeConnection =>
  ({
    nodeId: 'local',
    nodeLabel: 'this machine',
    endpoint: picture?.endpoint ?? 'unix:///run/containerd/containerd.sock',
    state: 'ready',
    reason: undefined,
    snapshot: picture,
    ...extra,
  }) as RuntimeConnection;

export const node = (runtimes: RuntimeConnection[], extra: Partial<NodeConnection> = {}): NodeConnection =>
  ({
    id: 'local',
    label: 'this machine',
    kind: 'local',
    state: 'ready',
    reason: undefined,
    connected: true,
    retryAt: undefined,
    sudo: 'never',
    endpoints: [],
    runtimes,
    ...extra,
  }) as NodeConnection;

/** The tree as indented lines, `label | description`. */
export function outline(nodes: readonly ViewNode[], depth = 0): string[] {
  return nodes.flatMap((each) => [
    `${'  '.repeat(depth)}${each.label} | ${each.description}`,
    ...outline(each.children(), depth + 1),
  ]);
}

/** Every item of the tree. */
export const flatten = (nodes: readonly ViewNode[]): ViewNode[] =>
  nodes.flatMap((each) => [each, ...flatten(each.children())]);
