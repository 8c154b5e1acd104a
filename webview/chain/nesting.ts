import type { ChainBox, ChainEdge, ChainEdgeKind, ChainGraph } from '../../src/model/chain/graph.js';

/** A box in the nested list, under the box that it comes from first of all. */
export interface Item {
  readonly box: ChainBox;
  /** What leads here from the item above; absent for roots. */
  readonly by?: ChainEdge;
  /** What else leads here. */
  readonly also: readonly ChainEdge[];
  readonly children: readonly Item[];
}

/** The nearer to the making of a process, the better an edge says where in the list a box belongs. */
const nearness: readonly ChainEdgeKind[] = [
  'forkExec',
  'oci',
  'ttrpc',
  'starts',
  'containerdApi',
  'dockerApi',
  'cri',
  'parent',
];

/** The graph as a nested list: every box once, with all that leads to it. */
export function nest({ boxes, edges }: ChainGraph): readonly Item[] {
  const known = new Set(boxes.map(({ id }) => id));
  const into = new Map<string, ChainEdge[]>();
  for (const edge of edges) {
    if (known.has(edge.from) && known.has(edge.to) && edge.from !== edge.to)
      into.set(edge.to, [...(into.get(edge.to) ?? []), edge]);
  }
  const above = new Map<string, ChainEdge>();
  for (const { id } of boxes) {
    const ranked = [...(into.get(id) ?? [])].sort(
      (a, b) => nearness.indexOf(a.kind) - nearness.indexOf(b.kind),
    );
    const best = ranked.find((edge) => !leadsUpTo(edge.from, id, above));
    if (best) above.set(id, best);
  }
  const below = new Map<string | undefined, ChainBox[]>();
  for (const box of boxes) {
    const parent = above.get(box.id)?.from;
    below.set(parent, [...(below.get(parent) ?? []), box]);
  }
  const itemOf = (box: ChainBox): Item => {
    const by = above.get(box.id);
    return {
      box,
      ...(by ? { by } : {}),
      also: (into.get(box.id) ?? []).filter((edge) => edge !== by),
      children: (below.get(box.id) ?? []).map(itemOf),
    };
  };
  return (below.get(undefined) ?? []).map(itemOf);
}

/** Whether `id` is `from` or above it: then `from` can't be above `id`. */
function leadsUpTo(from: string, id: string, above: ReadonlyMap<string, ChainEdge>): boolean {
  for (let at: string | undefined = from; at !== undefined; at = above.get(at)?.from)
    if (at === id) return true;
  return false;
}

/** The items that are shown, top down, with their depth from 1. */
export function shownItems(
  items: readonly Item[],
  closed: ReadonlySet<string>,
  level = 1,
): readonly { readonly item: Item; readonly level: number; readonly parent?: Item }[] {
  return items.flatMap((item) => [
    { item, level },
    ...(closed.has(item.box.id)
      ? []
      : shownItems(item.children, closed, level + 1).map((each) =>
          item.children.includes(each.item) ? { ...each, parent: item } : each,
        )),
  ]);
}
