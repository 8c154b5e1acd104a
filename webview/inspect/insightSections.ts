import { html, nothing, type TemplateResult } from 'lit';
import type { Fate, Reality, SpecFinding } from '../../src/model/oci/insight.js';
import { pathText, type JsonPath } from '../../src/model/oci/json.js';
import { visible } from '../../src/model/visible.js';
import type { DifferenceView, SourcesView, SourceView } from '../../src/protocol/inspect.js';
import { format } from '../../src/protocol/panel.js';
import { icon } from '../ui/parts.js';
import { factLine, severityIcons, valueText } from './details.js';
import type { PageContext } from './rows.js';
import type { SpecState } from './state.js';

/** Sections that aren't of the spec itself. */
export type InsightId = 'findings' | 'reality' | 'request' | 'sources';

/** Whether there is anything to tell in it. */
export function hasSection({ found, reality }: SpecState, id: InsightId): boolean {
  if (!found) return false;
  if (id === 'reality') return reality !== undefined;
  return id !== 'sources' || found.sources !== undefined;
}

/** Those above the spec's sections. */
export function sectionsAbove(context: PageContext): unknown {
  const { found, insightError } = context.state;
  const { strings } = context;
  if (insightError !== undefined)
    return html`<p class="caution" role="status">
      ${icon('warning')} ${visible(format(strings.insightFailed, insightError))}
    </p>`;
  if (!found) return html`<p class="looking muted" role="status">${strings.looking}</p>`;
  return html`
    ${found.notes.map((note) => html`<p class="note-line">${icon('info')} ${visible(note)}</p>`)}
    ${fold(context, 'findings', findings(context), found.findings.length)} ${reality(context)}
  `;
}

/** Those below. */
export function sectionsBelow(context: PageContext): unknown {
  const { found } = context.state;
  if (!found) return nothing;
  return html`${fold(context, 'request', fates(context, found.fates), found.fates.length)}
  ${found.sources ? fold(context, 'sources', sources(context, found.sources), found.sources.differenceCount) : nothing}`;
}

function fold(
  { state, strings, actions }: PageContext,
  id: InsightId,
  content: () => unknown,
  count: number,
): TemplateResult {
  const open = state.isInsightOpen(id);
  return html`<section id=${`section-${id}`} aria-labelledby=${`title-${id}`}>
    <h2 id=${`title-${id}`}>
      <button class="section-toggle" aria-expanded=${open} @click=${() => actions.toggle(id, !open)}>
        ${icon(open ? 'chevron-down' : 'chevron-right')}<span>${strings[id]}</span>
        <span class="count">${count}</span>
      </button>
    </h2>
    ${open ? html`<div class="insight">${content()}</div>` : nothing}
  </section>`;
}

function findings(context: PageContext) {
  return (): unknown => {
    const all = context.state.found?.findings ?? [];
    const { strings } = context;
    if (all.length === 0) return html`<p class="muted">${strings.noFindings}</p>`;
    const reason = all.find(({ expected }) => expected !== undefined)?.expected;
    const list = (shown: readonly SpecFinding[]): TemplateResult =>
      html`<ul class="findings" role="list">
        ${shown.map((finding) => findingItem(context, finding))}
      </ul>`;
    return html`${list(all.filter(({ expected }) => expected === undefined))}
    ${
      reason === undefined
        ? nothing
        : html`<details class="expected">
            <summary>
              ${visible(format(strings.expected, reason))}
              <span class="count">${all.filter(({ expected }) => expected !== undefined).length}</span>
            </summary>
            ${list(all.filter(({ expected }) => expected !== undefined))}
          </details>`
    }`;
  };
}

function findingItem(context: PageContext, finding: SpecFinding): TemplateResult {
  const { severity, title, reason, path, value } = finding;
  const { severities } = context.strings;
  return html`<li>
    <span class="severity ${severity}" title=${severities[severity]}
      >${icon(severityIcons[severity])}<span class="visually-hidden">${severities[severity]}: </span></span
    >
    <div>
      ${jump(context, path, visible(title), title)}
      <code>${visible(value)}</code>
      <p class="muted">${visible(reason)}</p>
    </div>
  </li>`;
}

function jump(
  { strings, actions }: PageContext,
  path: JsonPath,
  text: string,
  about?: string,
): TemplateResult {
  const title = format(strings.goTo, visible(pathText(path)));
  return html`<button class="link" title=${title} @click=${() => actions.goTo(path, about)}>${text}</button>`;
}

/** What the kernel says of one process, the drift first. */
function reality(context: PageContext): unknown {
  const { state } = context;
  const facts = state.reality?.facts ?? [];
  const drifted = facts.filter(({ verdict }) => verdict === 'drift');
  if (!state.reality) return nothing;
  return fold(context, 'reality', () => realityBody(context, facts), drifted.length);
}

function realityBody(context: PageContext, facts: readonly Reality[]): TemplateResult {
  const { strings } = context;
  const of = (verdict: Reality['verdict']): readonly Reality[] =>
    facts.filter((fact) => fact.verdict === verdict);
  const listed = [...of('drift'), ...of('unreadable')];
  return html`${processPicker(context)}
    <p>${format(strings.realityCounts, of('same').length, of('drift').length, of('unreadable').length)}</p>
    ${listed.map(
      (fact) =>
        html`<div class="fact-item">
          ${factLine(fact, strings)} ${jump(context, fact.path, pathText(fact.path), fact.name)}
        </div>`,
    )}`;
}

function processPicker({ state, strings, actions }: PageContext): unknown {
  const processes = state.found?.processes ?? [];
  if (processes.length < 2) return nothing;
  return html`<label class="picker"
    >${strings.process}
    <select
      class="select"
      @change=${(event: Event) => actions.pickProcess(Number((event.target as HTMLSelectElement).value))}
    >
      ${processes.map(
        ({ pid, program }) =>
          html`<option value=${pid} .selected=${pid === state.reality?.pid}>
            ${pid} ${visible(program)}
          </option>`,
      )}
    </select>
  </label>`;
}

function fates(context: PageContext, all: readonly Fate[]) {
  return (): TemplateResult =>
    html`<ul class="fates" role="list">
      ${all.map(
        (fate) =>
          html`<li>
            <code>${visible(`${fate.field}${valueText(fate, context.strings)}`)}</code>
            <p>
              <span class="muted">${visible(fate.how)}</span>
              ${
                fate.became.length === 0
                  ? html`<em class="muted">${context.strings.noTrace}</em>`
                  : fate.became.slice(0, 30).map((path) => jump(context, path, visible(pathText(path))))
              }
            </p>
          </li>`,
      )}
    </ul>`;
}

function sources(context: PageContext, shown: SourcesView) {
  const { strings, actions } = context;
  const places = [
    [strings.runtimeSpec, shown.runtimeSpec],
    [strings.bundle, shown.bundle],
    [strings.image, shown.image],
  ] as const;
  const link = (label: string, onClick: () => void): TemplateResult =>
    html`<p><button class="link" @click=${onClick}>${label}</button></p>`;
  return (): TemplateResult =>
    html`<dl>${places.map(([name, source]) => place(name, source))}</dl>
      ${
        shown.differences
          ? html`<p>
                ${shown.differenceCount === 0 ? strings.sourcesSame : format(strings.sourcesDiffer, shown.differenceCount)}
              </p>
              <ul class="fates" role="list">
                ${shown.differences.map((one) => difference(context, one))}
              </ul>
              ${shown.differenceCount === 0 ? nothing : link(strings.compareSources, () => actions.compareSources())}`
          : nothing
      }
      ${shown.image.place === undefined ? nothing : link(strings.openImage, () => actions.openImage())}`;
}

function place(name: string, { place: at, missing }: SourceView): TemplateResult {
  return html`<dt>${name}</dt>
    <dd class=${at === undefined ? 'muted' : nothing}>
      ${at === undefined ? visible(missing ?? '') : html`<code>${visible(at)}</code>`}
    </dd>`;
}

function difference(context: PageContext, { path, left, right, secret }: DifferenceView): TemplateResult {
  const { strings } = context;
  const side = (text: string | undefined): unknown =>
    text === undefined ? html`<em>${strings.nothingThere}</em>` : html`<code>${visible(text)}</code>`;
  return html`<li>
    ${jump(context, path, visible(pathText(path)))}
    ${secret ? html`<span class="masked">${strings.hiddenValue}</span>` : html`${side(left)} → ${side(right)}`}
  </li>`;
}
