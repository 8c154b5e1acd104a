import { html, nothing, svg } from 'lit';
import { visible } from '../../src/model/visible.js';
import type { BoxAction, ChainView } from '../../src/protocol/chain.js';
import { format } from '../../src/protocol/panel.js';
import { emptyState, errorState, loadingState } from '../ui/parts.js';
import type { Measure } from './boxText.js';
import { cautions } from './chrome.js';
import { details } from './details.js';
import { legend } from './legend.js';
import { nestedList } from './list.js';
import { picture, type PictureContext } from './picture.js';
import type { ChainState, Shown } from './state.js';
import { storyOf } from './story.js';
import type { Texts } from './words.js';

/** What a person does in the view; all ids are of boxes. */
export interface ViewActions {
  readonly onSelect: (id: string) => void;
  readonly onOpen: (id: string) => void;
  readonly onGo: (id: string) => void;
  /** Out of the details, back to the box. */
  readonly onLeave: () => void;
  readonly onAct: (id: string, action: BoxAction) => void;
  readonly onCopy: (text: string) => Promise<unknown>;
  readonly onKey: (event: KeyboardEvent) => void;
  readonly onToggle: (id: string, open: boolean) => void;
  readonly onLegend: (open: boolean) => void;
  readonly onRetry: () => void;
}

/** All below the toolbar: the picture or the list, with the details and the story beside it. */
export function chainView(
  strings: Texts,
  state: ChainState,
  scale: number,
  measure: Measure,
  actions: ViewActions,
): unknown {
  const { view, shown, error, loading, warning, problem } = state;
  if (error !== undefined && !view)
    return errorState(warning === undefined ? error : `${error} ${warning}`, strings.retry, actions.onRetry);
  if (!view || !shown) return loading ? loadingState(strings.loading) : nothing;
  return html`<header>
      <h1>${format(strings.heading, visible(view.title))}</h1>
      ${cautions(strings, [warning, problem, error], view.graph)}
    </header>
    ${
      view.graph.boxes.length === 0
        ? emptyState('type-hierarchy', strings.empty)
        : html`<div class="columns">
            <div class="main" aria-busy=${loading}>
              ${pictureOf(strings, state, shown, scale, measure, actions)}${listOf(strings, state, view, shown, actions)}
            </div>
            <div class="side">${sideOf(strings, state, view, actions)}</div>
          </div>`
    }`;
}

const marked = ({ query, matches }: ChainState): ReadonlySet<string> => new Set(query === '' ? [] : matches);

function pictureOf(
  strings: Texts,
  state: ChainState,
  { layout, texts, names }: Shown,
  scale: number,
  measure: Measure,
  { onSelect, onOpen, onKey, onLegend }: ViewActions,
): unknown {
  const { selected, mode, legendOpen } = state;
  const context: PictureContext = {
    ...{ strings, texts, names, selected, onSelect, onOpen },
    matches: marked(state),
    stop: selected ?? layout.boxes[0]?.box.id,
    wordWidth: (words) => measure(words, 'fact'),
  };
  return html`<div class="frame" ?hidden=${mode === 'list'}>
    <div class="stage" @keydown=${onKey}>
      <svg
        class="picture"
        role="group"
        aria-label=${strings.picture}
        aria-describedby="picture-help"
        width=${layout.width * scale}
        height=${layout.height * scale}
        viewBox=${`0 0 ${layout.width} ${layout.height}`}
      >
        ${svg`${picture(layout, context)}`}
      </svg>
    </div>
    <p id="picture-help" class="visually-hidden">${strings.pictureHelp}</p>
    ${legend(strings, legendOpen, onLegend)}
  </div>`;
}

function listOf(
  strings: Texts,
  state: ChainState,
  { graph: { boxes } }: ChainView,
  { items }: Shown,
  { onSelect, onOpen, onToggle }: ViewActions,
): unknown {
  const { selected, closed, mode } = state;
  if (mode !== 'list') return nothing;
  return nestedList({
    ...{ strings, boxes, items, selected, closed, onSelect, onOpen, onToggle },
    matches: marked(state),
  });
}

function sideOf(
  strings: Texts,
  { selected }: ChainState,
  { graph, story }: ChainView,
  { onCopy, onAct, onGo, onLeave }: ViewActions,
): unknown {
  return html`${details({ strings, graph, selected, copy: onCopy, onAct, onGo, onLeave })}
  ${story && (story.steps.length > 0 || story.problem !== undefined) ? storyOf(story, strings) : nothing}`;
}
