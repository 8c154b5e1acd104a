import { html, nothing, render } from 'lit';
import type { SectionId } from '../../src/model/oci/spec.js';
import type { InspectApi, InspectStrings } from '../../src/protocol/inspect.js';
import { findBox, findPattern, focusFind, listenForFindKeys, stepMatch } from '../ui/find.js';
import { openPage, type PanelPage } from '../ui/host.js';
import { announce, emptyState, errorState, iconButton, loadingState, toolbar } from '../ui/parts.js';
import { listenForRowKeys } from '../ui/roving.js';
import { findMatches, openTo, type Match } from './matches.js';
import type { PageActions, PageContext } from './rows.js';
import { contents, heading, section, sectionElementId } from './sections.js';
import { SpecState, type Remembered } from './state.js';
import './style.css';

/** The OCI spec panel: asks the host for the spec, renders it, and answers what a person does. */
class SpecPage {
  readonly #state = new SpecState();
  readonly #page: PanelPage<InspectApi, InspectStrings, Remembered>;
  #matches: readonly Match[] = [];
  #rememberTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#page = openPage<InspectApi, InspectStrings, Remembered>({
      warning: ({ text }) => {
        this.#state.warning = text;
        this.#render();
      },
    });
    this.#state.restore(this.#page.remembered);
    listenForFindKeys({ onStep: (by) => this.#step(by) });
    listenForRowKeys(this.#page.root);
    this.#render();
    void this.#load(false).then(() => {
      const scroller = this.#scroller();
      if (scroller) scroller.scrollTop = this.#page.remembered.scroll ?? 0;
    });
  }

  async #load(fresh: boolean): Promise<void> {
    this.#state.loading = true;
    this.#render();
    try {
      this.#state.show(await this.#page.rpc.ask('load', { fresh }));
    } catch (error) {
      this.#state.error = error instanceof Error ? error.message : String(error);
    }
    this.#state.loading = false;
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
    if (match) openTo(this.#state, match);
    this.#changed();
    document.querySelector('mark.current')?.scrollIntoView({ block: 'center' });
  }

  #goTo(id: SectionId): void {
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
        <span class="space"></span>
        ${button('expand-all', strings.expandAll, () => this.#setAll(true))}
        ${button('collapse-all', strings.collapseAll, () => this.#setAll(false))}
        ${button('refresh', strings.refresh, () => void this.#load(true), loading)}
        ${button('json', strings.openJson, () => this.#actions.openJson())}`,
    );
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
        ${heading(context, view)} ${view.sections.map((each) => section(context, each))}
      </div>
    </div>`;
  }
}

new SpecPage();
