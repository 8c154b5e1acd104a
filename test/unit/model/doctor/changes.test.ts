import { expect, test } from 'vitest';
import { changesSince } from '../../../../src/model/doctor/changes.js';
import type { Check, Diagnosis, Finding, FindingKind } from '../../../../src/model/doctor/finding.js';

const finding = (kind: FindingKind, subject: string): Finding => ({
  id: `${kind}:${subject}`,
  kind,
  severity: 'warning',
  certainty: 'certain',
  title: subject,
  explanation: '',
  evidence: [],
  advice: '',
});
const done = (kind: FindingKind): Check => ({ kind, result: 'done' });
const skipped = (kind: FindingKind): Check => ({ kind, result: 'skipped', reason: 'Permission denied.' });
const look = (finishedAt: number, checks: Check[], findings: Finding[]): Diagnosis => ({
  ...{ nodeLabel: 'lab', startedAt: finishedAt - 1000, finishedAt, checks, findings },
});

test('tells new from gone', () => {
  const checks = [done('zombie')];
  const before = look(5_000, checks, [finding('zombie', '1'), finding('zombie', '2')]);
  const now = look(9_000, checks, [finding('zombie', '2'), finding('zombie', '3')]);
  expect(changesSince(before, now)).toEqual({
    since: 5_000,
    fresh: ['zombie:3'],
    gone: [finding('zombie', '1')],
    unknown: [],
  });
});

test('what could not be looked for before is not new', () => {
  const before = look(5_000, [skipped('leftoverMount')], []);
  const now = look(
    9_000,
    [done('leftoverMount'), done('zombie')],
    [finding('leftoverMount', '/x'), finding('zombie', '1')],
  );
  expect(changesSince(before, now).fresh).toEqual([]);
});

test('what can not be looked for now is not gone', () => {
  const before = look(5_000, [done('leftoverMount')], [finding('leftoverMount', '/x')]);
  const now = look(9_000, [skipped('leftoverMount')], []);
  expect(changesSince(before, now)).toMatchObject({ gone: [], unknown: [finding('leftoverMount', '/x')] });
});
