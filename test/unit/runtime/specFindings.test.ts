import { expect, test } from 'vitest';
import type { RuntimeConnection } from '../../../src/runtime/connection.js';
import { findingsOf, nodeFindings } from '../../../src/runtime/specFindings.js';
import { parseJson } from '../../../src/model/oci/json.js';
import { NodeError } from '../../../src/node/node.js';

const apparmor = '/sys/module/apparmor/parameters/enabled';
const spec = (network: string, more: object = {}): string =>
  JSON.stringify({ linux: { namespaces: [{ type: 'network', path: network }] }, ...more });

interface Fake {
  readonly files: Readonly<Record<string, string>>;
  readonly specs?: Readonly<Record<string, string>>;
}

/** A pod on the node's network with containers `a` to `d`, of which `d` has exited. */
function connectionOf({ files, specs = {} }: Fake): { connection: RuntimeConnection; asked: string[] } {
  const asked: string[] = [];
  const missing = (path: string): NodeError => new NodeError('missing', `${path} is not there.`);
  const bytes = (path: string): Buffer => Buffer.from(files[path] ?? '');
  const node = {
    readFiles: (paths: readonly string[]) =>
      Promise.resolve(
        new Map(
          paths.map((path) => [path, path in files ? bytes(path).subarray(0, 256 * 1024) : missing(path)]),
        ),
      ),
    readFile: (path: string) =>
      path in files ? Promise.resolve(bytes(path)) : Promise.reject(missing(path)),
  };
  const own = (id: string) => ({
    ...{ id, sandboxId: 'pod', name: id, image: 'i', labels: {} },
    ancestry: { links: [], lowLevel: { name: 'runc', bundle: `/b/${id}`, source: 'test' } },
  });
  const containers = ['a', 'b', 'c', 'd'].map((id) => ({
    ...own(id),
    state: id === 'd' ? 'exited' : 'running',
  }));
  const sandbox = { ...own('pod'), ...{ namespace: 'shop', state: 'ready', pid: 7, containers } };
  const connection = {
    ...{ node, endpoint: 'unix:///run/x.sock', snapshot: { name: 'x', sandboxes: [sandbox], orphans: [] } },
    readSpec: (id: string) => {
      asked.push(id);
      const text = specs[id];
      return text === undefined
        ? Promise.reject(new Error('There is none.'))
        : Promise.resolve({ text, source: 'runtimeSpec' });
    },
  } as unknown as RuntimeConnection;
  return { connection, asked };
}

const long = { annotations: { long: 'x'.repeat(300 * 1024) } };
const bundles = {
  [apparmor]: 'Y\n',
  '/b/pod/config.json': spec('/proc/1/ns/net'),
  '/b/a/config.json': spec('/proc/7/ns/net'),
  '/b/b/config.json': spec('/proc/7/ns/net', long),
};

test('bundles are read whatever their size; the runtime is asked only for the rest', async () => {
  const { connection, asked } = connectionOf({ files: bundles, specs: { c: spec('/proc/7/ns/net') } });
  const seen: number[] = [];
  const { read, unread, notes } = await nodeFindings(connection, { onProgress: (done) => seen.push(done) });
  expect(read.map(({ id, source }) => [id, source])).toEqual([
    ['pod', 'bundle'],
    ['a', 'bundle'],
    ['b', 'bundle'],
    ['c', 'runtimeSpec'],
  ]);
  expect({ asked, unread, seen }).toEqual({ asked: ['c'], unread: [], seen: [1, 4] });
  expect(notes).toEqual([expect.stringContaining('1 of 4 specs')]);
  // By the pod's process, whose network is the node's.
  for (const { findings } of read)
    expect(findings.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['hostNamespace', 'apparmorOff']),
    );
  const one = await findingsOf(connection, 'a', parseJson(bundles['/b/a/config.json']));
  expect(one).toEqual(read[1]?.findings);
});

test('one that can’t be read or is cut short has a reason, and hides no other', async () => {
  const { connection } = connectionOf({
    files: { ...bundles, '/b/a/config.json': '{"process": {"env": ["TOKEN=hunter2"' },
    specs: { a: '[]' },
  });
  const { read, unread } = await nodeFindings(connection);
  expect(read.map(({ id }) => id)).toEqual(['pod', 'b']);
  expect(unread.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([
    'shop/pod · a: Its spec is no JSON object; it may be cut short.',
    'shop/pod · c: There is none.',
  ]);
  expect(JSON.stringify({ read, unread })).not.toContain('hunter2');
});

test('an abort ends it', async () => {
  const { connection } = connectionOf({ files: bundles });
  const reason = new Error('stop');
  await expect(nodeFindings(connection, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
