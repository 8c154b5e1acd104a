import { html, nothing, type TemplateResult } from 'lit';
import type { FindingKind, Severity } from '../../src/model/doctor/finding.js';
import { format } from '../../src/protocol/panel.js';
import { fieldName } from '../ui/find.js';
import { icon, iconButton, toolbar } from '../ui/parts.js';
import type { PageContext } from './context.js';
import { severities, type SortBy } from './state.js';

export const severityIcons: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'info',
};

/** The controls above the findings. */
export function doctorToolbar(context: PageContext, onToList: () => void): TemplateResult {
  const { strings, state, actions } = context;
  const none = state.findings.length === 0;
  const looking = state.doctor.looking !== undefined;
  return toolbar(
    strings.toolbar,
    html`${filterBox(context, onToList)} ${severities.map((severity) => severityToggle(context, severity))}
      ${kindFilter(context)} ${sorting(context)}
      <span class="space"></span>
      <span class="group">
        ${button('expand-all', strings.expandAll, () => actions.setAll(true), none)}
        ${button('collapse-all', strings.collapseAll, () => actions.setAll(false), none)}
        ${button('markdown', strings.exportMarkdown, actions.exportMarkdown, state.doctor.result === undefined)}
        ${
          looking
            ? button('debug-stop', strings.cancel, actions.cancel)
            : button('refresh', strings.look, actions.look)
        }</span
      >`,
  );
}

const button = (name: string, label: string, onClick: () => void, disabled = false): TemplateResult =>
  iconButton({ icon: name, label, onClick, disabled });

function filterBox({ strings, state, shown, actions }: PageContext, onToList: () => void): TemplateResult {
  const { query } = state.choices;
  const onKeydown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') actions.choose({ query: '' });
    else if (event.key === 'ArrowDown') onToList();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const filtered = shown.length !== state.findings.length;
  // The id is what Ctrl+F of webview/ui/find.ts goes to.
  return html`<div class="find" role="search">
    <vscode-text-field
      id="find"
      placeholder=${strings.filterHint}
      .value=${query}
      @input=${(event: Event) => actions.choose({ query: (event.target as HTMLInputElement).value })}
      @keydown=${onKeydown}
      >${fieldName(strings.filter)}</vscode-text-field
    >
    ${button('clear-all', strings.filterClear, actions.clearFilter, !filtered && query === '')}
    <span class="find-count" role="status"
      >${filtered ? format(strings.shown, shown.length, state.findings.length) : nothing}</span
    >
  </div>`;
}

function severityToggle({ strings, state, actions }: PageContext, severity: Severity): TemplateResult {
  const { hidden } = state.choices;
  const count = state.findings.filter((finding) => finding.severity === severity).length;
  const label = format(strings.severityCounts[severity], count);
  const pressed = !hidden.includes(severity);
  const next = pressed ? [...hidden, severity] : hidden.filter((each) => each !== severity);
  return html`<button
    class="severity-toggle ${severity}"
    aria-pressed=${pressed}
    aria-label=${label}
    title=${label}
    @click=${() => actions.choose({ hidden: next })}
  >
    ${icon(severityIcons[severity])}<span>${count}</span>
  </button>`;
}

function kindFilter({ strings, state, actions }: PageContext): TemplateResult {
  const chosen = state.choices.kind;
  const counts = new Map<FindingKind, number>(chosen ? [[chosen, 0]] : []);
  for (const { kind } of state.findings) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const kinds = [...counts].sort(([a], [b]) => strings.kinds[a].localeCompare(strings.kinds[b]));
  const onChange = (event: Event): void => {
    const kind = (event.target as HTMLSelectElement).value;
    if (kind === '') actions.chooseAnyKind();
    else actions.choose({ kind: kind as FindingKind });
  };
  return html`<select aria-label=${strings.kindFilter} title=${strings.kindFilter} @change=${onChange}>
    <option value="" .selected=${chosen === undefined}>${strings.allKinds}</option>
    ${kinds.map(
      ([kind, count]) =>
        html`<option value=${kind} .selected=${kind === chosen}>
          ${format(strings.kindCount, strings.kinds[kind], count)}
        </option>`,
    )}
  </select>`;
}

function sorting({ strings, state, actions }: PageContext): TemplateResult {
  const options: readonly (readonly [SortBy, string])[] = [
    ['severity', strings.sortSeverity],
    ['kind', strings.sortKind],
    ['name', strings.sortName],
  ];
  const onChange = (event: Event): void =>
    actions.choose({ sort: (event.target as HTMLSelectElement).value as SortBy });
  return html`<select aria-label=${strings.sortBy} title=${strings.sortBy} @change=${onChange}>
    ${options.map(
      ([value, label]) =>
        html`<option value=${value} .selected=${value === state.choices.sort}>${label}</option>`,
    )}
  </select>`;
}
