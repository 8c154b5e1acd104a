import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Evidence, Finding } from '../../src/model/doctor/finding.js';
import { format } from '../../src/protocol/panel.js';
import { visible } from '../../src/model/visible.js';
import { copyButton } from '../ui/copyButton.js';
import { highlight } from '../ui/find.js';
import { icon } from '../ui/parts.js';
import { visibleLines } from '../ui/text.js';
import { severityIcons } from './bar.js';
import { marked, type PageContext } from './context.js';

/** The findings that are left by the filter, as far as they are in the page. */
export function findingList(context: PageContext): TemplateResult {
  const { strings, state, shown, actions } = context;
  const fresh = new Set(state.doctor.result?.changes?.fresh);
  const more = shown.length - state.slice;
  return html`<ul class="findings" role="list" aria-label=${strings.findings}>
    ${repeat(
      shown.slice(0, state.slice),
      ({ id }) => id,
      (finding, index) => findingItem(context, finding, fresh.has(finding.id), index === 0),
    )}
    ${
      more > 0
        ? html`<li class="more">
            <button class="link" @click=${actions.widen}>${format(strings.more, more)}</button>
          </li>`
        : nothing
    }
  </ul>`;
}

function findingItem(context: PageContext, finding: Finding, fresh: boolean, first: boolean): TemplateResult {
  const { strings, state, actions } = context;
  const { id, severity, kind, title } = finding;
  const open = state.isOpen(id);
  // The row is one stop of the Tab key, with the arrow keys from row to row: see ui/roving.ts.
  return html`<li>
    <h3>
      <button
        class="row finding"
        tabindex=${first ? 0 : -1}
        aria-expanded=${open}
        @click=${() => actions.toggle(id, !open)}
      >
        ${icon(open ? 'chevron-down' : 'chevron-right')}
        <span class="severity ${severity}">${icon(severityIcons[severity])}</span>
        <span class="visually-hidden">${strings.severities[severity]}:</span>
        <span class="title" dir="auto">${marked(context, title)}</span>
        ${fresh ? html`<span class="badge">${strings.isNew}</span>` : nothing}
        ${finding.certainty === 'likely' ? html`<span class="kind">${strings.likely}</span>` : nothing}
        <span class="kind">${marked(context, strings.kinds[kind])}</span>
      </button>
    </h3>
    ${open ? details(context, finding) : nothing}
  </li>`;
}

function details(context: PageContext, finding: Finding): TemplateResult {
  const { strings, pattern } = context;
  const text = (lines: string): unknown => highlight(visibleLines(lines), pattern);
  return html`<div class="details">
    <p dir="auto">${text(finding.explanation)}</p>
    ${finding.evidence.length === 0 ? nothing : evidenceTable(context, finding)}
    <dl>
      <dt>${strings.advice}</dt>
      <dd dir="auto">${text(finding.advice)}</dd>
      <dt>${strings.certainty}</dt>
      <dd>${strings.certainties[finding.certainty]}</dd>
    </dl>
    ${findingActions(context, finding)}
  </div>`;
}

function evidenceTable(context: PageContext, { title, evidence }: Finding): TemplateResult {
  const { strings } = context;
  return html`<table>
    <caption class="visually-hidden">
      ${format(strings.evidenceOf, visible(title))}
    </caption>
    <thead>
      <tr>
        <th scope="col">${strings.evidence}</th>
        <th scope="col">${strings.value}</th>
        <th scope="col">${strings.source}</th>
      </tr>
    </thead>
    <tbody>
      ${evidence.map((each) => evidenceRow(context, each))}
    </tbody>
  </table>`;
}

function evidenceRow(context: PageContext, { label, value, source }: Evidence): TemplateResult {
  const { strings, actions, pattern } = context;
  return html`<tr class="row" tabindex="-1">
    <th scope="row" dir="auto">${marked(context, label)}</th>
    <td>
      <code dir="auto">${highlight(visibleLines(value), pattern)}</code>
      ${copyButton({
        label: format(strings.copyValue, visible(label)),
        copiedLabel: strings.copied,
        copy: () => actions.copy(value),
        tabIndex: -1,
      })}
    </td>
    <td class="source"><code dir="auto">${marked(context, source)}</code></td>
  </tr>`;
}

function findingActions({ strings, actions }: PageContext, finding: Finding): unknown {
  const { subject, pid } = finding;
  if (!subject && pid === undefined) return nothing;
  const link = (label: string, onClick: () => void): TemplateResult =>
    html`<button class="link" @click=${onClick}>${label}</button>`;
  return html`<p class="links">
    ${
      subject
        ? [
            link(strings.reveal, () => actions.reveal(finding)),
            link(strings.openSpec, () => actions.openSpec(finding)),
          ]
        : nothing
    }
    ${
      pid === undefined
        ? nothing
        : html`<span class="pid"
            >${format(strings.process, pid)}
            ${copyButton({
              label: format(strings.copyPid, pid),
              copiedLabel: strings.copied,
              copy: () => actions.copy(String(pid)),
            })}</span
          >`
    }
  </p>`;
}
