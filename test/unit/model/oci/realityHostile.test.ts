import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { specFindings } from '../../../../src/model/oci/findings/findings.js';
import { nodeNamespaces } from '../../../../src/model/oci/findings/confinement.js';
import { parseJson } from '../../../../src/model/oci/json.js';
import {
  identityPaths,
  processFiles,
  realityOf,
  secondFiles,
} from '../../../../src/model/oci/reality/reality.js';
import { fakeKernel, statusText } from './realitySupport.js';

const recordings = join(import.meta.dirname, '../../../fixtures/oci');
const seeds = readdirSync(recordings)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(join(recordings, name), 'utf8')) as unknown);

/** Mulberry32: the same hostile specs in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const odd: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1e308,
    2 ** 64,
    2 ** 53 + 2,
    '',
    '/',
    '\0\n\u202e',
    '../../..',
    '/proc/1/ns/net',
    '::',
    'a:b:c',
  ],
  ...[
    [],
    {},
    [[[[]]]],
    { a: { b: { c: [] } } },
    ['CAP_SYS_ADMIN', 7, null],
    'x'.repeat(10_000),
    '__proto__',
    'RLIMIT_NOFILE',
  ],
  ...[
    { type: {}, path: [] },
    [{ type: 'network', path: '/proc/99999999999999999999/ns/net' }],
    '0-99999999999',
    'systemd:',
  ],
];

/** A recorded spec with values of other types, and lists and objects in odd places. */
function mutated(value: unknown, next: () => number): unknown {
  if (next() < 0.08) return odd[Math.floor(next() * odd.length)];
  if (Array.isArray(value)) return value.map((item) => mutated(item, next));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mutated(member, next)]));
}

const kernels = [
  fakeKernel({}),
  fakeKernel({
    readerMounts: '30 22 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
    runtimeMounts: '20 1 254:0 / / rw - ext4 /dev/vda rw\n',
    files: {
      '/proc/100/status': statusText({
        Uid: 'x',
        Gid: '',
        Groups: '-',
        CapEff: 'zz',
        CapBnd: 'ffffffffffffffff',
        Seccomp: '9',
      }),
      '/proc/100/cgroup': `0::/${'a/'.repeat(40)}\nnonsense\n7:memory\n`,
      '/proc/100/mountinfo':
        '1 0 0:1 / / rw - overlay\n2 1 x\n3 1 0:2 //deleted /data ro - tmpfs tmpfs rw\n\n-\n',
      '/proc/100/limits': 'Max open files  x\n',
      '/proc/100/oom_score_adj': '\0',
      '/proc/100/uid_map': '0 0 99999999999999999999999\n',
      '/proc/100/attr/current': '\0\0',
    },
  }),
];

/** What is wrong with what comes of a spec: facts that say nothing, paths that lead elsewhere. */
function faults(text: string): string[] {
  const spec = parseJson(text);
  const found: string[] = [];
  for (const kind of ['container', 'sandbox'] as const) {
    for (const { title } of specFindings(spec, { kind, apparmor: true })) if (title === '') found.push(kind);
  }
  nodeNamespaces(spec);
  for (const kernel of kernels) {
    const files = [...processFiles(1), ...secondFiles(spec, kernel)];
    found.push(
      ...files.filter((path) => !path.startsWith('/') || path.includes('..') || path.includes('\n')),
    );
    // What isn't one line of printable characters would be more than one word to the node's programs.
    found.push(...identityPaths(spec, [1]).filter((path) => !/^\/[^\p{Cc}]*$/u.test(path)));
    for (const { name, verdict, kernel: value, note } of realityOf(spec, kernel)) {
      if (verdict === 'unreadable' ? !note?.trim() : value === undefined) found.push(name);
    }
  }
  return found;
}

describe('hostile specs never throw', () => {
  test('recorded ones with other types in any place', { timeout: 30_000 }, () => {
    const next = random(5);
    for (let round = 0; round < 60; round++) {
      const seed = seeds[round % seeds.length];
      expect(faults(JSON.stringify(mutated(seed, next)))).toEqual([]);
    }
  });

  test.each([
    'null',
    '[]',
    '"x"',
    '7',
    '{}',
    '{"process": null, "linux": [], "mounts": {}}',
    '{"linux": {"resources": {"memory": {"limit": 1e999, "swap": 123456789012345678901234567890}}}}',
    `{"process": {"oomScoreAdj": ${'9'.repeat(100_000)}}}`,
    `{"mounts": [${'{"destination":"/x","options":["bind"]},'.repeat(5000)}{}]}`,
    `${'{"linux":'.repeat(2000)}1${'}'.repeat(2000)}`,
  ])('%#', (text) => {
    expect(faults(text)).toEqual([]);
  });
});

test('what a spec makes us read is bounded', () => {
  const many = <T>(make: (index: number) => T): T[] =>
    Array.from({ length: 20_000 }, (_, index) => make(index));
  const unified = Object.fromEntries(many((index) => [`memory.file${index}`, '1']));
  const hugepageLimits = many((index) => ({ pageSize: `${index}MB`, limit: 1 }));
  const linux = {
    ...{ cgroupsPath: '/a', resources: { unified, hugepageLimits } },
    namespaces: many((index) => ({ type: 'network', path: `/run/netns/${index}` })),
  };
  const spec = parseJson(JSON.stringify({ linux }));
  expect(identityPaths(spec, [1]).join(' ').length).toBeLessThan(32_000);
  for (const kernel of kernels) expect(secondFiles(spec, kernel).length).toBeLessThan(1000);
});
