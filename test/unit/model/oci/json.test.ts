import { describe, expect, test } from 'vitest';
import { nodeAt, parseJson, pathText } from '../../../../src/model/oci/json.js';
import { prettyJson, spanOf, valueText } from '../../../../src/model/oci/jsonText.js';

const samples = [
  '{}',
  '[]',
  ' "x" ',
  '{"a":[1,-2.5e+3,true,null,"\\"\\\\\\u00e9"],"b":{"":{}}}',
  '{"\\u0061\\\\":"\\\\"}',
  '[[],{},[[{"a":[]}]]]',
  '"\u2028 \ud800"',
];

describe('parseJson', () => {
  test.each(samples)('agrees with JSON.parse on %s', (text) => {
    const plain = (node: ReturnType<typeof parseJson>): unknown => {
      if (node.type === 'array') return node.items.map(plain);
      if (node.type === 'object') {
        return Object.fromEntries([...node.members].map(([key, member]) => [key, plain(member)]));
      }
      return node.type === 'string' ? node.text : JSON.parse(node.text);
    };
    expect(plain(parseJson(text))).toEqual(JSON.parse(text));
  });

  test('keeps numbers as written', () => {
    const root = parseJson('{"limit":9223372036854775807,"odd":1.50}');
    expect(nodeAt(root, ['limit'])).toMatchObject({ type: 'number', text: '9223372036854775807' });
    expect(nodeAt(root, ['odd'])).toMatchObject({ text: '1.50' });
  });

  test('notes keys that occur twice; the last value counts', () => {
    const root = parseJson('{"a":1,"b":2,"\\u0061":3}');
    expect(root).toMatchObject({ duplicates: ['a'] });
    expect(nodeAt(root, ['a'])).toMatchObject({ text: '3' });
  });

  test('takes a key named __proto__ for a key', () => {
    expect(nodeAt(parseJson('{"__proto__":{"x":1}}'), ['__proto__', 'x'])).toMatchObject({ text: '1' });
  });

  test.each(['', '{', '{"a":1,}', '[1 2]', "{'a':1}", 'nul', '"a\nb"', '{"a":01}', '1 1'])(
    'refuses %j',
    (text) => {
      expect(() => parseJson(text)).toThrow(SyntaxError);
    },
  );

  test('100,000 levels are nothing special', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(parseJson(deep).end).toBe(200_000);
  });
});

describe('prettyJson', () => {
  test.each(samples)('is the same document: %s', (text) => {
    expect(JSON.parse(prettyJson(text))).toEqual(JSON.parse(text));
  });

  test('is laid out as JSON.stringify does it', () => {
    const value = { a: [1, { b: 'x' }, []], c: {}, d: 'e:,[' };
    expect(prettyJson(JSON.stringify(value))).toBe(`${JSON.stringify(value, undefined, 2)}\n`);
    expect(prettyJson(JSON.stringify(value, undefined, '\t'))).toBe(
      `${JSON.stringify(value, undefined, 2)}\n`,
    );
  });

  test('keeps numbers, duplicates and escapes', () => {
    expect(prettyJson('{"a":18446744073709551615,"a":"\\u0041"}')).toBe(
      '{\n  "a": 18446744073709551615,\n  "a": "\\u0041"\n}\n',
    );
  });

  test('deep nesting does not make it huge', () => {
    const deep = '['.repeat(10_000) + ']'.repeat(10_000);
    expect(prettyJson(deep).length).toBeLessThan(3_000_000);
  });
});

test('a value is found by its path, and cut out as written', () => {
  const text = '{"info": {"runtimeSpec": {"limit": 9223372036854775807 }, "pid": 1}}';
  expect(valueText(text, ['info', 'runtimeSpec'])).toBe('{"limit": 9223372036854775807 }');
  expect(valueText(text, ['info', 'none', 'deeper'])).toBeUndefined();
  expect(valueText(text, ['info', 0])).toBeUndefined();
  const span = spanOf(text, ['info', 'pid']);
  expect(text.slice(span?.start, span?.end)).toBe('1');
});

test('paths are written as jq takes them', () => {
  expect(pathText([])).toBe('.');
  expect(pathText(['process', 'env', 3])).toBe('.process.env[3]');
  expect(pathText(['annotations', 'a.b/c"d'])).toBe('.annotations["a.b/c\\"d"]');
  expect(pathText(['odd key'])).toBe('.["odd key"]');
  expect(pathText([0, 'a'])).toBe('.[0].a');
});

describe('the grammar is JSON.parse’s own', () => {
  const pieces = [
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"',
      '\\',
      '\\u00',
      '\\u0041',
      '\\n',
      '\\x',
      '\n',
      ' ',
      '\t',
      '\u0001',
    ],
    ...[
      '0',
      '01',
      '-',
      '-1',
      '1.',
      '.5',
      '1.5',
      '1e',
      '1e+5',
      'E',
      '1E-2',
      '+1',
      'true',
      'false',
      'null',
      'nul',
      'NaN',
    ],
    ...['\u00a0', '\ufeff', '/**/', 'é', '\ud800', '{"a":', '[1,', '""'],
  ];
  const accepts = (read: (text: string) => unknown, text: string): boolean => {
    try {
      read(text);
      return true;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return false;
    }
  };

  test('of every two pieces, and with a third', () => {
    const wrong: string[] = [];
    const check = (text: string): void => {
      if (accepts(parseJson, text) !== accepts(JSON.parse, text)) wrong.push(text);
    };
    for (const one of pieces) {
      check(one);
      for (const two of pieces) {
        check(one + two);
        check(`"${one}${two}"`);
        check(`{"k":${one}${two}}`);
        for (const three of ['}', ']', ',', ':', '"', '1']) check(one + two + three);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('of a document with one piece put in, taken out or doubled at every place', () => {
    const text = '{"a": [1, -2.5e3, "x\\u0041\\"", {"b": null}], "c": {}, "d": [], "e": true}';
    for (let at = 0; at <= text.length; at++) {
      const [before, after] = [text.slice(0, at), text.slice(at)];
      for (const changed of [
        before,
        after,
        before + after.slice(1),
        ...pieces.map((one) => before + one + after),
      ])
        expect(accepts(parseJson, changed), changed).toBe(accepts(JSON.parse, changed));
    }
  });

  test('an error says where and quotes nothing', () => {
    expect(() => parseJson('{"password":"hunter2",}')).toThrow(/^The text is no JSON at position 22/);
  });
});
