import { findPattern, type FindState } from '../ui/find.js';
import type { LogRows, Row } from './rows.js';

/** Where a search stands: a match of a row. Stays with its row while others come and go. */
export class LogSearch {
  readonly #rows: LogRows;
  #query = '';
  #matchCase = false;
  #row: Row | undefined;
  #index = 0;

  constructor(rows: LogRows) {
    this.#rows = rows;
  }

  get query(): string {
    return this.#query;
  }

  get matchCase(): boolean {
    return this.#matchCase;
  }

  /** The row of the present match. */
  get row(): Row | undefined {
    return this.#row;
  }

  /** For a row: which of its matches is the present one, else -1. */
  currentIn(row: Row): number {
    return row.id === this.#row?.id ? this.#index : -1;
  }

  /** @param from id of the row from which the first match is looked for */
  start(query: string, matchCase: boolean, from: number): void {
    this.#query = query;
    this.#matchCase = matchCase;
    const pattern = findPattern(query);
    this.#rows.find(pattern && new RegExp(pattern.source, matchCase ? 'gu' : 'giu'));
    const matching = this.#matching();
    this.#row = matching.find(({ id }) => id >= from) ?? matching[0];
    this.#index = 0;
  }

  /** To the next (1) or the previous (-1) match, around the ends. */
  step(by: 1 | -1): void {
    const matching = this.#matching();
    const at = matching.findIndex(({ id }) => id >= (this.#row?.id ?? 0));
    const row = matching[at];
    const isHere = row !== undefined && row.id === this.#row?.id;
    const index = this.#index + by;
    if (isHere && index >= 0 && index < row.matches) {
      this.#index = index;
      return;
    }
    const next = by === 1 ? at + (isHere ? 1 : 0) : at < 0 ? -1 : at - 1;
    this.#row = at < 0 && by === 1 ? matching[0] : (matching.at(next) ?? matching[0]);
    this.#index = by === 1 ? 0 : Math.max(0, (this.#row?.matches ?? 1) - 1);
  }

  get state(): FindState {
    let current = this.#index;
    const id = this.#row?.id ?? 0;
    for (const row of this.#matching()) {
      if (row.id >= id) break;
      current += row.matches;
    }
    return { query: this.#query, current, total: this.#rows.matches };
  }

  #matching(): readonly Row[] {
    return this.#query === '' ? [] : this.#rows.shown.filter(({ matches }) => matches > 0);
  }
}
