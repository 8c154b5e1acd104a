import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { SshNode } from '../../src/node/ssh/sshNode.js';
import { RuntimesOfNode } from '../../src/runtime/nodeConnection.js';
import type { RuntimeConnection } from '../../src/runtime/connection.js';
import { silentLogger } from '../../src/util/logger.js';
import { startLab, type Lab } from '../lab/containerd.js';
import { kill, SshLab, until, type LabUser, type Sshd } from '../lab/sshd.js';

let cri: Lab;
let lab: SshLab;
let sshd: Sshd;
let users: Readonly<Record<'root' | 'sudo', LabUser>>;
const owned: { dispose(): void }[] = [];

beforeAll(async () => {
  [cri, lab] = await Promise.all([startLab(), SshLab.create()]);
  sshd = await lab.sshd();
  await cri.runPod({
    name: 'pod',
    containers: [{ name: 'main', command: ['sh', '-c', 'while :; do sleep 3600 & wait; done'] }],
  });
  users = {
    root: await lab.user({ root: true }),
    sudo: await lab.user({ sudoers: ['ALL=(ALL) NOPASSWD: ALL'] }),
  };
  for (const [alias, { name }] of Object.entries(users))
    await lab.host(alias, [`Port ${sshd.port}`, `User ${name}`]);
});

afterEach(async () => {
  for (const item of owned.splice(0).reverse()) item.dispose();
  await lab.clean();
});

afterAll(async () => {
  await lab.dispose();
  await cri.stop();
});

async function connected(
  host: 'root' | 'sudo',
): Promise<{ node: SshNode; runtimes: RuntimesOfNode; runtime: RuntimeConnection }> {
  const node = new SshNode({
    host,
    sudo: host === 'sudo' ? 'without password' : 'never',
    prompt: ({ text }) => Promise.reject(new Error(`asked: ${text}`)),
    logger: silentLogger,
    askpass: lab.askpass,
    configFile: lab.configFile,
  });
  owned.push(node);
  const runtimes = new RuntimesOfNode({
    id: host,
    label: host,
    node,
    link: node,
    endpoint: cri.endpoint,
    logger: silentLogger,
  });
  owned.push(runtimes);
  await runtimes.refresh();
  const [runtime] = runtimes.runtimes;
  if (!runtime) throw new Error(`no runtime: ${runtimes.reason ?? ''}`);
  return { node, runtimes, runtime };
}

test.each(['root', 'sudo'] as const)(
  'a containerd over ssh as %s: tree with ancestry, spec, exec',
  async (host) => {
    const { runtimes, runtime } = await connected(host);
    expect(runtimes.state).toBe('ready');
    const container = runtime.snapshot?.sandboxes[0]?.containers.find(({ name }) => name === 'main');
    expect(container?.ancestry.links.map(({ role }) => role)).toEqual(['init', 'shim', 'container', 'child']);
    const id = container?.id ?? '';
    expect(JSON.parse((await runtime.readSpec(id)).text)).toMatchObject({
      process: { args: ['sh', '-c', expect.any(String) as string] },
    });
    const session = await runtime.exec(id, {
      command: ['sh', '-c', 'echo hello; exit 7'],
      tty: false,
      stdin: false,
    });
    let output = '';
    session.onStdout((data) => (output += data.toString()));
    const exit = await new Promise((resolve) => session.onExit(resolve));
    expect([output, exit]).toEqual(['hello\n', { code: 7 }]);
  },
);

test.each(['root', 'sudo'] as const)(
  'link killed mid-exec as %s: the exec ends with a reason, the same client goes on',
  async (host) => {
    const { node, runtimes, runtime } = await connected(host);
    const id = runtime.snapshot?.sandboxes[0]?.containers[0]?.id ?? '';
    const session = await runtime.exec(id, { command: ['cat'], tty: false, stdin: true });
    const echoed = new Promise((resolve) => session.onStdout((data) => resolve(data.toString())));
    session.write('typed\n');
    expect(await echoed).toBe('typed\n');
    const ended = new Promise((resolve) => session.onExit(resolve));
    const states: string[] = [];
    node.onDidChangeState(({ name }) => states.push(name));
    for (const pid of sshd.sessions()) kill(pid, 'SIGKILL');
    expect(await ended).toMatchObject({ message: expect.any(String) as string });
    await until(() => states.includes('lost') && node.state.name === 'ready', 'the link is back');
    await until(async () => {
      await runtimes.refresh();
      return runtime.state === 'ready';
    }, 'the runtime answers again');
  },
);
