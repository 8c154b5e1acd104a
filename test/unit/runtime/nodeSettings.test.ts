import { expect, test } from 'vitest';
import {
  addNode,
  changeNode,
  hasNode,
  nodeIdOf,
  nodeSettings,
  removeNode,
} from '../../../src/runtime/nodeSettings.js';

const odd: unknown[] = [null, 7, 'x', {}, { name: 3 }, { name: '' }];
const web = { name: 'web', host: 'web-1', sudo: 'ask', note: 'mine' };
const lab = { name: 'lab', endpoint: 'unix:///x', sudo: 'sometimes' };

test('whatever a person wrote is read as far as it can be', () => {
  expect(nodeSettings([...odd, web, lab])).toEqual([
    { id: 'node:web', name: 'web', host: 'web-1', sudo: 'ask' },
    { id: 'node:lab', name: 'lab', endpoint: 'unix:///x' },
  ]);
  for (const setting of [undefined, null, 'x', { name: 'x' }]) expect(nodeSettings(setting)).toEqual([]);
});

test('changes leave all else as it was written', () => {
  const all = [...odd, web, lab];
  expect(addNode(all, { name: 'new', host: 'h' })).toEqual([...all, { name: 'new', host: 'h' }]);
  expect(addNode(undefined, { name: 'new' })).toEqual([{ name: 'new' }]);
  expect(removeNode(all, nodeIdOf('web'))).toEqual([...odd, lab]);
  expect(changeNode(all, nodeIdOf('web'), { name: 'shop' })).toEqual([...odd, { ...web, name: 'shop' }, lab]);
  expect(changeNode(all, nodeIdOf('nobody'), { name: 'shop' })).toEqual(all);
  expect([hasNode(all, 'web'), hasNode(all, 'nobody')]).toEqual([true, false]);
});

test('of several of one name the last, which is in use, is changed, and all are removed', () => {
  const twice = [{ name: 'a', host: '1' }, web, { name: 'a', host: '2' }];
  expect(changeNode(twice, nodeIdOf('a'), { sudo: 'ask' })[2]).toEqual({ name: 'a', host: '2', sudo: 'ask' });
  expect(removeNode(twice, nodeIdOf('a'))).toEqual([web]);
});
