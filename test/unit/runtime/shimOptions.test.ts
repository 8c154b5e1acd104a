import { expect, test } from 'vitest';
import type { Ancestry } from '../../../src/model/process.js';
import { ShimOptions } from '../../../src/runtime/shimOptions.js';
import { fakeNode } from './fakeNode.js';

const { signal } = new AbortController();

/** A container below a shim for runc. */
function below(shim: number, id: string): Ancestry {
  const link = { ppid: 1, command: ['containerd-shim-runc-v2'], startedAt: shim };
  return {
    links: [
      { ...link, pid: shim, role: 'shim' },
      { ...link, pid: shim + 1, role: 'container' },
    ],
    lowLevel: {
      name: 'runc',
      bundle: `/run/b/${id}`,
      statePath: `/run/containerd/runc/k8s.io/${id}/state.json`,
      source: `cwd of shim ${shim}; runc assumed, as the bundle's options.json may name another`,
    },
  };
}

/** A node that writes down what is read in each round trip. */
function node(files: Readonly<Record<string, string>>) {
  const fake = fakeNode({ files });
  const trips: (readonly string[])[] = [];
  return {
    trips,
    node: { ...fake, readFiles: (paths: readonly string[]) => (trips.push(paths), fake.readFiles(paths)) },
  };
}

const crun = JSON.stringify({ binary_name: '/usr/bin/crun' });

test('one file a shim, all in one round trip, and never again', async () => {
  const read = node({ '/run/b/a/options.json': crun, '/run/b/c/options.json': '{}' });
  const options = new ShimOptions(read.node);
  const [a, b, c] = [below(10, 'a'), below(10, 'b'), below(20, 'c')];
  await options.read([a, b, c], signal);
  await options.read([a, b, c], signal);
  expect(read.trips).toEqual([['/run/b/a/options.json', '/run/b/c/options.json']]);
  expect([a, b, c].map((one, index) => options.refine('abc'[index]!, one).lowLevel?.name)).toEqual([
    ...['crun', 'crun', 'runc'],
  ]);
  expect(options.refine('b', b).lowLevel?.statePath).toBe('/run/containerd/runc/k8s.io/b/status');
  expect(options.refine('b', b)).toBe(options.refine('b', b));
});

test.each([
  ['unreadable', {}],
  ['broken', { '/run/b/a/options.json': '{' }],
])('%s: the name stays assumed, and is not asked for again', async (_, files) => {
  const read = node(files);
  const options = new ShimOptions(read.node);
  const a = below(10, 'a');
  await options.read([a], signal);
  await options.read([a], signal);
  expect(read.trips).toHaveLength(1);
  expect(options.refine('a', a)).toBe(a);
});

test('another shim under the same pid is read anew', async () => {
  const read = node({ '/run/b/a/options.json': crun });
  const options = new ShimOptions(read.node);
  const a = below(10, 'a');
  await options.read([a], signal);
  const { links, ...rest } = below(10, 'a');
  await options.read([{ ...rest, links: links.map((link) => ({ ...link, startedAt: 11 })) }], signal);
  expect(read.trips).toHaveLength(2);
});

test('hundreds are read by and by', async () => {
  const read = node({});
  const options = new ShimOptions(read.node);
  const many = Array.from({ length: 250 }, (_, index) => below(index, `c${index}`));
  await options.read(many, signal);
  await options.read(many, signal);
  await options.read(many, signal);
  expect(read.trips.map((paths) => paths.length)).toEqual([200, 50]);
});
