import { nothing, svg, type SVGTemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ChainBoxKind, ChainEdgeKind } from '../../src/model/chain/graph.js';
import { visible } from '../../src/model/visible.js';
import type { BoxText } from './boxText.js';
import { iconPaths } from './icons.js';
import type { Layout, Placed, Point } from './layout.js';
import type { Routed } from './routes.js';
import type { Texts } from './words.js';

/** Kinds of boxes that look alike. */
export type BoxFamily = 'neutral' | 'request' | 'monitor' | 'making' | 'inside';
/** Kinds of lines that look alike. */
export type EdgeFamily = 'request' | 'making' | 'parentage';

const boxFamilies: Readonly<Record<ChainBoxKind, BoxFamily>> = {
  init: 'neutral',
  kubelet: 'request',
  socket: 'request',
  server: 'request',
  daemon: 'request',
  shim: 'monitor',
  monitor: 'monitor',
  lowLevel: 'making',
  sandbox: 'inside',
  container: 'inside',
  child: 'inside',
  more: 'neutral',
};

const edgeFamilies: Readonly<Record<ChainEdgeKind, EdgeFamily>> = {
  cri: 'request',
  dockerApi: 'request',
  containerdApi: 'request',
  ttrpc: 'request',
  starts: 'request',
  oci: 'making',
  forkExec: 'making',
  parent: 'parentage',
};

export interface PictureContext {
  readonly strings: Texts;
  readonly texts: ReadonlyMap<string, BoxText>;
  /** What screen readers call the boxes. */
  readonly names: ReadonlyMap<string, string>;
  readonly selected: string | undefined;
  readonly matches: ReadonlySet<string>;
  /** The only box that the Tab key stops at. */
  readonly stop: string | undefined;
  /** In CSS pixels. */
  readonly wordWidth: (words: string) => number;
  onSelect(id: string): void;
  onOpen(id: string): void;
}

/** Everything that is inside the svg element. A node's words are text nodes and nothing else. */
export function picture(layout: Layout, context: PictureContext): SVGTemplateResult {
  const near = ({ edge }: Routed): boolean => edge.from === context.selected || edge.to === context.selected;
  // What belongs to the selected box is drawn last, over the others.
  const lines = [...layout.edges.filter((each) => !near(each)), ...layout.edges.filter(near)];
  return svg`
    <g class="edges">${lines.map((routed) => line(routed, near(routed)))}</g>
    <g class="boxes">${repeat(
      layout.boxes,
      ({ box }) => box.id,
      (placed) => boxShape(placed, context),
    )}</g>
    <g class="labels" aria-hidden="true">${lines.map((routed) => label(routed, near(routed), context))}</g>`;
}

function line({ edge, points }: Routed, near: boolean): SVGTemplateResult {
  const classes = `edge ${edgeFamilies[edge.kind]} ${edge.proof} ${near ? 'near' : ''}`;
  return svg`<g class=${classes}>
    <path class="line" d=${roundedPath(points)}></path>
    <path class="head" d=${headPath(points)}></path>
    <title>${visible(edge.evidence)}</title>
  </g>`;
}

function label({ edge, label: at }: Routed, near: boolean, context: PictureContext): unknown {
  if (!at) return nothing;
  const text = context.strings.passes[edge.kind];
  const width = context.wordWidth(text) + 10;
  return svg`<g class=${`label ${edgeFamilies[edge.kind]} ${near ? 'near' : ''}`}>
    <rect x=${at.x - width / 2} y=${at.y - 8} width=${width} height="16" rx="3"></rect>
    <text x=${at.x} y=${at.y + 3.5}>${text}</text>
    <title>${visible(edge.evidence)}</title>
  </g>`;
}

function boxShape({ box, rect }: Placed, context: PictureContext): SVGTemplateResult {
  const { selected, matches, texts } = context;
  const classes = [
    'box',
    boxFamilies[box.kind],
    box.absent ? 'absent' : '',
    box.id === selected ? 'selected' : '',
    matches.has(box.id) ? 'match' : '',
  ];
  return svg`<g
    class=${classes.join(' ')}
    transform=${`translate(${rect.x} ${rect.y})`}
    role="button"
    tabindex=${box.id === context.stop ? 0 : -1}
    data-box=${box.id}
    aria-pressed=${box.id === selected}
    aria-label=${context.names.get(box.id)}
    @focus=${() => context.onSelect(box.id)}
    @click=${() => context.onSelect(box.id)}
    @dblclick=${() => context.onOpen(box.id)}
  >
    <title>${tooltip(box.title, box.facts)}</title>
    <rect class="ground" width=${rect.width} height=${rect.height} rx="6"></rect>
    <path class="strip" d=${`M3.5 8v${rect.height - 16}`}></path>
    <path class="icon" transform="translate(11 6)" d=${iconPaths[box.kind]}></path>
    ${texts
      .get(box.id)
      ?.lines.map((each) => svg`<text class=${each.style} x=${each.x} y=${each.y}>${each.text}</text>`)}
  </g>`;
}

const tooltip = (title: string, facts: Placed['box']['facts']): string =>
  [title, ...facts.filter(({ name }) => name === 'command' || name === 'cgroup').map(({ value }) => value)]
    .map((text) => visible(text).slice(0, 1000))
    .join('\n');

/** A line with rounded corners. */
function roundedPath(points: readonly Point[]): string {
  let path = '';
  points.forEach((corner, index) => {
    const [before, next] = [points[index - 1], points[index + 1]];
    if (!before || !next) {
      path += `${before ? 'L' : 'M'}${at(corner)}`;
      return;
    }
    const radius = Math.min(9, distance(before, corner) / 2, distance(corner, next) / 2);
    path += `L${at(towards(corner, before, radius))}Q${at(corner)} ${at(towards(corner, next, radius))}`;
  });
  return path;
}

/** The arrow's head at the end of a line. */
function headPath(points: readonly Point[]): string {
  const [end, before] = [points.at(-1), points.at(-2)];
  if (!end || !before) return '';
  const length = 7;
  const back = towards(end, before, length);
  const [dx, dy] = [((end.y - back.y) / length) * 3.6, ((end.x - back.x) / length) * 3.6];
  return `M${at(end)}L${at({ x: back.x + dx, y: back.y - dy })}L${at({ x: back.x - dx, y: back.y + dy })}Z`;
}

const at = ({ x, y }: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;
const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

function towards(from: Point, to: Point, by: number): Point {
  const part = by / (distance(from, to) || 1);
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}
