import { describe, expect, test } from 'vitest';
import { parseJson, pathText, type JsonNode } from '../../../../src/model/oci/json.js';
import { trace, traceSpec } from '../../../../src/model/oci/trace/traceSpec.js';
import { inspectedFiles, recordedInput } from './traceSupport.js';

/** mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const strange = [
  null,
  true,
  false,
  0,
  -1,
  '',
  'x',
  '1',
  'A=b',
  '/data',
  [],
  {},
  [[]],
  ['a', 1, null],
  { type: 'pid' },
  { path: 5 },
];

/** A value with some of its parts replaced, dropped or doubled. */
function mangled(value: unknown, random: () => number): unknown {
  const dice = random();
  if (dice < 0.03) return strange[Math.floor(random() * strange.length)];
  if (Array.isArray(value)) {
    return value.flatMap((item) => {
      const part = mangled(item, random);
      return random() < 0.05 ? [] : random() < 0.05 ? [part, part] : [part];
    });
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (random() < 0.03 ? [] : [[key, mangled(item, random)]])),
  );
}

function plain(node: JsonNode): unknown {
  if (node.type === 'array') return node.items.map(plain);
  if (node.type === 'object')
    return Object.fromEntries([...node.members].map(([key, item]) => [key, plain(item)]));
  return node.type === 'string' ? node.text : JSON.parse(node.text);
}

const again = (value: unknown): JsonNode => parseJson(JSON.stringify(value ?? null));

describe('whatever the spec and the request are', () => {
  const inputs = ['containerd-1.7', 'containerd-2.1', 'cri-o-1.37'].flatMap((runtime) =>
    inspectedFiles(runtime)
      .slice(-2)
      .map((file) => recordedInput(runtime, file)),
  );

  test('a trace is made, with one origin a path', () => {
    for (let seed = 1; seed <= 80; seed++) {
      const random = randomOf(seed);
      const input = inputs[seed % inputs.length]!;
      const mix = (node: JsonNode | undefined): JsonNode | undefined =>
        node && random() < 0.9 ? again(mangled(plain(node), random)) : undefined;
      const spec = again(mangled(plain(input.spec), random));
      const { origins, fates } = trace(spec, mix(input.request), mix(input.image), input.context);
      const paths = origins.map(({ path }) => pathText(path));
      expect(new Set(paths).size, `seed ${seed}`).toBe(paths.length);
      for (const { became } of fates) {
        for (const path of became) expect(paths, `seed ${seed}`).toContain(pathText(path));
      }
    }
  });

  test('what is checked is so no more once the spec says something else', () => {
    for (const { spec, request, image, context } of inputs.filter((input) => input.request)) {
      const { origins } = trace(spec, request, image, context);
      for (const { path } of origins.filter(({ proof, kind }) => proof === 'checked' && kind === 'cri')) {
        const changed = plain(spec) as Record<string, unknown>;
        if (path.length < 2) continue;
        const holder = path
          .slice(0, -1)
          .reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], changed);
        (holder as Record<string, unknown>)[path.at(-1)!] = 'changed by hand';
        const after = trace(again(changed), request, image, context);
        const now = after.origins.find((one) => pathText(one.path) === pathText(path));
        expect(now, pathText(path)).not.toMatchObject({ proof: 'checked' });
      }
    }
  });

  test('a long spec is traced in as many steps as it has values, each with its origin', () => {
    const { context, request } = recordedInput('containerd-2.1', 'ctr-dc816ed95aa10.json');
    const many = <T>(count: number, make: (index: number) => T): T[] =>
      Array.from({ length: count }, (_, index) => make(index));
    const spec = again({
      process: {
        args: many(4_000, (index) => `--a${index}`),
        env: many(4_000, (index) => `NAME_${index}=${index}`),
      },
      mounts: many(1_000, (index) => ({
        destination: `/m/${index}`,
        type: 'bind',
        source: `/s/${index}`,
        options: ['rbind', 'ro'],
      })),
      annotations: Object.fromEntries(many(1_000, (index) => [`example.com/a${index}`, 'x'.repeat(50)])),
      linux: {
        maskedPaths: many(2_000, (index) => `/proc/${index}`),
        devices: many(1_000, (index) => ({ path: `/dev/d${index}`, type: 'c', major: 1, minor: index })),
      },
    });
    for (const asked of [request, undefined]) {
      let steps = 0;
      const running = traceSpec(spec, asked, undefined, context);
      let step = running.next();
      for (; !step.done; step = running.next()) steps++;
      expect(steps).toBeGreaterThan(9_000);
      expect(step.value.origins.length).toBeGreaterThan(9_000);
    }
  });
});
