import { html, nothing, type TemplateResult } from 'lit';
import type { JsonPath } from '../../src/model/oci/json.js';
import type { ViewRow } from '../../src/model/oci/view.js';
import type { InspectStrings } from '../../src/protocol/inspect.js';
import { format, type UiStrings } from '../../src/protocol/panel.js';
import { copyButton } from '../ui/copyButton.js';
import { highlight } from '../ui/find.js';
import { icon } from '../ui/parts.js';
import { badges, details } from './details.js';
import { partText, type Match, type Part } from './matches.js';
import { placeOf, type Place, type SpecState } from './state.js';

/** What the templates need besides the state. */
export interface PageContext {
  readonly strings: InspectStrings & UiStrings;
  readonly state: SpecState;
  readonly pattern: RegExp | undefined;
  readonly current: Match | undefined;
  readonly matchCounts: ReadonlyMap<string, number>;
  readonly actions: PageActions;
}

export interface PageActions {
  toggle(place: Place, open: boolean): void;
  widen(place: Place, length: number, side: 'before' | 'after'): void;
  reveal(row: ViewRow): void;
  hide(row: ViewRow): void;
  readonly copyValue: (path: JsonPath) => Promise<unknown>;
  readonly copyPath: (path: JsonPath) => Promise<unknown>;
  openJson(path?: JsonPath): void;
  /** Shows the row at a path, or the one next to it. @param about tells rows at one path apart */
  goTo(path: JsonPath, about?: string): void;
  copyAs(path?: JsonPath): void;
  compareSources(): void;
  openImage(): void;
  pickProcess(pid: number): void;
}

/**
 * The rows of a section or of a row, as far as they are in the page.
 * @param above the row that they are in
 * @param all whether the filter leaves all of them, since it leaves the row that they are in for its own sake
 */
export function rowList(
  context: PageContext,
  parent: Place,
  rows: readonly ViewRow[],
  above?: ViewRow,
  all = false,
): TemplateResult {
  const passing = context.state.passing(rows, all);
  const { from, to } = context.state.sliceOf(parent, passing.length);
  const more = (count: number, side: 'before' | 'after'): unknown =>
    count === 0
      ? nothing
      : html`<li class="more">
          <button class="link" @click=${() => context.actions.widen(parent, passing.length, side)}>
            ${format(context.strings.more, count)}
          </button>
        </li>`;
  return html`<ul class="rows" role="list">
    ${more(from, 'before')}
    ${passing.slice(from, to).map(({ row, index }, at) => rowItem(context, placeOf(parent, index), row, { above, first: at === 0, all }))}
    ${more(passing.length - to, 'after')}
  </ul>`;
}

function rowItem(
  context: PageContext,
  place: Place,
  row: ViewRow,
  {
    above,
    first,
    all,
  }: { readonly above: ViewRow | undefined; readonly first: boolean; readonly all: boolean },
): TemplateResult {
  const { state } = context;
  const open = state.isRowOpen(place, !all && !state.passesItself(row));
  // The row is one stop of the Tab key, its buttons are reached from it: see ui/roving.ts.
  return html`<li>
    <div class="row" data-place=${place} tabindex=${first ? 0 : -1}>
      ${twistie(context, place, row, open)}
      <span class="name">${marked(context, place, row, 'name')}</span>
      <span class="value">${valueOf(context, place, row)}${noteOf(context, place, row)}</span>
      <span class="badges">${badges(context, row, above)}</span>
      <span class="row-actions">${rowActions(context, row)}</span>
    </div>
    ${open ? details(context, row) : nothing}
    ${open && row.children ? rowList(context, place, row.children, row, all || state.passesItself(row)) : nothing}
  </li>`;
}

function twistie(
  { strings, actions }: PageContext,
  place: Place,
  row: ViewRow,
  open: boolean,
): TemplateResult {
  return html`<button
    class="twistie"
    tabindex="-1"
    aria-expanded=${open}
    aria-label=${format(strings.details, row.name)}
    @click=${() => actions.toggle(place, !open)}
  >
    ${icon(open ? 'chevron-down' : 'chevron-right')}
  </button>`;
}

function marked({ state, pattern, current }: PageContext, place: Place, row: ViewRow, part: Part): unknown {
  const here = current?.place === place && current.part === part;
  return highlight(partText(state, row, part), pattern, here ? current.nth : -1);
}

function valueOf(context: PageContext, place: Place, row: ViewRow): TemplateResult {
  const { state, strings } = context;
  if (state.shownValue(row) === undefined) {
    return html`<span class="masked"><span aria-hidden="true">••••••••</span> ${strings.masked}</span>`;
  }
  const length = row.length ?? state.revealedOf(row.path)?.length;
  return html`<code dir="auto">${marked(context, place, row, 'value')}</code>${
      length === undefined ? nothing : html` <span class="note">${format(strings.cut, length)}</span>`
    }`;
}

function noteOf(context: PageContext, place: Place, row: ViewRow): unknown {
  return row.note === undefined
    ? nothing
    : html` <span class="note">${marked(context, place, row, 'note')}</span>`;
}

function rowActions({ state, strings, actions }: PageContext, row: ViewRow): unknown {
  const secret = row.value === undefined;
  const copy = (label: string, icon: string, how: (path: JsonPath) => Promise<unknown>): TemplateResult =>
    copyButton({ label, icon, copiedLabel: strings.copied, copy: () => how(row.path), tabIndex: -1 });
  const hidden = secret && state.shownValue(row) === undefined;
  return html`
    ${
      secret
        ? action(hidden ? 'eye' : 'eye-closed', hidden ? strings.reveal : strings.hide, () =>
            hidden ? actions.reveal(row) : actions.hide(row),
          )
        : nothing
    }
    ${copy(strings.copyValue, 'copy', actions.copyValue)} ${copy(strings.copyPath, 'link', actions.copyPath)}
    ${action('json', strings.showInJson, () => actions.openJson(row.path))}
  `;
}

function action(iconName: string, label: string, onClick: () => void): TemplateResult {
  return html`<button class="icon-button" tabindex="-1" title=${label} aria-label=${label} @click=${onClick}>
    ${icon(iconName)}
  </button>`;
}
