import type { Origin, ProcessReality, Reality, SpecFinding } from '../../src/model/oci/insight.js';
import { pathText, type JsonPath } from '../../src/model/oci/json.js';
import { originLookup } from '../../src/model/oci/trace/originLookup.js';
import type { ViewRow } from '../../src/model/oci/view.js';
import type { RowFilter, SpecInsight } from '../../src/protocol/inspect.js';
import type { RowIndex } from './rowIndex.js';

/** What is known of each row beside its value: its origin, the kernel's facts, the findings. */
export class RowInsight {
  readonly #originAt: (path: JsonPath) => Origin | undefined;
  readonly #facts = new Map<string, Reality[]>();
  readonly #findings = new Map<string, SpecFinding[]>();

  /** @param reality of the process that is looked at */
  constructor(
    found: SpecInsight,
    reality: ProcessReality | undefined,
    private readonly rows: RowIndex,
  ) {
    this.#originAt = originLookup(found);
    for (const fact of reality?.facts ?? []) push(this.#facts, pathText(fact.path), fact);
    for (const finding of found.findings) push(this.#findings, pathText(finding.path), finding);
  }

  /** Its own, or that of what it is in. */
  originOf({ path }: ViewRow): Origin | undefined {
    return this.#originAt(path);
  }

  factsOf({ path, name }: ViewRow): readonly Reality[] {
    const facts = this.#facts.get(pathText(path)) ?? [];
    return this.rows.isShared(path) ? facts.filter((fact) => fact.name.startsWith(`${name} `)) : facts;
  }

  findingsOf({ path, name }: ViewRow): readonly SpecFinding[] {
    const findings = this.#findings.get(pathText(path)) ?? [];
    return this.rows.isShared(path) ? findings.filter(({ title }) => title.includes(` ${name} `)) : findings;
  }

  /** The gravest of a row's facts; undefined where the kernel has nothing to say. */
  verdictOf(row: ViewRow): Reality['verdict'] | undefined {
    return gravest(this.factsOf(row));
  }

  passes(row: ViewRow, filter: RowFilter): boolean {
    switch (filter) {
      case 'all':
        return true;
      case 'drift':
        return this.verdictOf(row) === 'drift';
      case 'cri':
      case 'unknown':
        return this.originOf(row)?.kind === filter;
    }
  }
}

function gravest(facts: readonly Reality[]): Reality['verdict'] | undefined {
  return (['drift', 'unreadable', 'same'] as const).find((verdict) =>
    facts.some((fact) => fact.verdict === verdict),
  );
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
