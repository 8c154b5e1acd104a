import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Match } from '../../src/model/find/matches.js';
import { SshNode } from '../../src/node/ssh/sshNode.js';
import { Search, type Findings } from '../../src/runtime/finder.js';
import { RuntimesOfNode } from '../../src/runtime/nodeConnection.js';
import type { NodeConnection } from '../../src/runtime/nodes.js';
import { silentLogger } from '../../src/util/logger.js';
import { startLab, type Lab, type LabPod } from '../lab/containerd.js';
import { SshLab } from '../lab/sshd.js';
import { localNodeFromSource } from './nodeSupport.js';

let lab: Lab;
let web: LabPod;
let ssh: SshLab;
const nodes: Record<string, RuntimesOfNode> = {};

beforeAll(async () => {
  [lab, ssh] = await Promise.all([startLab(), SshLab.create()]);
  web = await lab.runPod({
    name: 'web',
    containers: [
      { name: 'server', command: ['httpd', '-f', '-p', '8080', '-h', '/tmp'] },
      { name: 'tree', command: ['sh', '-c', 'sh -c "sleep 3601 & wait" & wait'] },
    ],
  });
  await lab.runPod({
    ...{ name: 'host', hostNetwork: true },
    containers: [{ name: 'listener', command: ['httpd', '-f', '-p', '127.0.0.1:18573', '-h', '/tmp'] }],
  });
  const sshd = await ssh.sshd();
  const user = await ssh.user({ sudoers: ['ALL=(ALL) NOPASSWD: ALL'] });
  await ssh.host('sudo', [`Port ${sshd.port}`, `User ${user.name}`]);
  const link = new SshNode({
    ...{ host: 'sudo', sudo: 'without password', logger: silentLogger },
    prompt: ({ text }) => Promise.reject(new Error(`asked: ${text}`)),
    ...{ askpass: ssh.askpass, configFile: ssh.configFile },
  });
  const common = { endpoint: lab.endpoint, logger: silentLogger };
  nodes.local = new RuntimesOfNode({ id: 'local', label: 'local', node: localNodeFromSource(), ...common });
  nodes.ssh = new RuntimesOfNode({ id: 'ssh', label: 'ssh', node: link, link, ...common });
  for (const node of Object.values(nodes)) await node.refresh();
});

afterAll(async () => {
  for (const node of Object.values(nodes)) {
    node.dispose();
    node.node.dispose();
  }
  await ssh.dispose();
  await lab.stop();
});

function search(text: string, ...over: readonly NodeConnection[]): Promise<Findings> {
  return new Promise((resolve) => {
    const one = new Search(
      text,
      () => over,
      (findings) => {
        if (findings.busy) return;
        one.dispose();
        resolve(findings);
      },
    );
    one.start();
  });
}

const named = ({ subject, process, why }: Match): string =>
  `${process?.title ?? [subject?.sandbox?.name, subject?.container?.name].filter(Boolean).join('/')}: ${why.join('; ')}`;

const read = (path: string): string => readFileSync(path, 'utf8');

describe.each(['local', 'ssh'])('on a node (%s)', (kind) => {
  const node = (): RuntimesOfNode => nodes[kind]!;
  const find = async (text: string): Promise<string[]> => (await search(text, node())).matches.map(named);
  const pidOf = (name: string): number =>
    node()
      .runtimes[0]!.snapshot!.sandboxes.flatMap(({ containers }) => containers)
      .find((container) => container.name === name)!.pid!;

  test('a pid, and a pid inside', async () => {
    const first = pidOf('tree');
    expect(await find(`pid ${first}`)).toContain(`web/tree: pid ${first} is its first process`);
    const sleep = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .find((pid) => {
        try {
          return (
            read(`/proc/${pid}/cgroup`).includes(web.containers.tree!) &&
            read(`/proc/${pid}/cmdline`).startsWith('sleep')
          );
        } catch {
          return false;
        }
      })!;
    const inside = /^NSpid:.*\s(\d+)$/m.exec(read(`/proc/${sleep}/status`))![1]!;
    expect(inside).not.toBe(sleep);
    expect(await find(`pid ${inside}`)).toContain(
      `web/tree: pid ${inside} inside is pid ${sleep} of the node`,
    );
  });

  test('a port of a pod and one of the node’s network, down to the container', async () => {
    const [server, listener] = [pidOf('server'), pidOf('listener')];
    expect(await find(':8080')).toContain(`web/server: pid ${server} listens on tcp port 8080`);
    expect(await find('port 18573')).toEqual([`host/listener: pid ${listener} listens on tcp port 18573`]);
  });

  test('an address', async () => {
    const { ip } = await lab.client.podSandboxStatus(web.id);
    expect(await find(ip!)).toEqual([`web: its address is ${ip!}`]);
    expect((await find(`${ip!}:8080`)).length).toBe(2);
  });

  test('a cgroup path', async () => {
    const cgroup = read(`/proc/${pidOf('server')}/cgroup`)
      .split('\n')
      .find((line) => line.includes(web.uid))!;
    expect((await find(cgroup))[0]).toMatch(/^web\/server: /);
    const podCgroup = cgroup.replace(/\/[^/]+$/, '').replace(/^[^/]*/, '/sys/fs/cgroup');
    expect((await find(podCgroup))[0]).toMatch(/^web: the path names the pod’s UID/);
  });

  test('a path of its own layer, its bundle, its log, and through /proc', async () => {
    const id = web.containers.server!;
    const [mount] = read(`/proc/${pidOf('server')}/mountinfo`).split('\n');
    const folder = /upperdir=([^,]+)/.exec(mount!)?.[1] ?? mount!.split(' ')[3]!;
    expect(await find(`${folder}/tmp`)).toContain('web/server: the path is in its own writable layer');
    expect((await find(`${lab.stateDir}/io.containerd.runtime.v2.task/k8s.io/${id}/rootfs`))[0]).toMatch(
      /^web\/server: /,
    );
    expect((await find(`${web.logDirectory}/server/0.log`))[0]).toMatch(/^web\/server: /);
    expect((await find(`/proc/${pidOf('server')}/root/tmp`))[0]).toMatch(/^web\/server: pid/);
  });

  test('a process of no container', async () => {
    const pid = lab.pid!;
    const { matches } = await search(`pid ${pid}`, node());
    expect(matches[0]?.process).toMatchObject({
      title: 'containerd',
      what: `the CRI server of ${lab.endpoint}`,
    });
  });

  test('nothing: what was looked at', async () => {
    const { matches, looked, unread } = await search(':59999', node());
    expect(matches).toEqual([]);
    expect(looked.join()).toMatch(
      /^\w+: 5 containers and sandboxes, \d+ processes, listening sockets of \d network/,
    );
    expect(unread).toEqual([]);
  });
});

test('several nodes at once; one that is lost holds up none and is told of', async () => {
  const [local, remote] = [nodes.local!, nodes.ssh!];
  const both = await search('web', local, remote);
  expect(new Set(both.matches.map(({ nodeId }) => nodeId))).toEqual(new Set(['local', 'ssh']));
  remote.disconnect();
  const { matches, unread } = await search(':8080', local, remote);
  expect(matches.map(({ nodeId }) => nodeId)).toContain('local');
  expect(unread).toContain('ssh: it is not connected');
});
