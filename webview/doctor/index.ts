import { html, nothing, render, type TemplateResult } from 'lit';
import type { DoctorApi, DoctorProgress, DoctorState, DoctorStrings } from '../../src/protocol/doctor.js';
import { format } from '../../src/protocol/panel.js';
import { visible } from '../../src/model/visible.js';
import { findPattern, listenForFindKeys } from '../ui/find.js';
import { openPage, type PanelPage } from '../ui/host.js';
import { announce, errorState, icon } from '../ui/parts.js';
import { listenForRowKeys } from '../ui/roving.js';
import { doctorToolbar } from './bar.js';
import type { PageActions, PageContext } from './context.js';
import { checks, findings, gone, heading, skippedOf } from './sections.js';
import { PageState, shownFindings, type Remembered } from './state.js';
import './style.css';

/** The doctor's panel: shows what the host found, and asks it to look again. */
class DoctorPage {
  readonly #state = new PageState();
  readonly #page: PanelPage<DoctorApi, DoctorStrings, Remembered>;
  #rememberTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#page = openPage<DoctorApi, DoctorStrings, Remembered>({
      state: (state) => this.#show(state),
      progress: (looking) => {
        this.#state.doctor = { ...this.#state.doctor, looking };
        this.#render();
      },
    });
    this.#state.restore(this.#page.remembered);
    listenForFindKeys({ onStep: (by) => this.#step(by) });
    listenForRowKeys(this.#page.root);
    void this.#open();
  }

  async #open(): Promise<void> {
    this.#state.error = undefined;
    try {
      this.#state.doctor = await this.#page.rpc.ask('open', null);
    } catch (error) {
      this.#state.error = error instanceof Error ? error.message : String(error);
    }
    this.#render();
    const scroller = this.#scroller();
    if (scroller) scroller.scrollTop = this.#page.remembered.scroll ?? 0;
  }

  #show(doctor: DoctorState): void {
    this.#state.doctor = doctor;
    this.#state.warning = undefined;
    this.#render();
    const { strings } = this.#page;
    const { looking, failure, result } = doctor;
    if (looking) announce(strings.looking);
    else if (failure !== undefined) announce(format(strings.failed, visible(failure)));
    else if (result) {
      const { fresh = [], gone: gones = [] } = result.changes ?? {};
      const counts = [result.diagnosis.findings, fresh, gones, skippedOf(result)];
      announce(format(strings.announceFound, ...counts.map(({ length }) => length)));
    }
  }

  readonly #actions: PageActions = {
    look: () => this.#tried(() => this.#page.rpc.ask('look', null)),
    cancel: () => this.#tried(() => this.#page.rpc.ask('cancel', null)),
    exportMarkdown: () => this.#tried(() => this.#page.rpc.ask('exportMarkdown', null)),
    choose: (change) => this.#changed(() => this.#state.choose(change)),
    chooseAnyKind: () => this.#changed(() => this.#state.chooseAnyKind()),
    clearFilter: () => this.#changed(() => this.#state.clearFilter()),
    toggle: (place, open) => this.#changed(() => this.#state.setOpen(place, open)),
    setAll: (open) =>
      this.#changed(() => {
        for (const { id } of this.#state.findings) this.#state.setOpen(id, open);
      }),
    widen: () => this.#changed(() => this.#state.widen()),
    copy: (text) => this.#page.rpc.ask('copy', { text }),
    reveal: ({ id }) => this.#tried(() => this.#page.rpc.ask('reveal', { findingId: id })),
    openSpec: ({ id }) => this.#tried(() => this.#page.rpc.ask('openSpec', { findingId: id })),
  };

  /** Does what may fail; the reason is shown as a warning. */
  #tried(what: () => Promise<unknown>): void {
    what().catch((error: unknown) => {
      this.#state.warning = error instanceof Error ? error.message : String(error);
      announce(this.#state.warning);
      this.#render();
    });
  }

  #changed(change: () => void): void {
    change();
    this.#render();
    this.#remember();
  }

  readonly #remember = (): void => {
    clearTimeout(this.#rememberTimer);
    this.#rememberTimer = setTimeout(
      () => this.#page.remember(this.#state.toRemember(this.#scroller()?.scrollTop ?? 0)),
      100,
    );
  };

  /** To the next or the previous finding. */
  #step(by: 1 | -1): void {
    const rows = [...document.querySelectorAll<HTMLElement>('.row.finding')];
    const at = rows.findIndex((row) => row === document.activeElement);
    rows[at < 0 && by < 0 ? rows.length - 1 : (at + by + rows.length) % rows.length]?.focus();
  }

  #scroller(): HTMLElement | null {
    return document.querySelector<HTMLElement>('.content');
  }

  #render(): void {
    const context = this.#context();
    render(
      html`${doctorToolbar(context, () => this.#step(1))} ${this.#progress()}${this.#body(context)}`,
      this.#page.root,
    );
  }

  #context(): PageContext {
    const state = this.#state;
    const { strings } = this.#page;
    return {
      strings,
      state,
      pattern: findPattern(state.choices.query),
      shown: shownFindings(state.findings, state.choices, strings),
      actions: this.#actions,
    };
  }

  #progress(): unknown {
    return this.#state.doctor.looking
      ? html`<div class="progress" role="progressbar" aria-label=${this.#page.strings.looking}></div>`
      : nothing;
  }

  #body(context: PageContext): unknown {
    const { strings } = this.#page;
    const { error, warning, doctor } = this.#state;
    const { result, failure, looking } = doctor;
    if (error !== undefined) return errorState(visible(error), strings.retry, () => void this.#open());
    if (result) {
      return html`<div class="content" @scroll=${this.#remember} aria-busy=${looking !== undefined}>
        ${heading(context, result)} ${findings(context, result)} ${gone(context, result)}
        ${checks(context, result)}
      </div>`;
    }
    const reason = failure ?? warning;
    if (reason === undefined) return looking ? firstLook(context, looking) : nothing;
    return errorState(format(strings.failed, visible(reason)), strings.retry, this.#actions.look);
  }
}

/** Nothing is known yet. */
function firstLook({ strings, actions }: PageContext, { step }: DoctorProgress): TemplateResult {
  return html`<div class="state">
    ${icon('pulse')}
    <p>${strings.looking}</p>
    <p class="step">${visible(step ?? '')}</p>
    <vscode-button appearance="secondary" @click=${actions.cancel}>${strings.cancel}</vscode-button>
  </div>`;
}

new DoctorPage();
