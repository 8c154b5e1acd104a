import { mkdtemp, rename, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CriClient } from '../../src/cri/client.js';
import { startFakeCri, type FakeCri, type FakeCriOptions } from '../lab/fakeCri.js';
import { generatedAnswers, recordedAnswers } from '../lab/fakeCriAnswers.js';

const small = generatedAnswers({ sandboxes: 4, containers: 10 });
const ends: (() => unknown)[] = [];
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cri-client-'));
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await rm(folder, { recursive: true, force: true });
});

async function fake(options: FakeCriOptions = {}): Promise<FakeCri> {
  const server = await startFakeCri({ answers: small, ...options });
  ends.push(() => server.close());
  return server;
}

function client(socketPath: string): CriClient {
  const made = new CriClient(socketPath);
  ends.push(() => made.dispose());
  return made;
}

async function listen(server: Server, name: string): Promise<string> {
  const path = join(folder, name);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  ends.push(() => server.close());
  return path;
}

const methods = (server: FakeCri): string[] => server.calls.map(({ method }) => method);

describe('the answers of real runtimes', () => {
  it.each([
    ['containerd-1.7', 'containerd', '1.7.24~ds1'],
    ['containerd-2.1', 'containerd', '2.1.9+unknown'],
    ['cri-o-1.37', 'cri-o', '1.37.0'],
    ['cri-dockerd', 'docker', '26.1.5'],
  ] as const)('reads %s', async (runtime, name, version) => {
    const cri = client((await fake({ answers: recordedAnswers(runtime) })).socketPath);
    expect(await cri.version()).toMatchObject({ name, apiVersion: 'v1' });
    expect((await cri.version()).version).toContain(version);
    expect((await cri.status(true)).conditions).toContainEqual(
      expect.objectContaining({ type: 'RuntimeReady', status: true }),
    );
    const sandboxes = await cri.listPodSandboxes();
    const containers = await cri.listContainers();
    expect(sandboxes.length).toBeGreaterThan(0);
    for (const container of containers) {
      expect(sandboxes.map(({ id }) => id)).toContain(container.sandboxId);
      expect(container.image).toBe('registry.test/busybox:1.35');
      expect(new Date(container.createdAt).getUTCFullYear()).toBe(2026);
    }
    expect(containers.map((container) => `${container.name} ${container.state}`)).toEqual(
      expect.arrayContaining(['main running', 'tty running', 'done exited']),
    );
    const done = containers.find((container) => container.name === 'done');
    const exited = await cri.containerStatus(done?.id ?? '', true);
    expect(exited).toMatchObject({ state: 'exited', exitCode: 3 });
    expect(exited.pid).toBeUndefined();
    const main = await cri.containerStatus(containers.find((c) => c.name === 'main')?.id ?? '', true);
    expect(main.pid).toBeGreaterThan(1);
    expect(main.finishedAt).toBeUndefined();
    expect(main.logPath).toMatch(/^\/.*log$/);
    const sandbox = await cri.podSandboxStatus(sandboxes[0]?.id ?? '', true);
    expect(sandbox.ip).toMatch(/^10\.89\.0\.\d+$/);
    await expect(cri.containerStatus('nope')).rejects.toMatchObject({ kind: 'notFound' });
    await expect(cri.podSandboxStatus('nope')).rejects.toMatchObject({ kind: 'notFound' });
  });
});

describe('the version of CRI', () => {
  it('falls back to v1alpha2 and keeps to it', async () => {
    const server = await fake({ api: 'v1alpha2' });
    const cri = client(server.socketPath);
    expect(await cri.listContainers()).toHaveLength(10);
    expect((await cri.version()).apiVersion).toBe('v1alpha2');
    expect(server.calls.every(({ api }) => api === 'v1alpha2')).toBe(true);
    // Version in v1, Version, StreamContainers, ListContainers, Version: the first fails unseen by the fake.
    expect([cri.rpcCount, server.calls.length]).toEqual([5, 4]);
  });

  it('prefers v1', async () => {
    const server = await fake({ api: 'both' });
    expect((await client(server.socketPath).version()).apiVersion).toBe('v1');
  });

  it('follows an upgrade behind the same socket', async () => {
    const socketPath = join(folder, 'cri.sock');
    const old = await startFakeCri({ answers: small, api: 'v1alpha2', socketPath });
    const cri = client(socketPath);
    await cri.version();
    await old.close();
    await fake({ socketPath });
    expect((await cri.version()).apiVersion).toBe('v1');
  });

  it('tells a gRPC server without CRI', async () => {
    const server = await fake({ api: 'none' });
    await expect(client(server.socketPath).listContainers()).rejects.toMatchObject({ kind: 'notCri' });
  });

  it('sends the authority that servers accept for a socket', async () => {
    const server = await fake();
    await client(server.socketPath).version();
    expect(server.calls[0]?.authority).toBe('localhost');
  });
});

describe('lists', () => {
  it('streams where the runtime can, in batches', async () => {
    const server = await fake({ streamBatch: 3 });
    const cri = client(server.socketPath);
    expect((await cri.listContainers()).map(({ name }) => name)).toEqual(
      Array.from({ length: 10 }, (_, index) => `container-${index}`),
    );
    expect(await cri.listPodSandboxes()).toHaveLength(4);
    expect(methods(server)).toEqual(['Version', 'StreamContainers', 'StreamPodSandboxes']);
    expect(cri.rpcCount).toBe(3);
  });

  it('remembers that the runtime can’t', async () => {
    const server = await fake();
    const cri = client(server.socketPath);
    await cri.listContainers();
    await cri.listContainers();
    expect(methods(server)).toEqual(['Version', 'StreamContainers', 'ListContainers', 'ListContainers']);
  });

  it('tries the streams again when the runtime was replaced', async () => {
    const server = await fake();
    const cri = client(server.socketPath);
    await cri.listContainers();
    server.answer('Version', { runtimeName: 'containerd', runtimeVersion: '3.0.0' });
    await cri.version();
    await cri.listContainers();
    expect(methods(server).filter((method) => method === 'StreamContainers')).toHaveLength(2);
  });

  it('takes answers over 4 MiB, which grpc-js refuses by itself', async () => {
    const answers = generatedAnswers({ sandboxes: 10, containers: 12_000 });
    const cri = client((await fake({ answers })).socketPath);
    const containers = await cri.listContainers({ timeoutMs: 30_000 });
    expect(containers).toHaveLength(12_000);
    expect(containers.at(-1)?.name).toBe('container-11999');
  });
});

describe('any RPC', () => {
  it('calls with typed messages, zero values filled and 64 bits exact', async () => {
    const server = await fake({
      answers: {
        ...small,
        ImageFsInfo: { imageFilesystems: [{ timestamp: '9223372036854775807', usedBytes: { value: '1' } }] },
        CreateContainer: { containerId: 'new' },
      },
    });
    const cri = client(server.socketPath);
    const { imageFilesystems } = await cri.call('ImageFsInfo', {});
    expect(imageFilesystems[0]?.timestamp.toString()).toBe('9223372036854775807');
    expect(imageFilesystems[0]?.fsId).toBeNull();
    const config = {
      metadata: { name: 'c' },
      envs: [{ key: 'A', value: Buffer.from([0xff]) }],
      stopSignal: 23,
    };
    expect(await cri.call('CreateContainer', { podSandboxId: 'p', config })).toMatchObject({
      containerId: 'new',
    });
    expect(server.calls.at(-1)?.request).toMatchObject({
      podSandboxId: 'p',
      config: { envs: [{ key: 'A', value: Buffer.from([0xff]) }], stopSignal: 'SIGNAL_SIGTERM' },
    });
    await expect(cri.call('ListImages', {})).rejects.toMatchObject({ kind: 'unimplemented' });
  });

  it('streams messages, and ends the call when the loop is left', async () => {
    const event = (id: string): object => ({
      containerId: id,
      containerEventType: 'CONTAINER_CREATED_EVENT',
    });
    const cri = client(
      (await fake({ answers: { ...small, GetContainerEvents: [event('a'), event('b'), event('c')] } }))
        .socketPath,
    );
    const seen: string[] = [];
    for await (const message of cri.stream('GetContainerEvents', {})) {
      seen.push(`${message.containerId} ${message.containerEventType}`);
      if (seen.length === 2) break;
    }
    expect(seen).toEqual(['a 0', 'b 0']);
  });

  it('asks for stderr only without a tty', async () => {
    const server = await fake({ answers: { ...small, Exec: { url: 'http://127.0.0.1:1/exec/x' } } });
    const cri = client(server.socketPath);
    expect(await cri.exec('c', { command: ['sh'], tty: true, stdin: true })).toBe(
      'http://127.0.0.1:1/exec/x',
    );
    await cri.exec('c', { command: ['ls', '-l'], tty: false, stdin: false });
    expect(server.calls.slice(1).map(({ request }) => request)).toEqual([
      { containerId: 'c', cmd: ['sh'], tty: true, stdin: true, stdout: true },
      { containerId: 'c', cmd: ['ls', '-l'], stdout: true, stderr: true },
    ]);
  });

  it('knows the cgroup driver, or that the runtime doesn’t say', async () => {
    const server = await fake({ answers: { ...small, RuntimeConfig: { linux: {} } } });
    const cri = client(server.socketPath);
    expect(await cri.runtimeConfig()).toEqual({ cgroupDriver: 'systemd' });
    server.answer('RuntimeConfig', undefined);
    expect(await cri.runtimeConfig()).toBeUndefined();
  });
});

describe('faults', () => {
  const failing = (path: string, timeoutMs = 5000): Promise<unknown> => client(path).version({ timeoutMs });

  it('tells a missing socket', async () => {
    await expect(failing(join(folder, 'none'))).rejects.toMatchObject({ kind: 'missing' });
  });

  it('tells a socket that nobody serves', async () => {
    const server = createServer();
    const path = await listen(server, 'a');
    await rename(path, join(folder, 'left'));
    server.close();
    await expect(failing(join(folder, 'left'))).rejects.toMatchObject({ kind: 'refused' });
  });

  it('tells a socket that others may not open', async () => {
    const server = await fake();
    const root = process.geteuid?.() === 0;
    // Root may open everything, so become nobody for a moment; the fake's folder is its maker's alone.
    if (root) process.seteuid?.(65_534);
    ends.push(() => root && process.seteuid?.(0));
    const path = root ? server.socketPath : '/root/cri.sock';
    await expect(failing(path)).rejects.toMatchObject({
      kind: 'denied',
      message: expect.stringMatching(/sudo/) as string,
    });
  });

  it('tells a server that isn’t gRPC', async () => {
    const http = createHttpServer((_request, response) => response.end('hello'));
    await expect(failing(await listen(http, 'http'))).rejects.toMatchObject({ kind: 'protocol' });
  });

  it('tells a connection that breaks before anything came, as of a bridge whose link is lost', async () => {
    const dying = createServer((connection) => connection.end());
    await expect(failing(await listen(dying, 'dying'))).rejects.toMatchObject({
      kind: 'failed',
      message: expect.stringMatching(/closed before the runtime said anything/) as string,
    });
  });

  it('tells a socket that accepts and never answers', async () => {
    const silent = createServer((connection) => ends.push(() => connection.destroy()));
    await expect(failing(await listen(silent, 'silent'), 200)).rejects.toMatchObject({ kind: 'hung' });
  });

  it('tells a runtime that hangs, and goes on with the rest', async () => {
    const server = await fake({ faults: { ListContainers: { hang: true } } });
    const cri = client(server.socketPath);
    const hung = cri.listContainers({ timeoutMs: 300 });
    expect(await cri.listPodSandboxes()).toHaveLength(4);
    await expect(hung).rejects.toMatchObject({
      kind: 'hung',
      message: expect.stringContaining('0.3 s') as string,
    });
    server.fault('ListContainers', undefined);
    expect(await cri.listContainers()).toHaveLength(10);
  });

  it('tells the runtime’s own deadline from ours', async () => {
    const faults = { ExecSync: { code: status.DEADLINE_EXCEEDED, details: 'timeout 1s exceeded' } };
    const cri = client((await fake({ faults })).socketPath);
    await expect(cri.call('ExecSync', { containerId: 'x' })).rejects.toMatchObject({ kind: 'failed' });
  });

  it('cancels with the signal’s reason', async () => {
    const server = await fake({ faults: { Status: { hang: true } } });
    const cri = client(server.socketPath);
    await cri.version();
    const abort = new AbortController();
    const call = cri.status(false, { signal: abort.signal });
    abort.abort(new Error('not wanted any more'));
    await expect(call).rejects.toThrow('not wanted any more');
    await expect(cri.status(false, { signal: abort.signal })).rejects.toThrow('not wanted any more');
  });

  it('ends what is under way when it is disposed', async () => {
    const server = await fake({ faults: { Status: { hang: true } } });
    const cri = client(server.socketPath);
    await cri.version();
    const call = cri.status();
    cri.dispose();
    await expect(call).rejects.toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('closed') as string,
    });
    await expect(cri.status()).rejects.toMatchObject({ kind: 'failed' });
  });

  it('finds a restarted runtime at once, whatever the backoff', async () => {
    const socketPath = join(folder, 'cri.sock');
    const first = await startFakeCri({ answers: small, socketPath });
    const cri = client(socketPath);
    await cri.version();
    await first.close();
    // The failures make the backoff grow; a call by itself would now wait or fail.
    for (let index = 0; index < 5; index++)
      await expect(cri.version()).rejects.toMatchObject({ kind: 'missing' });
    await fake({ socketPath });
    expect((await cri.version({ timeoutMs: 1000 })).name).toBe('containerd');
    await expect(cri.call('StopContainer', { containerId: 'x' })).rejects.toMatchObject({
      kind: 'unimplemented',
    });
  });

  it('repeats what only reads, never what changes something', async () => {
    const down = { code: status.UNAVAILABLE, details: 'server is not initialized yet' };
    const server = await fake({ faults: { Status: down, StopContainer: down } });
    const cri = client(server.socketPath);
    await cri.version();
    await expect(cri.status()).rejects.toMatchObject({ kind: 'failed', message: /not initialized/ });
    await expect(cri.call('StopContainer', { containerId: 'x' })).rejects.toMatchObject({ kind: 'failed' });
    expect(methods(server)).toEqual(['Version', 'Status', 'Status', 'StopContainer']);
  });
});
