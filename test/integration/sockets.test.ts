import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listenersAt } from '../../src/model/procUnix.js';
import type { CommandResult, Node } from '../../src/node/node.js';
import { readHolders, readOpenSockets, readUnixSockets } from '../../src/runtime/socketReader.js';
import { fakeNode } from '../unit/runtime/fakeNode.js';

/** This process is the node. */
const node: Node = {
  ...fakeNode({}),
  run: ([program, ...args]) =>
    new Promise<CommandResult>((resolve) =>
      execFile(program, args, { encoding: 'buffer', maxBuffer: 1 << 26 }, (_, stdout, stderr) =>
        resolve({ code: 0, stdout, stderr }),
      ),
    ),
};

const { signal } = new AbortController();
let folder: string;
let server: Server;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cri-sockets-'));
  server = createServer();
  await new Promise<void>((resolve) => server.listen(join(folder, 's'), resolve));
});

afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

const listening = async (): Promise<readonly number[]> =>
  listenersAt(await readUnixSockets(node, signal), join(folder, 's'));

test('who listens at a path, among some processes and among all', async () => {
  const inodes = await listening();
  expect(inodes).toHaveLength(1);
  const own = new Map([[inodes[0], [process.pid]]]);
  expect(await readHolders(node, inodes, [process.pid], signal)).toEqual(own);
  expect((await readHolders(node, inodes, undefined, signal)).get(inodes[0]!)).toEqual([process.pid]);
  expect(await readHolders(node, inodes, [], signal)).toEqual(new Map());
});

test('a file whose name looks like a socket is none', async () => {
  const file = await open(join(folder, 'x -> socket:[4242]\n\nc1ff 4242 '), 'w');
  const sockets = await readHolders(node, [4242], [process.pid], signal);
  await file.close();
  expect(sockets).toEqual(new Map());
});

test('what is gone is neither open nor shut', async () => {
  const { open: sockets, shut } = await readOpenSockets(node, [process.pid, 4_194_303], signal);
  expect([...sockets.keys()]).toEqual([process.pid]);
  expect(sockets.get(process.pid)).toContain((await listening())[0]);
  expect(shut).toEqual([]);
});
