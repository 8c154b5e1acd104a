import { html, nothing, type TemplateResult } from 'lit';
import type { ChainGraph } from '../../src/model/chain/graph.js';
import { visible } from '../../src/model/visible.js';
import { findBox, type FindActions } from '../ui/find.js';
import { icon, iconButton, toolbar } from '../ui/parts.js';
import type { ChainState } from './state.js';
import type { Texts } from './words.js';

/** What the toolbar's buttons do. */
export interface BarActions {
  readonly find: FindActions;
  onZoom(by: 1 | -1): void;
  onFit(): void;
  onTurn(): void;
  onMode(mode: ChainState['mode']): void;
  onRefresh(): void;
  onExport(): void;
}

export function chainToolbar(strings: Texts, state: ChainState, actions: BarActions): TemplateResult {
  const { query, current, matches, shown, loading, mode } = state;
  const isList = mode === 'list';
  const button = (name: string, label: string, onClick: () => void, disabled = !shown): unknown =>
    iconButton({ icon: name, label, onClick, disabled });
  const ofPicture = (name: string, label: string, onClick: () => void): unknown =>
    button(name, label, onClick, !shown || isList);
  return toolbar(
    strings.actions,
    html`${findBox(strings, { query, current, total: matches.length }, actions.find)}
      <span class="space"></span>
      ${ofPicture('zoom-out', strings.zoomOut, () => actions.onZoom(-1))}
      ${ofPicture('zoom-in', strings.zoomIn, () => actions.onZoom(1))}
      ${ofPicture('screen-full', strings.fit, () => actions.onFit())}
      ${ofPicture('layout', strings.turn, () => actions.onTurn())}
      ${
        isList
          ? button('type-hierarchy', strings.showPicture, () => actions.onMode('picture'))
          : button('list-tree', strings.showList, () => actions.onMode('list'))
      }
      ${button('refresh', strings.refresh, () => actions.onRefresh(), loading)}
      ${button('desktop-download', strings.exportSvg, () => actions.onExport())}`,
  );
}

/** Notes of a graph that are shown. */
const mostNotes = 20;

/** What stands above the picture: what is wrong now, and what couldn't be read. */
export function cautions(
  strings: Texts,
  said: readonly (string | undefined)[],
  { notes }: ChainGraph,
): TemplateResult {
  const caution = (text: string): TemplateResult =>
    html`<p class="caution" role="status">${icon('warning')}<span>${visible(text)}</span></p>`;
  return html`${said.filter((text) => text !== undefined).map(caution)}
  ${
    notes.length === 0
      ? nothing
      : html`<div class="caution">
          ${icon('info')}
          <div>
            ${strings.notes}
            <ul>
              ${notes.slice(0, mostNotes).map((note) => html`<li>${visible(note)}</li>`)}
            </ul>
          </div>
        </div>`
  }`;
}
