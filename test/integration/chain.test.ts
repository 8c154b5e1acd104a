import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChainBox, ChainEdge, ChainGraph, ChainScope, StoryStep } from '../../src/model/chain/graph.js';
import { readChain } from '../../src/runtime/chainReader.js';
import { readStory } from '../../src/runtime/chainStory.js';
import { SshNode } from '../../src/node/ssh/sshNode.js';
import { RuntimesOfNode } from '../../src/runtime/nodeConnection.js';
import { silentLogger } from '../../src/util/logger.js';
import { startLab, type Lab, type LabPod } from '../lab/containerd.js';
import { SshLab } from '../lab/sshd.js';
import { localNodeFromSource } from './nodeSupport.js';

/** The machine may be busy; what is waited for comes within a second on an idle one. */
const patient = { timeout: 20_000 };

let lab: Lab;
let node: RuntimesOfNode;
let pod: LabPod;
let kubelet: ChildProcess;

beforeAll(async () => {
  lab = await startLab();
  pod = await lab.runPod({
    name: 'two',
    containers: [
      { name: 'main', command: ['sh', '-c', 'while :; do sleep 3600 & wait; done'] },
      {
        name: 'crowd',
        command: ['sh', '-c', 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do sleep 3601 & done; wait'],
      },
    ],
  });
  // Nothing of a kubelet but its name and its connection.
  const code = `require('net').connect(${JSON.stringify(lab.endpoint.slice('unix://'.length))}).on('connect', () => console.log('up'))`;
  kubelet = spawn(process.execPath, ['-e', code], { argv0: 'kubelet', stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => kubelet.stdout!.once('close', resolve).once('data', resolve));
  node = new RuntimesOfNode({
    ...{ id: 'lab', label: 'lab', node: localNodeFromSource() },
    ...{ endpoint: lab.endpoint, logger: silentLogger },
  });
});

afterAll(async () => {
  await lab.stop();
  kubelet.kill('SIGKILL');
  node.dispose();
  node.node.dispose();
});

const linksOf = (name: string): number | undefined =>
  node.runtimes[0]?.snapshot?.sandboxes
    .find(({ id }) => id === pod.id)
    ?.containers.find((one) => one.name === name)?.ancestry.links.length;

const podScope = (): ChainScope => ({ kind: 'sandbox', endpoint: lab.endpoint, id: pod.id });

const factOf = (box: ChainBox | undefined, name: string): string | undefined =>
  box?.facts.find((fact) => fact.name === name)?.value;

const boxOf = ({ boxes }: ChainGraph, kind: string, title?: string): ChainBox =>
  boxes.find((box) => box.kind === kind && (title === undefined || box.title === title))!;

const edgesOf = ({ edges }: ChainGraph, from: ChainBox, to: ChainBox): readonly ChainEdge[] =>
  edges.filter((edge) => edge.from === from.id && edge.to === to.id);

/** What ps says of processes, by pid: parent, start in seconds since the epoch, command line. */
function ps(pids: readonly string[]) {
  const columns = ['pid', 'ppid', 'lstart', 'args'].map((column) => `${column}=`).join(',');
  const lines = execFileSync('ps', ['-ww', '-o', columns, '-p', pids.join(',')], {
    ...{ encoding: 'utf8', env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } },
  });
  // A start is `Tue Nov 24 10:56:33 2026`.
  const rows = lines.matchAll(/^ *(\d+) +(\d+) (.{24}) (.*)$/gm);
  return new Map(
    [...rows].map(([, pid, parent, start, args]) => [
      pid!,
      { parent: parent!, started: Date.parse(`${start!} UTC`) / 1000, args: args!.trimEnd() },
    ]),
  );
}

const programs = ({ boxes }: ChainGraph): readonly ChainBox[] =>
  boxes.filter((box) => factOf(box, 'pid') !== undefined);

test('every box is what ps says, and every parent line is one of the kernel', async () => {
  await expect
    .poll(async () => {
      await node.refresh();
      return ['main', 'crowd'].map(linksOf);
    }, patient)
    .toEqual([4, 17]);
  const graph = await readChain(node, podScope());
  const count = (kind: string): number => graph.boxes.filter((box) => box.kind === kind).length;
  expect(['server', 'shim', 'sandbox', 'container', 'lowLevel', 'child'].map(count)).toEqual([
    ...[1, 1, 1, 2, 3, 13],
  ]);
  expect(graph.boxes.map((box) => [box.kind, factOf(box, 'count')])).toContainEqual(['more', '2']);
  const table = ps(programs(graph).map((box) => factOf(box, 'pid')!));
  for (const box of programs(graph)) {
    const said = table.get(factOf(box, 'pid')!)!;
    expect(factOf(box, 'parent'), box.id).toBe(said.parent);
    expect(Math.abs(Number(factOf(box, 'started')) / 1000 - said.started), box.id).toBeLessThan(2);
    // ps separates words with blanks, whatever they are; the box says where they end.
    expect(factOf(box, 'command')!.replaceAll(/['\\]/g, ''), box.id).toBe(said.args.replaceAll(/['\\]/g, ''));
    const drawn = programs(graph).find((other) => factOf(other, 'pid') === said.parent);
    if (drawn)
      expect(edgesOf(graph, drawn, box).map(({ kind, proof }) => [kind, proof])).toContainEqual([
        'parent',
        'proved',
      ]);
  }
});

test('process 1 is the parent of the shim; containerd stands beside it and is connected to it', async () => {
  const graph = await readChain(node, podScope());
  const [init, server, shim] = [
    programs(graph).find((box) => factOf(box, 'pid') === '1')!,
    boxOf(graph, 'server', 'containerd'),
    boxOf(graph, 'shim'),
  ];
  expect(init.kind).toBe('init');
  expect(edgesOf(graph, server, shim).map(({ kind }) => kind)).not.toContain('parent');
  expect(factOf(server, 'pid')).toBe(String(lab.pid));
  expect(edgesOf(graph, init, shim)).toMatchObject([{ kind: 'parent', proof: 'proved' }]);
  expect(edgesOf(graph, server, shim)).toMatchObject([{ kind: 'ttrpc', proof: 'proved' }]);
});

test('who listens and who is connected is proved', async () => {
  const graph = await readChain(node, { kind: 'node' });
  const socket = boxOf(graph, 'socket');
  const server = boxOf(graph, 'server');
  expect(factOf(socket, 'path')).toBe(lab.endpoint.slice('unix://'.length));
  expect(factOf(boxOf(graph, 'kubelet'), 'pid')).toBe(String(kubelet.pid));
  expect(edgesOf(graph, boxOf(graph, 'kubelet'), socket)).toMatchObject([{ kind: 'cri', proof: 'proved' }]);
  expect(edgesOf(graph, socket, server)).toMatchObject([{ kind: 'cri', proof: 'proved' }]);
  expect(factOf(server, 'version')).toBe(node.runtimes[0]!.snapshot!.version);
  expect(boxOf(graph, 'sandbox')).toMatchObject({ title: 'default/two', subject: { id: pod.id } });
  expect(graph.notes).toEqual([]);
});

/** The first step that a pattern fits, and when it was. */
function stepOf(
  steps: readonly StoryStep[],
  pattern: RegExp,
): { readonly index: number; readonly at: number } {
  const index = steps.findIndex(({ text }) => pattern.test(text));
  return { index, at: steps[index]?.at ?? NaN };
}

test('how a container came to be: the real times, in their order', async () => {
  await node.refresh();
  const [runtime] = node.runtimes;
  const id = pod.containers.main!;
  const steps = await readStory(runtime!, id);
  const status = await lab.client.containerStatus(id);
  const bundle = `${lab.stateDir}/io.containerd.runtime.v2.task/k8s.io/${id}`;
  const at = (pattern: RegExp): number =>
    stepOf(steps.slice(stepOf(steps, /CreateContainer/).index), pattern).at;
  expect(at(/CreateContainer/)).toBe(status.createdAt);
  expect(at(/became the container’s program: sh -c/)).toBe(status.startedAt);
  expect(at(/wrote the container’s bundle/)).toBe(Math.floor(statSync(`${bundle}/config.json`).mtimeMs));
  expect(at(/process’s pid to a file/)).toBe(Math.floor(statSync(`${bundle}/init.pid`).mtimeMs));
  const state = JSON.parse(readFileSync(`/run/containerd/runc/k8s.io/${id}/state.json`, 'utf8')) as {
    created: string;
  };
  expect(at(/wrote its own state/)).toBe(Date.parse(state.created));
  const network = steps.find(({ text }) => text.includes('network namespace'))!;
  expect(network.source).toMatch(/netns/);
  // A start in /proc is cut to a hundredth of a second, and counted from a boot time that is measured.
  const times = steps.flatMap((one) => one.at ?? []);
  times
    .slice(1)
    .forEach((time, index) =>
      expect(time - times[index]!, steps.map(({ text }) => text).join('\n')).toBeGreaterThan(-1100),
    );
  expect(times.at(-1)! - times[0]!).toBeLessThan(60_000);
  expect(times.length).toBeGreaterThanOrEqual(11);
  expect(steps.every(({ source }) => source !== '')).toBe(true);
});

test('of an exited container the end is told, and the bundle is gone', async () => {
  const short = await lab.runPod({
    name: 'short',
    containers: [{ name: 'main', command: ['sh', '-c', 'exit 3'] }],
  });
  const id = short.containers.main!;
  await expect.poll(async () => (await lab.client.containerStatus(id)).state, patient).toBe('exited');
  await node.refresh();
  const steps = await readStory(node.runtimes[0]!, id);
  expect(steps.at(-1)).toMatchObject({
    text: 'Its first process ended with code 3 (Error).',
    at: (await lab.client.containerStatus(id)).finishedAt,
  });
  expect(steps.find(({ text }) => text.startsWith('The container’s bundle'))?.at).toBeUndefined();
  await expect(readStory(node.runtimes[0]!, 'f'.repeat(64))).rejects.toThrow('does not list it');
});

test('another low-level runtime is told by the bundle', async () => {
  const other = await lab.runPod({
    name: 'other',
    runtimeHandler: 'crun',
    containers: [{ name: 'main', command: ['sleep', '3600'] }],
  });
  await node.refresh();
  const sandboxes = node.runtimes[0]!.snapshot!.sandboxes;
  const lowLevels = [other.id, pod.id].map((id) => {
    const sandbox = sandboxes.find((one) => one.id === id)!;
    return [sandbox, ...sandbox.containers].map(({ ancestry }) => ancestry.lowLevel);
  });
  expect(lowLevels.map((list) => list.map((lowLevel) => lowLevel?.name))).toEqual([
    ['crun', 'crun'],
    ['runc', 'runc', 'runc'],
  ]);
  for (const lowLevel of lowLevels.flat())
    expect(lowLevel?.source).toContain("name by the bundle's options.json");
  const { sandboxes: before } = node.runtimes[0]!.snapshot!;
  await node.refresh();
  expect(node.runtimes[0]!.snapshot!.sandboxes).toBe(before);
});

test('over ssh with sudo the same is proved, and the same story told', { timeout: 120_000 }, async () => {
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
      await Promise.all([node.refresh(), runtimes.refresh()]);
      const [here, there] = await Promise.all([readChain(node, podScope()), readChain(runtimes, podScope())]);
      const lines = ({ edges }: ChainGraph): string[] =>
        edges
          .map(({ kind, proof, from, to }) => `${kind} ${proof} ${from} ${to}`)
          .filter((line) => !line.includes('more:'));
      expect(lines(there)).toEqual(lines(here));
      const id = pod.containers.main!;
      const texts = (steps: readonly StoryStep[]): readonly unknown[] =>
        steps.map(({ text, at }) => [text, at === undefined]);
      const [near, told] = await Promise.all([node, runtimes].map((one) => readStory(one.runtimes[0]!, id)));
      expect(texts(told!)).toEqual(texts(near!));
    } finally {
      runtimes.dispose();
      far.dispose();
    }
  } finally {
    await ssh.dispose();
  }
});

test('after kill -9 of containerd the shim and all below it stay, and the server is absent', async () => {
  const before = await readChain(node, podScope());
  await lab.kill9();
  await node.refresh();
  const after = await readChain(node, podScope());
  const below = (graph: ChainGraph): readonly ChainBox[] =>
    graph.boxes.filter(({ kind }) => ['shim', 'sandbox', 'container', 'lowLevel', 'child'].includes(kind));
  expect(below(after)).toEqual(below(before));
  expect(boxOf(after, 'server')).toMatchObject({ absent: true, title: 'containerd' });
  expect(edgesOf(after, boxOf(after, 'server'), boxOf(after, 'shim'))).toMatchObject([{ proof: 'inferred' }]);
  await lab.restart();
});
