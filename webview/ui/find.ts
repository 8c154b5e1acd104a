import { html, nothing, type TemplateResult } from 'lit';
import { format, type UiStrings } from '../../src/protocol/panel.js';
import { iconButton } from './parts.js';

/** What a find box shows. The panel owns the state and searches; the box only asks. */
export interface FindState {
  readonly query: string;
  /** Index of the match that is shown, from 0; meaningless where there are none. */
  readonly current: number;
  readonly total: number;
}

export interface FindActions {
  readonly onQuery: (query: string) => void;
  /** To the next (1) or the previous (-1) match, around the ends. */
  readonly onStep: (by: 1 | -1) => void;
  readonly onClose: () => void;
}

/** The match after `by` steps, around the ends. */
export function stepMatch(current: number, total: number, by: 1 | -1): number {
  return total === 0 ? 0 : (current + by + total) % total;
}

/** A find box with a match count; Enter and Shift+Enter step, Escape closes. Focus it by {@link focusFind}. */
export function findBox(strings: UiStrings, state: FindState, actions: FindActions): TemplateResult {
  const onKeydown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') actions.onStep(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape') actions.onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const found = state.total > 0;
  return html`<div class="find" role="search">
    <vscode-text-field
      id="find"
      placeholder=${strings.find}
      .value=${state.query}
      @input=${(event: Event) => actions.onQuery((event.target as HTMLInputElement).value)}
      @keydown=${onKeydown}
      >${fieldName(strings.find)}</vscode-text-field
    >
    <span class="find-count" role="status">${countText(strings, state)}</span>
    ${iconButton({
      icon: 'arrow-up',
      label: strings.findPrevious,
      onClick: () => actions.onStep(-1),
      disabled: !found,
    })}
    ${iconButton({
      icon: 'arrow-down',
      label: strings.findNext,
      onClick: () => actions.onStep(1),
      disabled: !found,
    })}
    ${iconButton({
      icon: 'close',
      label: strings.findClose,
      onClick: actions.onClose,
      disabled: state.query === '',
    })}
  </div>`;
}

/**
 * What a screen reader calls a text field of the toolkit, to be put into it: the field takes its text for its name, over
 * any `aria-label`. A slot that it doesn't have keeps it out of sight.
 */
export const fieldName = (name: string): TemplateResult => html`<span slot="name">${name}</span>`;

function countText(strings: UiStrings, { query, current, total }: FindState): string {
  if (query === '') return '';
  return total === 0 ? strings.findNone : format(strings.findCount, current + 1, total);
}

/** Puts the cursor in the find box, its text selected. */
export function focusFind(): void {
  const field = document.getElementById('find');
  field?.focus();
  field?.shadowRoot?.querySelector('input')?.select();
}

/** Ctrl+F (Cmd+F), F3 and Shift+F3 anywhere in the page. */
export function listenForFindKeys(actions: Pick<FindActions, 'onStep'>): void {
  window.addEventListener('keydown', (event) => {
    if (event.key === 'F3') actions.onStep(event.shiftKey ? -1 : 1);
    else if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'f')
      focusFind();
    else return;
    event.preventDefault();
  });
}

/** Finds `query` as typed, ignoring case; undefined for an empty query. */
export function findPattern(query: string): RegExp | undefined {
  return query === '' ? undefined : new RegExp(query.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'giu');
}

/** How often `text` matches. */
export function countMatches(text: string, pattern: RegExp | undefined): number {
  return pattern ? (text.match(pattern)?.length ?? 0) : 0;
}

/**
 * A text with its matches marked.
 * @param current index of the match, within this text, that is the shown one
 */
export function highlight(text: string, pattern: RegExp | undefined, current = -1): unknown {
  if (!pattern) return text;
  const parts: unknown[] = [];
  let end = 0;
  let index = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(end, match.index));
    parts.push(html`<mark class=${index++ === current ? 'current' : nothing}>${match[0]}</mark>`);
    end = match.index + match[0].length;
  }
  return end === 0 ? text : [...parts, text.slice(end)];
}
