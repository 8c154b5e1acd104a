import type { Check, Diagnosis, Finding, FindingKind } from './finding.js';

/** What is different from the look before. What either look couldn't see is neither new nor gone. */
export interface Changes {
  /** When the look before ended, in milliseconds since the epoch. */
  readonly since: number;
  /** Ids of findings that were looked for before, and not there. */
  readonly fresh: readonly string[];
  /** Were there before, were looked for again, and are gone. */
  readonly gone: readonly Finding[];
  /** Were there before; the check that would tell was skipped this time. */
  readonly unknown: readonly Finding[];
}

export function changesSince(before: Diagnosis, now: Diagnosis): Changes {
  const idsBefore = idsOf(before);
  const idsNow = idsOf(now);
  const missing = before.findings.filter(({ id }) => !idsNow.has(id));
  const [lookedBefore, lookedNow] = [lookedAt(before.checks), lookedAt(now.checks)];
  return {
    since: before.finishedAt,
    fresh: now.findings.filter(({ id, kind }) => !idsBefore.has(id) && lookedBefore.has(kind)).map(idOf),
    gone: missing.filter(({ kind }) => lookedNow.has(kind)),
    unknown: missing.filter(({ kind }) => !lookedNow.has(kind)),
  };
}

const idOf = ({ id }: Finding): string => id;

const idsOf = ({ findings }: Diagnosis): ReadonlySet<string> => new Set(findings.map(idOf));

const lookedAt = (checks: readonly Check[]): ReadonlySet<FindingKind> =>
  new Set(checks.filter(({ result }) => result === 'done').map(({ kind }) => kind));
