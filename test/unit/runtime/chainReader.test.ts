import { expect, test } from 'vitest';
import type { JoinTarget } from '../../../src/model/join.js';
import { NodeError, type CommandResult, type Node } from '../../../src/node/node.js';
import { readChain } from '../../../src/runtime/chainReader.js';
import type { NodeConnection } from '../../../src/runtime/nodes.js';
import { drawing, snapshotOf } from '../model/chain/chains.js';
import { tableOf } from '../model/recorded.js';
import { processes } from '../model/runtimes/tables.js';
import { fakeNode } from './fakeNode.js';

const path = '/run/containerd/containerd.sock';
const endpoint = `unix://${path}`;
const row = (flags: string, rest: string): string =>
  `0000000000000000: 00000002 00000000 ${flags} 0001 01 ${rest}\n`;
const unix = `${row('00010000', `41 ${path}`)}${row('00000000', `42 ${path}`)}${row('00000000', '43')}`;
const ss = `u_str ESTAB 0 0 ${path} 42 * 43\nu_str ESTAB 0 0 * 43 * 42\n`;
const files = ['500/fd/3 41', '500/fd/4 42', '510/fd/9 43']
  .map((line) => line.split(' '))
  .map(([name, inode]) => `c1ff ${inode} /proc/${name}\n`)
  .join('');

const ok = (stdout: string): CommandResult => ({
  code: 0,
  stdout: Buffer.from(stdout),
  stderr: Buffer.alloc(0),
});

type Answer = (command: readonly string[]) => CommandResult | Error;

/** A node whose programs answer what a test says, and what was run on it. */
function reader(answer: Answer, text?: string) {
  const table = tableOf(
    processes(
      text ??
        `1 0 / /sbin/init
         500 1 / /usr/bin/containerd
         510 1 / /usr/bin/kubelet`,
    ),
  );
  const ran: (readonly string[])[] = [];
  const node: Node = {
    ...fakeNode({}),
    run: (command) => {
      ran.push(command);
      const result = answer(command);
      return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
    },
  };
  const targets: JoinTarget[] = [];
  const snapshot = snapshotOf({ name: 'containerd', endpoint, table, targets });
  const connection = { node, processes: table, runtimes: [{ snapshot, state: 'ready' }] };
  return { ran, connection: connection as unknown as NodeConnection };
}

const whole: Answer = ([program, flags]) => {
  if (program === 'cat') return ok(unix);
  if (program === 'sh') return ok(files);
  return flags === '-xn' ? ok(ss) : new Error('not wanted');
};

test('three commands, two round trips: who listens and who is connected', async () => {
  const { ran, connection } = reader(whole);
  const graph = await readChain(connection, { kind: 'node' });
  expect(drawing(graph).slice(0, 2)).toEqual([
    'cri!: kubelet kubelet 510 -> socket containerd.sock',
    'cri!: socket containerd.sock -> server containerd 500',
  ]);
  expect(graph.notes).toEqual([]);
  expect(ran.map(([program]) => program)).toEqual(['cat', 'ss', 'sh']);
  expect(ran[2]!.slice(5)).toEqual(['510', '500']);
});

test('without ss and without rights: a note for each, with the next step', async () => {
  const { connection } = reader(([program]) =>
    program === 'cat'
      ? ok(unix)
      : program === 'sh'
        ? ok('alive 510\nalive 500\n')
        : new NodeError('missing', 'no ss'),
  );
  const graph = await readChain(connection, { kind: 'node' });
  expect(graph.edges.filter(({ kind, proof }) => kind === 'cri' && proof === 'proved')).toEqual([]);
  expect(graph.notes).toEqual([
    expect.stringMatching(/open sockets of processes 510, 500 .* use a node with sudo/),
    expect.stringMatching(/no ss \(package iproute2\)/),
  ]);
});

test('a daemon that ended meanwhile is no matter of rights', async () => {
  const { connection } = reader((command) =>
    command[0] === 'sh' ? ok(files.replace(/^.*510.*\n/m, '')) : whole(command),
  );
  expect((await readChain(connection, { kind: 'node' })).notes).toEqual([]);
});

test('who listens under an unknown name is looked for, and only then', async () => {
  const { ran, connection } = reader(
    ([program, flags]) => {
      if (program === 'cat') return ok(unix);
      if (program === 'sh') return ok(files.replaceAll('/500/', '/520/'));
      return ok(flags === '-xn' ? ss : `u_str LISTEN 0 4096 ${path} 41 * 0 users:(("odd",pid=520,fd=3))\n`);
    },
    `1 0 / /sbin/init
     520 1 / /opt/odd`,
  );
  const graph = await readChain(connection, { kind: 'node' });
  expect(drawing(graph)[1]).toBe('cri!: socket containerd.sock -> server odd 520');
  expect(ran.map((command) => command.slice(0, 2).join(' '))).toContain('ss -xlpn');
});

test('a node that can run nothing still has its chain', async () => {
  const { connection } = reader(() => new NodeError('failed', 'the link is down'));
  const graph = await readChain(connection, { kind: 'node' });
  expect(drawing(graph)[1]).toBe('cri: socket containerd.sock -> server containerd 500');
  expect(graph.notes).toHaveLength(1);
});

test('an abort rejects', async () => {
  const abort = new AbortController();
  const { connection } = reader(() => {
    abort.abort(new Error('closed'));
    return new Error('closed');
  });
  await expect(readChain(connection, { kind: 'node' }, abort.signal)).rejects.toThrow('closed');
});
