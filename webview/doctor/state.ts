import type { Finding, FindingKind, Severity } from '../../src/model/doctor/finding.js';
import { visible } from '../../src/model/visible.js';
import type { DoctorState, DoctorStrings } from '../../src/protocol/doctor.js';
import { findPattern } from '../ui/find.js';

export const severities: readonly Severity[] = ['error', 'warning', 'info'];
export type SortBy = 'severity' | 'kind' | 'name';

/** What a person chose; survives that the page is hidden. */
export interface Choices {
  readonly query: string;
  readonly hidden: readonly Severity[];
  readonly kind?: FindingKind;
  readonly sort: SortBy;
}

export interface Remembered extends Choices {
  /** Ids of opened findings, and names of opened sections. */
  readonly open: readonly string[];
  readonly closed: readonly string[];
  readonly scroll: number;
}

/** Findings that are in the page at first, and that are added at a time. */
const sliceLength = 200;

/** The page's state; the templates read it and nothing else. */
export class PageState {
  doctor: DoctorState = {};
  /** The host didn't answer at all. */
  error: string | undefined;
  /** Why the last action failed. */
  warning: string | undefined;
  choices: Choices = { query: '', hidden: [], sort: 'severity' };
  slice = sliceLength;
  readonly #toggled = new Map<string, boolean>();

  restore(remembered: Partial<Remembered>): void {
    const { query, hidden, kind, sort } = remembered;
    this.choices = {
      query: query ?? '',
      hidden: hidden ?? [],
      sort: sort ?? 'severity',
      ...(kind ? { kind } : {}),
    };
    for (const place of remembered.open ?? []) this.#toggled.set(place, true);
    for (const place of remembered.closed ?? []) this.#toggled.set(place, false);
  }

  toRemember(scroll: number): Remembered {
    const places = (open: boolean): string[] =>
      [...this.#toggled].filter(([, is]) => is === open).map(([place]) => place);
    return { ...this.choices, open: places(true), closed: places(false), scroll };
  }

  get findings(): readonly Finding[] {
    return this.doctor.result?.diagnosis.findings ?? [];
  }

  isOpen(place: string, atFirst = false): boolean {
    return this.#toggled.get(place) ?? atFirst;
  }

  setOpen(place: string, open: boolean): void {
    this.#toggled.set(place, open);
  }

  choose(change: Partial<Choices>): void {
    this.choices = { ...this.choices, ...change };
    this.slice = sliceLength;
  }

  /** Every kind is shown again. */
  chooseAnyKind(): void {
    const { query, hidden, sort } = this.choices;
    this.choices = { query, hidden, sort };
  }

  clearFilter(): void {
    this.choices = { query: '', hidden: [], sort: this.choices.sort };
  }

  widen(): void {
    this.slice += sliceLength;
  }
}

/** The findings that the choices leave, in their order. */
export function shownFindings(
  findings: readonly Finding[],
  { query, hidden, kind, sort }: Choices,
  strings: DoctorStrings,
): readonly Finding[] {
  const pattern = findPattern(query);
  const left = findings.filter(
    (finding) =>
      !hidden.includes(finding.severity) &&
      (kind === undefined || finding.kind === kind) &&
      (pattern === undefined || matches(finding, strings, pattern)),
  );
  return left.sort(orders[sort](strings));
}

/** Looks at the texts as they are shown, and at the ids. */
function matches(finding: Finding, strings: DoctorStrings, pattern: RegExp): boolean {
  const { title, explanation, advice, kind, evidence, subject, pid } = finding;
  const texts = [
    ...[title, explanation, advice, strings.kinds[kind], subject?.id ?? '', String(pid ?? '')],
    ...evidence.flatMap(({ label, value, source }) => [label, value, source]),
  ];
  // Not test(): a pattern that is global remembers where it was.
  return texts.some((text) => visible(text).search(pattern) >= 0);
}

type Order = (a: Finding, b: Finding) => number;

const bySeverity: Order = (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity);
/** Numbers in names count as numbers: pod-2 is before pod-10. */
const collator = new Intl.Collator(undefined, { numeric: true });
const byName: Order = (a, b) => collator.compare(a.title, b.title);
const byKind =
  ({ kinds }: DoctorStrings): Order =>
  (a, b) =>
    collator.compare(kinds[a.kind], kinds[b.kind]);

const inTurn =
  (...orders: readonly Order[]): Order =>
  (a, b) =>
    orders.reduce((found, order) => found || order(a, b), 0);

const orders: Readonly<Record<SortBy, (strings: DoctorStrings) => Order>> = {
  severity: (strings) => inTurn(bySeverity, byKind(strings), byName),
  kind: (strings) => inTurn(byKind(strings), bySeverity, byName),
  name: () => inTurn(byName, bySeverity),
};
