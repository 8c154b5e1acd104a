import { pathText, type JsonPath } from '../../src/model/oci/json.js';
import type { SectionId } from '../../src/model/oci/spec.js';
import type { ViewRow, ViewSection } from '../../src/model/oci/view.js';
import type { RevealedValue, SpecView } from '../../src/protocol/inspect.js';

/** Names a row or a section of the page: the section's id, then indices. Paths may repeat, these don't. */
export type Place = string;

export const placeOf = (parent: Place, index: number): Place => `${parent}/${index}`;

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
  inSight: SectionId | undefined;
  readonly #toggled = new Map<Place, boolean>();
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
  }

  isSectionOpen({ id, rows }: ViewSection): boolean {
    return this.#toggled.get(id) ?? (!closedAtFirst.has(id) && rows.length <= longestOpenAtFirst);
  }

  isRowOpen(place: Place): boolean {
    return this.#toggled.get(place) ?? false;
  }

  setOpen(place: Place, open: boolean): void {
    this.#toggled.set(place, open);
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
