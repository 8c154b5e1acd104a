import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Container, RuntimeSnapshot, Sandbox } from '../../src/model/snapshot.js';
import { localNodeFromSource } from './nodeSupport.js';
import { RuntimesOfNode } from '../../src/runtime/nodeConnection.js';
import { Nodes } from '../../src/runtime/store.js';
import { silentLogger } from '../../src/util/logger.js';
import { startLab, type Lab, type LabPod } from '../lab/containerd.js';
import { startFakeCri } from '../lab/fakeCri.js';
import { generatedAnswers } from '../lab/fakeCriAnswers.js';

/** The machine may be busy; what is waited for comes within a second on an idle one. */
const patient = { timeout: 20_000 };

const forever = ['sh', '-c', 'echo up; while :; do sleep 3600 & wait; done'] as const;

const nodeOn = (endpoint: string): RuntimesOfNode =>
  new RuntimesOfNode({
    id: 'lab',
    label: 'lab',
    node: localNodeFromSource(),
    endpoint,
    logger: silentLogger,
  });

const sandboxOf = (snapshot: RuntimeSnapshot | undefined, id: string): Sandbox => {
  const found = snapshot?.sandboxes.find((sandbox) => sandbox.id === id);
  if (!found) throw new Error(`no sandbox ${id}`);
  return found;
};

const roles = ({ ancestry }: Sandbox | Container): string[] => ancestry.links.map((link) => link.role);

describe('a live containerd', () => {
  let lab: Lab;
  let node: RuntimesOfNode;
  let pod: LabPod;

  beforeAll(async () => {
    lab = await startLab();
    pod = await lab.runPod({
      name: 'two',
      namespace: 'shop',
      labels: { app: 'two' },
      containers: [
        { name: 'main', command: forever },
        { name: 'tree', command: ['sh', '-c', 'sleep 3601 & sleep 3602 & wait'] },
      ],
    });
    node = nodeOn(lab.endpoint);
    await node.refresh();
  });

  afterAll(async () => {
    node.dispose();
    node.node.dispose();
    await lab.stop();
  });

  const snapshot = (): RuntimeSnapshot => {
    const [runtime] = node.runtimes;
    if (!runtime?.snapshot) throw new Error(`no snapshot: ${node.reason ?? ''}`);
    return runtime.snapshot;
  };
  const container = (name: string): Container => {
    const found = sandboxOf(snapshot(), pod.id).containers.find((one) => one.name === name);
    if (!found) throw new Error(`no container ${name}`);
    return found;
  };

  test('is named, with its version and conditions', () => {
    expect(node.state).toBe('ready');
    expect(node.endpoints).toMatchObject([{ endpoint: lab.endpoint, state: 'ready', configured: true }]);
    expect(snapshot()).toMatchObject({ name: 'containerd', apiVersion: 'v1', endpoint: lab.endpoint });
    expect(snapshot().version).toMatch(/^\d+\.\d+/);
    expect(snapshot().conditions).toContainEqual(
      expect.objectContaining({ type: 'RuntimeReady', status: true }),
    );
  });

  test('shows its pods, containers and addresses', async () => {
    const sandbox = sandboxOf(snapshot(), pod.id);
    expect(sandbox).toMatchObject({ name: 'two', namespace: 'shop', uid: pod.uid, state: 'ready' });
    expect(sandbox.labels).toMatchObject({ app: 'two', 'io.kubernetes.pod.name': 'two' });
    expect(sandbox.containers.map(({ name, state }) => [name, state])).toEqual([
      ['main', 'running'],
      ['tree', 'running'],
    ]);
    const status = await lab.client.podSandboxStatus(pod.id);
    expect(sandbox.ip).toBe(status.ip);
    expect(sandbox.ip).toMatch(/^\d+\./);
  });

  test('shows the ancestry: process 1, shim, the first process, its children', () => {
    const sandbox = sandboxOf(snapshot(), pod.id);
    expect(roles(sandbox)).toEqual(['init', 'shim', 'sandbox']);
    const tree = container('tree');
    expect(roles(tree)).toEqual(['init', 'shim', 'container', 'child', 'child']);
    const [init, shim, first, ...children] = tree.ancestry.links;
    expect(shim?.ppid).toBe(init?.pid);
    expect(shim?.pid).toBe(sandbox.ancestry.links[1]?.pid);
    expect(shim?.command.join(' ')).toContain('containerd-shim-runc-v2');
    expect(first?.ppid).toBe(shim?.pid);
    expect(children.map(({ ppid, command }) => [ppid, command.join(' ')])).toEqual([
      [first?.pid, 'sleep 3601'],
      [first?.pid, 'sleep 3602'],
    ]);
    expect(first?.pid).toBe(tree.pid);
    expect(Object.keys(tree).sort()).toEqual(
      ['ancestry', 'annotations', 'attempt', 'createdAt', 'id', 'image', 'imageRef', 'labels', 'name'].concat(
        ...['pid', 'sandboxId', 'state'],
      ),
    );
  });

  test('agrees with the pid that containerd itself tells', async () => {
    const [runtime] = node.runtimes;
    const details = await runtime?.containerDetails(container('main').id);
    expect(details?.pid).toBe(container('main').pid);
    expect(details?.logPath).toMatch(/\/main\/0\.log$/);
  });

  test('names the low-level runtime with its real bundle and state', async () => {
    const { lowLevel } = container('main').ancestry;
    expect(lowLevel?.name).toBe('runc');
    expect(lowLevel?.bundle).toContain(container('main').id);
    await expect(node.node.stat(`${lowLevel?.bundle ?? ''}/config.json`)).resolves.toMatchObject({
      type: 'file',
    });
    await expect(node.node.stat(lowLevel?.statePath ?? '')).resolves.toMatchObject({ type: 'file' });
  });

  test('gives the OCI spec of a container and of a sandbox', async () => {
    const [runtime] = node.runtimes;
    const spec = await runtime?.readSpec(container('main').id);
    expect(spec?.source).toBe('runtimeSpec');
    expect(JSON.parse(spec?.text ?? '')).toMatchObject({ process: { args: [...forever] } });
    const sandboxSpec = await runtime?.readSpec(pod.id);
    expect(JSON.parse(sandboxSpec?.text ?? '')).toMatchObject({ hostname: 'two' });
    await expect(runtime?.readSpec('f'.repeat(64))).rejects.toThrow(/spec can't be read/);
  });

  test('a refresh that finds nothing new keeps the same objects, at four RPCs', async () => {
    await node.refresh();
    const before = snapshot();
    const rpcs = node.runtimes[0]?.rpcCount ?? 0;
    await node.refresh();
    expect((node.runtimes[0]?.rpcCount ?? 0) - rpcs).toBe(4);
    expect(snapshot()).not.toBe(before);
    expect(snapshot().sandboxes).toBe(before.sandboxes);
  });

  test('a killed container is seen exited, without processes, and a new pod is seen', async () => {
    const victim = container('tree');
    process.kill(victim.pid!, 'SIGKILL');
    await expect
      .poll(async () => {
        await node.refresh();
        return container('tree').state;
      }, patient)
      .toBe('exited');
    expect(container('tree').ancestry.links).toEqual([]);
    expect(container('tree').ancestry.reason).toBeTruthy();
    const late = await lab.runPod({ name: 'late', containers: [{ name: 'main', command: forever }] });
    await node.refresh();
    expect(roles(sandboxOf(snapshot(), late.id).containers[0]!)).toContain('container');
    await lab.removePod(late.id);
    await node.refresh();
    expect(snapshot().sandboxes.some(({ id }) => id === late.id)).toBe(false);
  });

  test('runs a command in a container', async () => {
    const session = await node.runtimes[0]!.exec(container('main').id, {
      command: ['sh', '-c', 'echo out; echo err >&2; exit 7'],
      ...{ tty: false, stdin: false },
    });
    let [out, err] = ['', ''];
    session.onStdout((data) => (out += data.toString()));
    session.onStderr((data) => (err += data.toString()));
    const exit = await new Promise((resolve) => session.onExit(resolve));
    expect(exit).toMatchObject({ code: 7 });
    expect([out, err]).toEqual(['out\n', 'err\n']);
  });

  test('kill -9 of containerd: lost, the picture and its ancestry stay; started again it recovers by itself', async () => {
    const before = container('main');
    await lab.kill9();
    await node.refresh();
    expect(node.state).toBe('lost');
    expect(node.runtimes[0]?.state).toBe('lost');
    expect(node.runtimes[0]?.reason).toMatch(/Nothing listens at/);
    expect(container('main').pid).toBe(before.pid);
    expect(roles(container('main'))).toEqual(['init', 'shim', 'container', 'child']);
    expect(snapshot().takenAt).toBeLessThan(Date.now());

    await lab.restart();
    await expect
      .poll(async () => {
        await node.poll();
        return node.state;
      }, patient)
      .toBe('ready');
    expect(container('main').pid).toBe(before.pid);
    expect(node.runtimes[0]?.reason).toBeUndefined();
  });

  test('while lost, a process that dies leaves the ancestry', async () => {
    const extra = await lab.runPod({ name: 'dies', containers: [{ name: 'main', command: forever }] });
    await node.refresh();
    const pid = sandboxOf(snapshot(), extra.id).containers[0]!.pid!;
    await lab.kill9();
    process.kill(pid, 'SIGKILL');
    await expect
      .poll(async () => {
        await node.refresh();
        return sandboxOf(snapshot(), extra.id).containers[0]?.ancestry.links.length;
      }, patient)
      .toBe(0);
    expect(roles(container('main'))).toContain('container');
    await lab.restart();
    // containerd answers Version before its CRI plugin has read the containers back.
    await expect
      .poll(async () => {
        await node.refresh();
        return [node.state, node.reason];
      }, patient)
      .toEqual(['ready', undefined]);
  });
});

describe('an endpoint that is no good', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cri-e2e-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const stateOf = async (endpoint: string): Promise<{ state?: string; reason?: string }> => {
    const node = nodeOn(endpoint);
    try {
      await node.refresh();
      expect(node.state).toBe('failed');
      expect(node.reason).toBeTruthy();
      return node.endpoints[0] ?? {};
    } finally {
      node.dispose();
      node.node.dispose();
    }
  };

  test('absent', async () => {
    expect(await stateOf(`unix://${folder}/none.sock`)).toMatchObject({
      ...{ state: 'absent', reason: expect.stringMatching(/none\.sock/) as string },
    });
  });

  test('not an endpoint at all', async () => {
    expect(await stateOf('tcp://127.0.0.1:1')).toMatchObject({ state: 'failed' });
  });

  test('a gRPC server without CRI', async () => {
    const fake = await startFakeCri({ api: 'none' });
    expect(await stateOf(`unix://${fake.socketPath}`)).toMatchObject({ state: 'notCri' });
    await fake.close();
  });
});

test('one hung runtime does not hold up another', async () => {
  const [good, hung] = await Promise.all([
    startFakeCri({ answers: generatedAnswers({ sandboxes: 2, containers: 2 }) }),
    startFakeCri({ faults: { Version: { hang: true } } }),
  ]);
  const store = new Nodes(() => ({ node: localNodeFromSource() }), silentLogger);
  store.configure({
    nodes: [
      { id: 'good', name: 'good', endpoint: `unix://${good.socketPath}` },
      { id: 'hung', name: 'hung', endpoint: `unix://${hung.socketPath}` },
    ],
    intervalMs: 100,
  });
  try {
    const watching = store.watch();
    const [first, second] = store.nodes;
    await expect.poll(() => first?.state, patient).toBe('ready');
    const taken = first?.runtimes[0]?.snapshot?.takenAt ?? 0;
    await expect.poll(() => (first?.runtimes[0]?.snapshot?.takenAt ?? 0) > taken, patient).toBe(true);
    expect(second?.state).toBe('connecting');
    await expect.poll(() => second?.endpoints[0]?.state, patient).toBe('hung');
    watching.dispose();
    const rested = good.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(good.calls.length - rested).toBeLessThanOrEqual(4);
  } finally {
    store.dispose();
    await Promise.all([good.close(), hung.close()]);
  }
});
