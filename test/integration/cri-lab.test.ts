import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CriClient } from '../../src/cri/client.js';
import { openExec, type StreamExit, type StreamSession, type TerminalSize } from '../../src/cri/streaming.js';
import { startLab, type Lab, type LabPod } from '../lab/containerd.js';

let lab: Lab;
let cri: CriClient;
let pod: LabPod;
let container = '';
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  lab = await startLab();
  ends.push(() => lab.stop());
  cri = new CriClient(lab.socket);
  ends.push(() => cri.dispose());
  pod = await lab.runPod({
    name: 'web',
    namespace: 'shop',
    containers: [
      { name: 'main', command: ['sleep', '3600'] },
      { name: 'done', command: ['sh', '-c', 'exit 3'] },
    ],
  });
  container = pod.containers.main ?? '';
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

const dial = (host: string, port: number): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });

interface Running {
  readonly session: StreamSession;
  readonly exit: Promise<StreamExit>;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

async function exec(
  command: string[],
  { tty = false, stdin = false, size }: { tty?: boolean; stdin?: boolean; size?: TerminalSize } = {},
): Promise<Running> {
  const url = await cri.exec(container, { command, tty, stdin });
  const session = await openExec(url, { dial, tty, stdin, ...(size ? { size } : {}) });
  const output = { stdout: '', stderr: '' };
  session.onStdout((data) => (output.stdout += data.toString()));
  session.onStderr((data) => (output.stderr += data.toString()));
  const exit = new Promise<StreamExit>((resolve) => session.onExit(resolve));
  return { session, exit, stdout: () => output.stdout, stderr: () => output.stderr };
}

describe('a real containerd', () => {
  it('says who it is and how it is', async () => {
    expect(await cri.version()).toMatchObject({ name: 'containerd', apiVersion: 'v1' });
    const { conditions, info } = await cri.status(true);
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'RuntimeReady', status: true }));
    expect(JSON.parse(info.config ?? '')).toHaveProperty('containerd');
  });

  it('lists the pod and its containers in one call each', async () => {
    await cri.listContainers();
    await cri.listPodSandboxes();
    const before = cri.rpcCount;
    const [sandboxes, containers] = await Promise.all([cri.listPodSandboxes(), cri.listContainers()]);
    expect(cri.rpcCount - before).toBe(2);
    expect(sandboxes).toEqual([
      expect.objectContaining({ id: pod.id, name: 'web', namespace: 'shop', uid: pod.uid, state: 'ready' }),
    ]);
    expect(containers.map(({ name, sandboxId }) => [name, sandboxId])).toEqual(
      expect.arrayContaining([
        ['main', pod.id],
        ['done', pod.id],
      ]),
    );
    expect(Math.abs(Date.now() - (containers[0]?.createdAt ?? 0))).toBeLessThan(3_600_000);
  });

  it('gives the details of a container and a sandbox', async () => {
    const main = await cri.containerStatus(container, true);
    expect(main).toMatchObject({ name: 'main', state: 'running' });
    expect(main.pid).toBeGreaterThan(1);
    expect(main.logPath).toContain(pod.logDirectory);
    const info = JSON.parse(main.info.info ?? '') as { runtimeSpec: { process: { args: string[] } } };
    expect(info.runtimeSpec.process.args).toEqual(['sleep', '3600']);
    await expect
      .poll(() => cri.containerStatus(pod.containers.done ?? ''), { timeout: 30_000 })
      .toMatchObject({ state: 'exited', exitCode: 3 });
    const sandbox = await cri.podSandboxStatus(pod.id, true);
    expect(sandbox.ip).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(sandbox.pid).toBeGreaterThan(1);
  });

  it('doesn’t know other ids, and lacks newer RPCs', async () => {
    await expect(cri.containerStatus('f'.repeat(64))).rejects.toMatchObject({ kind: 'notFound' });
    await expect(cri.podSandboxStatus('f'.repeat(64))).rejects.toMatchObject({ kind: 'notFound' });
    await expect(cri.call('ListMetricDescriptors', {})).rejects.toMatchObject({ kind: 'unimplemented' });
  });
});

describe('exec in a real container', () => {
  it.each([0, 7])('reads the exit code %i', async (code) => {
    const { exit } = await exec(['sh', '-c', `exit ${code}`]);
    expect(await exit).toEqual({ code });
  });

  it('tells stderr from stdout', async () => {
    const { exit, stdout, stderr } = await exec(['sh', '-c', 'echo out; echo err >&2']);
    expect(await exit).toEqual({ code: 0 });
    expect([stdout(), stderr()]).toEqual(['out\n', 'err\n']);
  });

  it('gives a terminal the size it was opened with, and later ones', async () => {
    const running = await exec(['sh'], { tty: true, stdin: true, size: { columns: 101, rows: 33 } });
    await running.session.write('stty size\n');
    await expect.poll(running.stdout, { timeout: 20_000 }).toContain('33 101');
    running.session.resize(77, 22);
    await running.session.write('stty size\n');
    await expect.poll(running.stdout, { timeout: 20_000 }).toContain('22 77');
    await running.session.write('exit 5\n');
    expect(await running.exit).toEqual({ code: 5 });
  });

  it('carries megabytes both ways', async () => {
    const paste = Buffer.alloc(3_000_000, 'a');
    const running = await exec(['sh', '-c', 'head -c 3000000 | md5sum; head -c 3000000 /dev/zero'], {
      stdin: true,
    });
    await running.session.write(paste);
    expect(await running.exit).toEqual({ code: 0 });
    expect(running.stdout()).toBe(
      `${createHash('md5').update(paste).digest('hex')}  -\n${'\0'.repeat(3_000_000)}`,
    );
  });

  it('interrupts with ^C', async () => {
    const running = await exec(['sh', '-c', 'echo ready; exec sleep 600'], { tty: true, stdin: true });
    await expect.poll(running.stdout, { timeout: 20_000 }).toContain('ready');
    await running.session.write('\u0003');
    expect(await running.exit).toEqual({ code: 130 });
  });

  it('says why a command can’t be run', async () => {
    const { exit } = await exec(['/no/such/program']);
    const { code, message } = await exit;
    expect(code).toBeUndefined();
    expect(message).toMatch(/no such file|not found/i);
  });

  it('uses a URL only once', async () => {
    const url = await cri.exec(container, { command: ['true'], tty: false, stdin: false });
    const options = { dial, tty: false, stdin: false };
    const first = await openExec(url, options);
    await new Promise((resolve) => first.onExit(resolve));
    await expect(openExec(url, options)).rejects.toMatchObject({ kind: 'failed', message: /once/ });
  });
});
