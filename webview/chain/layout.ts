import { Graph, layout, type EdgeLabel, type GraphLabel, type NodeLabel } from '@dagrejs/dagre';
import type { ChainBox, ChainEdge, ChainGraph } from '../../src/model/chain/graph.js';
import { routesOf, type Routed } from './routes.js';

/** `down`: parents above their children, requests from left to right. `right`: the same, turned. */
export type Direction = 'down' | 'right';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle by its upper left corner, in the picture's units (CSS pixels at zoom 1). */
export type Rect = Point & Size;

export interface Placed {
  readonly box: ChainBox;
  readonly rect: Rect;
}

/** A picture of a graph: where everything is. */
export interface Layout extends Size {
  readonly direction: Direction;
  readonly boxes: readonly Placed[];
  readonly edges: readonly Routed[];
}

export interface LayoutSizes {
  box(box: ChainBox): Size;
  /** Of what an edge says; undefined for one that is drawn without words. */
  label(edge: ChainEdge): Size | undefined;
}

type Dagre = Graph<GraphLabel, NodeLabel, EdgeLabel>;

const margin = 24;
/** Of dagre's graph, so that no box's id is one of them. */
const rootId = ' root';
const labelId = (edge: number): string => ` label ${edge}`;

/** Whether an edge is one of making or parentage, which leads to the next rank; requests pass within a rank. */
export const isDescent = ({ kind }: ChainEdge): boolean =>
  kind === 'parent' || kind === 'oci' || kind === 'forkExec';

/**
 * Lays a chain out with dagre. Ranks follow parentage, so that a daemon stands beside the shims that it started and
 * that process 1 is the parent of; requests pass along the rank. The same graph gives the same picture.
 */
export function layOut(graph: ChainGraph, sizes: LayoutSizes, direction: Direction): Layout {
  const dagre: Dagre = new Graph({ multigraph: true });
  const down = direction === 'down';
  dagre.setGraph({
    rankdir: down ? 'TB' : 'LR',
    nodesep: down ? 20 : 14,
    edgesep: 18,
    rankalign: 'top',
    ranker: 'tight-tree',
    ranksep: down ? 56 : 60,
    marginx: margin,
    marginy: margin,
  });
  const order = inOrder(graph);
  const ids = new Set(order.map(({ id }) => id));
  const edges = graph.edges.filter(({ from, to }) => ids.has(from) && ids.has(to) && from !== to);
  fill(dagre, order, edges, sizes);
  // As it is filled, nothing that can be avoided crosses; looking for better takes longest of all.
  layout(dagre, { disableOptimalOrderHeuristic: true });
  const boxes = order.map((box) => ({ box, rect: rectOf(dagre.node(box.id)) }));
  return { direction, boxes, edges: routesOf(dagre, edges, boxes, sizes, direction), ...sizeOf(dagre) };
}

/**
 * Boxes that nothing stands above hang under one root. All come in the order in which requests pass, since that is the
 * order within a rank, with the words of requests to a neighbour between them.
 */
function fill(
  dagre: Dagre,
  order: readonly ChainBox[],
  edges: readonly ChainEdge[],
  sizes: LayoutSizes,
): void {
  const above = new Map<string, number[]>(order.map(({ id }) => [id, []]));
  edges.forEach((edge, index) => isDescent(edge) && above.get(edge.to)?.push(index));
  const root = order.find(({ kind, id }) => kind === 'init' && above.get(id)?.length === 0);
  if (!root) dagre.setNode(rootId, { width: 0, height: 0 });
  for (const box of order) dagre.setNode(box.id, { ...sizes.box(box) });
  const steps = stepsTo(order, edges, root);
  let before: ChainBox | undefined;
  for (const box of order) {
    const descents = above.get(box.id) ?? [];
    const parent = parentFor(box, edges) ?? root?.id ?? rootId;
    const said = edges.findIndex(
      (edge) => !isDescent(edge) && edge.from === before?.id && edge.to === box.id,
    );
    const label = edges[said] && sizes.label(edges[said]);
    if (label) {
      dagre.setNode(labelId(said), { ...label });
      dagre.setEdge(parent, labelId(said), { weight: 0, minlen: steps(parent, box) });
    }
    for (const index of descents) {
      const edge = edges[index];
      if (!edge) continue;
      const { width = 0, height = 0 } = sizes.label(edge) ?? {};
      const minlen = steps(edge.from, box);
      dagre.setEdge(edge.from, edge.to, { width, height, labelpos: 'c', weight: 2, minlen }, String(index));
    }
    if (box !== root && descents.length === 0)
      dagre.setEdge(parent, box.id, { weight: 0, minlen: steps(parent, box) });
    if (passing.has(box.kind)) before = box;
  }
}

const passing: ReadonlySet<ChainBox['kind']> = new Set([
  ...(['kubelet', 'socket', 'server', 'daemon', 'shim', 'monitor'] as const),
]);

/**
 * How many ranks a box stands below a parent: as many as it takes for all who pass requests to stand in one rank, however
 * long the ways from process 1 to them are. Who is the child of another of them stands below that one.
 */
function stepsTo(
  boxes: readonly ChainBox[],
  edges: readonly ChainEdge[],
  root: ChainBox | undefined,
): (parent: string, box: ChainBox) => number {
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const parents = new Map(edges.filter(isDescent).map(({ from, to }) => [to, from]));
  const above = (id: string): readonly string[] => {
    const ids: string[] = [];
    for (let at = parents.get(id); at !== undefined && !ids.includes(at); at = parents.get(at)) ids.push(at);
    return ids;
  };
  const depth = (id: string): number => {
    if (id === rootId) return 0;
    const ids = above(id);
    return ids.length + ((ids.at(-1) ?? id) === root?.id ? 0 : 1);
  };
  const inRow = ({ id, kind }: ChainBox): boolean =>
    passing.has(kind) && !above(id).some((one) => passing.has(byId.get(one)?.kind ?? 'more'));
  const row = Math.max(1, ...boxes.filter(inRow).map(({ id }) => depth(id)));
  return (parent, box) => (inRow(box) ? Math.max(1, row - depth(parent)) : 1);
}

/** Whose child a box is, or, for a socket, the parent of who listens on it. */
function parentFor(box: ChainBox, edges: readonly ChainEdge[]): string | undefined {
  const parentOf = (id: string): string | undefined =>
    edges.find((edge) => isDescent(edge) && edge.to === id)?.from;
  if (box.kind !== 'socket') return parentOf(box.id);
  const listener = edges.find((edge) => edge.from === box.id)?.to;
  return listener === undefined ? undefined : parentOf(listener);
}

/**
 * The boxes in the order in which requests pass, each after its ancestors and followed by whom it asks; the others in
 * their own order.
 */
function inOrder({ boxes, edges }: ChainGraph): readonly ChainBox[] {
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const asks = new Map<string, string[]>();
  const asked = new Set<string>();
  for (const edge of edges.filter((each) => !isDescent(each))) {
    asks.set(edge.from, [...(asks.get(edge.from) ?? []), edge.to]);
    asked.add(edge.to);
  }
  const parents = new Map<string, string[]>();
  for (const edge of edges.filter(isDescent))
    parents.set(edge.to, [...(parents.get(edge.to) ?? []), edge.from]);
  const begun = new Set<ChainBox>();
  const order = new Set<ChainBox>();
  const visit = (id: string): void => {
    const box = byId.get(id);
    if (!box || begun.has(box)) return;
    begun.add(box);
    if (passing.has(box.kind) || box.kind === 'init') parents.get(id)?.forEach(visit);
    order.add(box);
    asks.get(id)?.forEach(visit);
  };
  for (const { id } of boxes) if (!asked.has(id)) visit(id);
  for (const { id } of boxes) visit(id);
  return [...order];
}

function rectOf({ x = 0, y = 0, width, height }: NodeLabel): Rect {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

function sizeOf(dagre: Dagre): Size {
  const { width = 0, height = 0 } = dagre.graph();
  return { width: Math.max(width, 2 * margin), height: Math.max(height, 2 * margin) };
}
