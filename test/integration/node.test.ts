import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ProcessRecord, ProcessTable } from '../../src/model/process.js';
import { createLocalNode } from '../../src/node/local.js';
import type { Node } from '../../src/node/node.js';
import { SweepClient } from '../../src/node/sweepClient.js';
import { bundledSweepWorker } from './nodeSupport.js';

let folder: string;
let worker: ReturnType<typeof bundledSweepWorker>;
let node: Node;
const children: ChildProcess[] = [];

/** Starts a program in a process group of its own, ended after the test. */
function start(program: string, args: string[]): ChildProcess {
  const child = spawn(program, args, { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

const sweep = (cwdOf: string[] = []): Promise<ProcessTable> => node.sweep({ cwdOf });
const find = async (pid: number | undefined, cwdOf?: string[]): Promise<ProcessRecord | undefined> =>
  (await sweep(cwdOf)).processes.get(pid!);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'criex-node-'));
  worker = bundledSweepWorker();
  node = createLocalNode({ workerPath: worker.path });
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    process.kill(-child.pid!, 'SIGKILL');
    await ended;
  }
});
afterAll(() => {
  node.dispose();
  worker.dispose();
  rmSync(folder, { recursive: true });
});

describe('sweep', () => {
  it('reads this very process as it is', async () => {
    const self = await find(process.pid);
    expect(self).toMatchObject({ pid: process.pid, ppid: process.ppid });
    const cgroups = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n');
    expect(self!.cgroups).toEqual(
      [...new Set(cgroups.map((line) => line.split(':').slice(2).join(':')))].sort(
        (a, b) => b.length - a.length,
      ),
    );
    expect(self!.startedAt).toBeLessThanOrEqual(Date.now());
    const age = Date.now() - self!.startedAt;
    expect(Math.abs(age - process.uptime() * 1000)).toBeLessThan(5000);
  });

  it('reads a hostile process: comm with `)` and a newline, arguments empty and not UTF-8', async () => {
    const name = 'a) R 1 (\nb';
    copyFileSync('/bin/sh', join(folder, name));
    const script = 'exec "$0" -c "echo ready; read x" "" "$(printf "\\377\\nz")" é';
    const child = start('/bin/sh', ['-c', script, join(folder, name)]);
    await once(child.stdout!, 'data');
    expect(await find(child.pid)).toMatchObject({
      comm: name,
      ppid: process.pid,
      argv: [join(folder, name), '-c', 'echo ready; read x', '', '\\xff\nz', 'é'],
    });
  });

  it('notices that a process executed another program, and that a child ended', async () => {
    const child = start('/bin/sh', ['-c', 'sleep 999 & echo $!; read x; exec sleep 1000']);
    const left = Number(String((await once(child.stdout!, 'data'))[0]));
    expect((await find(child.pid))?.argv[0]).toBe('/bin/sh');
    child.stdin!.write('\n');
    await vi.waitFor(async () => expect((await find(child.pid))?.argv).toEqual(['sleep', '1000']));
    await vi.waitFor(async () => expect((await find(left))?.argv).toEqual(['sleep', '999']));
    // `sleep 1000` never waits for the child that the shell left it.
    process.kill(left);
    await vi.waitFor(async () =>
      expect(await find(left)).toMatchObject({ ppid: child.pid, state: 'Z', comm: 'sleep', argv: [] }),
    );
    process.kill(child.pid!);
    await once(child, 'exit');
    expect(await find(child.pid)).toBeUndefined();
  });

  it('keeps the objects of what did not change, and the map when nothing did', async () => {
    const child = start('sleep', ['1000']);
    await vi.waitFor(async () => expect((await find(child.pid))?.argv).toEqual(['sleep', '1000']));
    const before = await find(child.pid);
    const after = await find(child.pid);
    expect(after).toBe(before);
  });

  it('reads the working folder of the programs asked for', async () => {
    const child = spawn('sleep', ['1000'], { cwd: folder, detached: true });
    children.push(child);
    await vi.waitFor(async () => expect((await find(child.pid, ['sleep']))?.cwd).toBe(folder));
    expect((await find(process.pid, ['sleep']))?.cwd).toBeUndefined();
  });

  it('is one for all who ask at the same time', async () => {
    const [a, b, c] = await Promise.all([sweep(), sweep(), sweep(['sleep'])]);
    expect(b).toBe(a);
    expect(c).not.toBe(a);
  });

  it('ends at once when it is called off, and goes on working', async () => {
    const abort = new AbortController();
    const called = node.sweep({ cwdOf: [], signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(called).rejects.toThrow('enough');
    expect((await sweep()).processes.size).toBeGreaterThan(1);
  });

  it('rejects on a platform without /proc', async () => {
    const mac = createLocalNode({ platform: 'darwin' });
    await expect(mac.sweep({ cwdOf: [] })).rejects.toMatchObject({ name: 'NodeError', kind: 'unsupported' });
    mac.dispose();
  });

  it('tells what 500 processes cost', async () => {
    const many = start('/bin/sh', ['-c', 'for i in $(seq 420); do sleep 1000 & done; echo ready; wait']);
    await once(many.stdout!, 'data');
    const fresh = createLocalNode({ workerPath: worker.path });
    const times: string[] = [];
    let size = 0;
    for (let turn = 0; turn < 8; turn++) {
      const began = performance.now();
      size = (await fresh.sweep({ cwdOf: ['containerd-shim', 'conmon'] })).processes.size;
      times.push((performance.now() - began).toFixed(0));
    }
    fresh.dispose();
    expect(size).toBeGreaterThan(420);
    console.log(
      `sweeps of ${size} processes, ms, the first with the start of the worker: ${times.join(' ')}`,
    );
  });
});

describe('the sweep’s worker', () => {
  const client = (workerPath: string, more: object = {}): SweepClient =>
    new SweepClient({ workerPath, idleMs: 60_000, timeoutMs: 30_000, ...more });

  it('is replaced after a crash', async () => {
    const path = join(folder, 'crashing.cjs');
    writeFileSync(
      path,
      "require('node:worker_threads').parentPort.on('message', () => { throw new Error('boom'); })",
    );
    const sweeps = client(path);
    await expect(sweeps.sweep({ cwdOf: [] })).rejects.toMatchObject({ kind: 'failed', message: /boom/ });
    writeFileSync(path, "require('node:worker_threads').parentPort.on('message', () => process.exit(3))");
    await expect(sweeps.sweep({ cwdOf: [] })).rejects.toMatchObject({ kind: 'failed', message: /ended/ });
    copyFileSync(worker.path, path);
    expect((await sweeps.sweep({ cwdOf: [] })).processes.has(process.pid)).toBe(true);
    sweeps.dispose();
  });

  it('that can’t be loaded is a failure with a reason', async () => {
    const sweeps = client(join(folder, 'none.cjs'));
    await expect(sweeps.sweep({ cwdOf: [] })).rejects.toMatchObject({ kind: 'failed', message: /none\.cjs/ });
    sweeps.dispose();
  });

  it('that hangs is not waited for', async () => {
    const path = join(folder, 'hanging.cjs');
    writeFileSync(path, "require('node:worker_threads').parentPort.on('message', () => undefined)");
    const sweeps = client(path, { timeoutMs: 100 });
    const tooLate = { kind: 'failed', message: /within 0.1 s/ };
    await expect(sweeps.sweep({ cwdOf: [] })).rejects.toMatchObject(tooLate);
    // The reader is still at it: nobody waits for it a second time.
    await expect(sweeps.sweep({ cwdOf: [] })).rejects.toMatchObject(tooLate);
    sweeps.dispose();
    await expect(sweeps.sweep({ cwdOf: [] })).rejects.toThrow('closed');
  });

  it('ends when it is not needed, starts again, and leaves the objects as they were', async () => {
    const terminate = vi.spyOn(Worker.prototype, 'terminate');
    const sweeps = client(worker.path, { idleMs: 50 });
    const first = await sweeps.sweep({ cwdOf: [] });
    await vi.waitFor(() => expect(terminate).toHaveBeenCalledOnce());
    await terminate.mock.results[0]!.value;
    const again = await sweeps.sweep({ cwdOf: [] });
    expect(again.processes.get(1)?.argv).toBe(first.processes.get(1)?.argv);
    expect(again.processes.get(1)?.startedAt).toBe(first.processes.get(1)?.startedAt);
    sweeps.dispose();
    expect(terminate).toHaveBeenCalledTimes(2);
    terminate.mockRestore();
  });
});
