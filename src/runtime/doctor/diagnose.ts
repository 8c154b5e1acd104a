import type { Check, Diagnosis, Finding, Severity } from '../../model/doctor/finding.js';
import type { Look, Suspicion } from '../../model/doctor/look.js';
import { findingKinds, suspecting } from '../../model/doctor/rules/index.js';
import { runInTurns } from '../../model/steps.js';
import { breathe, delay } from '../../util/async.js';
import type { NodeConnection } from '../nodes.js';
import { Gaps } from './gaps.js';
import { gather } from './gather.js';

export interface DiagnoseOptions {
  readonly signal: AbortSignal;
  /** What it does now, an English sentence. */
  readonly onProgress?: (step: string) => void;
  /** What is younger is taken for still on its way in or out; 30 s by default. */
  readonly settleMs?: number;
  /** Between the two looks; 2 s by default. */
  readonly waitMs?: number;
}

const settleMs = 30_000;
const waitMs = 2_000;

/**
 * Looks for trouble on a node, twice: only what both looks see is a finding, since pods come and go meanwhile. Changes
 * nothing. Rejects when the node can't be reached or its processes can't be read, and with the signal's reason.
 */
export async function diagnose(node: NodeConnection, options: DiagnoseOptions): Promise<Diagnosis> {
  const { signal, onProgress } = options;
  const startedAt = Date.now();
  const how = { settleMs: options.settleMs ?? settleMs, signal };
  onProgress?.('Looking at the runtimes, processes, mounts and cgroups of the node.');
  const gaps = new Gaps();
  let look = await gather(node, gaps, how);
  const suspected = await suspicions(look, gaps, signal);
  let findings: readonly Finding[] = [];
  if (suspected.length > 0) {
    onProgress?.(`Looking once more, to confirm ${suspected.length} suspicions.`);
    await delay(options.waitMs ?? waitMs, signal);
    const before = look;
    look = await gather(node, gaps, how, { before, wants: suspected.flatMap(({ wants }) => wants ?? []) });
    const first = new Set(suspected.map(({ finding }) => finding.id));
    const again = await suspicions(look, gaps, signal);
    findings = again.map(({ finding }) => finding).filter(({ id }) => first.has(id));
  }
  return {
    nodeLabel: node.label,
    startedAt,
    finishedAt: Date.now(),
    findings: [...findings].sort(worstFirst),
    checks: checksOf(gaps),
  };
}

/** Each rule in a turn of its own: on a large node one takes some milliseconds. */
async function suspicions(look: Look, gaps: Gaps, signal: AbortSignal): Promise<Suspicion[]> {
  const found: Suspicion[] = [];
  for (const kind of findingKinds) {
    signal.throwIfAborted();
    if (!gaps.isBlocked(kind)) found.push(...(await runInTurns(suspecting(kind, look), breathe)));
  }
  return found;
}

function checksOf(gaps: Gaps): Check[] {
  return findingKinds.map((kind) => {
    const reason = gaps.reasonOf(kind);
    return reason === undefined ? { kind, result: 'done' } : { kind, result: 'skipped', reason };
  });
}

const ranks: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

function worstFirst(a: Finding, b: Finding): number {
  return (
    ranks[a.severity] - ranks[b.severity] ||
    findingKinds.indexOf(a.kind) - findingKinds.indexOf(b.kind) ||
    (a.id < b.id ? -1 : 1)
  );
}
