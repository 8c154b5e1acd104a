import { afterAll, beforeAll, expect, test } from 'vitest';
import { SshNode } from '../../src/node/ssh/sshNode.js';
import type { RuntimesOfNode } from '../../src/runtime/nodeConnection.js';
import { Nodes } from '../../src/runtime/store.js';
import { silentLogger } from '../../src/util/logger.js';
import { startLab, type Lab } from '../lab/containerd.js';
import { makeNetns, type Netns } from '../lab/netns.js';
import { kill, SshLab, until, type Sshd } from '../lab/sshd.js';

const names = ['a', 'b'] as const;
type Name = (typeof names)[number];

/** A machine by address: a network namespace with an sshd, whose sessions are told of a containerd of its own. */
interface Host {
  readonly netns: Netns;
  readonly cri: Lab;
  readonly sshd: Sshd;
}

let ssh: SshLab;
let hosts: Readonly<Record<Name, Host>>;
let nodes: Nodes;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  ssh = await SshLab.create();
  const { name: user } = await ssh.user({ root: true });
  const start = async (name: Name, index: number): Promise<Host> => {
    const netns = await makeNetns(index);
    ends.push(() => netns.remove());
    const cri = await startLab({
      pods: [{ name: `pod-${name}`, containers: [{ name: 'main', command: ['sleep', '3600'] }] }],
    });
    ends.push(() => cri.stop());
    const sshd = await ssh.sshd({ netns, config: [`SetEnv CONTAINER_RUNTIME_ENDPOINT=${cri.endpoint}`] });
    await ssh.host(name, [`HostName ${sshd.address}`, `Port ${sshd.port}`, `User ${user}`]);
    return { netns, cri, sshd };
  };
  hosts = { a: await start('a', 0), b: await start('b', 1) };
  nodes = new Nodes(({ host }) => {
    const node = new SshNode({
      host: host ?? '',
      sudo: 'never',
      prompt: ({ text }) => Promise.reject(new Error(`asked: ${text}`)),
      logger: silentLogger,
      askpass: ssh.askpass,
      configFile: ssh.configFile,
      keepAlive: { seconds: 30, count: 3 },
    });
    return { node, link: node };
  }, silentLogger);
});

afterAll(async () => {
  nodes.dispose();
  await ssh.clean();
  await ssh.dispose();
  for (const end of ends.reverse()) await end();
});

function nodeOf(name: Name): RuntimesOfNode {
  const node = nodes.nodes.find(({ id }) => id === name);
  if (!node) throw new Error(`no node ${name}`);
  return node;
}

const podsOf = (name: Name): string[] =>
  nodeOf(name).runtimes.flatMap(({ snapshot }) => snapshot?.sandboxes.map((pod) => pod.name) ?? []);

const takenAt = (name: Name): number =>
  Math.max(...nodeOf(name).runtimes.map(({ snapshot }) => snapshot?.takenAt ?? 0));

test('two hosts in one store: each shows its own pods, at once', async () => {
  nodes.configure({ nodes: names.map((name) => ({ id: name, name, host: name })), intervalMs: 0 });
  expect(names.map((name) => nodeOf(name).state)).toEqual(['idle', 'idle']);
  await Promise.all(names.map((name) => nodes.refresh(name)));
  for (const name of names) {
    expect(nodeOf(name)).toMatchObject({ state: 'ready', connected: true });
    expect(podsOf(name)).toEqual([`pod-${name}`]);
    const [container] = nodeOf(name).runtimes[0]?.snapshot?.sandboxes[0]?.containers ?? [];
    expect(container?.ancestry.links.map(({ role }) => role)).toEqual(['init', 'shim', 'container']);
  }
  expect(hosts.a.sshd.address).not.toBe(hosts.b.sshd.address);
});

test('one host frozen: the other is refreshed meanwhile; thawed, the first goes on where it was', async () => {
  const before = { a: takenAt('a'), b: takenAt('b') };
  const frozen = hosts.a.sshd.sessions();
  expect(frozen.length).toBeGreaterThan(0);
  for (const pid of frozen) kill(pid, 'SIGSTOP');
  let settled = false;
  const waiting = nodes.refresh('a').finally(() => (settled = true));
  await nodes.refresh('b');
  expect(takenAt('b')).toBeGreaterThan(before.b);
  expect([settled, takenAt('a'), podsOf('a')]).toEqual([false, before.a, ['pod-a']]);
  for (const pid of frozen) kill(pid, 'SIGCONT');
  await waiting;
  await until(async () => {
    await nodes.refresh('a');
    return takenAt('a') > before.a && nodeOf('a').state === 'ready';
  }, 'the thawed host is read again');
});
