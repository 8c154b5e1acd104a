import type { Locator } from 'playwright-core';
import { until } from './until.js';

/** Labels from the top of the tree downwards. A string is the whole label, a RegExp may match a part. */
export type TreePath = readonly [string | RegExp, ...(string | RegExp)[]];

interface Row {
  readonly id: string;
  readonly index: number;
  readonly level: number;
  readonly label: string;
  readonly expanded: string | null;
}

/**
 * The row that a path leads to, expanding those above it. Only rows that fit the window are in the page: keep the
 * tree short or filter it.
 */
export async function rowAt(tree: Locator, path: TreePath): Promise<Locator> {
  const shown = path.map(String).join(' > ');
  const id = await until(`the tree has ${shown}`, () => step(tree, path));
  return tree.locator(`[id="${id}"]`);
}

/** The id of the row at the end of the path; undefined when it isn't there yet, after expanding what is in the way. */
async function step(tree: Locator, path: TreePath): Promise<string | undefined> {
  let rows = await readRows(tree);
  let row: Row | undefined;
  for (const [depth, label] of path.entries()) {
    row = rows.find((candidate) => candidate.level === depth + 1 && matches(candidate.label, label));
    if (!row || depth === path.length - 1) break;
    if (row.expanded === 'false') {
      await tree.locator(`[id="${row.id}"] .monaco-tl-twistie`).click({ timeout: 2_000 });
      return undefined;
    }
    rows = below(rows, row);
  }
  return row?.id;
}

function below(rows: readonly Row[], parent: Row): Row[] {
  const rest = rows.slice(rows.indexOf(parent) + 1);
  const end = rest.findIndex(({ level }) => level <= parent.level);
  return end === -1 ? rest : rest.slice(0, end);
}

function matches(label: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? label === wanted : wanted.test(label);
}

async function readRows(tree: Locator): Promise<Row[]> {
  const rows = await tree.getByRole('treeitem').evaluateAll((elements) =>
    elements.map((element) => ({
      id: element.id,
      index: Number(element.getAttribute('data-index')),
      level: Number(element.getAttribute('aria-level')),
      label: element.querySelector('.label-name')?.textContent ?? '',
      expanded: element.getAttribute('aria-expanded'),
    })),
  );
  return rows.sort((a, b) => a.index - b.index);
}
