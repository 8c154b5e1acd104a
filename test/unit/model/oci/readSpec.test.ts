import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pathText, nodeAt, parseJson } from '../../../../src/model/oci/json.js';
import { readSpec } from '../../../../src/model/oci/readSpec.js';
import type { SpecReading, SpecRow } from '../../../../src/model/oci/spec.js';
import { valueAt, viewOf } from '../../../../src/model/oci/view.js';

const folder = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'oci');
const fixture = (name: string): string => readFileSync(join(folder, `${name}.json`), 'utf8');

function* everyRow(rows: readonly SpecRow[]): Generator<SpecRow> {
  for (const row of rows) {
    yield row;
    yield* everyRow(row.children ?? []);
  }
}
const allRows = (reading: SpecReading): SpecRow[] =>
  reading.sections.flatMap((section) => [...everyRow(section.rows)]);
const rowAt = (reading: SpecReading, path: string): SpecRow | undefined =>
  allRows(reading).find((row) => pathText(row.path) === path);

/** The reading as text, one row a line. */
function drawn(reading: SpecReading): string {
  const draw = (rows: readonly SpecRow[], indent: string): string[] =>
    rows.flatMap((row) => [
      `${indent}${row.name} = ${row.value}${row.note === undefined ? '' : ` (${row.note})`}${row.secret ? ' SECRET' : ''}`,
      ...draw(row.children ?? [], `${indent}  `),
    ]);
  const sections = reading.sections.flatMap(({ id, rows }) => [`# ${id}`, ...draw(rows, '  ')]);
  return [...sections, ...reading.problems.map((problem) => `! ${problem.message}`), ''].join('\n');
}

describe('golden', () => {
  test.each(['containerd-1.7-main', 'containerd-2.1-main', 'cri-o-main', 'cri-o-sandbox', 'full'])(
    '%s',
    async (name) => {
      const reading = readSpec(fixture(name), {
        nameOfPid: (pid) => (pid === 4242 ? 'sandbox default/web-0' : undefined),
      });
      await expect(drawn(reading)).toMatchFileSnapshot(join(folder, `${name}.golden.txt`));
    },
  );

  test.each(['containerd-1.7-main', 'containerd-2.1-main', 'cri-o-main', 'cri-o-sandbox', 'full'])(
    'every scalar of %s is shown, and every path exists',
    (name) => {
      const text = fixture(name);
      const root = parseJson(text);
      const rows = allRows(readSpec(text));
      const shown = rows.map((row) => `${row.name} ${row.value}`).join('\n');
      const missing: string[] = [];
      const look = (node: typeof root): void => {
        if (node.type === 'array') node.items.forEach(look);
        else if (node.type === 'object') [...node.members.values()].forEach(look);
        else if (node.type === 'string' && node.text.includes('=')) {
          // Environment entries are split.
          for (const part of node.text.split(/=(.*)/s)) if (!shown.includes(part)) missing.push(part);
        } else if (!shown.includes(node.text.replace('CAP_', '')) && node.text !== '18446744073709551615') {
          missing.push(node.text);
        }
      };
      look(root);
      expect(missing).toEqual([]);
      // Of what isn't there (no seccomp, namespaces not listed), the path where it would be.
      const odd = rows.filter((row) => !nodeAt(root, row.path) && row.value !== 'none');
      expect(odd).toEqual([]);
    },
  );
});

describe('what is no spec is refused with a reason', () => {
  test.each([
    ['', 'the spec is empty'],
    [' \n', 'the spec is empty'],
    ['hello', 'not valid JSON'],
    ['{"process":{"args":["a"', 'cut short'],
    ['[]', 'not a JSON object but a list'],
    ['"x"', 'not a JSON object but string'],
  ])('%j', (text, reason) => {
    expect(() => readSpec(text)).toThrow(reason);
  });

  test('null says so', () => {
    expect(() => readSpec('null')).toThrow('not a JSON object but null');
  });

  test('no reason quotes the text, which may hold a secret', () => {
    expect(() => readSpec('{"process":{"env":["PASSWORD=hunter2"')).toThrow(/^(?!.*hunter2)/);
  });

  test('an empty object is an empty spec', () => {
    expect(readSpec('{}')).toEqual({ sections: [], problems: [] });
  });
});

describe('values of a wrong type are shown as they are', () => {
  const types = ['5', '"text"', 'true', 'null', '[]', '{}', '[1,[2]]', '{"a":{"b":1}}'];
  const spots = [
    '{"process":@}',
    '{"process":{"args":@,"env":@,"user":@,"cwd":@,"terminal":@,"rlimits":@,"capabilities":@,"consoleSize":@}}',
    '{"process":{"args":[@],"env":[@],"rlimits":[@],"capabilities":{"bounding":@,"x":@}}}',
    '{"root":@,"mounts":@,"hooks":@,"annotations":@,"hostname":@,"ociVersion":@,"linux":@}',
    '{"mounts":[@],"hooks":{"prestart":@,"poststop":[@]},"annotations":{"a":@}}',
    '{"mounts":[{"destination":@,"source":@,"type":@,"options":@,"uidMappings":@}]}',
    '{"linux":{"namespaces":@,"resources":@,"seccomp":@,"devices":@,"maskedPaths":@,"sysctl":@,"uidMappings":@,"timeOffsets":@}}',
    '{"linux":{"namespaces":[@],"devices":[@],"maskedPaths":[@],"uidMappings":[@],"seccomp":{"syscalls":@,"architectures":@}}}',
    '{"linux":{"namespaces":[{"type":@,"path":@}],"seccomp":{"syscalls":[@,{"names":@,"action":@}]}}}',
    '{"linux":{"resources":{"memory":@,"cpu":@,"pids":@,"devices":@,"hugepageLimits":@,"unified":@}}}',
    '{"linux":{"resources":{"memory":{"limit":@},"cpu":{"quota":@,"period":@},"devices":[@,{"allow":@,"access":@}],"hugepageLimits":[@]}}}',
  ];
  test.each(spots)('%s', (spot) => {
    for (const value of types) {
      const reading = readSpec(spot.replaceAll('@', value));
      expect(viewOf(reading).length).toBeGreaterThanOrEqual(0);
    }
  });

  test('and noted', () => {
    const reading = readSpec('{"process":{"cwd":5,"args":"sh -c x"},"mounts":{"a":1}}');
    expect(reading.problems.map((problem) => problem.message)).toEqual([
      '.process.args should be a list, not a string',
      '.process.cwd should be a string, not a number',
      '.mounts should be a list, not an object',
    ]);
    expect(rowAt(reading, '.process.args')).toMatchObject({ value: '"sh -c x"' });
    expect(rowAt(reading, '.mounts')).toMatchObject({ value: '{"a":1}' });
  });
});

test('unknown keys are shown at every level', () => {
  const reading = readSpec(
    '{"x":1,"process":{"y":{"z":2}},"linux":{"w":[3],"resources":{"v":4,"memory":{"u":5}}},"root":{"t":6}}',
  );
  for (const path of [
    '.x',
    '.process.y.z',
    '.linux.w[0]',
    '.linux.resources.v',
    '.linux.resources.memory.u',
    '.root.t',
  ]) {
    expect(rowAt(reading, path), path).toBeDefined();
  }
});

test('keys that occur twice are noted wherever they are', () => {
  const reading = readSpec('{"a":1,"a":2,"linux":{"b":[{"c":1,"c":2,"c":3}]}}');
  expect(reading.problems.map((problem) => pathText(problem.path))).toEqual(['.a', '.linux.b[0].c']);
});

test('numbers beyond 2^53 are exact', () => {
  const reading = readSpec('{"linux":{"resources":{"memory":{"limit":9007199254740993}}}}');
  expect(rowAt(reading, '.linux.resources.memory.limit')).toMatchObject({
    value: '9007199254740993',
    note: '8 PiB',
  });
});

test('10,000 levels do no harm, in whichever place', () => {
  const deep = '['.repeat(10_000) + ']'.repeat(10_000);
  const objects = '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000);
  for (const spot of [
    '{"x":@}',
    '{"process":{"args":@,"env":[@]}}',
    '{"annotations":{"a":@}}',
    '{"linux":@}',
  ]) {
    for (const value of [deep, objects]) {
      expect(JSON.stringify(viewOf(readSpec(spot.replaceAll('@', value))))).toContain('path');
    }
  }
});

test('what others are called is for the caller to know', () => {
  const spec = '{"linux":{"namespaces":[{"type":"network","path":"/proc/7/ns/net"}]}}';
  expect(rowAt(readSpec(spec), '.linux.namespaces[0]')?.note).toBe('shared with process 7');
  const named = readSpec(spec, { nameOfPid: () => 'the sandbox of default/web-0' });
  expect(rowAt(named, '.linux.namespaces[0]')?.note).toBe(
    'shared with process 7, the sandbox of default/web-0',
  );
});

describe('secrets stay behind', () => {
  const spec = JSON.stringify({
    process: {
      args: ['server', '--password=hidden1', '--api-token', 'hidden2', 'postgres://u:hidden3@h'],
      env: ['DB_PASSWORD=hidden4', 'ODD', 'PLAIN=shown'],
    },
    annotations: { 'x/secret': 'hidden5', plain: 'password=hidden6' },
    hooks: { prestart: [{ path: '/h', args: ['token=hidden7'], env: ['KEY=hidden8'] }] },
    mounts: [{ destination: '/m', type: 'cifs', source: '//h/s', options: ['password=hidden9'] }],
    other: { password: 'hidden10', list: [{ deep: { secretKey: 'hidden11' } }] },
  });

  test('in every place', () => {
    const sent = JSON.stringify(viewOf(readSpec(spec)));
    expect(sent).not.toMatch(/hidden\d/);
    expect(sent).toContain('shown');
  });

  test('also where env is not what it should be', () => {
    for (const env of [
      '{"PASSWORD":"hidden"}',
      '"PASSWORD=hidden"',
      '[["PASSWORD","hidden"]]',
      '[{"name":"X","value":"hidden"}]',
    ]) {
      expect(JSON.stringify(viewOf(readSpec(`{"process":{"env":${env}}}`)))).not.toContain('hidden');
    }
  });

  test('and are given to who asks, by path', () => {
    const reading = readSpec(spec);
    expect(valueAt(reading, ['process', 'env', 0])).toBe('hidden4');
    expect(valueAt(reading, ['process', 'args', 3])).toBe('hidden2');
    expect(valueAt(reading, ['process', 'env', 99])).toBeUndefined();
  });
});

test('long values are cut for the view, never for who copies', () => {
  const reading = readSpec(JSON.stringify({ process: { env: [`A=${'x'.repeat(10_000)}`] } }));
  expect(viewOf(reading)[0]?.rows[0]).toMatchObject({ value: 'x'.repeat(4000), length: 10_000 });
  expect(valueAt(reading, ['process', 'env', 0])).toHaveLength(10_000);
});
