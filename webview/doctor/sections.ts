import { html, nothing, type TemplateResult } from 'lit';
import type { Check, Finding } from '../../src/model/doctor/finding.js';
import { visible } from '../../src/model/visible.js';
import type { DoctorResult, DoctorStrings } from '../../src/protocol/doctor.js';
import { format } from '../../src/protocol/panel.js';
import { emptyState, icon } from '../ui/parts.js';
import { timeOf, type PageContext } from './context.js';
import { findingList } from './findings.js';

export const skippedOf = ({ diagnosis }: DoctorResult): readonly Check[] =>
  diagnosis.checks.filter(({ result }) => result === 'skipped');

/** What stands above the findings: whose they are, of when, and what is to be known about them. */
export function heading(context: PageContext, result: DoctorResult): TemplateResult {
  const { strings, state } = context;
  const { nodeLabel, finishedAt } = result.diagnosis;
  const { failure, looking } = state.doctor;
  const skipped = skippedOf(result).length;
  return html`<header>
    <h1>${format(strings.heading, visible(nodeLabel))}</h1>
    <p class="source">
      ${
        looking
          ? `${format(strings.lookingAgain, timeOf(finishedAt))} ${visible(looking.step ?? '')}`
          : whenText(strings, result)
      }
    </p>
    ${
      failure === undefined
        ? nothing
        : caution(
            html`${format(strings.failed, visible(failure))} ${format(strings.old, timeOf(finishedAt))}
              <button class="link" @click=${context.actions.look}>${strings.retry}</button>`,
          )
    }
    ${state.warning === undefined ? nothing : caution(visible(state.warning))}
    ${
      skipped === 0 || result.diagnosis.findings.length === 0
        ? nothing
        : caution(format(strings.skipped, skipped, result.diagnosis.checks.length))
    }
  </header>`;
}

function whenText(strings: DoctorStrings, { diagnosis: { startedAt, finishedAt } }: DoctorResult): string {
  return format(strings.lookedAt, timeOf(finishedAt), ((finishedAt - startedAt) / 1000).toFixed(1));
}

const caution = (content: unknown): TemplateResult =>
  html`<div class="caution" role="status">${icon('warning')}<span>${content}</span></div>`;

/** The findings, or why there are none. */
export function findings(context: PageContext, result: DoctorResult): TemplateResult {
  const { strings, shown, actions } = context;
  if (shown.length > 0) return findingList(context);
  const { checks, findings: all } = result.diagnosis;
  if (all.length > 0) {
    const clear = html`<vscode-button @click=${actions.clearFilter}>${strings.filterClear}</vscode-button>`;
    return emptyState('filter', strings.filterNone, clear);
  }
  const skipped = skippedOf(result).length;
  if (skipped === checks.length) return emptyState('question', strings.nothingRead);
  return skipped === 0
    ? emptyState('pass', strings.nothing)
    : emptyState('question', format(strings.nothingOfSome, skipped, checks.length));
}

/** What the look before had found and this one did not. */
export function gone(context: PageContext, { changes }: DoctorResult): unknown {
  const { strings } = context;
  if (!changes || changes.gone.length + changes.unknown.length === 0) return nothing;
  const item = (finding: Finding, how: string, iconName: string): TemplateResult =>
    html`<li>
      ${icon(iconName)}<span dir="auto">${visible(finding.title)}</span><span class="kind">${how}</span>
    </li>`;
  return section(
    context,
    { id: 'gone', title: format(strings.gone, timeOf(changes.since)), open: true },
    String(changes.gone.length + changes.unknown.length),
    html`<ul class="plain" role="list">
      ${changes.gone.map((finding) => item(finding, strings.goneNow, 'check'))}
      ${changes.unknown.map((finding) => item(finding, strings.goneUnknown, 'question'))}
    </ul>`,
  );
}

/** Each check; those that were skipped come first, with the reason. */
export function checks(context: PageContext, result: DoctorResult): TemplateResult {
  const { strings } = context;
  const all = result.diagnosis.checks;
  const skipped = skippedOf(result);
  return section(
    context,
    {
      id: 'checks',
      title: strings.checks,
      open: skipped.length > 0 || result.diagnosis.findings.length === 0,
    },
    format(strings.checksCount, all.length - skipped.length, skipped.length),
    html`<ul class="plain" role="list">
      ${[...skipped, ...all.filter((check) => !skipped.includes(check))].map((check) =>
        checkItem(strings, check),
      )}
    </ul>`,
  );
}

function checkItem(strings: DoctorStrings, { kind, result, reason }: Check): TemplateResult {
  const name = strings.kinds[kind];
  return result === 'done'
    ? html`<li>
        ${icon('check')}<span>${name}</span><span class="visually-hidden">${strings.checkDone}</span>
      </li>`
    : html`<li class="skipped">
        ${icon('circle-slash')}<span>${name}</span
        ><span class="kind" dir="auto">${strings.checkSkipped}: ${visible(reason ?? strings.noReason)}</span>
      </li>`;
}

function section(
  { state, actions }: PageContext,
  { id, title, open: atFirst }: { readonly id: string; readonly title: string; readonly open: boolean },
  count: string,
  content: TemplateResult,
): TemplateResult {
  const open = state.isOpen(id, atFirst);
  return html`<section aria-labelledby=${`title-${id}`}>
    <h2 id=${`title-${id}`}>
      <button class="section-toggle" aria-expanded=${open} @click=${() => actions.toggle(id, !open)}>
        ${icon(open ? 'chevron-down' : 'chevron-right')}<span>${title}</span>
        <span class="count">${count}</span>
      </button>
    </h2>
    ${open ? content : nothing}
  </section>`;
}
