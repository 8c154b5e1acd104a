import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Diagnosis, Finding, FindingKind } from '../../src/model/doctor/finding.js';
import { diagnose } from '../../src/runtime/doctor/diagnose.js';
import { RuntimesOfNode } from '../../src/runtime/nodeConnection.js';
import { silentLogger } from '../../src/util/logger.js';
import { startLab, type Lab, type LabPod } from '../lab/containerd.js';
import { cgroupFolder, readSafely } from './cgroups.js';
import { localNodeFromSource } from './nodeSupport.js';

const run = promisify(execFile);
/** The machine may be busy. */
const patient = { timeout: 30_000, interval: 200 };
const forever = ['sh', '-c', 'while :; do sleep 3600 & wait; done'] as const;
const newId = (): string => randomBytes(32).toString('hex');

interface Patient {
  readonly lab: Lab;
  readonly node: RuntimesOfNode;
  /** Nothing is too young, and the two looks are near to one another: the tests make trouble that stays. */
  examine(settleMs?: number): Promise<Diagnosis>;
  end(): Promise<void>;
}

async function admit(): Promise<Patient> {
  const lab = await startLab();
  const node = new RuntimesOfNode({
    ...{ id: 'lab', label: 'lab', node: localNodeFromSource() },
    ...{ endpoint: lab.endpoint, logger: silentLogger },
  });
  return {
    lab,
    node,
    examine: (settleMs = 0) => diagnose(node, { signal: AbortSignal.timeout(60_000), settleMs, waitMs: 200 }),
    end: async () => {
      node.dispose();
      node.node.dispose();
      await lab.stop();
    },
  };
}

/** The machine that runs the tests may have zombies of its own and a full disk: neither is the lab's. */
function ofLab({ findings }: Diagnosis): readonly Finding[] {
  return findings.filter(
    ({ kind, subject }) => kind !== 'imageFilesystem' && (kind !== 'zombie' || subject !== undefined),
  );
}

const said = (finding: Finding, label: string): readonly string[] =>
  finding.evidence.filter((one) => one.label === label).map(({ value }) => value);

const skipped = ({ checks }: Diagnosis): readonly FindingKind[] =>
  checks.filter(({ result }) => result === 'skipped').map(({ kind }) => kind);

function parentOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
}

function sleeper(): ChildProcess {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

describe('a node in order', () => {
  let sick: Patient;
  let pod: LabPod;

  beforeAll(async () => {
    sick = await admit();
    pod = await sick.lab.runPod({ name: 'steady', containers: [{ name: 'main', command: forever }] });
  });

  afterAll(() => sick.end());

  const container = (): string => pod.containers.main!;
  const bundles = (): string => `${sick.lab.stateDir}/io.containerd.runtime.v2.task/k8s.io`;
  const pidOf = async (id: string): Promise<number> => (await sick.lab.client.containerStatus(id, true)).pid!;
  const findings = async (kind: FindingKind): Promise<readonly Finding[]> =>
    ofLab(await sick.examine()).filter((finding) => finding.kind === kind);

  test('has no finding, and every check is done', async () => {
    const diagnosis = await sick.examine();
    expect(ofLab(diagnosis)).toEqual([]);
    expect(skipped(diagnosis)).toEqual([]);
    expect(diagnosis.checks).toHaveLength(15);
  });

  test('has no finding while pods come and go', async () => {
    const enough = new AbortController();
    const comeAndGo = async (): Promise<void> => {
      while (!enough.signal.aborted) {
        const name = `brief-${randomUUID().slice(0, 8)}`;
        const { id } = await sick.lab.runPod({ name, containers: [{ name: 'one', command: forever }] });
        await sick.lab.removePod(id);
      }
    };
    const busy = [comeAndGo(), comeAndGo()];
    try {
      for (let look = 0; look < 3; look++) expect(ofLab(await sick.examine(5_000))).toEqual([]);
    } finally {
      enough.abort();
      await Promise.all(busy);
    }
  }, 180_000);

  test('exec, and a process that entered by nsenter, are no strangers', async () => {
    const pid = await pidOf(container());
    const runc = spawn('runc', [
      ...['--root', '/run/containerd/runc/k8s.io', 'exec', container(), 'sleep', '600'],
    ]);
    onTestFinished(() => void runc.kill('SIGKILL'));
    const folder = cgroupFolder(container());
    await expect.poll(() => readSafely(`${folder}/cgroup.procs`).trim().split('\n').length, patient).toBe(3);
    const entered = spawn('nsenter', ['-t', String(pid), '-m', 'sleep', '600'], { stdio: 'ignore' });
    onTestFinished(() => void entered.kill('SIGKILL'));
    await expect.poll(() => readSafely(`/proc/${entered.pid}/comm`).trim(), patient).toBe('sleep');
    await writeFile(`${folder}/cgroup.procs`, String(entered.pid));
    expect(await findings('strangerInCgroup')).toEqual([]);
    const inside = readSafely(`${folder}/cgroup.procs`).trim().split('\n').map(Number);
    for (const one of inside) if (parentOf(one) === runc.pid) process.kill(one, 'SIGKILL');
  });

  test('a process moved into the cgroup of a container', async () => {
    const moved = sleeper();
    await writeFile(`${cgroupFolder(container())}/cgroup.procs`, String(moved.pid));
    const [finding, ...others] = await findings('strangerInCgroup');
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      ...{ pid: moved.pid, certainty: 'certain' },
      subject: { endpoint: sick.lab.endpoint, id: container() },
    });
    expect(said(finding!, 'cgroup')[0]).toContain(container());
  });

  test('a zombie in a container', async () => {
    const { id, containers } = await sick.lab.runPod({
      name: 'undead',
      containers: [{ name: 'main', command: ['sh', '-c', 'sleep 0.1 & exec sleep 3600'] }],
    });
    const first = await pidOf(containers.main!);
    await expect.poll(() => findings('zombie'), patient).toHaveLength(1);
    const [finding] = await findings('zombie');
    expect(finding).toMatchObject({ pid: first, severity: 'info', subject: { id: containers.main } });
    await sick.lab.removePod(id);
    expect(await findings('zombie')).toEqual([]);
  });

  test('a first process that is gone while its shim is stopped', async () => {
    const { id, containers } = await sick.lab.runPod({
      name: 'gone',
      containers: [{ name: 'main', command: forever }],
    });
    const first = await pidOf(containers.main!);
    const shim = parentOf(first);
    process.kill(shim, 'SIGSTOP');
    try {
      process.kill(first, 'SIGKILL');
      await expect.poll(() => findings('processGone'), patient).toHaveLength(1);
      const [finding] = await findings('processGone');
      expect(finding).toMatchObject({ severity: 'error', subject: { id: containers.main } });
      expect(said(finding!, 'pid')).toEqual([String(first)]);
      expect(said(finding!, 'shim')).toEqual([`pid ${shim}, state T (stopped)`]);
    } finally {
      process.kill(shim, 'SIGCONT');
    }
    await expect.poll(() => findings('processGone'), patient).toEqual([]);
    await sick.lab.removePod(id);
  });

  test('a first process that was killed is no trouble by itself: the runtime knows', async () => {
    const { id, containers } = await sick.lab.runPod({
      name: 'killed',
      containers: [{ name: 'main', command: forever }],
    });
    process.kill(await pidOf(containers.main!), 'SIGKILL');
    expect(ofLab(await sick.examine())).toEqual([]);
    await sick.lab.removePod(id);
  });

  test('a container in a restart loop', async () => {
    const { id } = await sick.lab.runPod({
      name: 'looping',
      containers: [{ name: 'main', command: ['sh', '-c', 'exit 3'], restart: true }],
    });
    await expect.poll(() => findings('restartLoop'), { timeout: 60_000 }).toHaveLength(1);
    const [finding] = await findings('restartLoop');
    expect(finding!.title).toMatch(/default\/looping main is at attempt \d/);
    expect(finding!.evidence.length).toBeGreaterThan(1);
    await sick.lab.removePod(id);
  });

  test('a leftover bundle, with and without a config.json', async () => {
    const [whole, bare] = [newId(), newId()];
    onTestFinished(async () => {
      for (const id of [whole, bare]) await rm(join(bundles(), id), { recursive: true, force: true });
    });
    await mkdir(join(bundles(), whole));
    await mkdir(join(bundles(), bare));
    await cp(join(bundles(), container(), 'config.json'), join(bundles(), whole, 'config.json'));
    const found = await findings('leftoverBundle');
    const byPath = new Map(found.map((finding) => [said(finding, 'folder')[0], finding.certainty]));
    expect(byPath).toEqual(
      new Map([
        [join(bundles(), whole), 'certain'],
        [join(bundles(), bare), 'likely'],
      ]),
    );
  });

  test('a leftover mount, state, cgroup and network namespace', async () => {
    const id = newId();
    const rootfs = join(bundles(), id, 'rootfs');
    const state = `/run/containerd/runc/k8s.io/${id}`;
    const cgroup = join(dirname(cgroupFolder(container())), id);
    const netns = `${sick.lab.stateDir}/io.containerd.grpc.v1.cri/netns/cni-${randomUUID()}`;
    onTestFinished(async () => {
      await run('umount', [rootfs]);
      await run('umount', [netns]);
      await rm(netns);
      await rmdir(cgroup);
      await rm(state, { recursive: true });
      await rm(join(bundles(), id), { recursive: true });
    });
    await mkdir(rootfs, { recursive: true });
    await run('mount', ['-t', 'tmpfs', 'leftover', rootfs]);
    await mkdir(state);
    const real = JSON.parse(
      await readFile(`/run/containerd/runc/k8s.io/${container()}/state.json`, 'utf8'),
    ) as Record<string, unknown>;
    await writeFile(join(state, 'state.json'), JSON.stringify({ ...real, init_process_pid: 99_999_999 }));
    await mkdir(cgroup);
    await mkdir(dirname(netns), { recursive: true });
    await writeFile(netns, '');
    await run('unshare', [`--net=${netns}`, 'true']);

    const found = ofLab(await sick.examine());
    expect(found.map(({ kind }) => kind)).toEqual([
      ...['leftoverMount', 'leftoverNetns', 'leftoverBundle', 'leftoverState', 'leftoverCgroup'],
    ]);
    const of = (kind: FindingKind): Finding => found.find((finding) => finding.kind === kind)!;
    expect(said(of('leftoverMount'), 'mount')[0]).toContain(`${rootfs} (tmpfs, leftover`);
    expect(said(of('leftoverNetns'), 'file')).toEqual([netns]);
    expect(said(of('leftoverState'), 'folder')).toEqual([state]);
    expect(said(of('leftoverCgroup'), 'cgroup')).toEqual([cgroup]);
  });

  test('another namespace of containerd, and a container that is not of CRI beside those that are', async () => {
    const root = await mkdtemp(`${dirname(sick.lab.stateDir)}/rootfs-`);
    await mkdir(join(root, 'bin'));
    await cp('/bin/busybox', join(root, 'bin/busybox'));
    const names = ['moby', 'default', 'k8s.io'] as const;
    const ctr = (namespace: string, ...args: string[]): Promise<string> =>
      sick.lab.ctr('-n', namespace, ...args);
    for (const name of names) {
      const id = newId();
      const command = ['/bin/busybox', 'sleep', '3600'];
      await ctr(name, 'run', '--detach', '--null-io', '--rootfs', root, id, ...command);
      onTestFinished(async () => {
        await ctr(name, 'tasks', 'rm', '--force', id);
        await ctr(name, 'containers', 'rm', id);
      });
    }
    const diagnosis = await sick.examine();
    expect(ofLab(diagnosis)).toEqual([]);
    expect(skipped(diagnosis)).toEqual([]);
  });

  test('a look can be cancelled', async () => {
    const abort = new AbortController();
    const looking = diagnose(sick.node, {
      signal: abort.signal,
      onProgress: () => abort.abort(new Error('enough')),
    });
    await expect(looking).rejects.toThrow('enough');
  });

  test('while containerd is away nothing that needs its lists is judged', async () => {
    await sick.lab.kill9();
    const diagnosis = await sick.examine();
    expect(ofLab(diagnosis)).toEqual([]);
    expect(skipped(diagnosis)).toContain('orphanShim');
    expect(skipped(diagnosis)).toContain('leftoverBundle');
    expect(skipped(diagnosis)).not.toContain('zombie');
    expect(diagnosis.checks.find(({ kind }) => kind === 'orphanShim')!.reason).toContain(sick.lab.endpoint);
    await sick.lab.restart();
    await expect.poll(async () => skipped(await sick.examine()), patient).toEqual([]);
    expect(ofLab(await sick.examine())).toEqual([]);
  });
});

describe('a node whose containerd lost its data', () => {
  let sick: Patient;

  beforeAll(async () => {
    sick = await admit();
  });

  afterAll(() => sick.end());

  test('shims that go on are orphans', async () => {
    const pod = await sick.lab.runPod({ name: 'lost', containers: [{ name: 'main', command: forever }] });
    const { pid } = await sick.lab.client.podSandboxStatus(pod.id, true);
    const shim = parentOf(pid!);
    expect(ofLab(await sick.examine())).toEqual([]);
    await sick.lab.kill9();
    await rm(`${dirname(sick.lab.stateDir)}/root/io.containerd.metadata.v1.bolt/meta.db`);
    await sick.lab.restart();
    await expect
      .poll(async () => ofLab(await sick.examine()).filter(({ kind }) => kind === 'orphanShim'), patient)
      .toHaveLength(1);
    const [orphan] = ofLab(await sick.examine());
    expect(orphan).toMatchObject({ kind: 'orphanShim', pid: shim });
    expect(said(orphan!, 'id')).toEqual([pod.id]);
  });
});
