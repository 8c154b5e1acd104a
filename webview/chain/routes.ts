import type { EdgeLabel, Graph, GraphLabel, NodeLabel } from '@dagrejs/dagre';
import type { ChainEdge } from '../../src/model/chain/graph.js';
import { isDescent, type Direction, type LayoutSizes, type Placed, type Point, type Rect } from './layout.js';

/** An edge with the line it is drawn as. */
export interface Routed {
  readonly edge: ChainEdge;
  /** From the first box's border to the second's. */
  readonly points: readonly Point[];
  /** The middle of its words; absent for one without. */
  readonly label?: Point;
}

/** Distance from the boxes of the lane along which requests pass to those of a rank that aren't neighbours. */
const lane = 13;
/** Distance from a parent at which the lines to its children part. */
const elbow = 14;

/**
 * The lines between boxes that dagre placed. Lines over several ranks are dagre's; those to the next rank have right
 * angles; requests go straight to a neighbour, along a lane beside the rank to others.
 */
export function routesOf(
  dagre: Graph<GraphLabel, NodeLabel, EdgeLabel>,
  edges: readonly ChainEdge[],
  boxes: readonly Placed[],
  sizes: LayoutSizes,
  direction: Direction,
): readonly Routed[] {
  // All is reckoned as if downwards: x along a rank, y from rank to rank.
  const turn = direction === 'down' ? (point: Point): Point => point : turned;
  const rects = new Map(
    boxes.map(({ box, rect }) => [box.id, direction === 'down' ? rect : turnedRect(rect)]),
  );
  const all = [...rects.values()];
  const ends = rankEnds(all);
  const labelled = new Set<string>();
  return edges.map((edge, index) => {
    const [from, to] = [rects.get(edge.from), rects.get(edge.to)];
    if (!from || !to) throw new Error('an edge without its boxes');
    const descent = isDescent(edge) ? dagre.edge(edge.from, edge.to, String(index)) : undefined;
    const route = descent
      ? descentRoute(descent, from, to, ends, turn)
      : requestRoute(from, to, all, labelled.has(sourceOf(edge)));
    if (!descent && route.label) labelled.add(sourceOf(edge));
    const label = sizes.label(edge) ? route.label : undefined;
    return { edge, points: route.points.map(turn), ...(label ? { label: turn(label) } : {}) };
  });
}

interface Route {
  readonly points: readonly Point[];
  readonly label?: Point;
}

function descentRoute(
  drawn: EdgeLabel,
  from: Rect,
  to: Rect,
  ends: ReadonlyMap<number, number>,
  turn: (point: Point) => Point,
): Route {
  const end = ends.get(Math.round(from.y)) ?? from.y + from.height;
  const isNext = ![...ends.keys()].some((begin) => begin > end && begin < to.y - 1);
  if (to.y < end) return { points: (drawn.points ?? []).map(turn) };
  if (!isNext) return passingRoute((drawn.points ?? []).map(turn), from, to, end);
  const [start, stop] = [bottom(from), top(to)];
  const bend = end + elbow;
  const label = { x: stop.x, y: (bend + stop.y) / 2 };
  if (Math.abs(start.x - stop.x) < 1) return { points: [start, stop], label };
  return { points: [start, { x: start.x, y: bend }, { x: stop.x, y: bend }, stop], label };
}

/** Past other ranks, in the lane between their boxes that dagre kept free. */
function passingRoute(drawn: readonly Point[], from: Rect, to: Rect, end: number): Route {
  const lane = drawn[Math.floor(drawn.length / 2)]?.x ?? from.x;
  const side = (rect: Rect): number =>
    Math.min(rect.x + rect.width * 0.85, Math.max(rect.x + rect.width * 0.15, lane));
  const [begin, stop] = [side(from), side(to)];
  const [above, below] = [end + elbow / 2, to.y - elbow];
  const corners = [
    ...(Math.abs(begin - lane) < 1 ? [] : [begin, lane].map((x) => ({ x, y: above }))),
    ...(Math.abs(stop - lane) < 1 ? [] : [lane, stop].map((x) => ({ x, y: below }))),
  ];
  const points = [{ x: begin, y: from.y + from.height }, ...corners, { x: stop, y: to.y }];
  return { points, label: { x: lane, y: (above + below) / 2 } };
}

/** By where a rank begins, where its longest box ends. */
function rankEnds(rects: readonly Rect[]): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  for (const { y, height } of rects) {
    const begin = Math.round(y);
    ends.set(begin, Math.max(ends.get(begin) ?? 0, y + height));
  }
  return ends;
}

function requestRoute(from: Rect, to: Rect, all: readonly Rect[], silent: boolean): Route {
  if (Math.abs(from.y - to.y) > 1) return slantRoute(from, to);
  const forwards = from.x < to.x;
  const y = from.y + Math.min(from.height, to.height) / 2;
  const [start, end] = forwards ? [from.x + from.width, to.x] : [from.x, to.x + to.width];
  const [low, high] = [Math.min(start, end), Math.max(start, end)];
  const neighbours = !all.some(
    (rect) => Math.abs(rect.y - from.y) < 1 && rect.x > low - 1 && rect.x + rect.width < high + 1,
  );
  if (neighbours)
    return {
      points: [
        { x: start, y },
        { x: end, y },
      ],
      label: { x: (start + end) / 2, y },
    };
  const out = from.x + from.width * (forwards ? 0.8 : 0.2);
  const into = to.x + to.width * (forwards ? 0.2 : 0.8);
  const beside = from.y - lane;
  return {
    points: [
      { x: out, y: from.y },
      { x: out, y: beside },
      { x: into, y: beside },
      { x: into, y: to.y },
    ],
    ...(silent ? {} : { label: { x: (out + into) / 2, y: beside } }),
  };
}

/** Between boxes of different ranks: from the side that faces the other rank. */
function slantRoute(from: Rect, to: Rect): Route {
  const [start, end] = from.y < to.y ? [bottom(from), top(to)] : [top(from), bottom(to)];
  const shift = (end.x > start.x ? 0.3 : -0.3) * from.width;
  const begin = { x: start.x + shift, y: start.y };
  return { points: [begin, end], label: { x: (begin.x + end.x) / 2, y: (begin.y + end.y) / 2 } };
}

const top = ({ x, y, width }: Rect): Point => ({ x: x + width / 2, y });
const bottom = ({ x, y, width, height }: Rect): Point => ({ x: x + width / 2, y: y + height });
const turned = ({ x, y }: Point): Point => ({ x: y, y: x });
const turnedRect = ({ x, y, width, height }: Rect): Rect => ({ x: y, y: x, width: height, height: width });

/** Of several lines of one kind from one box, one has words. */
const sourceOf = ({ from, kind }: ChainEdge): string => `${kind} ${from}`;
