import type { Layout, Placed, Point, Rect } from './layout.js';

const directions: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/**
 * Where a key leads from a box: an arrow along the line that goes its way best, to the nearest box where no line goes
 * that way; Home and End to the first and last box. Undefined for other keys and where nothing is.
 */
export function stepFrom(layout: Layout, id: string, key: string): string | undefined {
  if (key === 'Home') return layout.boxes[0]?.box.id;
  if (key === 'End') return layout.boxes.at(-1)?.box.id;
  const way = directions[key];
  const from = layout.boxes.find(({ box }) => box.id === id);
  if (!way || !from) return undefined;
  const joined = new Set(
    layout.edges.flatMap(({ edge }) => (edge.from === id ? [edge.to] : edge.to === id ? [edge.from] : [])),
  );
  const others = layout.boxes.filter((placed) => placed !== from);
  return (
    nearest(
      from,
      others.filter(({ box }) => joined.has(box.id)),
      way,
    ) ?? nearest(from, others, way)
  );
}

/** The box that is nearest that way; what is aside counts as three times as far. */
function nearest(from: Placed, others: readonly Placed[], way: Point): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  for (const { box, rect } of others) {
    const gap = gapBetween(from.rect, rect, way);
    if (gap.ahead <= 0) continue;
    const distance = gap.ahead + 3 * gap.aside;
    if (distance < least) [best, least] = [box.id, distance];
  }
  return best;
}

function gapBetween(from: Rect, to: Rect, way: Point): { readonly ahead: number; readonly aside: number } {
  const dx = to.x + to.width / 2 - from.x - from.width / 2;
  const dy = to.y + to.height / 2 - from.y - from.height / 2;
  // Ahead is what lies beyond the border; boxes of one rank overlap in the other direction.
  const beyond = way.x === 0 ? from.height / 2 : from.width / 2;
  const ahead = dx * way.x + dy * way.y - beyond;
  return { ahead, aside: Math.abs(way.x === 0 ? dx : dy) };
}
