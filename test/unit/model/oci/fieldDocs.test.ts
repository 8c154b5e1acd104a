import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { fieldDoc, sectionUrl } from '../../../../src/model/oci/fieldDocs/fieldDocs.js';
import { parseJson, pathText, type JsonNode, type JsonPath } from '../../../../src/model/oci/json.js';
import { findingPath, spanOf } from '../../../../src/model/oci/jsonText.js';
import { runNow } from '../../../../src/model/steps.js';

/** All places of a document, but for those inside strangers' names. */
function* places(node: JsonNode, path: JsonPath = []): Generator<JsonPath> {
  yield path;
  if (node.type === 'array')
    for (const [index, item] of node.items.entries()) yield* places(item, [...path, index]);
  if (node.type === 'object') for (const [key, value] of node.members) yield* places(value, [...path, key]);
}

describe('what a field is for', () => {
  it.each(['containerd-1.7-main', 'containerd-2.1-main', 'cri-o-main', 'cri-o-sandbox', 'full'])(
    'is known of every field of a spec of %s',
    (runtime) => {
      const spec = parseJson(readFileSync(`test/fixtures/oci/${runtime}.json`, 'utf8'));
      const unknown = [...places(spec)].filter((path) => path.length > 0 && !fieldDoc(path));
      expect(unknown.map(pathText)).toEqual([]);
    },
  );

  it('is that of the nearest known one around an unknown field', () => {
    expect(fieldDoc(['linux', 'resources', 'memory', 'novel'])).toEqual(
      fieldDoc(['linux', 'resources', 'memory']),
    );
    expect(fieldDoc(['novel'])).toBeUndefined();
    expect(fieldDoc(['constructor'])).toBeUndefined();
    expect(fieldDoc([])).toBeUndefined();
  });

  it('names the section that holds for the fields inside', () => {
    expect(fieldDoc(['linux', 'resources', 'memory', 'limit'])?.section).toBe('config-linux.md, Memory');
    expect(fieldDoc(['process', 'rlimits', 0, 'soft'])?.section).toBe('config.md, POSIX process');
    expect(sectionUrl('config.md, POSIX-platform Hooks')).toBe(
      'https://github.com/opencontainers/runtime-spec/blob/main/config.md#posix-platform-hooks',
    );
  });
});

describe('the path at an offset', () => {
  const text = '{ "a": {"b\\u0041": [7, {"c": "x, y"}, []]}, "d": null }';
  const at = (needle: string): string => pathText(runNow(findingPath(text, text.indexOf(needle))));

  test('is that of the key or value there', () => {
    expect(at('"a"')).toBe('.a');
    expect(at('"b')).toBe('.a.bA');
    expect(at('7')).toBe('.a.bA[0]');
    expect(at('"c"')).toBe('.a.bA[1].c');
    expect(at('y"')).toBe('.a.bA[1].c');
    expect(at('[]')).toBe('.a.bA[2]');
    expect(at('"d"')).toBe('.d');
    expect(at('null')).toBe('.d');
  });

  test('agrees with where each value of a real spec stands', () => {
    const spec = readFileSync('test/fixtures/oci/containerd-1.7-main.json', 'utf8');
    for (const path of places(parseJson(spec))) {
      const span = spanOf(spec, path);
      if (!span || '{['.includes(spec.charAt(span.start))) continue;
      expect(runNow(findingPath(spec, span.start))).toEqual(path);
    }
  });
});
