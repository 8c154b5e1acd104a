import { afterEach, describe, expect, test } from 'vitest';
import type { Container, RuntimeSnapshot } from '../../src/model/snapshot.js';
import { RuntimesOfNode } from '../../src/runtime/nodeConnection.js';
import { silentLogger } from '../../src/util/logger.js';
import { startFakeCri, type FakeCri } from '../lab/fakeCri.js';
import { recordedAnswers } from '../lab/fakeCriAnswers.js';
import { recordedRuntimes, recording } from '../unit/model/recorded.js';
import { fakeNode } from '../unit/runtime/fakeNode.js';

let fake: FakeCri;
let node: RuntimesOfNode;

afterEach(async () => {
  node.dispose();
  await fake.close();
});

/** The whole way from the wire to the snapshot, with the answers and the processes of a real runtime. */
async function snapshotOf(
  runtime: (typeof recordedRuntimes)[number],
  files: Readonly<Record<string, string>> = {},
): Promise<RuntimeSnapshot> {
  fake = await startFakeCri({ answers: recordedAnswers(runtime) });
  const processes = [...recording(runtime).table.processes.values()];
  node = new RuntimesOfNode({
    ...{ id: 'n', label: 'n', endpoint: `unix://${fake.socketPath}`, logger: silentLogger },
    node: fakeNode({ processes, files, sockets: { [fake.socketPath]: '1:1' } }),
  });
  await node.refresh();
  const snapshot = node.runtimes[0]?.snapshot;
  if (!snapshot) throw new Error(node.reason);
  return snapshot;
}

const containersOf = ({ sandboxes }: RuntimeSnapshot): readonly Container[] =>
  sandboxes.flatMap(({ containers }) => containers);

describe.each(recordedRuntimes)('%s', (runtime) => {
  test('every running container has its ancestry, every other one a reason', async () => {
    for (const { state, ancestry, pid } of containersOf(await snapshotOf(runtime))) {
      if (state === 'running') {
        expect(ancestry.links[0]?.role).toBe('init');
        expect(pid).toBeGreaterThan(1);
      } else {
        expect(ancestry.links).toEqual([]);
        expect(ancestry.reason).toBeTruthy();
      }
    }
  });

  test('a second refresh asks nothing of single containers and changes nothing', async () => {
    const first = await snapshotOf(runtime);
    const asked = fake.calls.length;
    await node.refresh();
    const later = fake.calls.slice(asked).map(({ method }) => method);
    expect(later.sort()).toEqual(['ListContainers', 'ListPodSandbox', 'Status', 'Version']);
    expect(node.runtimes[0]?.snapshot?.sandboxes).toBe(first.sandboxes);
  });
});

test('CRI-O gives its spec in the status, of an exited container too', async () => {
  const containers = containersOf(await snapshotOf('cri-o-1.37'));
  for (const { id } of containers) {
    const spec = await node.runtimes[0]!.readSpec(id);
    expect(spec.source).toBe('runtimeSpec');
    expect(JSON.parse(spec.text)).toHaveProperty('process.args');
  }
  expect(containers.some(({ state }) => state === 'exited')).toBe(true);
});

test('cri-dockerd gives none: the bundle’s file is read, and after the exit the reasons are told', async () => {
  const containers = containersOf(await snapshotOf('cri-dockerd'));
  const running = containers.find(({ state }) => state === 'running')!;
  const exited = containers.find(({ state }) => state === 'exited')!;
  const path = `${running.ancestry.lowLevel?.bundle ?? ''}/config.json`;
  const reader = node.node as { readFile: unknown };
  reader.readFile = (wanted: string) =>
    Promise.resolve(Buffer.from(wanted === path ? '{"ociVersion":"1.2.0"}' : ''));
  expect(path).toContain(`/moby/${running.id}/config.json`);
  expect(await node.runtimes[0]!.readSpec(running.id)).toEqual({
    ...{ text: '{"ociVersion":"1.2.0"}', source: 'bundle', path },
  });
  await expect(node.runtimes[0]!.readSpec(exited.id)).rejects.toThrow(
    /docker does not give it.*bundle is not known/,
  );
});
