import { expect, test } from 'vitest';
import { findingGroups } from '../../../src/commands/findingChoices.js';
import type { SpecFinding } from '../../../src/model/oci/insight.js';
import type { RuntimeConnection } from '../../../src/runtime/connection.js';
import type { ContainerFindings } from '../../../src/runtime/specFindings.js';
import { format } from '../../../src/protocol/panel.js';

const t = (text: string, ...values: (string | number)[]): string => format(text, ...values);
const runtime = {} as RuntimeConnection;
const finding = (
  title: string,
  severity: SpecFinding['severity'],
  more: Partial<SpecFinding> = {},
): SpecFinding => ({
  ...{ kind: 'root', severity, title, reason: 'why', path: ['process', 'user', 'uid'], value: '0' },
  ...more,
});
const owner = (containerName: string | undefined, findings: readonly SpecFinding[]): ContainerFindings => ({
  ...{
    id: `id-${containerName ?? 'pod'}`,
    kind: 'container',
    sandboxId: 's',
    namespace: 'ns',
    podName: 'web',
  },
  ...(containerName === undefined ? {} : { containerName }),
  ...{ source: 'bundle', findings },
});

test('the gravest come first, the platform’s own and what wasn’t read last', () => {
  const found = {
    read: [
      owner(undefined, [finding('pause', 'high', { expected: 'a pause container' })]),
      owner('a', [finding('low one', 'low'), finding('high one', 'high')]),
      owner('b', []),
    ],
    unread: [{ id: 'x1', name: 'ns/other', reason: 'no right' }],
    notes: [],
  };
  const groups = findingGroups([{ runtime, found }], t);
  expect(groups.map(({ title, choices }) => [title, ...choices.map(({ label }) => label)])).toEqual([
    ['High', '$(error) high one'],
    ['Low', '$(info) low one'],
    ['Expected of the platform', '$(error) pause'],
    ['Not read', 'ns/other'],
  ]);
  expect(groups[0]?.choices[0]).toMatchObject({
    description: 'ns/web · a',
    detail: '0 · why',
    value: { runtime, id: 'id-a', path: ['process', 'user', 'uid'] },
  });
  expect(groups[2]?.choices[0]).toMatchObject({
    description: 'ns/web, sandbox',
    detail: '0 · why · Expected here: a pause container',
  });
});

test('hostile words make no icon, and a secret is left out', () => {
  const hostile = 'x $(trash)\u202e';
  const odd = finding(hostile, 'high', { value: 'https://u:hunter2@host/', reason: hostile });
  const [group] = findingGroups(
    [{ runtime, found: { read: [owner(hostile, [odd])], unread: [], notes: [] } }],
    t,
  );
  const { label, description, detail } = group?.choices[0] ?? {};
  const text = [label, description, detail].join('\n');
  expect(text).not.toContain('$(trash)');
  expect(text).not.toContain('\u202e');
  expect(text).not.toContain('hunter2');
});

test('nothing risky, no groups', () => {
  expect(findingGroups([{ runtime, found: { read: [owner('a', [])], unread: [], notes: [] } }], t)).toEqual(
    [],
  );
});
