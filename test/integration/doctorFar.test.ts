import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Diagnosis, FindingKind } from '../../src/model/doctor/finding.js';
import { SshNode } from '../../src/node/ssh/sshNode.js';
import { diagnose } from '../../src/runtime/doctor/diagnose.js';
import { RuntimesOfNode } from '../../src/runtime/nodeConnection.js';
import { silentLogger } from '../../src/util/logger.js';
import { startLab, type Lab, type LabPod } from '../lab/containerd.js';
import { SshLab } from '../lab/sshd.js';
import { cgroupFolder } from './cgroups.js';
import { localNodeFromSource } from './nodeSupport.js';

/** The doctor on a containerd 2.1, from this machine, and over SSH with sudo. */
let lab: Lab;
let ssh: SshLab;
let pod: LabPod;
let here: RuntimesOfNode;
let there: RuntimesOfNode;

beforeAll(async () => {
  [lab, ssh] = await Promise.all([startLab({ containerd: '2.1' }), SshLab.create()]);
  pod = await lab.runPod({ name: 'steady', containers: [{ name: 'main', command: ['sleep', '3600'] }] });
  const { port } = await ssh.sshd();
  const { name } = await ssh.user({ sudoers: ['ALL=(ALL) NOPASSWD: ALL'] });
  await ssh.host('far', [`Port ${port}`, `User ${name}`]);
  const far = new SshNode({
    ...{ host: 'far', sudo: 'without password', askpass: ssh.askpass, configFile: ssh.configFile },
    ...{ prompt: () => Promise.reject(new Error('asked')), logger: silentLogger },
  });
  there = new RuntimesOfNode({
    ...{ id: 'far', label: 'far', node: far, link: far, endpoint: lab.endpoint, logger: silentLogger },
  });
  here = new RuntimesOfNode({
    ...{ id: 'lab', label: 'lab', node: localNodeFromSource() },
    ...{ endpoint: lab.endpoint, logger: silentLogger },
  });
});

afterAll(async () => {
  for (const connection of [here, there]) {
    connection.dispose();
    connection.node.dispose();
  }
  await ssh.dispose();
  await lab.stop();
});

const examine = (connection: RuntimesOfNode): Promise<Diagnosis> =>
  diagnose(connection, { signal: AbortSignal.timeout(100_000), settleMs: 0, waitMs: 200 });
/** The machine that runs the tests may have zombies of its own and a full disk: neither is the lab's. */
const found = ({ findings }: Diagnosis): readonly string[] =>
  findings
    .filter(({ kind, subject }) => kind !== 'imageFilesystem' && (kind !== 'zombie' || subject))
    .map(({ id }) => id);
const skipped = ({ checks }: Diagnosis): readonly FindingKind[] =>
  checks.filter(({ result }) => result === 'skipped').map(({ kind }) => kind);

test('a node in order has no finding, and with sudo every check is done', { timeout: 150_000 }, async () => {
  for (const diagnosis of [await examine(here), await examine(there)]) {
    expect(found(diagnosis).filter((id) => !id.startsWith('deprecation'))).toEqual([]);
    expect(skipped(diagnosis)).toEqual([]);
  }
});

test('the same trouble is found from here and from afar', { timeout: 150_000 }, async () => {
  const id = randomBytes(32).toString('hex');
  const bundle = `${lab.stateDir}/io.containerd.runtime.v2.task/k8s.io/${id}`;
  await mkdir(bundle);
  await writeFile(`${bundle}/config.json`, '{"annotations":{"io.kubernetes.cri.sandbox-id":"x"}}');
  const stranger = spawn('sleep', ['600'], { stdio: 'ignore' });
  try {
    await writeFile(`${cgroupFolder(pod.containers.main!)}/cgroup.procs`, String(stranger.pid));
    const [near, far] = [await examine(here), await examine(there)];
    expect(found(far)).toEqual(found(near));
    expect(near.findings.find(({ kind }) => kind === 'leftoverBundle')?.certainty).toBe('certain');
    expect(near.findings.find(({ kind }) => kind === 'strangerInCgroup')?.pid).toBe(stranger.pid);
  } finally {
    stranger.kill('SIGKILL');
  }
});
