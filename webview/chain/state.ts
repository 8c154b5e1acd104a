import type { ChainBox, ChainGraph } from '../../src/model/chain/graph.js';
import type { ChainView } from '../../src/protocol/chain.js';
import { countMatches, findPattern } from '../ui/find.js';
import { boxText, type BoxText, type Measure } from './boxText.js';
import { layOut, type Direction, type Layout, type LayoutSizes, type Point, type Size } from './layout.js';
import { nest, type Item } from './nesting.js';
import { factText, spoken, titleText, type Texts } from './words.js';

/** What the page remembers over being hidden and over a window reload. */
export interface Remembered {
  readonly mode: 'picture' | 'list';
  readonly direction: Direction | undefined;
  readonly selected: string | undefined;
  readonly closed: readonly string[];
  readonly legend: boolean;
  readonly scale: number;
  readonly scroll: Point;
}

/** Pictures of more boxes than that say nothing on lines of parentage, and grow sideways. */
const fewBoxes = 24;

/** What is shown, worked out once for each graph and direction. */
export interface Shown {
  readonly layout: Layout;
  readonly texts: ReadonlyMap<string, BoxText>;
  /** What screen readers call the boxes. */
  readonly names: ReadonlyMap<string, string>;
  readonly items: readonly Item[];
}

/** The page's state; the templates read it and nothing else. */
export class ChainState {
  view: ChainView | undefined;
  shown: Shown | undefined;
  error: string | undefined;
  /** What is wrong with the reading, as the host says. */
  warning: string | undefined;
  /** Why the last thing that a person did failed. */
  problem: string | undefined;
  loading = true;
  mode: Remembered['mode'] = 'picture';
  /** As a person chose it; otherwise it depends on how much there is. */
  direction: Direction | undefined;
  selected: string | undefined;
  readonly closed = new Set<string>();
  legendOpen = true;
  query = '';
  current = 0;
  matches: readonly string[] = [];

  restore(remembered: Partial<Remembered>): void {
    this.mode = remembered.mode ?? 'picture';
    this.direction = remembered.direction;
    this.selected = remembered.selected;
    this.legendOpen = remembered.legend ?? true;
    for (const id of remembered.closed ?? []) this.closed.add(id);
  }

  /** A reading: what was selected stays so, if it is still there. */
  show(view: ChainView, strings: Texts, measure: Measure): void {
    this.view = view;
    this.error = undefined;
    const { boxes } = view.graph;
    const has = (id: string | undefined): boolean => boxes.some((box) => box.id === id);
    if (!has(this.selected)) this.selected = has(view.focus) ? view.focus : undefined;
    this.work(strings, measure);
    this.search();
  }

  /** Lays the graph out anew. */
  work(strings: Texts, measure: Measure): void {
    const graph = this.view?.graph;
    if (!graph) return;
    const texts = new Map(graph.boxes.map((box) => [box.id, boxText(box, strings, measure)]));
    const layout = layOut(graph, sizes(graph, texts, strings, measure), this.direction ?? usual(graph));
    const into = new Map(graph.boxes.map(({ id }) => [id, graph.edges.filter(({ to }) => to === id)]));
    const names = new Map(
      graph.boxes.map((box) => [box.id, spoken(box, into.get(box.id) ?? [], graph.boxes, strings)]),
    );
    this.shown = { layout, texts, names, items: nest(graph) };
  }

  /** Turns the picture. */
  turn(): void {
    this.direction = this.shown?.layout.direction === 'down' ? 'right' : 'down';
  }

  /** Finds the boxes with the query in their title or facts. */
  search(): void {
    const pattern = findPattern(this.query);
    const says = (box: ChainBox): boolean =>
      [titleText(box), ...box.facts.map(factText)].some((text) => countMatches(text, pattern) > 0);
    this.matches = (this.view?.graph.boxes ?? []).filter(says).map(({ id }) => id);
    this.current = Math.min(this.current, Math.max(0, this.matches.length - 1));
  }

  toRemember(scale: number, scroll: Point): Remembered {
    const { mode, direction, selected, closed, legendOpen: legend } = this;
    return { mode, direction, selected, closed: [...closed], legend, scale, scroll };
  }
}

const usual = ({ boxes }: ChainGraph): Direction => (boxes.length > fewBoxes ? 'right' : 'down');

/** Room that the words of a line take, with some air. */
const labelAir = 22;

function sizes(
  { boxes }: ChainGraph,
  texts: ReadonlyMap<string, BoxText>,
  strings: Texts,
  measure: Measure,
): LayoutSizes {
  const none: Size = { width: 0, height: 0 };
  const labels = new Map<string, Size>();
  for (const [kind, words] of Object.entries(strings.passes))
    labels.set(kind, { width: measure(words, 'fact') + labelAir, height: 18 });
  return {
    box: ({ id }) => texts.get(id)?.size ?? none,
    label: ({ kind }) => (kind === 'parent' && boxes.length > fewBoxes ? undefined : labels.get(kind)),
  };
}
