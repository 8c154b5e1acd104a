import { html, nothing, render } from 'lit';
import type { JsonPath } from '../../src/model/oci/json.js';
import type { SectionId } from '../../src/model/oci/spec.js';
import type { InspectApi, InspectStrings, RowFilter } from '../../src/protocol/inspect.js';
import { pathText } from '../../src/model/oci/json.js';
import { format } from '../../src/protocol/panel.js';
import { findBox, findPattern, focusFind, listenForFindKeys, stepMatch } from '../ui/find.js';
import { openPage, type PanelPage } from '../ui/host.js';
import { announce, emptyState, errorState, iconButton, loadingState, toolbar } from '../ui/parts.js';
import { listenForRowKeys } from '../ui/roving.js';
import { sectionsAbove, sectionsBelow, type InsightId } from './insightSections.js';
import { findMatches, type Match } from './matches.js';
import type { PageActions, PageContext } from './rows.js';
import { contents, heading, section, sectionElementId } from './sections.js';
import { SpecState, type Remembered } from './state.js';
import './style.css';

/** The OCI spec panel: asks the host for the spec, renders it, and answers what a person does. */
class SpecPage {
  readonly #state = new SpecState();
  readonly #page: PanelPage<InspectApi, InspectStrings, Remembered>;
  #matches: readonly Match[] = [];
  #insightAbort = new AbortController();
  #rememberTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#page = openPage<InspectApi, InspectStrings, Remembered>({
      warning: ({ text }) => {
        this.#state.warning = text;
        this.#render();
      },
      wanted: () => void this.#goToWanted(),
    });
    this.#state.restore(this.#page.remembered);
    listenForFindKeys({ onStep: (by) => this.#step(by) });
    listenForRowKeys(this.#page.root);
    this.#render();
    void this.#load(false).then(() => {
      const scroller = this.#scroller();
      if (scroller) scroller.scrollTop = this.#page.remembered.scroll ?? 0;
      void this.#goToWanted();
    });
  }

  async #load(fresh: boolean): Promise<void> {
    this.#state.loading = true;
    this.#insightAbort.abort();
    this.#render();
    try {
      this.#state.show(await this.#page.rpc.ask('load', { fresh }));
      void this.#loadInsight(fresh);
    } catch (error) {
      this.#state.error = error instanceof Error ? error.message : String(error);
    }
    this.#state.loading = false;
    this.#search();
    this.#render();
  }

  /** After the first paint: it asks the runtime and the kernel, which takes its time. */
  async #loadInsight(fresh: boolean): Promise<void> {
    const { signal } = (this.#insightAbort = new AbortController());
    try {
      const found = await this.#page.rpc.ask('insight', { fresh }, signal);
      if (signal.aborted) return;
      this.#state.showInsight(found);
      const drifted = found.reality?.facts.filter(({ verdict }) => verdict === 'drift').length ?? 0;
      announce(format(this.#page.strings.found, found.findings.length, drifted));
    } catch (error) {
      if (signal.aborted) return;
      this.#state.insightError = error instanceof Error ? error.message : String(error);
    }
    this.#render();
  }

  async #goToWanted(): Promise<void> {
    if (!this.#state.view) return;
    const wanted = await this.#page.rpc.ask('wanted', {}).catch(() => null);
    if (wanted) this.#goToRow(wanted.path, '');
  }

  /** Shows the row at a path, or says that there is none; a filter that hides it is taken off. */
  #goToRow(path: JsonPath, about: string): void {
    const at = this.#state.rows.nearest(path, about);
    if (!at) {
      this.#state.warning = format(this.#page.strings.goneRow, pathText(path));
      this.#changed();
      return;
    }
    this.#setFilter('all');
    const place = this.#state.bringRow(at.section, at.indices);
    this.#changed();
    const element = document.querySelector<HTMLElement>(`[data-place="${place}"]`);
    element?.scrollIntoView({ block: 'center' });
    element?.focus({ preventScroll: true });
  }

  #setFilter(filter: RowFilter): void {
    if (filter === this.#state.filter) return;
    this.#state.filter = filter;
    this.#search();
    this.#render();
  }

  readonly #actions: PageActions = {
    toggle: (place, open) => {
      this.#state.setOpen(place, open);
      this.#changed();
    },
    widen: (place, length, side) => {
      this.#state.widen(place, length, side);
      this.#render();
    },
    reveal: (row) =>
      this.#tried(async () => {
        this.#state.setRevealed(row.path, await this.#page.rpc.ask('reveal', { path: row.path }));
        this.#search();
        this.#render();
      }),
    hide: (row) => {
      this.#state.setRevealed(row.path, undefined);
      this.#search();
      this.#render();
    },
    copyValue: (path) => this.#page.rpc.ask('copyValue', { path }),
    copyPath: (path) => this.#page.rpc.ask('copyPath', { path }),
    goTo: (path, about = '') => this.#goToRow(path, about),
    copyAs: (path) => this.#tried(() => this.#page.rpc.ask('copyAs', path === undefined ? {} : { path })),
    openImage: () => this.#tried(() => this.#page.rpc.ask('openImage', {})),
    compareSources: () => this.#tried(() => this.#page.rpc.ask('compareSources', {})),
    pickProcess: (pid) =>
      this.#tried(async () => {
        const { signal } = this.#insightAbort;
        const reality = await this.#page.rpc.ask('reality', { pid }, signal);
        if (!signal.aborted) this.#state.showReality(reality);
        this.#render();
      }),
    openJson: (path) => this.#tried(() => this.#page.rpc.ask('openJson', path === undefined ? {} : { path })),
  };

  /** Does what may fail; the reason is shown as a warning. */
  #tried(what: () => Promise<unknown>): void {
    what().catch((error: unknown) => {
      this.#state.warning = error instanceof Error ? error.message : String(error);
      announce(this.#state.warning);
      this.#render();
    });
  }

  #search(): void {
    this.#matches = findMatches(this.#state, findPattern(this.#state.query));
    this.#state.current = Math.min(this.#state.current, Math.max(0, this.#matches.length - 1));
  }

  readonly #find = {
    onQuery: (query: string): void => {
      this.#state.query = query;
      this.#state.current = 0;
      this.#search();
      this.#showCurrent();
    },
    onStep: (by: 1 | -1): void => this.#step(by),
    onClose: (): void => {
      this.#find.onQuery('');
      focusFind();
    },
  };

  #step(by: 1 | -1): void {
    this.#state.current = stepMatch(this.#state.current, this.#matches.length, by);
    this.#showCurrent();
  }

  #showCurrent(): void {
    const match = this.#matches[this.#state.current];
    if (match) this.#state.bringRow(match.section, match.indices);
    this.#changed();
    document.querySelector('mark.current')?.scrollIntoView({ block: 'center' });
  }

  #goTo(id: SectionId | InsightId): void {
    this.#state.setOpen(id, true);
    this.#changed();
    const element = document.getElementById(sectionElementId(id));
    element?.scrollIntoView({ block: 'start' });
    element?.querySelector<HTMLElement>('.section-toggle')?.focus({ preventScroll: true });
  }

  #setAll(open: boolean): void {
    for (const { id } of this.#state.view?.sections ?? []) this.#state.setOpen(id, open);
    this.#changed();
  }

  #changed(): void {
    this.#render();
    this.#remember();
  }

  #remember(): void {
    clearTimeout(this.#rememberTimer);
    this.#rememberTimer = setTimeout(
      () => this.#page.remember(this.#state.toRemember(this.#scroller()?.scrollTop ?? 0)),
      100,
    );
  }

  readonly #onScroll = (): void => {
    this.#remember();
    const top = this.#scroller()?.getBoundingClientRect().top ?? 0;
    const inSight = this.#state.view?.sections.findLast(({ id }) => {
      const element = document.getElementById(sectionElementId(id));
      return element && element.getBoundingClientRect().top <= top + 8;
    })?.id;
    if (inSight === this.#state.inSight) return;
    this.#state.inSight = inSight;
    this.#render();
  };

  #scroller(): HTMLElement | null {
    return document.querySelector<HTMLElement>('.content');
  }

  #render(): void {
    const context = this.#context();
    render(html`${this.#toolbar()}${this.#body(context)}`, this.#page.root);
  }

  #context(): PageContext {
    const matchCounts = new Map<string, number>();
    for (const { section: id } of this.#matches) matchCounts.set(id, (matchCounts.get(id) ?? 0) + 1);
    return {
      strings: this.#page.strings,
      state: this.#state,
      pattern: findPattern(this.#state.query),
      current: this.#matches[this.#state.current],
      matchCounts,
      actions: this.#actions,
    };
  }

  #toolbar(): unknown {
    const { strings } = this.#page;
    const { query, current, view, loading } = this.#state;
    const button = (icon: string, label: string, onClick: () => void, disabled = !view): unknown =>
      iconButton({ icon, label, onClick, disabled });
    return toolbar(
      strings.actions,
      html`${findBox(strings, { query, current, total: this.#matches.length }, this.#find)}
        ${this.#filterPicker()}
        <span class="space"></span>
        ${button('expand-all', strings.expandAll, () => this.#setAll(true))}
        ${button('collapse-all', strings.collapseAll, () => this.#setAll(false))}
        ${view?.kind === 'container' ? button('diff', strings.compare, () => this.#compare()) : nothing}
        ${button('terminal', strings.copyAs, () => this.#actions.copyAs())}
        ${button('refresh', strings.refresh, () => void this.#load(true), loading)}
        ${button('json', strings.openJson, () => this.#actions.openJson())}`,
    );
  }

  #filterPicker(): unknown {
    const { strings } = this.#page;
    const filters: readonly RowFilter[] = ['all', 'drift', 'cri', 'unknown'];
    const onChange = (event: Event): void =>
      this.#setFilter((event.target as HTMLSelectElement).value as RowFilter);
    return html`<select
      class="select"
      aria-label=${strings.filter}
      title=${strings.filter}
      ?disabled=${!this.#state.insight}
      @change=${onChange}
    >
      ${filters.map(
        (filter) =>
          html`<option value=${filter} .selected=${filter === this.#state.filter}>
            ${strings.filters[filter]}
          </option>`,
      )}
    </select>`;
  }

  #compare(): void {
    this.#tried(() => this.#page.rpc.ask('compare', {}));
  }

  #body(context: PageContext): unknown {
    const { strings } = this.#page;
    const { view, error, loading, warning } = this.#state;
    if (error !== undefined) {
      return errorState(warning === undefined ? error : `${error} ${warning}`, strings.retry, () => {
        this.#state.error = undefined;
        void this.#load(true);
      });
    }
    if (!view) return loading ? loadingState(strings.loading) : nothing;
    if (view.sections.length === 0) return emptyState('json', strings.empty);
    return html`<div class="columns">
      ${contents(context, (id) => this.#goTo(id))}
      <div class="content" @scroll=${this.#onScroll} aria-busy=${loading}>
        ${heading(context, view)} ${sectionsAbove(context)}
        ${view.sections.some((each) => this.#state.isShown(each)) ? nothing : html`<p class="muted nothing">${strings.nothingPasses}</p>`}
        ${view.sections.map((each) => section(context, each))} ${sectionsBelow(context)}
      </div>
    </div>`;
  }
}

new SpecPage();
