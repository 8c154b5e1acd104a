import { html, nothing, type TemplateResult } from 'lit';
import type { Origin, Reality, SpecFinding } from '../../src/model/oci/insight.js';
import { fieldDoc, sectionUrl } from '../../src/model/oci/fieldDocs/fieldDocs.js';
import type { ViewRow } from '../../src/model/oci/view.js';
import { visible } from '../../src/model/visible.js';
import type { InspectStrings } from '../../src/protocol/inspect.js';
import { format } from '../../src/protocol/panel.js';
import { icon } from '../ui/parts.js';
import type { PageContext } from './rows.js';

/**
 * A row's marks: where its value came from, and whether the kernel agrees.
 * @param above the row that it is in; what came along with that isn't said again
 */
export function badges({ state, strings }: PageContext, row: ViewRow, above: ViewRow | undefined): unknown {
  const { insight } = state;
  if (!insight) return nothing;
  const own = insight.originOf(row);
  const origin = above && insight.originOf(above) === own ? undefined : own;
  const verdict = insight.verdictOf(row);
  return html`${origin ? originBadge(origin, strings) : nothing}${
    verdict ? verdictMark(verdict, insight.factsOf(row), strings) : nothing
  }`;
}

export function originBadge(origin: Origin, strings: InspectStrings): TemplateResult {
  return html`<span class="badge origin-${origin.kind}" title=${originText(origin, strings)}
    ><span class="visually-hidden">${strings.origin}: </span>${strings.origins[origin.kind]}</span
  >`;
}

const verdictIcons = { same: 'check', drift: 'warning', unreadable: 'question' } as const;

function verdictMark(
  verdict: Reality['verdict'],
  facts: readonly Reality[],
  strings: InspectStrings,
): TemplateResult {
  const title = facts.map((fact) => factText(fact, strings)).join('\n');
  const label = strings[verdict];
  return html`<span class="verdict ${verdict}" title=${title}
    >${icon(verdictIcons[verdict])}<span class=${verdict === 'same' ? 'visually-hidden' : nothing}
      >${label}</span
    ></span
  >`;
}

/** `ContainerConfig.args = ["sleep"]. How the one became the other (checked …)`. */
function originText(origin: Origin, strings: InspectStrings): string {
  const { field, how, proof } = origin;
  const from = field === undefined ? '' : `${field}${valueText(origin, strings)}. `;
  return visible(`${from}${how} (${strings.proofs[proof]})`);
}

/** ` = value`, as far as it may be seen. */
export function valueText(
  { value, secret }: Pick<Origin, 'value' | 'secret'>,
  strings: InspectStrings,
): string {
  if (secret) return ` (${strings.hiddenValue})`;
  return value === undefined ? '' : ` = ${value}`;
}

function factText(fact: Reality, strings: InspectStrings): string {
  const kernel = fact.kernel === undefined ? [] : [format(strings.kernelSays, fact.kernel)];
  const said = [format(strings.specSays, fact.spec), ...kernel].join(', ');
  const note = fact.note === undefined ? '' : ` ${fact.note}`;
  return visible(`${fact.name}: ${strings[fact.verdict]}; ${said} (${fact.source})${note}`);
}

/** What an opened row tells of its value, before its nested rows. */
export function details(context: PageContext, row: ViewRow): TemplateResult {
  const { strings, state, actions } = context;
  const { insight } = state;
  const doc = fieldDoc(row.path);
  const origin = insight?.originOf(row);
  return html`<div class="details">
    ${
      doc
        ? html`<p>
            ${doc.text}
            <a href=${sectionUrl(doc.section)}>${format(strings.specification, doc.section)}</a>
          </p>`
        : nothing
    }
    ${origin ? originLine(origin, strings) : nothing}
    ${insight?.factsOf(row).map((fact) => factLine(fact, strings))}
    ${insight?.findingsOf(row).map((finding) => findingLine(finding, strings))}
    <p><button class="link" @click=${() => actions.copyAs(row.path)}>${strings.copyAs}</button></p>
  </div>`;
}

function originLine(origin: Origin, strings: InspectStrings): TemplateResult {
  const { field, how, proof } = origin;
  return html`<p class="origin-line">
    ${originBadge(origin, strings)}
    ${field === undefined ? nothing : html`<code>${visible(`${field}${valueText(origin, strings)}`)}</code>`}
    ${visible(how)} <span class="muted">(${strings.proofs[proof]})</span>
  </p>`;
}

/** One fact of the kernel beside the spec's. */
export function factLine(fact: Reality, strings: InspectStrings): TemplateResult {
  const { verdict, name, spec, kernel, source, note } = fact;
  return html`<p class="fact">
    <span class="verdict ${verdict}">${icon(verdictIcons[verdict])}${strings[verdict]}</span>
    ${visible(name)}:
    ${part(strings.specSays, spec)}${
      kernel === undefined ? nothing : html`, ${part(strings.kernelSays, kernel)}`
    }
    <span class="muted">${visible(source)}</span>
    ${note === undefined ? nothing : html`<span class="muted">${visible(note)}</span>`}
  </p>`;
}

/** A text of ours around a value of a node's. */
function part(text: string, value: string): TemplateResult {
  const [before = '', after = ''] = text.split('{0}');
  return html`${before}<code>${visible(value)}</code>${after}`;
}

export const severityIcons = { high: 'error', medium: 'warning', low: 'info' } as const;

function findingLine({ severity, title, reason }: SpecFinding, strings: InspectStrings): TemplateResult {
  return html`<p>
    <span class="severity ${severity}">${icon(severityIcons[severity])}${strings.severities[severity]}</span>
    <strong>${visible(title)}.</strong> ${visible(reason)}
  </p>`;
}
