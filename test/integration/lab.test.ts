import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { samplePods, startLab, type Lab } from '../lab/containerd.js';

const run = promisify(execFile);
let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ pods: samplePods.slice(0, 1) });
});
afterAll(async () => lab.stop());

/** Pids of the shims of one lab. */
function shims(socket: string): number[] {
  return readdirSync('/proc')
    .filter(
      (name) => /^\d+$/.test(name) && readOrEmpty(`/proc/${name}/cmdline`).includes(`-address\0${socket}\0`),
    )
    .map(Number);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

const bridges = async (): Promise<string> => (await run('/usr/sbin/ip', ['-o', 'link'])).stdout;
const folderOf = (socket: string): string => socket.replace(/\/containerd\.sock$/, '');
const bridgeOf = (socket: string): string => `crilab${folderOf(socket).slice('/tmp/cri-lab-'.length)}`;

test('pods run, with a network of their own and a kubelet’s log files', async () => {
  const [sandbox] = await lab.client.listPodSandboxes();
  const status = await lab.client.podSandboxStatus(sandbox!.id, true);
  expect(status.ip).toMatch(/^10\.244\./);
  for (const { id } of await lab.client.listContainers()) {
    const { logPath, state } = await lab.client.containerStatus(id);
    expect(state).toBe('running');
    expect(existsSync(logPath)).toBe(true);
  }
});

test('kill9 and restart leave shims and containers as they were', async () => {
  const before = shims(lab.socket);
  const containers = (await lab.client.listContainers()).map(({ id }) => id).sort();
  await lab.kill9();
  expect(shims(lab.socket)).toEqual(before);
  await expect(lab.client.listContainers()).rejects.toThrow();
  await lab.restart();
  expect(shims(lab.socket)).toEqual(before);
  expect((await lab.client.listContainers()).map(({ id }) => id).sort()).toEqual(containers);
});

test('what a killed owner leaves is cleaned by the next start', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/lab/up.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [endpoint] = (await once(createInterface(child.stdout), 'line')) as [string];
  const socket = endpoint.replace('unix://', '');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(shims(socket)).not.toEqual([]);

  const next = await startLab();
  try {
    expect(shims(socket)).toEqual([]);
    expect(existsSync(folderOf(socket))).toBe(false);
    expect(readOrEmpty('/proc/self/mountinfo')).not.toContain(folderOf(socket));
    expect(await bridges()).not.toContain(bridgeOf(socket));
    expect(shims(lab.socket)).not.toEqual([]);
  } finally {
    await next.stop();
  }
  expect(existsSync(folderOf(next.socket))).toBe(false);
}, 180_000);
