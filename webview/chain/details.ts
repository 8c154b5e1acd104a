import { html, nothing, type TemplateResult } from 'lit';
import type { ChainBox, ChainEdge, ChainFact, ChainGraph } from '../../src/model/chain/graph.js';
import { visible } from '../../src/model/visible.js';
import type { BoxAction } from '../../src/protocol/chain.js';
import { format } from '../../src/protocol/panel.js';
import { copyButton } from '../ui/copyButton.js';
import { icon } from '../ui/parts.js';
import { iconNames } from './icons.js';
import { absenceText, dateOf, factText, titleText, type Texts } from './words.js';

export interface DetailsContext {
  readonly strings: Texts;
  readonly graph: ChainGraph;
  readonly selected: string | undefined;
  readonly copy: (text: string) => Promise<unknown>;
  onAct(box: string, action: BoxAction): void;
  /** Selects another box and goes there. */
  readonly onGo: (id: string) => void;
  /** Back to the selected box. */
  readonly onLeave: () => void;
}

/** All that is known of the selected box. */
export function details(context: DetailsContext): TemplateResult {
  const { strings, graph, selected } = context;
  const box = graph.boxes.find(({ id }) => id === selected);
  return html`<section
    class="details"
    id="details"
    tabindex="-1"
    aria-label=${strings.details}
    @keydown=${(event: KeyboardEvent) => event.key === 'Escape' && context.onLeave()}
  >
    ${box ? boxDetails(box, context) : html`<p class="hint">${strings.nothingSelected}</p>`}
  </section>`;
}

function boxDetails(box: ChainBox, context: DetailsContext): unknown {
  const { strings, graph } = context;
  const absence = absenceText(box, strings);
  return html`<h2>${icon(iconNames[box.kind])}<span>${titleText(box)}</span></h2>
    <p class="kind">
      ${strings.kinds[box.kind]}${absence === undefined ? nothing : html`<em> · ${absence}</em>`}
    </p>
    ${actions(box, context)}
    <dl>${box.facts.map((fact) => factRow(fact, context))}</dl>
    ${edgeList(
      strings.incoming,
      graph.edges.filter(({ to }) => to === box.id),
      ({ from }) => from,
      strings.from,
      context,
    )}
    ${edgeList(
      strings.outgoing,
      graph.edges.filter(({ from }) => from === box.id),
      ({ to }) => to,
      strings.to,
      context,
    )}`;
}

function actions(box: ChainBox, context: DetailsContext): unknown {
  const { strings } = context;
  if (!box.subject) return nothing;
  const button = (action: BoxAction, name: string, label: string): TemplateResult =>
    html`<button class="action" @click=${() => context.onAct(box.id, action)}>
      ${icon(name)}<span>${label}</span>
    </button>`;
  return html`<div class="actions">
    ${button('openSpec', 'inspect', strings.openSpec)}
    ${box.kind === 'container' ? button('openLogs', 'output', strings.openLogs) : nothing}
    ${button('reveal', 'list-tree', strings.reveal)}
  </div>`;
}

function factRow(fact: ChainFact, { strings, copy }: DetailsContext): TemplateResult {
  const name = strings.facts[fact.name];
  const moment = fact.name === 'started' ? dateOf(fact.value)?.toISOString() : undefined;
  return html`<div class="fact">
    <dt>${name}</dt>
    <dd>
      <code dir="auto" title=${moment ?? nothing}>${factText(fact)}</code>${copyButton({
        label: format(strings.copyFact, name),
        copiedLabel: strings.copied,
        copy: () => copy(moment ?? fact.value),
      })}
    </dd>
  </div>`;
}

/** Lines of one direction; a daemon may have hundreds, which the picture shows better. */
const mostEdges = 50;

function edgeList(
  title: string,
  edges: readonly ChainEdge[],
  otherOf: (edge: ChainEdge) => string,
  words: string,
  { strings, graph, onGo }: DetailsContext,
): unknown {
  if (edges.length === 0) return nothing;
  const titles = new Map(graph.boxes.map((box) => [box.id, titleText(box)]));
  const item = (edge: ChainEdge): TemplateResult => {
    const other = otherOf(edge);
    return html`<li class=${edge.proof}>
      <button class="link" @click=${() => onGo(other)}>
        ${format(words, strings.passes[edge.kind], titles.get(other) ?? '?')}
      </button>
      <p>${visible(edge.evidence)}</p>
      <p class="proof">${icon(edge.proof === 'proved' ? 'verified' : 'question')}${strings[edge.proof]}</p>
    </li>`;
  };
  return html`<h3>${title}</h3>
    <ul class="lines">
      ${edges.slice(0, mostEdges).map(item)}
      ${edges.length > mostEdges ? html`<li>… ${edges.length - mostEdges}</li>` : nothing}
    </ul>`;
}
