import { expect, test } from 'vitest';
import type { CriClient } from '../../../src/cri/client.js';
import { CriError } from '../../../src/cri/errors.js';
import type { ListedContainer } from '../../../src/model/snapshot.js';
import { Placer } from '../../../src/runtime/placer.js';
import { silentLogger } from '../../../src/util/logger.js';
import { fakeNode } from './fakeNode.js';

const containers = Array.from({ length: 20 }, (_, index) => ({
  id: `c${index}`,
  sandboxId: 's',
  state: 'running',
})) as unknown as ListedContainer[];

test('a runtime that leaves statuses unanswered is not asked for one after the other', async () => {
  const asked: string[] = [];
  const client = {
    containerStatus: (id: string) => {
      asked.push(id);
      return Promise.reject(new CriError('hung', 'no answer'));
    },
  } as unknown as CriClient;
  const placer = new Placer(fakeNode({}), silentLogger);
  const table = { takenAt: 0, processes: new Map() };
  const place = (): Promise<void> =>
    placer.place({ sandboxes: [], containers }, table, client, new AbortController().signal);
  await place();
  // As many as are asked at once: no more than one deadline is waited for.
  expect(asked).toEqual(['c0', 'c1', 'c2', 'c3']);
  await place();
  expect(asked.slice(4)).toEqual(['c4', 'c5', 'c6', 'c7']);
});
