import { expect, test } from 'vitest';
import { KnownIds } from '../../../../src/model/find/ids.js';
import { container, sandbox, snapshot } from '../../views/picture.js';

const podId = 'abcdef012345'.padEnd(64, '1');
const first = 'feedc0ffee01'.padEnd(64, '2');
const twin = 'feedc0ffee01'.padEnd(64, '3');
const picture = snapshot({
  sandboxes: [sandbox({ id: podId, containers: [container({ id: first })] })],
  orphans: [container({ id: twin })],
});

function knownIds(): KnownIds {
  const ids = new KnownIds();
  ids.update([{ nodeId: 'n', endpoint: 'e', snapshot: picture }]);
  return ids;
}

test('finds known ids in text by twelve digits or more, and where they stand', () => {
  const found = knownIds().findAll(`stop ${podId} now, ${podId.slice(0, 13)} ${'e'.repeat(64)}`);
  expect(found).toEqual([
    { nodeId: 'n', endpoint: 'e', id: podId, index: 5, length: 64 },
    { nodeId: 'n', endpoint: 'e', id: podId, index: 75, length: 13 },
  ]);
});

test('what could be several is none', () => {
  const ids = knownIds();
  expect(ids.find('feedc0ffee01')).toBeUndefined();
  expect(ids.find(first.slice(0, 13))?.id).toBe(first);
  expect(ids.find(podId.slice(0, 11))).toBeUndefined();
});

test('follows the pictures', () => {
  const ids = knownIds();
  expect(ids.prefixes).toBe('abcdef012345 feedc0ffee01');
  ids.update([]);
  expect(ids.find(podId)).toBeUndefined();
});
