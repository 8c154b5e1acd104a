import { expect, test } from 'vitest';
import type { StoryStep } from '../../../src/model/chain/graph.js';
import type { JoinTarget } from '../../../src/model/join.js';
import type { RuntimeSnapshot } from '../../../src/model/snapshot.js';
import { NodeError, type Node } from '../../../src/node/node.js';
import type { RuntimeConnection } from '../../../src/runtime/connection.js';
import { readStory } from '../../../src/runtime/chainStory.js';
import { snapshotOf } from '../model/chain/chains.js';
import { tableOf } from '../model/recorded.js';
import { processes } from '../model/runtimes/tables.js';
import { fakeNode } from './fakeNode.js';

const SANDBOX = 'a'.repeat(64);
const ONE = '1'.repeat(64);

interface Made {
  readonly name: string;
  readonly text: string;
  /** Modification times by path, and contents of the state files. */
  readonly files: Readonly<Record<string, number | string>>;
  readonly spec?: string;
  readonly status?: object | Error;
  readonly running?: boolean;
  readonly change?: (snapshot: RuntimeSnapshot) => RuntimeSnapshot;
}

function connection({ name, text, files, spec, status, running = true, change }: Made): RuntimeConnection {
  const table = tableOf(processes(text));
  const targets: JoinTarget[] = [
    { id: SANDBOX, role: 'sandbox', running: true },
    { id: ONE, role: 'container', running, sandboxId: SANDBOX },
  ];
  const made = snapshotOf({ name, endpoint: 'unix:///x.sock', table, targets });
  const missing = (path: string): Promise<never> =>
    Promise.reject(new NodeError('missing', `Cannot stat ${path}: no such file.`));
  const node: Node = {
    ...fakeNode({}),
    stat: (path) => {
      const modifiedAt = files[path];
      return typeof modifiedAt === 'number'
        ? Promise.resolve({ identity: '1:1', size: 1, modifiedAt, type: 'file' })
        : missing(path);
    },
    readFile: (path) => {
      const content = files[path];
      return typeof content === 'string' ? Promise.resolve(Buffer.from(content)) : missing(path);
    },
  };
  const answer = <T>(value: T | Error): Promise<T> =>
    value instanceof Error ? Promise.reject(value) : Promise.resolve(value);
  return {
    node,
    snapshot: change ? change(made) : made,
    containerDetails: () => answer(status ?? { startedAt: 9000, reason: '' }),
    readSpec: () => answer(spec === undefined ? new Error('no spec') : { text: spec, source: 'runtimeSpec' }),
  } as unknown as RuntimeConnection;
}

const spec = (path?: string): string =>
  JSON.stringify({ linux: { namespaces: [{ type: 'mount' }, { type: 'network', path }] } });

/** `TIME text` of each step, ids shortened. */
const told = (steps: readonly StoryStep[]): string[] =>
  steps.map(({ text, at }) => `${at ?? '?'} ${text}`.replaceAll(ONE, 'ONE').replaceAll(SANDBOX, 'SANDBOX'));

const task = '/run/containerd/io.containerd.runtime.v2.task/k8s.io';
const runc = '/run/containerd/runc/k8s.io';

const containerd: Made = {
  name: 'containerd',
  text: `
    1 0 / /sbin/init
    900 1 / cwd=${task}/SANDBOX /usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id SANDBOX
    920 900 /kubepods/podx/SANDBOX /pause
    960 900 /kubepods/podx/ONE nginx -g off`,
  spec: spec('/var/run/netns/cni-1'),
  files: {
    '/var/run/netns/cni-1': 0,
    [`${task}/${SANDBOX}/config.json`]: 1100,
    [`${task}/${SANDBOX}/init.pid`]: 1200,
    [`${runc}/${SANDBOX}/state.json`]: JSON.stringify({ created: '1970-01-01T00:00:01.150Z' }),
    [`${task}/${ONE}/config.json`]: 8100,
    [`${task}/${ONE}/init.pid`]: 8300,
    [`${runc}/${ONE}/state.json`]: JSON.stringify({ created: '1970-01-01T00:00:08.200Z' }),
  },
};

test('below containerd', async () => {
  expect(told(await readStory(connection(containerd), ONE))).toEqual([
    '? The kubelet asked containerd over its CRI socket for a sandbox (RunPodSandbox), the pod’s surroundings.',
    '0 containerd made the pod’s network namespace, and CNI gave it its interfaces.',
    '1000 containerd recorded the sandbox of default/aaa.',
    '1100 containerd wrote the sandbox’s bundle with its config.json, which says what to run and how.',
    '10 containerd started containerd-shim-runc-v2 (pid 900), which stays beside it and outlives containerd.',
    '20 runc read it and started process 920, which waited to be let go.',
    '1150 runc wrote its own state.',
    '1200 runc wrote the process’s pid to a file for its monitor, and exited.',
    '? The image image was there already, or the kubelet had it pulled (PullImage).',
    '1000 The kubelet asked containerd to create the container (CreateContainer), and it was recorded.',
    '? The kubelet asked containerd to start the container (StartContainer).',
    '8100 containerd wrote the container’s bundle with its config.json, which says what to run and how.',
    '? containerd asked containerd-shim-runc-v2 (pid 900), which has been there since the sandbox, to make the container.',
    '30 runc read it and started process 960, which waited to be let go.',
    '8200 runc wrote its own state.',
    '8300 runc wrote the process’s pid to a file for its monitor, and exited.',
    '9000 runc let the waiting process go, and it became the container’s program: nginx -g off.',
  ]);
});

test('of a sandbox itself, in the node’s own network', async () => {
  const host = { ...containerd, spec: JSON.stringify({ linux: { namespaces: [{ type: 'mount' }] } }) };
  const steps = told(await readStory(connection(host), SANDBOX));
  expect(steps).toHaveLength(7);
  expect(steps.join()).not.toContain('network namespace');
});

test('below CRI-O: a conmon for each, and its pidfile', async () => {
  const run = '/run/containers/storage/overlay-containers';
  const conmon = (id: string) =>
    `/usr/bin/conmon -b ${run}/${id}/userdata -c ${id} -p ${run}/${id}/userdata/pidfile -r /usr/bin/crun --runtime-arg --root=/run/crun`;
  const steps = await readStory(
    connection({
      name: 'cri-o',
      text: `
        1 0 / /sbin/init
        900 1 / ${conmon('SANDBOX')}
        920 900 /kubepods/podx/crio-SANDBOX /pause
        940 1 / ${conmon('ONE')}
        960 940 /kubepods/podx/crio-ONE nginx`,
      spec: spec('/var/run/netns/x'),
      files: {
        [`${run}/${ONE}/userdata/config.json`]: 8100,
        [`${run}/${ONE}/userdata/pidfile`]: 8300,
        [`/run/crun/${ONE}/status`]: JSON.stringify({ created: '1970-01-01T00:00:08.200Z' }),
      },
    }),
    ONE,
  );
  expect(told(steps).slice(-7)).toEqual([
    '8100 CRI-O wrote the container’s bundle with its config.json, which says what to run and how.',
    '20 CRI-O started conmon (pid 940), which stays beside it and outlives CRI-O.'.replace('20', '30'),
    '40 crun read it and started process 960, which waited to be let go.',
    '8200 crun wrote its own state.',
    '8300 crun wrote the process’s pid to a file for its monitor, and exited.',
    '? The kubelet asked CRI-O to start the container (StartContainer).',
    '9000 crun let the waiting process go, and it became the container’s program: nginx.',
  ]);
  expect(steps.find(({ text }) => text.includes('network namespace'))).toMatchObject({
    source: 'Cannot stat /var/run/netns/x: no such file.',
  });
});

test('below cri-dockerd: Docker’s containerd makes the bundle', async () => {
  const moby = '/run/containerd/io.containerd.runtime.v2.task/moby';
  const steps = await readStory(
    connection({
      name: 'docker',
      text: `
        1 0 / /sbin/init
        940 1 / cwd=${moby}/ONE containerd-shim-runc-v2 -namespace moby -id ONE
        960 940 /kubepods/podx/ONE nginx`,
      spec: spec(),
      files: { [`${moby}/${ONE}/config.json`]: 8100 },
    }),
    ONE,
  );
  expect(told(steps)).toContain(
    '8100 Docker’s containerd wrote the container’s bundle with its config.json, which says what to run and how.',
  );
  expect(told(steps)).toContain('? The sandbox’s bundle, monitor and first process are not known.');
  const gaps = steps.filter(({ at }) => at === undefined);
  expect(gaps.every(({ source }) => source.length > 10)).toBe(true);
});

test('of one that has exited: its end, and that the rest is gone', async () => {
  const status = { startedAt: 9000, finishedAt: 9500, exitCode: 137, reason: 'OOMKilled\u202e' };
  const steps = await readStory(
    connection({ ...containerd, running: false, status, text: containerd.text.replace(/\n *960.*/, '') }),
    ONE,
  );
  expect(told(steps).slice(-3)).toEqual([
    '? The container’s bundle, monitor and first process are not known.',
    '9000 The low-level runtime let the waiting process go, and it became the container’s program.',
    String.raw`9500 Its first process ended with code 137 (OOMKilled\u202e).`,
  ]);
  expect(steps.at(-3)?.source).toMatch(/not running/);
});

test('attempts before, listed and not', async () => {
  const change = (snapshot: RuntimeSnapshot): RuntimeSnapshot => {
    const [sandbox] = snapshot.sandboxes;
    const [now] = sandbox!.containers;
    const before = { ...now!, id: '0', attempt: 2, createdAt: 700, state: 'exited' as const };
    return { ...snapshot, sandboxes: [{ ...sandbox!, containers: [{ ...now!, attempt: 3 }, before] }] };
  };
  const steps = told(await readStory(connection({ ...containerd, change }), ONE));
  expect(steps.slice(8, 10)).toEqual([
    '? 2 earlier attempts of the container came before and went.',
    '700 Attempt 2 of the same container was created; it is exited now.',
  ]);
});

test('a runtime that does not answer: the times of the files stay', async () => {
  const status = new Error('Nothing listens at /x.sock.');
  const steps = await readStory(connection({ ...containerd, status }), ONE);
  expect(steps.at(-1)).toEqual({
    text: 'runc let the waiting process go, and it became the container’s program: nginx -g off.',
    source: 'Nothing listens at /x.sock.',
  });
  expect(told(steps)).toContain('8200 runc wrote its own state.');
});
