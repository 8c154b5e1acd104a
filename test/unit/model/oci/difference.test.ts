import { describe, expect, test } from 'vitest';
import { differences, mostDifferences, sameNumber } from '../../../../src/model/oci/difference.js';
import { parseJson, pathText } from '../../../../src/model/oci/json.js';
import { runNow } from '../../../../src/model/steps.js';

const found = (left: string, right: string) => runNow(differences(parseJson(left), parseJson(right)));
/** `.a: 1 | 2`, with the right path where it is another. */
const told = (left: unknown, right: unknown): string[] =>
  found(JSON.stringify(left), JSON.stringify(right)).map((one) => {
    const text = (node: typeof one.left): string =>
      node === undefined ? '-' : 'text' in node ? node.text : node.type;
    const moved = one.rightPath ? ` (${pathText(one.rightPath)})` : '';
    return `${pathText(one.path)}${moved}: ${text(one.left)} | ${text(one.right)}`;
  });

describe('differences', () => {
  test('the order of keys is none, values and missing keys are', () => {
    expect(told({ a: 1, b: { c: 2 } }, { b: { c: 2 }, a: 1 })).toEqual([]);
    expect(told({ a: 1, b: { c: 2 }, d: 0 }, { b: { c: 3 }, a: 1, e: [] })).toEqual([
      '.b.c: 2 | 3',
      '.d: 0 | -',
      '.e: - | array',
    ]);
    expect(told({ a: '1' }, { a: 1 })).toEqual(['.a: 1 | 1']);
    expect(told({ a: [] }, { a: {} })).toEqual(['.a: array | object']);
    expect(told(1, 2)).toEqual(['.: 1 | 2']);
  });

  test('mounts by destination, variables by name, namespaces by type', () => {
    const mount = (destination: string, source: string) => ({ destination, source });
    expect(
      told(
        { mounts: [mount('/a', '1'), mount('/b', '2')] },
        { mounts: [mount('/b', '3'), mount('/a', '1')] },
      ),
    ).toEqual(['.mounts[1].source (.mounts[0].source): 2 | 3']);
    expect(told({ env: ['A=1', 'B=2'] }, { env: ['B=2', 'C=3', 'A=4'] })).toEqual([
      '.env[0] (.env[2]): A=1 | A=4',
      '.env[1]: - | C=3',
    ]);
    const namespaces = (...types: string[]) => ({ linux: { namespaces: types.map((type) => ({ type })) } });
    expect(told(namespaces('pid', 'ipc'), namespaces('ipc'))).toEqual(['.linux.namespaces[0]: object | -']);
  });

  test('names that occur twice are matched in their order; other lists by index', () => {
    expect(told({ env: ['A=1', 'A=2'] }, { env: ['A=1', 'A=3'] })).toEqual(['.env[1]: A=2 | A=3']);
    expect(told({ args: ['a', 'b'] }, { args: ['b'] })).toEqual(['.args[0]: a | b', '.args[1]: b | -']);
    expect(told({ env: [1, 'A=1'] }, { env: ['A=1', 1] })).toEqual(['.env[0]: 1 | -', '.env[1]: - | 1']);
  });

  test.each([
    ['9223372036854775807', '9223372036854775806', false],
    ['9223372036854775807', '9223372036854775807', true],
    ['1', '1.0', true],
    ['1e3', '1000', true],
    ['0.10', '1e-1', true],
    ['-0', '0', true],
    ['-1', '1', false],
    ['1e999999999', '1e999999998', false],
  ])('%s and %s', (left, right, same) => {
    expect(sameNumber(left, right)).toBe(same);
    expect(found(left, right)).toHaveLength(same ? 0 : 1);
  });

  test('deep and long documents', () => {
    const nested = (depth: number, value: number): string =>
      '[0,'.repeat(depth) + String(value) + ']'.repeat(depth);
    const deep = found(nested(5_000, 1), nested(5_000, 2));
    expect(deep).toHaveLength(1);
    expect(deep[0]?.path.length).toBeLessThan(100);
    const long = (value: number): string => JSON.stringify(new Array(mostDifferences + 5).fill(value));
    expect(found(long(1), long(2))).toHaveLength(mostDifferences);
  });
});
