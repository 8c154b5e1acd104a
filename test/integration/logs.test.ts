import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LogItem } from '../../src/model/log/entry.js';
import type { Node } from '../../src/node/node.js';
import { createLocalNode } from '../../src/node/local.js';
import { openLog, type OpenLog } from '../../src/runtime/logReader.js';

/**
 * Writes CRI lines with growing numbers as fast as it can, each with one write(2) like a runtime does, and rotates
 * the file by rename and create in the middle. Every tenth line comes in three parts.
 */
const writer = `
const fs = require('node:fs');
const [path, count, pause, rotateAt] = process.argv.slice(1);
const total = Number(count);
let fd = fs.openSync(path, 'a');
const put = (tag, text) => fs.writeSync(fd, new Date().toISOString() + ' stdout ' + tag + ' ' + text + '\\n');
let n = 0;
const step = () => {
  for (const end = Math.min(n + 500, total); n < end; n++) {
    if (n % 10 === 0) {
      put('P', 'line ');
      put('P', String(n).slice(0, 1));
      put('F', String(n).slice(1) + ' ünï'); 
    } else put('F', 'line ' + n + ' ünï');
    if (n === Number(rotateAt)) {
      fs.closeSync(fd);
      fs.renameSync(path, path + '.' + n);
      fd = fs.openSync(path, 'a');
    }
  }
  if (n < total) setTimeout(step, Number(pause));
};
step();
`;

let folder: string;
let path: string;
let node: Node;
let child: ChildProcess | undefined;
let log: OpenLog | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cri-log-'));
  path = join(folder, '0.log');
  node = createLocalNode();
});
afterEach(async () => {
  log?.dispose();
  if (child?.exitCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  node.dispose();
  await rm(folder, { recursive: true });
});

function start(count: number, pause: number, rotateAt = -1): void {
  child = spawn(process.execPath, ['-e', writer, path, String(count), String(pause), String(rotateAt)], {
    stdio: 'inherit',
  });
}

const numbers = (items: readonly LogItem[]): number[] =>
  items.flatMap((item) => (item.kind === 'line' ? [Number(/^line (\d+) ünï$/.exec(item.text)?.[1])] : []));

test('every line of a fast writer comes once and in order, over a rotation', async () => {
  const count = 60_000;
  start(count, 5, count / 2);
  await vi.waitFor(async () => expect((await node.stat(path)).size).toBeGreaterThan(100_000), 20_000);
  log = await openLog(node, path, { tail: 200 });
  const seen: number[] = numbers(log.first.entries);
  const first = seen[0] ?? -1;
  let rotations = 0;
  log.follow(({ items }) => {
    seen.push(...numbers(items));
    rotations += items.filter(({ kind }) => kind === 'rotated').length;
  });
  await vi.waitFor(() => expect(seen.at(-1)).toBe(count - 1), { timeout: 50_000, interval: 100 });
  const odd = seen.findIndex((value, index) => value !== first + index);
  // A single wrong number says more than two long lists.
  expect(odd).toBe(-1);
  expect(seen.length).toBe(count - first);
  expect(first).toBeGreaterThan(0);
  expect(rotations).toBe(1);
});

test('a log that was missing is followed from its start', async () => {
  log = await openLog(node, path, { tail: 10 });
  expect(log.first.state).toBe('missing');
  const seen: number[] = [];
  log.follow(({ items }) => seen.push(...numbers(items)));
  start(100, 0);
  await vi.waitFor(() => expect(seen.at(-1)).toBe(99), { timeout: 30_000 });
  expect(seen).toEqual(Array.from({ length: 100 }, (_, n) => n));
});
