import { beforeEach, describe, expect, test, vi } from 'vitest';
import { readSpec } from '../../../src/model/oci/readSpec.js';
import { NodeError } from '../../../src/node/node.js';
import { readInsight, readProcessReality } from '../../../src/panels/specInsight.js';
import type { SpecInsight } from '../../../src/protocol/inspect.js';
import type { RuntimeConnection } from '../../../src/runtime/connection.js';

vi.mock('vscode', async () => (await import('./fakeVscode.js')).vscode);

const spec = (more: object = {}): string =>
  JSON.stringify({
    ociVersion: '1.1.0',
    process: {
      args: ['sleep', '1'],
      cwd: '/',
      env: ['A=1', 'DB_PASSWORD=hunter2'],
      user: { uid: 0, gid: 0 },
    },
    linux: { namespaces: [{ type: 'pid' }], resources: {} },
    ...more,
  });
const config = {
  command: ['sleep', '1'],
  envs: [
    { key: 'A', value: '1' },
    { key: 'DB_PASSWORD', value: 'hunter2' },
  ],
};
const links = [41, 42].map((pid, index) => ({
  ...{ pid, ppid: 1, role: index === 0 ? 'container' : 'child', startedAt: 0 },
  command: ['/bin/sleep', '--token=hunter2'],
}));

/** A container that runs; the parts of its node and runtime answer as told. */
class World {
  bundle: string | undefined = spec({ hostname: 'other', annotations: { 'x/token': 'hunter2' } });
  pid: number | undefined = 41;
  details = (): Promise<unknown> =>
    Promise.resolve({
      imageRef: 'sha256:1',
      info: { info: JSON.stringify({ config, runtimeSpec: JSON.parse(spec()) as object }) },
    });
  readonly connection = {
    endpoint: 'unix:///run/c.sock',
    snapshot: {
      name: 'containerd',
      sandboxes: [
        {
          ...{ id: 's1', name: 'web', namespace: 'default', ancestry: { links: [] } },
          containers: [this.#container()],
        },
      ],
      orphans: [],
    },
    containerDetails: () => this.details(),
    sandboxDetails: () => Promise.reject(new Error('no sandbox now')),
    imageDetails: () => Promise.reject(new Error('no image now')),
    status: () => Promise.reject(new Error('no status now')),
    readSpec: () => Promise.resolve({ text: spec(), source: 'runtimeSpec' }),
    node: {
      readFiles: (paths: readonly string[]) =>
        Promise.resolve(
          new Map(paths.map((path) => [path, new NodeError('denied', `No right to read ${path}.`)])),
        ),
      readFile: (path: string) =>
        path === '/bundle/config.json' && this.bundle !== undefined
          ? Promise.resolve(Buffer.from(this.bundle))
          : Promise.reject(new NodeError('missing', `There is no ${path}.`)),
      run: () => Promise.reject(new NodeError('failed', 'no stat')),
    },
  } as unknown as RuntimeConnection;

  #container(): object {
    const container = {
      ...{ id: 'c1', name: 'main', state: 'running', sandboxId: 's1', image: 'img', labels: {} },
      ancestry: { links, lowLevel: { name: 'runc', bundle: '/bundle', source: '' } },
    };
    return Object.defineProperty(container, 'pid', { get: () => this.pid });
  }
}

let world: World;
beforeEach(() => (world = new World()));
const read = (signal = new AbortController().signal): Promise<SpecInsight> =>
  readInsight(world.connection, 'c1', { text: spec(), reading: readSpec(spec()) }, signal);

describe('what is known beside a spec', () => {
  test('origins, findings, the kernel’s word and both texts come together', async () => {
    const found = await read();
    expect(found.origins).toContainEqual(
      expect.objectContaining({ path: ['process', 'args'], kind: 'cri', field: 'ContainerConfig.command' }),
    );
    expect(found.findings.map(({ kind }) => kind)).toContain('seccompOff');
    expect(found.reality?.facts.every(({ verdict }) => verdict === 'unreadable')).toBe(true);
    expect(found.processes).toEqual([
      { pid: 41, program: '/bin/sleep' },
      { pid: 42, program: '/bin/sleep' },
    ]);
    expect(found.sources).toMatchObject({ bundle: { place: '/bundle/config.json' }, differenceCount: 2 });
    expect(found.sources?.image.missing).toContain('no image now');
  });

  test('no secret leaves the host, whichever part has it', async () => {
    const found = await read();
    expect(JSON.stringify(found)).not.toContain('hunter2');
    expect(found.sources?.differences).toContainEqual(
      expect.objectContaining({ path: ['hostname'], right: '"other"' }),
    );
  });

  test('a part that fails is a note and hides no other', async () => {
    world.pid = undefined;
    world.bundle = undefined;
    world.details = () => Promise.reject(new Error('the runtime is busy'));
    const found = await read();
    expect(found.reality).toBeUndefined();
    expect(found.notes.join('\n')).toContain('The kernel can’t be asked: There is no process');
    expect(found.notes.join('\n')).toContain('the runtime is busy');
    expect(found.findings.length).toBeGreaterThan(0);
    expect(found.sources).toMatchObject({
      runtimeSpec: { missing: 'the runtime is busy' },
      bundle: { missing: 'There is no /bundle/config.json.' },
    });
  });

  test('a cancelled reading rejects', async () => {
    const abort = new AbortController();
    abort.abort(new Error('closed'));
    await expect(read(abort.signal)).rejects.toThrow('closed');
  });
});

describe('another process', () => {
  const readOf = (pid: number) =>
    readProcessReality(
      world.connection,
      'c1',
      pid,
      { text: spec(), reading: readSpec(spec()) },
      new AbortController().signal,
    );

  test('is one of the container’s', async () => {
    await expect(readOf(1)).rejects.toThrow('no process 1 any more');
    expect((await readOf(42)).pid).toBe(42);
  });
});
