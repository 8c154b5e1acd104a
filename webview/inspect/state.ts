import { pathText, type JsonPath } from '../../src/model/oci/json.js';
import type { SectionId } from '../../src/model/oci/spec.js';
import type { ViewRow, ViewSection } from '../../src/model/oci/view.js';
import type { ProcessReality } from '../../src/model/oci/insight.js';
import type { RevealedValue, RowFilter, SpecInsight, SpecView } from '../../src/protocol/inspect.js';
import { RowInsight } from './insight.js';
import type { InsightId } from './insightSections.js';
import { RowIndex } from './rowIndex.js';

/** Names a row or a section of the page: the section's id, then indices. Paths may repeat, these don't. */
export type Place = string;

export const placeOf = (parent: Place, index: number): Place => `${parent}/${index}`;

/** A row that the filter leaves, and its index among all of its list. */
export interface PassingRow {
  readonly row: ViewRow;
  readonly index: number;
}

/** Which rows of a long list are in the page. */
export interface Slice {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** Rows of one list that are in the page at first, and that are added at a time. */
export const sliceLength = 200;

/** Sections that begin closed: long, or seldom asked for. */
const closedAtFirst: ReadonlySet<SectionId> = new Set(['annotations', 'paths', 'sysctl', 'devices']);
const longestOpenAtFirst = 60;

/** What the page remembers over being hidden and over a window reload. Revealed values are not among it. */
export interface Remembered {
  readonly open: readonly Place[];
  /** What was opened or closed is told apart from what never was touched. */
  readonly closed: readonly Place[];
  readonly query: string;
  readonly scroll: number;
}

/** The page's state; the templates read it and nothing else. */
export class SpecState {
  view: SpecView | undefined;
  error: string | undefined;
  warning: string | undefined;
  loading = true;
  query = '';
  current = 0;
  /** The section that is at the top now. */
  inSight: SectionId | InsightId | undefined;
  /** What the host found out beside the spec; undefined until then. */
  found: SpecInsight | undefined;
  insightError: string | undefined;
  /** Of the process that is looked at. */
  reality: ProcessReality | undefined;
  /** The same by rows. */
  insight: RowInsight | undefined;
  #rows: RowIndex | undefined;
  #filter: RowFilter = 'all';
  readonly #every = new WeakMap<readonly ViewRow[], readonly PassingRow[]>();
  #passing = new WeakMap<readonly ViewRow[], readonly PassingRow[]>();
  readonly #toggled = new Map<Place, boolean>();
  /** A filter has a page of its own, so to say. */
  readonly #toggledInFilter = new Map<Place, boolean>();
  readonly #slices = new Map<Place, Slice>();
  readonly #revealed = new Map<string, RevealedValue>();

  restore(remembered: Partial<Remembered>): void {
    for (const place of remembered.open ?? []) this.#toggled.set(place, true);
    for (const place of remembered.closed ?? []) this.#toggled.set(place, false);
    this.query = remembered.query ?? '';
  }

  toRemember(scroll: number): Remembered {
    const places = (open: boolean): Place[] =>
      [...this.#toggled].filter(([, state]) => state === open).map(([place]) => place);
    return { open: places(true), closed: places(false), query: this.query, scroll };
  }

  /** A new reading: what was revealed in the old one is hidden again. */
  show(view: SpecView): void {
    this.view = view;
    this.error = undefined;
    this.#revealed.clear();
    this.#slices.clear();
    this.#rows = undefined;
    this.found = this.insight = this.reality = this.insightError = undefined;
    this.filter = 'all';
  }

  /** Made when it is first needed: after the first paint. */
  get rows(): RowIndex {
    return (this.#rows ??= new RowIndex(this.view?.sections ?? []));
  }

  showInsight(found: SpecInsight): void {
    this.found = found;
    this.showReality(found.reality);
  }

  showReality(reality: ProcessReality | undefined): void {
    this.reality = reality;
    this.insight = this.found && new RowInsight(this.found, reality, this.rows);
    this.#passing = new WeakMap();
  }

  get filter(): RowFilter {
    return this.#filter;
  }

  set filter(filter: RowFilter) {
    this.#filter = filter;
    this.#toggledInFilter.clear();
    this.#passing = new WeakMap();
    this.#slices.clear();
  }

  /** Whether the filter leaves a row for its own sake. */
  passesItself(row: ViewRow): boolean {
    return this.#filter === 'all' || this.insight?.passes(row, this.#filter) === true;
  }

  /** The rows of a list that the filter leaves: those of the wanted kind, and what they are in. */
  passing(rows: readonly ViewRow[], all: boolean): readonly PassingRow[] {
    if (all || this.#filter === 'all') return this.#unfiltered(rows);
    const known = this.#passing.get(rows);
    if (known) return known;
    const passing = [...rows.entries()].flatMap(([index, row]) =>
      this.passesItself(row) || this.passing(row.children ?? [], false).length > 0 ? [{ row, index }] : [],
    );
    this.#passing.set(rows, passing);
    return passing;
  }

  #unfiltered(rows: readonly ViewRow[]): readonly PassingRow[] {
    const known = this.#every.get(rows);
    if (known) return known;
    const every = rows.map((row, index) => ({ row, index }));
    this.#every.set(rows, every);
    return every;
  }

  /** Whether the filter leaves anything of a section. */
  isShown({ rows }: ViewSection): boolean {
    return this.#filter === 'all' || this.passing(rows, false).length > 0;
  }

  isInsightOpen(id: InsightId): boolean {
    // A filter is set for its rows, so what stands above them is folded.
    const atFirst =
      this.#filter === 'all' ? this.#insightOpenAtFirst(id) : this.#filter === 'drift' && id === 'reality';
    return this.#toggledNow.get(id) ?? atFirst;
  }

  #insightOpenAtFirst(id: InsightId): boolean {
    switch (id) {
      case 'findings':
        return true;
      case 'reality':
        return this.reality?.facts.some(({ verdict }) => verdict === 'drift') === true;
      case 'sources':
        return (this.found?.sources?.differenceCount ?? 0) > 0;
      case 'request':
        return false;
    }
  }

  isSectionOpen({ id, rows }: ViewSection): boolean {
    // What a filter leaves is what a person asked to see.
    if (this.#filter !== 'all') return this.#toggledInFilter.get(id) ?? true;
    return this.#toggled.get(id) ?? (!closedAtFirst.has(id) && rows.length <= longestOpenAtFirst);
  }

  /** @param atFirst before a person opens or closes it */
  isRowOpen(place: Place, atFirst = false): boolean {
    return this.#toggledNow.get(place) ?? atFirst;
  }

  setOpen(place: Place, open: boolean): void {
    this.#toggledNow.set(place, open);
  }

  get #toggledNow(): Map<Place, boolean> {
    return this.#filter === 'all' ? this.#toggled : this.#toggledInFilter;
  }

  /** The part of a list that is in the page. */
  sliceOf(place: Place, length: number): Slice {
    const { from, to } = this.#slices.get(place) ?? { from: 0, to: sliceLength };
    return { from: Math.min(from, length), to: Math.min(to, length) };
  }

  /** Adds rows before or after those in the page. */
  widen(place: Place, length: number, side: 'before' | 'after'): void {
    const { from, to } = this.sliceOf(place, length);
    const wider =
      side === 'before' ? { from: Math.max(0, from - sliceLength), to } : { from, to: to + sliceLength };
    this.#slices.set(place, wider);
  }

  /** Opens what a row is in, and brings it into the page. Gives its place. */
  bringRow(section: SectionId, indices: readonly number[]): Place {
    let rows = this.view?.sections.find(({ id }) => id === section)?.rows ?? [];
    let place: Place = section;
    let all = false;
    this.setOpen(section, true);
    for (const [depth, index] of indices.entries()) {
      const passing = this.passing(rows, all);
      this.bring(
        place,
        passing.findIndex((one) => one.index === index),
        passing.length,
      );
      place = placeOf(place, index);
      const row = rows[index];
      if (depth < indices.length - 1) this.setOpen(place, true);
      if (row) all ||= this.passesItself(row);
      rows = row?.children ?? [];
    }
    return place;
  }

  /** Brings the row at `index` into the page, by moving the slice if need be. */
  bring(place: Place, index: number, length: number): void {
    const { from, to } = this.sliceOf(place, length);
    if (index >= from && index < to) return;
    const start = Math.max(0, index - sliceLength / 4);
    this.#slices.set(place, { from: start, to: start + sliceLength });
  }

  revealedOf(path: JsonPath): RevealedValue | undefined {
    return this.#revealed.get(pathText(path));
  }

  setRevealed(path: JsonPath, value: RevealedValue | undefined): void {
    if (value) this.#revealed.set(pathText(path), value);
    else this.#revealed.delete(pathText(path));
  }

  /** A row's value as far as it may be seen: undefined while masked. */
  shownValue(row: ViewRow): string | undefined {
    return row.value ?? this.revealedOf(row.path)?.value;
  }
}
