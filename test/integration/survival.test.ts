import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { survivors, type Survival } from '../../src/model/survival.js';
import type { CriRuntime } from '../../src/runtime/criRuntime.js';
import { RuntimesOfNode } from '../../src/runtime/nodeConnection.js';
import { silentLogger } from '../../src/util/logger.js';
import { startLab, type Lab, type PodSpec } from '../lab/containerd.js';
import { localNodeFromSource } from './nodeSupport.js';

const patient = { timeout: 30_000 };
const forever = ['sh', '-c', 'while :; do sleep 3600 & wait; done'] as const;
const pods = Array.from({ length: 20 }, (_, index): PodSpec => ({
  name: `pod-${index}`,
  hostNetwork: true,
  containers: [{ name: 'main', command: forever }],
}));

let lab: Lab;
let node: RuntimesOfNode;

beforeAll(async () => {
  lab = await startLab({ pods });
  node = new RuntimesOfNode({
    ...{ id: 'lab', label: 'lab', node: localNodeFromSource() },
    ...{ endpoint: lab.endpoint, logger: silentLogger },
  });
  await node.refresh();
});

afterAll(async () => {
  node.dispose();
  node.node.dispose();
  await lab.stop();
});

const runtime = (): CriRuntime => node.runtimes[0]!;
const startTicks = (pid: number): string =>
  readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[19]!;

/** Every process of every pod, by what /proc itself says. */
const lines = (): readonly string[] =>
  runtime().snapshot!.sandboxes.flatMap(({ ancestry, containers }) =>
    [ancestry, ...containers.map((container) => container.ancestry)].map(({ links }) =>
      links.map(({ pid, ppid }) => `${pid} ${ppid} ${startTicks(pid)}`).join(' > '),
    ),
  );

async function back(since?: Survival): Promise<Survival> {
  await expect
    .poll(async () => {
      await node.poll();
      const { survival, state } = runtime();
      return state === 'ready' && survival !== undefined && survival !== since;
    }, patient)
    .toBe(true);
  return runtime().survival!;
}

test('kill -9 of containerd with 20 pods: ancestry unbroken, all survived', async () => {
  const [before, oldPid] = [lines(), lab.pid];
  expect(before.every((line) => line.split(' > ').length >= 3)).toBe(true);
  await lab.kill9();
  await node.refresh();
  expect(runtime().state).toBe('lost');
  expect(runtime().survival).toBeUndefined();
  expect(lines()).toEqual(before);
  await lab.restart();
  const survival = await back();
  expect(lines()).toEqual(before);
  expect(survivors(survival)).toEqual({ survived: 20, total: 20 });
  expect(survival.entries).toHaveLength(40);
  expect(new Set(survival.entries.map(({ fate }) => fate))).toEqual(new Set(['survived']));
  expect(survival).toMatchObject({ runtimeName: 'containerd', dismissed: false });
  expect([survival.oldDaemon?.pid, survival.newDaemon?.pid]).toEqual([oldPid, lab.pid]);
  expect(survival.lostAt).toBeGreaterThanOrEqual(survival.lastSeenAt);
  expect(survival.backAt).toBeGreaterThan(survival.lostAt!);
});

test('killed while containerd is away: died; started after the last look: adopted', async () => {
  const victim = runtime().snapshot!.sandboxes[0]!.containers[0]!;
  const late = await lab.runPod({
    ...{ name: 'late', hostNetwork: true },
    containers: [{ name: 'main', command: forever }],
  });
  await lab.kill9();
  process.kill(victim.pid!, 'SIGKILL');
  await expect
    .poll(async () => {
      await node.refresh();
      return runtime().snapshot!.sandboxes[0]!.containers[0]!.ancestry.links;
    }, patient)
    .toEqual([]);
  await lab.restart();
  const survival = await back();
  const fates = new Map(survival.entries.map(({ id, fate }) => [id, fate]));
  expect(fates.get(victim.id)).toBe('died');
  expect(fates.get(late.containers.main!)).toBe('adopted');
  expect(survivors(survival)).toEqual({ survived: 19, total: 20 });
  expect(survival.entries.find(({ id }) => id === victim.id)?.goneAt).toBeGreaterThan(survival.lastSeenAt);
});

test('a restart that no look fell into is noticed by the daemon’s pid', async () => {
  await node.refresh();
  const before = runtime().survival;
  await lab.kill9();
  await lab.restart();
  const survival = await back(before);
  expect(survival.newDaemon?.pid).toBe(lab.pid);
  expect(survivors(survival)).toEqual({ survived: 20, total: 20 });
});

test('dismissed, it says so and stays until the next loss', async () => {
  runtime().dismissSurvival();
  await node.refresh();
  expect(runtime().survival).toMatchObject({ dismissed: true });
});
