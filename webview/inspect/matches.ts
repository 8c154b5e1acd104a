import type { SectionId } from '../../src/model/oci/spec.js';
import type { ViewRow } from '../../src/model/oci/view.js';
import { countMatches } from '../ui/find.js';
import { visibleLines } from '../ui/text.js';
import { placeOf, type Place, type SpecState } from './state.js';

/** A row's texts that find looks at, in the order in which they are shown. */
export type Part = 'name' | 'value' | 'note';
export const parts: readonly Part[] = ['name', 'value', 'note'];

/** One match: where its row is, and which of the part's matches it is. */
export interface Match {
  readonly section: SectionId;
  /** Indices from the section's rows down to the row. */
  readonly indices: readonly number[];
  readonly place: Place;
  readonly part: Part;
  readonly nth: number;
}

/** More are neither counted nor shown. */
const mostMatches = 20_000;

/** The text of a part as the page shows it. */
export function partText(state: SpecState, row: ViewRow, part: Part): string {
  const text = part === 'value' ? state.shownValue(row) : row[part];
  return visibleLines(text ?? '');
}

/** All matches that the filter leaves, in open sections or not, in the order of the page. What is masked isn't searched. */
export function findMatches(state: SpecState, pattern: RegExp | undefined): readonly Match[] {
  const matches: Match[] = [];
  if (!pattern) return matches;
  const search = (
    section: SectionId,
    rows: readonly ViewRow[],
    parent: Place,
    above: readonly number[],
    all: boolean,
  ): void => {
    for (const { row, index } of state.passing(rows, all)) {
      if (matches.length >= mostMatches) return;
      const place = placeOf(parent, index);
      const indices = [...above, index];
      for (const part of parts) {
        const count = countMatches(partText(state, row, part), pattern);
        for (let nth = 0; nth < count; nth++) matches.push({ section, indices, place, part, nth });
      }
      if (row.children) search(section, row.children, place, indices, all || state.passesItself(row));
    }
  };
  for (const { id, rows } of state.view?.sections ?? []) search(id, rows, id, [], false);
  return matches;
}
