import { pathText, type JsonPath } from '../../src/model/oci/json.js';
import type { SectionId } from '../../src/model/oci/spec.js';
import type { ViewRow, ViewSection } from '../../src/model/oci/view.js';

/** Where a row is: its section, and the indices from the section's rows down to it. */
export interface RowAt {
  readonly section: SectionId;
  readonly indices: readonly number[];
  readonly row: ViewRow;
}

/** The rows of a spec by their path. */
export class RowIndex {
  readonly #rows = new Map<string, RowAt[]>();

  constructor(sections: readonly ViewSection[]) {
    const add = (section: SectionId, rows: readonly ViewRow[], above: readonly number[]): void => {
      for (const [index, row] of rows.entries()) {
        const indices = [...above, index];
        const key = pathText(row.path);
        const at = this.#rows.get(key);
        const found = { section, indices, row };
        if (at) at.push(found);
        else this.#rows.set(key, [found]);
        if (row.children) add(section, row.children, indices);
      }
    };
    for (const { id, rows } of sections) add(id, rows, []);
  }

  has(path: JsonPath): boolean {
    return this.#rows.has(pathText(path));
  }

  /** Whether several rows are about one place: namespaces that aren't listed are all at their list. */
  isShared(path: JsonPath): boolean {
    return (this.#rows.get(pathText(path))?.length ?? 0) > 1;
  }

  /**
   * The row at a path, or the one next to where it would be; undefined when nothing is near.
   * @param about words that tell rows at one path apart by their names
   */
  nearest(path: JsonPath, about = ''): RowAt | undefined {
    const exact = this.#rows.get(pathText(path));
    if (exact) return exact.find(({ row }) => about.includes(row.name)) ?? exact[0];
    let best: RowAt | undefined;
    let longest = 0;
    for (const [at] of this.#rows.values()) {
      const length = at ? commonLength(at.row.path, path) : 0;
      if (length > longest) [best, longest] = [at, length];
    }
    return best;
  }
}

function commonLength(one: JsonPath, other: JsonPath): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}
