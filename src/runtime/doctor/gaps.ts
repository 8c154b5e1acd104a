import type { FindingKind } from '../../model/doctor/finding.js';
import type { NodeConnection } from '../nodes.js';

/** Rules that compare with the lists of runtimes. */
const ofLists: readonly FindingKind[] = [
  'orphanShim',
  'processGone',
  'strangerInCgroup',
  'leftoverBundle',
  'leftoverState',
  'leftoverMount',
  'leftoverCgroup',
  'leftoverNetns',
  'restartLoop',
  'sandboxNotReady',
  'network',
  'imageFilesystem',
  'deprecation',
];

/** Those of them whose subjects don't tell which runtime they are of, so that each runtime's lists must be there. */
const ofAllLists: readonly FindingKind[] = ['leftoverCgroup', 'leftoverNetns'];

/** What could not be read, and so which rules know only a part, or nothing. */
export class Gaps {
  readonly #reasons = new Map<FindingKind, Set<string>>();
  readonly #blocked = new Set<FindingKind>();

  /** @param blocks whether the rule can't be run at all for want of it */
  add(kinds: readonly FindingKind[], reason: string, blocks = false): void {
    for (const kind of kinds) {
      const reasons = this.#reasons.get(kind) ?? new Set();
      this.#reasons.set(kind, reasons.add(reason));
      if (blocks) this.#blocked.add(kind);
    }
  }

  isBlocked(kind: FindingKind): boolean {
    return this.#blocked.has(kind);
  }

  /** Reason and next step; undefined when all was read. */
  reasonOf(kind: FindingKind): string | undefined {
    const reasons = this.#reasons.get(kind);
    return reasons && [...reasons].join(' ');
  }
}

/** Adds what the states of a node's runtimes and endpoints leave unknown. */
export function addRuntimeGaps(gaps: Gaps, node: NodeConnection): void {
  const known = new Map(node.runtimes.map((runtime) => [runtime.endpoint, runtime]));
  const ready = node.runtimes.filter(({ state }) => state === 'ready');
  for (const { endpoint, state, reason, configured } of node.endpoints) {
    if (state === 'ready' || state === 'absent' || state === 'notCri') continue;
    const why = `${endpoint} gave no lists${reason === undefined ? '.' : `: ${reason}`} Look again when it answers.`;
    if (known.has(endpoint) || configured) gaps.add(ofLists, why);
    gaps.add(ofAllLists, why, true);
  }
  if (ready.length === 0) {
    const reason =
      node.runtimes.length > 0
        ? 'No runtime of this node answers, so nothing can be compared with its lists.'
        : (node.reason ?? 'No container runtime was found on this node.');
    gaps.add(ofLists, reason, true);
  }
}
