import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ChainBox, ChainEdge } from '../../src/model/chain/graph.js';
import { format } from '../../src/protocol/panel.js';
import { icon } from '../ui/parts.js';
import { iconNames } from './icons.js';
import { shownItems, type Item } from './nesting.js';
import { absenceText, comesText, factOf, factText, titleText, type Texts } from './words.js';

export interface ListContext {
  readonly strings: Texts;
  readonly boxes: readonly ChainBox[];
  readonly items: readonly Item[];
  readonly selected: string | undefined;
  readonly closed: ReadonlySet<string>;
  readonly matches: ReadonlySet<string>;
  onSelect(id: string): void;
  onOpen(id: string): void;
  onToggle(id: string, open: boolean): void;
}

/** Steps to the right; what is deeper yet would have no room for its words. */
const deepest = 16;

type Shown = ReturnType<typeof shownItems>[number];

/** The chain as a nested list; the same that the picture shows. */
export function nestedList(context: ListContext): TemplateResult {
  const shown = shownItems(context.items, context.closed);
  const stop = shown.find(({ item }) => item.box.id === context.selected) ?? shown[0];
  return html`<div
    class="list"
    role="tree"
    aria-label=${context.strings.list}
    @keydown=${(event: KeyboardEvent) => onKey(event, shown, context)}
  >
    ${repeat(
      shown,
      ({ item }) => item.box.id,
      (each) => row(each, each === stop, context),
    )}
  </div>`;
}

function row({ item, level }: Shown, isStop: boolean, context: ListContext): TemplateResult {
  const { strings, closed, selected, matches } = context;
  const { box, children } = item;
  const open = children.length === 0 ? nothing : String(!closed.has(box.id));
  const pid = factOf(box, 'pid');
  const reached = (edge: ChainEdge): string =>
    `${comesText(edge, context.boxes, strings)} (${strings[edge.proof]})`;
  return html`<div
    class=${`item ${matches.has(box.id) ? 'match' : ''} ${box.absent ? 'absent' : ''}`}
    role="treeitem"
    data-item=${box.id}
    tabindex=${isStop ? 0 : -1}
    aria-level=${level}
    aria-selected=${box.id === selected}
    aria-expanded=${open}
    @focus=${() => context.onSelect(box.id)}
    @click=${() => context.onSelect(box.id)}
    @dblclick=${() => context.onOpen(box.id)}
  >
    ${Array.from({ length: Math.min(level - 1, deepest) }, () => html`<span class="indent"></span>`)}
    <span class="twistie" @click=${() => children.length > 0 && context.onToggle(box.id, closed.has(box.id))}
      >${children.length === 0 ? nothing : icon(closed.has(box.id) ? 'chevron-right' : 'chevron-down')}</span
    >${icon(iconNames[box.kind])}
    <span class="title">${titleText(box)}</span>
    <span class="kind">${strings.kinds[box.kind]}</span>
    ${pid ? html`<span class="pid">${format(strings.pid, factText(pid))}</span>` : nothing}
    ${box.absent ? html`<span class="absence">${absenceText(box, strings)}</span>` : nothing}
    <span class="reached">${[...(item.by ? [item.by] : []), ...item.also].map(reached).join('; ')}</span>
  </div>`;
}

function onKey(event: KeyboardEvent, shown: readonly Shown[], context: ListContext): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const id = (event.target as HTMLElement).dataset.item;
  const index = shown.findIndex(({ item }) => item.box.id === id);
  const at = shown[index];
  if (id === undefined || !at || !pressed(event.key, at, index, shown, context)) return;
  event.preventDefault();
}

function pressed(
  key: string,
  { item, parent }: Shown,
  index: number,
  shown: readonly Shown[],
  context: ListContext,
): boolean {
  const { id } = item.box;
  const closed = context.closed.has(id);
  const isParent = item.children.length > 0;
  switch (key) {
    case 'ArrowDown':
      return focusItem(shown[index + 1]?.item);
    case 'ArrowUp':
      return focusItem(shown[index - 1]?.item);
    case 'Home':
      return focusItem(shown[0]?.item);
    case 'End':
      return focusItem(shown.at(-1)?.item);
    case 'ArrowRight':
      if (isParent && closed) context.onToggle(id, true);
      else focusItem(item.children[0]);
      return true;
    case 'ArrowLeft':
      if (isParent && !closed) context.onToggle(id, false);
      else focusItem(parent);
      return true;
    case 'Enter':
      context.onOpen(id);
      return true;
    default:
      return false;
  }
}

function focusItem(item: Item | undefined): boolean {
  if (item) document.querySelector<HTMLElement>(`[data-item=${CSS.escape(item.box.id)}]`)?.focus();
  return true;
}
