import { expect, test } from 'vitest';
import { Search, type Findings } from '../../../src/runtime/finder.js';
import type { NodeConnection } from '../../../src/runtime/nodes.js';
import { container, node, runtime, sandbox, snapshot } from '../views/picture.js';
import { fakeNode } from './fakeNode.js';

const picture = snapshot({ sandboxes: [sandbox({ containers: [container()] })] });

/** A node whose commands end as told. */
function nodeThat(id: string, run: (signal: AbortSignal | undefined) => Promise<string>): NodeConnection {
  const stub = {
    ...fakeNode({}),
    run: async (_: unknown, options: { readonly signal?: AbortSignal } = {}) => ({
      ...{ code: 0, stderr: Buffer.alloc(0) },
      stdout: Buffer.from(await run(options.signal)),
    }),
  };
  const processes = { takenAt: 0, processes: new Map() };
  return node([runtime(picture, { nodeId: id })], {
    id,
    label: id,
    node: stub,
    processes,
  });
}

const inner = '/proc/30/status:NSpid:\t30\t7\n';
const hanging = (signal: AbortSignal | undefined): Promise<string> =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a node that hangs holds up no other, and is left when the search is called off', async () => {
  let aborted = false;
  const nodes = [
    nodeThat('slow', (signal) => hanging(signal).finally(() => (aborted = true))),
    nodeThat('quick', () => Promise.resolve(inner)),
  ];
  const seen: Findings[] = [];
  const search = new Search(
    'pid 7',
    () => nodes,
    (findings) => seen.push(findings),
  );
  search.start();
  expect(seen[0]).toMatchObject({ matches: [], busy: true });
  await settled();
  expect(seen.at(-1)).toMatchObject({ matches: [], busy: true });
  search.dispose();
  await settled();
  expect(aborted).toBe(true);
  expect(seen).toHaveLength(2);
});

test('says what could not be read, and why', async () => {
  const nodes = [
    nodeThat('broken', () => Promise.reject(new Error('no shell there'))),
    { ...nodeThat('idle', hanging), connected: false },
  ];
  const seen: Findings[] = [];
  new Search(
    'pid 7',
    () => nodes,
    (findings) => seen.push(findings),
  ).start();
  await settled();
  expect(seen.at(-1)).toMatchObject({
    busy: false,
    unread: ['broken: no shell there', 'idle: it is not connected'],
  });
});

test('a word needs nothing of the node; what comes later is found by an update', () => {
  let pictures: readonly NodeConnection[] = [];
  const seen: Findings[] = [];
  const search = new Search(
    'web',
    () => pictures,
    (findings) => seen.push(findings),
  );
  search.start();
  pictures = [nodeThat('n', () => Promise.reject(new Error('asked')))];
  search.update();
  expect(seen.map(({ matches, busy }) => [matches.length, busy])).toEqual([
    [0, false],
    [1, false],
  ]);
});

test('what is too much to read is said', async () => {
  const sandboxes = Array.from({ length: 2_003 }, (_, index) =>
    sandbox({ id: `s${index}`, pid: 100 + index, containers: [] }),
  );
  const many = {
    ...nodeThat('big', () => Promise.resolve('')),
    runtimes: [runtime(snapshot({ sandboxes }))],
  };
  const seen: Findings[] = [];
  new Search(
    ':8080',
    () => [many],
    (findings) => seen.push(findings),
  ).start();
  await settled();
  expect(seen.at(-1)?.unread).toEqual(['big: the listening sockets of 3 more pods']);
});
