import { html, nothing, type TemplateResult } from 'lit';
import type { SectionId } from '../../src/model/oci/spec.js';
import type { ViewSection } from '../../src/model/oci/view.js';
import type { SpecView } from '../../src/protocol/inspect.js';
import { format } from '../../src/protocol/panel.js';
import { visible } from '../../src/model/visible.js';
import { icon } from '../ui/parts.js';
import { hasSection, type InsightId } from './insightSections.js';
import { rowList, type PageContext } from './rows.js';

/** The table of contents; while finding, with the matches of each section. */
export function contents(context: PageContext, onGo: (id: SectionId | InsightId) => void): TemplateResult {
  const { state, strings, matchCounts } = context;
  const item = (id: SectionId | InsightId, name: string): TemplateResult => {
    const count = matchCounts.get(id) ?? 0;
    return html`<li>
      <button aria-current=${state.inSight === id ? 'location' : nothing} @click=${() => onGo(id)}>
        <span>${name}</span>
        ${count > 0 ? html`<span class="count">${count}</span>` : nothing}
      </button>
    </li>`;
  };
  const insightItem = (id: InsightId): unknown => (hasSection(state, id) ? item(id, strings[id]) : nothing);
  return html`<nav class="contents" aria-label=${strings.contents}>
    <ul role="list">
      ${insightItem('findings')} ${insightItem('reality')}
      ${state.view?.sections.map((each) => (state.isShown(each) ? item(each.id, strings.sections[each.id]) : nothing))}
      ${insightItem('request')} ${insightItem('sources')}
    </ul>
  </nav>`;
}

/** What stands above the sections: whose spec it is, where it was read, and what is wrong with it. */
export function heading({ strings, state }: PageContext, view: SpecView): TemplateResult {
  return html`<header>
    <h1>${format(strings.heading, visible(view.title))}</h1>
    <p class="source">${visible(view.source)}</p>
    ${
      state.warning === undefined
        ? nothing
        : html`<p class="caution" role="status">${icon('warning')} ${visible(state.warning)}</p>`
    }
    ${
      view.problems.length === 0
        ? nothing
        : html`<div class="caution">
            ${icon('warning')}
            <div>
              ${strings.problems}
              <ul>
                ${view.problems.slice(0, 20).map((problem) => html`<li>${visible(problem.message)}</li>`)}
              </ul>
            </div>
          </div>`
    }
  </header>`;
}

/** A section. A closed one has no rows in the page; one that the filter empties isn't there. */
export function section(context: PageContext, shown: ViewSection): unknown {
  const { state, strings, actions } = context;
  const { id, rows } = shown;
  if (!state.isShown(shown)) return nothing;
  const open = state.isSectionOpen(shown);
  return html`<section id=${sectionElementId(id)} aria-labelledby=${`title-${id}`}>
    <h2 id=${`title-${id}`}>
      <button class="section-toggle" aria-expanded=${open} @click=${() => actions.toggle(id, !open)}>
        ${icon(open ? 'chevron-down' : 'chevron-right')}<span>${strings.sections[id]}</span>
        <span class="count">${state.passing(rows, false).length}</span>
      </button>
    </h2>
    ${open ? rowList(context, id, rows) : nothing}
  </section>`;
}

export const sectionElementId = (id: SectionId | InsightId): string => `section-${id}`;
