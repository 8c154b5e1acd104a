import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { USER_HZ } from '../../src/model/proc.js';
import type { ProcessInfo } from '../../src/model/process.js';
import type { Container, RuntimeSnapshot, Sandbox } from '../../src/model/snapshot.js';
import type { RuntimeConnection } from '../../src/runtime/connection.js';
import { RuntimesOfNode } from '../../src/runtime/nodeConnection.js';
import { silentLogger } from '../../src/util/logger.js';
import { startLab, type Lab, type LabPod } from '../lab/containerd.js';
import { localNodeFromSource } from './nodeSupport.js';

/** The machine may be busy; what is waited for comes within a second on an idle one. */
const patient = { timeout: 20_000 };

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** proc_pid_stat(5) fields 4 and 22. */
function statOf(pid: number): { readonly ppid: number; readonly startTicks: number } {
  const text = read(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { ppid: Number(fields[1]), startTicks: Number(fields[19]) };
}

/** From process 1 down to a process, by the ppid of each. */
function line(pid: number): number[] {
  return pid === 0 ? [] : [...line(statOf(pid).ppid), pid];
}

/** All processes of the machine in a cgroup named after a container. */
function inCgroup(id: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => read(`/proc/${pid}/cgroup`).includes(id)).map(Number);
}

const byNumber = (a: number, b: number): number => a - b;

describe.each(['1.6', '1.7', '2.1'] as const)('containerd %s', (version) => {
  let lab: Lab;
  let node: RuntimesOfNode;
  let pod: LabPod;

  beforeAll(async () => {
    lab = await startLab(version === '1.6' ? {} : { containerd: version });
    pod = await lab.runPod({
      name: 'two',
      containers: [
        { name: 'main', command: ['sh', '-c', 'while :; do sleep 3600 & wait; done'] },
        { name: 'tree', command: ['sh', '-c', 'sh -c "sleep 3601 & wait" & sleep 3602 & wait'] },
      ],
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

  const runtime = (): RuntimeConnection => node.runtimes[0]!;
  const snapshot = (): RuntimeSnapshot => runtime().snapshot!;
  const sandbox = (): Sandbox => snapshot().sandboxes.find(({ id }) => id === pod.id)!;
  const container = (name: string): Container => sandbox().containers.find((one) => one.name === name)!;
  const everything = (): readonly (Sandbox | Container)[] => [
    sandbox(),
    container('main'),
    container('tree'),
  ];
  const linksOf = (): readonly (readonly ProcessInfo[])[] =>
    everything().map(({ ancestry }) => ancestry.links);

  const shimAt = (links: readonly ProcessInfo[]): number => links.findIndex(({ role }) => role === 'shim');

  test('is the version that was asked for, with a shim of the same folder', () => {
    expect(snapshot().version.startsWith(`${version}.`)).toBe(true);
    const shim = linksOf()[0]!.find(({ role }) => role === 'shim')!;
    const programs = read(`/proc/${lab.pid!}/cmdline`)
      .split('\0')[0]!
      .replace(/containerd$/, '');
    expect(shim.command[0]).toBe(`${programs}containerd-shim-runc-v2`);
  });

  test('ancestry as /proc has it, pid by pid', async () => {
    // They may still be starting their own.
    await expect
      .poll(async () => {
        await node.refresh();
        return linksOf().map((links) => links.slice(shimAt(links)).map(({ role }) => role));
      }, patient)
      .toEqual([
        ['shim', 'sandbox'],
        ['shim', 'container', 'child'],
        ['shim', 'container', 'child', 'child', 'child'],
      ]);
    for (const { id, pid, ancestry } of everything()) {
      const first = ancestry.links.findIndex((link) => link.pid === pid);
      expect(ancestry.links.slice(0, first + 1).map((link) => link.pid)).toEqual(line(pid!));
      const inside = ancestry.links.slice(first).map((link) => link.pid);
      expect([...inside].sort(byNumber)).toEqual(inCgroup(id).sort(byNumber));
      for (const link of ancestry.links) {
        const { ppid, startTicks } = statOf(link.pid);
        expect(link.ppid).toBe(ppid);
        expect(link.command).toEqual(read(`/proc/${link.pid}/cmdline`).split('\0').slice(0, -1));
        const ticks = ((link.startedAt - ancestry.links[0]!.startedAt) * USER_HZ) / 1000;
        expect(Math.round(ticks)).toBe(startTicks - statOf(ancestry.links[0]!.pid).startTicks);
      }
    }
  });

  test('bundles and state files are where it says', async () => {
    for (const { id, ancestry } of everything()) {
      const { name, bundle, statePath } = ancestry.lowLevel!;
      expect(name).toBe('runc');
      expect(bundle).toBe(`${lab.stateDir}/io.containerd.runtime.v2.task/k8s.io/${id}`);
      for (const path of [`${bundle!}/config.json`, statePath!]) {
        await expect(node.node.stat(path), path).resolves.toMatchObject({ type: 'file' });
      }
    }
  });

  test('the spec is read, from the status and from the bundle alike', async () => {
    for (const { id, ancestry } of everything()) {
      const { text } = await runtime().readSpec(id);
      const bundle = JSON.parse(read(`${ancestry.lowLevel!.bundle!}/config.json`)) as object;
      expect(JSON.parse(text)).toMatchObject({ linux: { namespaces: expect.any(Array) as unknown } });
      expect(JSON.parse(text)).toHaveProperty(
        'process.args',
        (bundle as { process: { args: [] } }).process.args,
      );
    }
  });

  test('a command runs in a container', async () => {
    const command = ['sh', '-c', 'echo out; exit 7'] as const;
    const session = await runtime().exec(container('main').id, { command, tty: false, stdin: false });
    let out = '';
    session.onStdout((data) => (out += data.toString()));
    const exit = await new Promise((resolve) => session.onExit(resolve));
    expect(exit).toMatchObject({ code: 7 });
    expect(out).toBe('out\n');
  });

  test('kill -9 leaves the ancestry as it was, and so does its return', async () => {
    // What was executed before may be on its way out.
    await expect
      .poll(async () => {
        await node.refresh();
        return linksOf().every((links) => links.every(({ pid }) => read(`/proc/${pid}/stat`) !== ''));
      }, patient)
      .toBe(true);
    const before = linksOf();
    const { pid } = lab;
    await lab.kill9();
    await node.refresh();
    expect(node.state).toBe('lost');
    expect(linksOf()).toEqual(before);

    await lab.restart();
    await expect
      .poll(async () => {
        await node.poll();
        return [node.state, sandbox().state, container('tree').state];
      }, patient)
      .toEqual(['ready', 'ready', 'running']);
    expect(lab.pid).not.toBe(pid);
    expect(linksOf()).toEqual(before);
    expect(before.flat().every((link) => statOf(link.pid).ppid === link.ppid)).toBe(true);
  });
});
