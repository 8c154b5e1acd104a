import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProcessReality, Reality } from '../../src/model/oci/insight.js';
import { findById } from '../../src/model/picture.js';
import type { Container } from '../../src/model/snapshot.js';
import type { RuntimeConnection } from '../../src/runtime/connection.js';
import { SshNode } from '../../src/node/ssh/sshNode.js';
import { RuntimesOfNode } from '../../src/runtime/nodeConnection.js';
import { readReality } from '../../src/runtime/realityReader.js';
import { nodeFindings } from '../../src/runtime/specFindings.js';
import { silentLogger } from '../../src/util/logger.js';
import { startLab, type Lab, type LabPod, type PodSpec } from '../lab/containerd.js';
import { SshLab } from '../lab/sshd.js';
import { localNodeFromSource } from './nodeSupport.js';

const run = promisify(execFile);
const forever = ['sh', '-c', 'while :; do sleep 3600 & wait; done'] as const;
const MiB = 1024 * 1024;

/** 25 pods of two containers each: 50 containers of several kinds that nobody touches. */
const untouched = Array.from({ length: 25 }, (_, index): PodSpec => ({
  name: `quiet-${index}`,
  qos: (['guaranteed', 'burstable', 'besteffort'] as const)[index % 3] ?? 'burstable',
  hostNetwork: index % 5 === 0,
  containers: [
    { name: 'plain', command: forever, cpuLimit: index * 10, memoryLimit: (16 + index) * MiB + index },
    {
      name: 'strict',
      command: forever,
      user: index % 2 === 0 ? 1000 : 0,
      readOnlyRoot: true,
      addCapabilities: index % 3 === 0 ? ['NET_ADMIN', 'SYS_ADMIN'] : [],
      dropCapabilities: index % 4 === 0 ? ['ALL'] : ['MKNOD'],
    },
  ],
}));

describe('spec and reality of a live containerd', () => {
  let lab: Lab;
  let node: RuntimesOfNode;
  let touched: LabPod;

  beforeAll(async () => {
    lab = await startLab({ pods: untouched });
    touched = await lab.runPod({
      name: 'touched',
      containers: ['limit', 'mount', 'options', 'exec'].map((name) => ({
        name,
        command: forever,
        memoryLimit: 64 * MiB,
      })),
    });
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

  const connection = (): RuntimeConnection => {
    const [runtime] = node.runtimes;
    if (!runtime) throw new Error(node.reason ?? 'no runtime');
    return runtime;
  };
  const containerOf = (name: string): Container & { readonly pid: number } => {
    const { container } = findById(connection().snapshot, touched.containers[name] ?? '');
    if (container?.pid === undefined) throw new Error(`${name} has no process`);
    return { ...container, pid: container.pid };
  };
  const drifts = ({ facts }: ProcessReality): Reality[] => facts.filter(({ verdict }) => verdict === 'drift');
  const lines = (facts: readonly Reality[]): string[] =>
    facts.map((fact) => `${fact.name}: ${fact.spec} | ${fact.kernel ?? ''} | ${fact.note ?? ''}`);

  test(
    'nothing drifts in 50 untouched containers, nor in their sandboxes',
    { timeout: 120_000 },
    async () => {
      const pods = connection().snapshot?.sandboxes.filter(({ name }) => name.startsWith('quiet-')) ?? [];
      const all = pods.flatMap((pod) => [pod, ...pod.containers]);
      expect(all).toHaveLength(75);
      for (const { id, ancestry } of all) {
        const children = ancestry.links.filter(({ role }) => role === 'child').map(({ pid }) => pid);
        const { first, others } = await readReality(connection(), id, children);
        expect(lines(first.facts.filter(({ verdict }) => verdict !== 'same'))).toEqual([]);
        expect(lines(others.flatMap(drifts))).toEqual([]);
        expect(first.facts.length).toBeGreaterThan(30);
      }
    },
  );

  test('findings of all that runs, from the bundles alone', async () => {
    const { read, unread, notes } = await nodeFindings(connection());
    expect({ unread, notes }).toEqual({ unread: [], notes: [] });
    expect(read).toHaveLength(25 + 50 + 1 + 4);
    const kindsOf = (pod: string, name?: string): string[] =>
      read
        .filter(({ podName, containerName }) => podName === pod && containerName === name)
        .flatMap(({ findings }) => findings.map(({ kind, title }) => `${kind} ${title}`));
    expect(kindsOf('quiet-0', 'strict')).toEqual(
      expect.arrayContaining([
        'hostNamespace The node’s network namespace',
        'capability Capability SYS_ADMIN',
      ]),
    );
    expect(
      kindsOf('quiet-1', 'plain').filter((kind) => /hostNamespace|hostMount|runtimeSocket/.test(kind)),
    ).toEqual([]);
    expect(
      read.filter(({ kind }) => kind === 'sandbox').every(({ expected }) => expected !== undefined),
    ).toBe(true);
  });

  test(
    'over ssh with sudo the same is found, also where stat is busybox’s',
    { timeout: 180_000 },
    async () => {
      const ssh = await SshLab.create();
      try {
        const { port } = await ssh.sshd();
        const { name } = await ssh.user({ sudoers: ['ALL=(ALL) NOPASSWD: ALL'] });
        await ssh.host('far', [`Port ${port}`, `User ${name}`]);
        const far = new SshNode({
          ...{ host: 'far', sudo: 'without password', askpass: ssh.askpass, configFile: ssh.configFile },
          ...{ prompt: () => Promise.reject(new Error('asked')), logger: silentLogger },
        });
        const runtimes = new RuntimesOfNode({
          ...{ id: 'far', label: 'far', node: far, link: far, endpoint: lab.endpoint, logger: silentLogger },
        });
        try {
          await runtimes.refresh();
          const [there] = runtimes.runtimes;
          if (!there) throw new Error(runtimes.reason ?? 'no runtime');
          const pod = there.snapshot?.sandboxes.find(({ name: podName }) => podName === 'quiet-5');
          const ids = [pod, ...(pod?.containers ?? [])].map((one) => one?.id ?? '');
          expect(ids).toHaveLength(3);
          for (const id of ids) {
            const [ours, theirs] = [
              await readReality(connection(), id, []),
              await readReality(there, id, []),
            ];
            expect(lines(theirs.first.facts)).toEqual(lines(ours.first.facts));
            expect(theirs.first.facts.filter(({ verdict }) => verdict !== 'same')).toEqual([]);
            const small = await readReality(withBusybox(there), id, []);
            expect(lines(small.first.facts)).toEqual(lines(ours.first.facts));
          }
          const [here, found] = [await nodeFindings(connection()), await nodeFindings(there)];
          expect(found).toEqual(here);
        } finally {
          runtimes.dispose();
          far.dispose();
        }
      } finally {
        await ssh.dispose();
      }
    },
  );

  test('a memory limit changed by hand, and one above that binds', async () => {
    const { id, pid } = containerOf('limit');
    const path = /^\d+:memory:(.*)$/m.exec(await readFile(`/proc/${pid}/cgroup`, 'utf8'))?.[1] ?? '';
    const folder = `/sys/fs/cgroup/memory${path}`;
    await writeFile(`${folder}/memory.limit_in_bytes`, String(32 * MiB));
    await writeFile(`${folder}/../memory.limit_in_bytes`, String(24 * MiB));
    const { first } = await readReality(connection(), id, []);
    await writeFile(`${folder}/../memory.limit_in_bytes`, '-1');
    expect(drifts(first)).toMatchObject([
      {
        path: ['linux', 'resources', 'memory', 'limit'],
        spec: '64 MiB (67108864)',
        kernel: '32 MiB (33554432)',
        source: `${folder}/memory.limit_in_bytes`,
      },
    ]);
    expect(drifts(first)[0]?.note).toContain('allows 24 MiB (25165824) and binds first');
  });

  test('mounts added and changed from the node', async () => {
    const added = containerOf('mount');
    await run('nsenter', ['-t', String(added.pid), '-m', 'mount', '-t', 'tmpfs', 'extra', '/tmp']);
    await run('nsenter', ['-t', String(added.pid), '-m', 'mount', '-t', 'tmpfs', 'cover', '/data']);
    const one = drifts((await readReality(connection(), added.id, [])).first);
    expect(one).toMatchObject([
      { name: 'mount /data', path: ['mounts', expect.any(Number)], kernel: 'tmpfs cover' },
      { name: 'mount /tmp', path: ['mounts'], spec: 'no such mount', kernel: 'tmpfs extra' },
    ]);

    const changed = containerOf('options');
    const remount = ['mount', '-o', 'remount,bind,rw', '/var/run/secrets/kubernetes.io/serviceaccount'];
    await run('nsenter', ['-t', String(changed.pid), '-m', '-p', ...remount]);
    await run('nsenter', ['-t', String(changed.pid), '-m', '-p', 'umount', '/data']);
    const other = drifts((await readReality(connection(), changed.id, [])).first);
    expect(other.map(({ name, kernel }) => [name, kernel?.replace(/bind of \S+/, 'bind')])).toEqual([
      ['mount /data', 'not mounted'],
      ['mount /var/run/secrets/kubernetes.io/serviceaccount', 'bind'],
    ]);
  });

  test('an additional process that gave up capabilities, its user and its namespaces', async () => {
    const { id, pid } = containerOf('exec');
    const held = ['-n', '-u', '-i', '-p', '-t', String(pid)];
    const program = ['setpriv', '--reuid=1234', '--clear-groups', '--bounding-set=-chown', 'sleep', '3600'];
    const entered = execFile('nsenter', [...held, ...program]);
    const child = await childRunning(entered.pid ?? 0, 'sleep');
    try {
      await run('sh', [
        '-c',
        `for f in /sys/fs/cgroup/*${await groupOf(pid)}/cgroup.procs; do echo ${child} >$f; done`,
      ]);
      const { first, others } = await readReality(connection(), id, [child]);
      expect(drifts(first)).toEqual([]);
      const [other] = others;
      expect(other?.command).toEqual(['sleep', '3600']);
      const found = new Map(drifts(other ?? first).map((fact) => [fact.name, fact.kernel]));
      expect(found.get('user ID')).toBe('1234');
      expect(found.get('effective capabilities')).toBe('none');
      expect(found.get('mount namespace')).toMatch(/node’s|runtime’s/);
      expect(found.get('seccomp')).toBe('off');
      expect(found.has('pid namespace')).toBe(false);
      expect(found.has('cgroup')).toBe(false);
    } finally {
      process.kill(child, 'SIGKILL');
    }
  });
});

/** As of a node whose stat is busybox’s. */
function withBusybox(connection: RuntimeConnection): RuntimeConnection {
  const node = new Proxy(connection.node, {
    get: (target, key) => {
      if (key === 'run')
        return (command: readonly [string, ...string[]], options?: object) =>
          target.run(['busybox', ...command], options);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return new Proxy(connection, {
    get: (target, key) => {
      if (key === 'node') return node;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

const groupOf = async (pid: number): Promise<string> =>
  /^\d+:memory:(.*)$/m.exec(await readFile(`/proc/${pid}/cgroup`, 'utf8'))?.[1] ?? '';

/** nsenter forks to enter a pid namespace; its child becomes the program. */
async function childRunning(parent: number, program: string): Promise<number> {
  for (let end = Date.now() + 10_000; Date.now() < end;) {
    const children = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8').catch(() => '');
    const child = Number(children.trim().split(' ')[0] ?? 0);
    const comm = child > 0 ? await readFile(`/proc/${child}/comm`, 'utf8').catch(() => '') : '';
    if (comm.trim() === program) return child;
  }
  throw new Error(`${program} didn’t start`);
}
