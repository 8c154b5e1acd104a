import { runNow, type Steps } from '../steps.js';
import { pathText, type JsonPath } from './json.js';
import type { SectionId, SpecReading, SpecRow } from './spec.js';

/** What may leave the host: a row whose secrets stay behind, and whose length is bounded. */
export interface ViewRow {
  readonly path: JsonPath;
  readonly name: string;
  /** Absent while masked. */
  readonly value?: string;
  readonly note?: string;
  /** The full length of a value that was cut, in UTF-16 units. */
  readonly length?: number;
  readonly children?: readonly ViewRow[];
}

export interface ViewSection {
  readonly id: SectionId;
  readonly rows: readonly ViewRow[];
}

/** Longer values are cut for the view; copying and the JSON document give them whole. */
export const longestValue = 4000;

/** The sections as a view may have them. Names are cut too; they come from strangers as well. */
export const viewOf = (reading: SpecReading): readonly ViewSection[] => runNow(viewing(reading));

/** As {@link viewOf}, in steps. */
export function* viewing(reading: SpecReading): Steps<readonly ViewSection[]> {
  const sections: ViewSection[] = [];
  for (const { id, rows } of reading.sections) {
    const shown: ViewRow[] = [];
    for (const row of rows) {
      shown.push(viewRow(row));
      yield;
    }
    sections.push({ id, rows: shown });
  }
  return sections;
}

/** A value that a person asked to see or copy. `cut` bounds it for the view. */
export function valueAt(reading: SpecReading, path: JsonPath): string | undefined {
  const wanted = pathText(path);
  for (const section of reading.sections) {
    const row = find(section.rows, wanted);
    if (row) return row.value;
  }
  return undefined;
}

/** A text as far as a view shows it. */
export function cut(text: string): { readonly value: string; readonly length?: number } {
  return text.length <= longestValue
    ? { value: text }
    : { value: text.slice(0, longestValue), length: text.length };
}

function viewRow(row: SpecRow): ViewRow {
  return {
    path: row.path,
    name: cut(row.name).value,
    ...(row.secret ? {} : cut(row.value)),
    ...(row.note === undefined ? {} : { note: cut(row.note).value }),
    ...(row.children && row.children.length > 0 ? { children: row.children.map(viewRow) } : {}),
  };
}

function find(rows: readonly SpecRow[], wanted: string): SpecRow | undefined {
  for (const row of rows) {
    if (pathText(row.path) === wanted) return row;
    const inside = find(row.children ?? [], wanted);
    if (inside) return inside;
  }
  return undefined;
}
