import { expect, test } from 'vitest';
import { hostChoices, nodeChoices, sudoChoices } from '../../../src/commands/nodeChoices.js';
import { english as t } from '../../../src/util/translate.js';
import { node } from '../views/picture.js';

const hosts = [
  { alias: 'web', hostName: '10.0.0.1', user: 'deploy', port: '2222' },
  { alias: 'db', hostName: 'db.test' },
  { alias: 'bare' },
];
const offered = (typed: string): string[][] =>
  hostChoices(typed, hosts, t).map(({ label, description, detail = '' }) => [label, description, detail]);
const known = [
  ['web', 'deploy@10.0.0.1:2222', ''],
  ['db', 'db.test', ''],
  ['bare', '', ''],
];

test('hosts of the configuration are offered, and what is typed', () => {
  expect(offered('')).toEqual(known);
  expect(offered('db')).toEqual(known);
  expect(offered(' root@node:22 ')).toEqual([['root@node:22', 'as typed', ''], ...known]);
});

test('what ssh would take for an option, or a shell act on, is refused with the reason', () => {
  const [choice] = hostChoices('-oProxyCommand=x', hosts, t);
  expect(choice).toMatchObject({ value: { problem: expect.stringContaining('dash') as string } });
  expect(hostChoices('a;b', [], t)[0]!.value).toHaveProperty('problem');
  expect(hostChoices('$(trash)', [], t)[0]!.label).toBe('$\u2060(trash)');
});

test('the present use of sudo is marked', () => {
  expect(sudoChoices(t, 'ask').map(({ value, description }) => [value, description])).toEqual([
    ['never', ''],
    ['without password', ''],
    ['ask', 'as it is now'],
  ]);
});

test('nodes to pick from are those that fit', () => {
  const web = node([], { id: 'node:web', label: '$(x)', kind: 'ssh' });
  expect(nodeChoices([node([]), web], ({ kind }) => kind === 'ssh', t)).toEqual([
    { label: '$\u2060(x)', description: 'over SSH', value: web },
  ]);
});
