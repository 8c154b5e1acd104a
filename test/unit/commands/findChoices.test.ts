import { expect, test } from 'vitest';
import { accountText, findChoices, offers } from '../../../src/commands/findChoices.js';
import type { Match } from '../../../src/model/find/matches.js';
import type { Findings } from '../../../src/runtime/finder.js';
import { english } from '../../../src/util/translate.js';
import { container, sandbox } from '../views/picture.js';

const findings = (extra: Partial<Findings>): Findings => ({
  ...{ matches: [], busy: false, looked: [], unread: [] },
  ...extra,
});
const one = new Map([['n', 'node']]);
const two = new Map([...one, ['m', 'other $(x)']]);

const inPod: Match = {
  nodeId: 'm',
  subject: { endpoint: 'e', id: 'c1', sandbox: sandbox(), container: container({ attempt: 2 }) },
  why: ['pid 30 is its first process'],
};
const lone: Match = {
  nodeId: 'n',
  process: {
    pid: 4,
    title: 'ssh$(x)d',
    what: 'system service x',
    lines: [
      { name: 'PID', value: '4' },
      { name: 'Cgroup', value: '' },
    ],
  },
  why: ['it has pid 4'],
};

test('a container with why it matched, and of which node where there are several', () => {
  expect(findChoices(findings({ matches: [inPod] }), one, english)).toMatchObject([
    {
      label: '$(play-circle) web/main',
      description: 'default · running · attempt 2 · c1',
      detail: 'pid 30 is its first process',
      value: { kind: 'show', match: inPod },
    },
  ]);
  const [choice] = findChoices(findings({ matches: [inPod] }), two, english);
  expect(choice?.detail).toBe('pid 30 is its first process · other $\u2060(x)');
});

test('a process: what it is, inert', () => {
  expect(findChoices(findings({ matches: [lone] }), one, english)).toMatchObject([
    { label: '$(gear) ssh$\u2060(x)d (4)', description: 'system service x', detail: 'it has pid 4' },
  ]);
  expect(accountText(lone.process!)).toBe('system service x\nPID: 4');
});

test('nothing: what was looked at and what could not be read; not before all is read', () => {
  const none = findings({ looked: ['n: 3 pods'], unread: ['m: no way'] });
  expect(findChoices(none, two, english).map(({ label, detail }) => [label, detail])).toEqual([
    ['$(circle-slash) Nothing found', 'Looked at n: 3 pods'],
    ['$(warning) Not read', 'm: no way'],
  ]);
  expect(findChoices({ ...none, busy: true }, two, english)).toEqual([]);
  expect(findChoices(findings({}), new Map(), english)).toHaveLength(1);
});

test('offers the selection and the clipboard, once if they are the same', () => {
  const texts = (...args: [string?, string?]): unknown[] =>
    offers(args[0], { text: args[1] }, english).map(({ label, description, value }) => [
      label,
      description,
      value.kind,
    ]);
  expect(texts('10.0.0.1', '4711')).toEqual([
    ['10.0.0.1', 'from the selection', 'try'],
    ['4711', 'from the clipboard', 'try'],
  ]);
  expect(texts('4711', '4711')).toEqual([['4711', 'from the selection', 'try']]);
  expect(texts()).toEqual([]);
  expect(offers(undefined, 'ask', english).map(({ value }) => value.kind)).toEqual(['paste']);
});
