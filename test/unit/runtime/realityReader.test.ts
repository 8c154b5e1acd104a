import { expect, test } from 'vitest';
import type { Ancestry, ProcessInfo } from '../../../src/model/process.js';
import type { RuntimeSnapshot } from '../../../src/model/snapshot.js';
import type { Node } from '../../../src/node/node.js';
import { NodeError } from '../../../src/node/node.js';
import type { RuntimeConnection } from '../../../src/runtime/connection.js';
import { mostProcesses, readReality } from '../../../src/runtime/realityReader.js';
import { nodeFindings } from '../../../src/runtime/specFindings.js';
import { fakeNode } from './fakeNode.js';

const link = (pid: number, role: ProcessInfo['role'], ...command: string[]): ProcessInfo => ({
  ...{ pid, ppid: 1, role, command, startedAt: 0 },
});
const ancestry = (bundle: string | undefined, ...links: ProcessInfo[]): Ancestry => ({
  links: [link(1, 'init', 'init'), ...links],
  ...(bundle === undefined ? {} : { lowLevel: { name: 'runc', bundle, source: 'test' } }),
});
const named = { attempt: 0, createdAt: 0, labels: {}, annotations: {} };

function snapshotOf(shim: string, ...first: string[]): RuntimeSnapshot {
  const boundary = first.length > 0;
  const shimLink = link(50, 'shim', shim);
  return {
    ...{ endpoint: 'unix:///run/x.sock', name: 'containerd', version: '1', apiVersion: 'v1', takenAt: 0 },
    ...{ conditions: [], orphans: [] },
    sandboxes: [
      {
        ...named,
        ...{
          id: 'pod',
          name: 'web',
          namespace: 'shop',
          uid: 'u',
          state: 'ready',
          runtimeHandler: '',
          pid: 60,
        },
        ancestry: ancestry('/b/pod', shimLink, link(60, 'sandbox', ...(boundary ? first : ['/pause']))),
        containers: [
          {
            ...named,
            ...{ id: 'ctr', sandboxId: 'pod', name: 'main', state: 'running', image: 'i', imageRef: 'r' },
            pid: boundary ? 60 : 100,
            ancestry: ancestry(
              '/b/ctr',
              shimLink,
              link(boundary ? 60 : 100, 'container', ...(boundary ? first : ['app'])),
            ),
          },
          {
            ...named,
            ...{ id: 'lone', sandboxId: 'pod', name: 'lone', state: 'running', image: 'i', imageRef: 'r' },
            ancestry: { links: [], reason: 'Nothing is known of it.' },
          },
        ],
      },
    ],
  };
}

interface Asked {
  readonly files: (readonly string[])[];
  readonly commands: (readonly string[])[];
  readonly specs: string[];
}

function connectionOf(
  snapshot: RuntimeSnapshot,
  files: Readonly<Record<string, string>>,
  specs: Readonly<Record<string, string>>,
): { readonly connection: RuntimeConnection; readonly asked: Asked } {
  const asked: Asked = { files: [], commands: [], specs: [] };
  const plain = fakeNode({ files });
  const node: Node = {
    ...plain,
    readFiles: (paths) => {
      asked.files.push(paths);
      return plain.readFiles(paths);
    },
    readFile: (path) =>
      path in files
        ? Promise.resolve(Buffer.from(files[path] ?? ''))
        : Promise.reject(new NodeError('missing', `no ${path}`)),
    run: (command) => {
      asked.commands.push(command);
      return Promise.resolve({
        code: 1,
        stdout: Buffer.from('4:1 /proc/1/ns/pid\n4:2 /proc/100/ns/pid\n4:9 /forged\n'),
        stderr: Buffer.alloc(0),
      });
    },
  };
  const readSpec = (id: string) => {
    asked.specs.push(id);
    const text = specs[id];
    return text === undefined
      ? Promise.reject(new Error('The runtime has none.'))
      : Promise.resolve({ text, source: 'runtimeSpec' as const });
  };
  return {
    connection: { node, snapshot, readSpec, endpoint: snapshot.endpoint } as unknown as RuntimeConnection,
    asked,
  };
}

const status = 'Name:\tapp\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t\n';
const spec =
  '{"process": {"user": {"uid": 0}}, "linux": {"namespaces": [{"type": "pid"}], "cgroupsPath": "/a"}}';

test('two round trips, however many processes are asked for', async () => {
  const files = {
    '/proc/100/status': status,
    '/proc/200/status': status,
    '/proc/200/cmdline': 'sh\0-c\0x\0',
    '/proc/100/cgroup': '0::/a\n',
    '/proc/self/mountinfo': '30 22 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
    '/sys/fs/cgroup/a/memory.max': '4096\n',
  };
  const { connection, asked } = connectionOf(snapshotOf('containerd-shim-runc-v2'), files, { ctr: spec });
  const many = [200, 100, -5, ...Array.from({ length: 100 }, (_, index) => 300 + index)];
  const { first, others } = await readReality(connection, 'ctr', many);
  expect(asked.files).toHaveLength(2);
  expect(asked.commands).toHaveLength(1);
  expect(asked.commands[0]?.slice(0, 5)).toEqual(['stat', '-L', '-c', '%d:%i %n', '--']);
  expect(others).toHaveLength(mostProcesses);
  expect(first).toMatchObject({ pid: 100, command: ['app'] });
  expect(others[0]).toMatchObject({ pid: 200, command: ['sh', '-c', 'x'] });
  expect(others[1]?.facts).toMatchObject([{ name: 'process', verdict: 'unreadable' }]);
  const byName = new Map(first.facts.map((fact) => [fact.name, fact]));
  expect(byName.get('pid namespace')).toMatchObject({ verdict: 'same', kernel: 'its own' });
  expect(byName.get('memory limit')).toMatchObject({ verdict: 'drift', kernel: '4 KiB (4096)' });
});

test.each([
  ['gVisor', 'containerd-shim-runsc-v1', ['runsc-sandbox', 'boot', 'pod']],
  ['gVisor', 'containerd-shim-runc-v2', ['runsc-sandbox', 'boot', 'pod']],
  ['Kata Containers', 'containerd-shim-kata-v2', ['qemu-system']],
])('%s behind %s has no process of the node to compare', async (name, shim, command) => {
  const { connection, asked } = connectionOf(snapshotOf(shim, ...command), {}, { ctr: spec });
  const { first } = await readReality(connection, 'ctr', []);
  expect(first.facts).toMatchObject([{ verdict: 'unreadable', path: [] }]);
  expect(first.facts[0]?.note).toContain(name);
  expect(asked.files).toEqual([]);
});

test('a process of a container that calls itself runsc-sandbox is still compared', async () => {
  const snapshot = snapshotOf('containerd-shim-runc-v2');
  const fooled = JSON.parse(
    JSON.stringify(snapshot).replace('["app"]', '["runsc-sandbox"]'),
  ) as RuntimeSnapshot;
  const { connection } = connectionOf(fooled, { '/proc/100/status': status }, { ctr: spec });
  expect((await readReality(connection, 'ctr', [])).first.facts.length).toBeGreaterThan(5);
});

test('why there is nothing to compare', async () => {
  const { connection } = connectionOf(snapshotOf('containerd-shim-runc-v2'), {}, { lone: spec });
  await expect(readReality(connection, 'lone', [])).rejects.toThrow('Nothing is known of it.');
  await expect(readReality(connection, 'gone', [])).rejects.toThrow('doesn’t list it any more');
  await expect(readReality(connection, 'ctr', [])).rejects.toThrow('The runtime has none.');
});

test('findings of a node: bundles in batches, the runtime only for the rest, a reason for what is left', async () => {
  const files = {
    '/b/pod/config.json': '{"linux": {"namespaces": []}}',
    '/b/ctr/config.json': '{"linux": {"names',
  };
  const joined = '{"linux": {"namespaces": [{"type": "pid", "path": "/proc/60/ns/pid"}]}}';
  const { connection, asked } = connectionOf(snapshotOf('containerd-shim-runc-v2'), files, { ctr: joined });
  const progress: number[] = [];
  const result = await nodeFindings(connection, { onProgress: (done) => void progress.push(done) });
  expect([...asked.specs].sort()).toEqual(['ctr', 'lone']);
  expect(result.read.map(({ id, source, expected }) => [id, source, expected !== undefined])).toEqual([
    ['pod', 'bundle', true],
    ['ctr', 'runtimeSpec', false],
  ]);
  expect(result.read[1]?.findings.map(({ kind, value }) => [kind, value])).toContainEqual([
    'hostNamespace',
    '/proc/60/ns/pid',
  ]);
  expect(result.unread).toEqual([{ id: 'lone', name: 'shop/web · lone', reason: 'The runtime has none.' }]);
  expect(result.notes[0]).toMatch(/^2 of 3 specs/);
  expect(progress).toEqual([1, 3]);
});
