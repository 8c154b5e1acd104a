import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SweepClient } from '../../../src/node/sweepClient.js';

let folder: string;
let client: SweepClient;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sweep-'));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(async () => {
  vi.useRealTimers();
  client.dispose();
  await rm(folder, { recursive: true });
});

/** A worker that answers, or one whose read of /proc is stuck. */
const worker = (stuck: boolean): string => {
  const path = join(folder, 'worker.cjs');
  const changes = { takenAt: 1, boot: { bootId: '', epoch: 0 }, changed: [], states: [], gone: [] };
  const post = `parentPort.postMessage(${JSON.stringify({ type: 'changes', changes })})`;
  const text = `const { parentPort } = require('node:worker_threads'); parentPort.on('message', () => { ${stuck ? '' : post} });`;
  writeFileSync(path, text);
  return path;
};

test('a sweep that is stuck is waited for once, not at each refresh', async () => {
  client = new SweepClient({ workerPath: worker(true), idleMs: 60_000, timeoutMs: 10_000 });
  const first = client.sweep({ cwdOf: [] });
  vi.advanceTimersByTime(10_000);
  await expect(first).rejects.toThrow('within 10 s');
  // No time goes by now.
  await expect(client.sweep({ cwdOf: [] })).rejects.toThrow('within 10 s');
});

test('a sweep that comes in time is given', async () => {
  client = new SweepClient({ workerPath: worker(false), idleMs: 60_000, timeoutMs: 10_000 });
  await expect(client.sweep({ cwdOf: [] })).resolves.toMatchObject({ takenAt: 1 });
  await expect(client.sweep({ cwdOf: [] })).resolves.toMatchObject({ takenAt: 1 });
});
