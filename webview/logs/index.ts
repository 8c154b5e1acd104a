import { html, nothing, render } from 'lit';
import type { LogBatch } from '../../src/model/log/entry.js';
import type { LogHeader, LogsApi, LogsStrings, OpenedLog } from '../../src/protocol/logs.js';
import { listenForFindKeys } from '../ui/find.js';
import { openPage, type PanelPage } from '../ui/host.js';
import { announce, emptyState, errorState, loadingState } from '../ui/parts.js';
import {
  defaultOptions,
  logToolbar,
  resumeButton,
  statusLine,
  type BarActions,
  type BarState,
  type LogOptions,
} from './chrome.js';
import { rowsText, selectedText } from './copy.js';
import { LogFeed } from './feed.js';
import { VirtualList } from './list.js';
import { rowTemplate } from './row.js';
import { LogRows, plainText } from './rows.js';
import { LogSearch } from './search.js';
import './style.css';

/** Entries that are read at once when a person scrolls up. */
const pageSize = 1000;
/** A batch of more lines than that isn't read out. */
const spokenLines = 3;

/** The log panel. */
class LogView {
  readonly #page: PanelPage<LogsApi, LogsStrings, LogOptions>;
  readonly #rows = new LogRows();
  readonly #search = new LogSearch(this.#rows);
  readonly #feed: LogFeed;
  readonly #list: VirtualList;
  readonly #top = element('div', 'top');
  readonly #bottom = element('div', 'bottom');
  readonly #scroller = element('div', 'log');
  readonly #note = element('div', 'before');
  #options: LogOptions;
  #header: LogHeader | undefined;
  #opened: OpenedLog | undefined;
  #state: LogBatch['state'] = 'following';
  #error: string | undefined;
  #waiting = { count: 0, more: false };
  /** Paused by the button, not by scrolling up: reaching the end doesn't resume it. */
  #pausedByHand = false;
  #allSelected = false;
  #ids: ReadonlySet<string> = new Set();
  #loading: AbortController | undefined;
  #beforeError: string | undefined;

  constructor() {
    this.#page = openPage<LogsApi, LogsStrings, LogOptions>({
      header: (header) => {
        this.#header = header;
        this.#render();
      },
      ids: (prefixes) => {
        this.#ids = new Set(prefixes.split(' ').filter((prefix) => prefix !== ''));
        this.#list.update();
      },
      waiting: (waiting) => {
        this.#waiting = waiting;
        if (this.#feed.isPaused) this.#render();
      },
    });
    this.#options = { ...defaultOptions, ...this.#page.remembered };
    this.#feed = new LogFeed(this.#page.rpc, {
      onOpened: (log) => this.#onOpened(log),
      onNews: (batch) => this.#onNews(batch),
      onHeld: () => {
        // It is what the host counted so far, if it did.
        this.#waiting = { ...this.#waiting, count: 0 };
        this.#render();
      },
      onError: (message) => {
        this.#error = message;
        this.#render();
      },
    });
    this.#buildPage();
    this.#list = new VirtualList(this.#scroller, {
      row: (row) =>
        rowTemplate(row, {
          strings: this.#page.strings,
          times: this.#options.times,
          pattern: this.#rows.pattern,
          current: this.#search.currentIn(row),
          ids: this.#ids,
        }),
      onScroll: (byUser) => this.#onScroll(byUser),
    });
    this.#list.wrap = this.#options.wrap;
    this.#showStreams();
    this.#listen();
    this.#render();
    void this.#feed.open();
  }

  #buildPage(): void {
    this.#scroller.tabIndex = 0;
    this.#scroller.setAttribute('role', 'log');
    // Rows come and go while scrolling too; what is new is said by `announce`.
    this.#scroller.setAttribute('aria-live', 'off');
    this.#scroller.setAttribute('aria-label', this.#page.strings.log);
    this.#scroller.append(this.#note);
    this.#page.root.append(this.#top, this.#scroller, this.#bottom);
  }

  #listen(): void {
    listenForFindKeys({ onStep: (by) => this.#actions.onStep(by) });
    this.#scroller.addEventListener('keydown', (event) => this.#onKey(event));
    this.#scroller.addEventListener('pointerdown', () => this.#selectAll(false));
    this.#scroller.addEventListener('click', ({ target }) => this.#follow(target));
    document.addEventListener('copy', (event) => this.#onCopy(event));
    document.addEventListener('selectionchange', () => this.#onSelect());
  }

  /** Shows what a link names; whether it was one. */
  #follow(target: EventTarget | null): boolean {
    const link = target instanceof Element ? target.closest<HTMLElement>('a[data-container]') : null;
    const id = link?.dataset.container;
    if (id === undefined || document.getSelection()?.isCollapsed === false) return false;
    this.#page.rpc.ask('reveal', id).catch((error: unknown) => this.#failed(error));
    return true;
  }

  #failed(error: unknown): void {
    this.#error = error instanceof Error ? error.message : String(error);
    this.#render();
  }

  readonly #actions: BarActions = {
    onQuery: (query) => this.#find(query),
    onStep: (by) => {
      this.#search.step(by);
      this.#revealMatch();
    },
    onClose: () => {
      this.#find('');
      this.#scroller.focus();
    },
    onOptions: (change) => this.#change(change),
    onPause: () => this.#pause(true),
    onResume: () => this.#resume(),
    onOpenDocument: () => {
      this.#page.rpc.ask('openDocument', undefined).catch((error: unknown) => this.#failed(error));
    },
  };

  #onOpened(log: OpenedLog): void {
    this.#opened = log;
    this.#error = undefined;
    this.#beforeError = undefined;
    this.#state = log.state;
    this.#pausedByHand = false;
    this.#waiting = { count: 0, more: false };
    this.#loading?.abort();
    this.#rows.reset(log, log.pending);
    this.#list.stick = true;
    this.#list.setRows(this.#rows.shown);
    this.#list.remeasure();
    if (document.activeElement === document.body) this.#scroller.focus();
    this.#render();
    this.#loadEarlier();
  }

  #onNews(batch: LogBatch): void {
    this.#state = batch.state;
    this.#rows.append(batch.items, batch.pending);
    this.#list.setRows(this.#rows.shown);
    this.#speak(batch);
    this.#render();
  }

  #speak({ items }: LogBatch): void {
    if (items.length === 0 || items.length > spokenLines) return;
    announce(
      items.map((item) => (item.kind === 'line' ? plainText(item) : this.#page.strings.rotated)).join('\n'),
    );
  }

  #onScroll(byUser: boolean): void {
    if (byUser && !this.#list.stick && !this.#feed.isPaused) this.#pause(false);
    if (byUser && this.#list.stick && this.#feed.isPaused && !this.#pausedByHand) this.#resume();
    this.#loadEarlier();
  }

  #pause(byHand: boolean): void {
    this.#pausedByHand = byHand;
    this.#feed.pause();
    this.#list.stick = false;
    this.#waiting = { count: 0, more: false };
    this.#render();
  }

  #resume(): void {
    this.#pausedByHand = false;
    if (!this.#opened || !this.#rows.hasEnd || this.#waiting.more) {
      void this.#feed.open();
      return;
    }
    this.#list.stick = true;
    this.#feed.resume();
    this.#list.toEnd();
    this.#render();
  }

  /** Reads more when a person comes near the first loaded row. */
  #loadEarlier(): void {
    if (!this.#opened || this.#loading || this.#rows.before !== 'more' || !this.#list.nearStart) return;
    const abort = new AbortController();
    this.#loading = abort;
    const request = this.#rows.request(pageSize);
    this.#page.rpc
      .ask('before', request, abort.signal)
      .then(
        (page) => {
          if (abort.signal.aborted) return;
          this.#rows.prepend(request, page);
          this.#beforeError = undefined;
          this.#list.setRows(this.#rows.shown);
        },
        (error: unknown) => {
          this.#beforeError = error instanceof Error ? error.message : String(error);
        },
      )
      .finally(() => {
        if (this.#loading === abort) this.#loading = undefined;
        this.#render();
        if (this.#beforeError === undefined) this.#loadEarlier();
      })
      .catch(() => undefined);
  }

  #change(change: Partial<LogOptions>): void {
    this.#options = { ...this.#options, ...change };
    this.#page.remember(this.#options);
    if (change.wrap !== undefined) this.#list.wrap = change.wrap;
    if (change.times !== undefined) this.#list.remeasure();
    if (change.stdout !== undefined || change.stderr !== undefined) this.#showStreams();
    if (change.matchCase !== undefined) this.#find(this.#search.query);
    this.#render();
  }

  #showStreams(): void {
    const { stdout, stderr } = this.#options;
    this.#rows.show(new Set(['unknown', ...(stdout ? ['stdout'] : []), ...(stderr ? ['stderr'] : [])]));
    this.#list.setRows(this.#rows.shown);
  }

  #find(query: string): void {
    this.#search.start(query, this.#options.matchCase, this.#list.firstVisible?.id ?? 0);
    if (query === '') this.#list.update();
    else this.#revealMatch();
    this.#render();
  }

  #revealMatch(): void {
    const { row } = this.#search;
    if (row) {
      if (!this.#feed.isPaused) this.#pause(false);
      this.#list.reveal(row);
    } else this.#list.update();
    this.#render();
  }

  #onKey(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') this.#selectAll(true);
    else if (event.key === 'End' && this.#feed.isPaused && !this.#pausedByHand) this.#resume();
    else if (event.key === 'Escape') this.#selectAll(false);
    else if (event.key !== 'Enter' || !this.#follow(event.target)) return;
    event.preventDefault();
  }

  #selectAll(selected: boolean): void {
    if (selected === this.#allSelected) return;
    this.#allSelected = selected;
    document.getSelection()?.removeAllRanges();
    this.#scroller.classList.toggle('all-selected', selected);
    if (selected) announce(this.#page.strings.copiedAll);
  }

  /** A selection is of what a person reads now: it shouldn't run away. */
  #onSelect(): void {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || !this.#scroller.contains(selection.anchorNode)) return;
    if (!this.#feed.isPaused) this.#pause(false);
  }

  #onCopy(event: ClipboardEvent): void {
    const selection = document.getSelection();
    const text = this.#allSelected
      ? rowsText(this.#rows.shown, this.#options.times)
      : selection && selectedText(selection, this.#rows.shown, this.#options.times);
    if (text === undefined || text === null || !event.clipboardData) return;
    event.clipboardData.setData('text/plain', text);
    event.preventDefault();
  }

  #render(): void {
    const { strings } = this.#page;
    const state: BarState = {
      strings,
      options: this.#options,
      find: this.#search.state,
      isPaused: this.#feed.isPaused,
      isBroken: this.#error !== undefined,
      count: this.#rows.count,
    };
    const message = this.#message();
    this.#scroller.hidden = message !== undefined;
    this.#note.textContent = this.#beforeText();
    render(html`${logToolbar(state, this.#actions)}${message ?? nothing}`, this.#top);
    render(
      html`${
        this.#feed.isPaused && message === undefined
          ? resumeButton(strings, this.#waitingNow(), () => this.#resume())
          : nothing
      }
      ${
        this.#error !== undefined && message === undefined
          ? html`<div class="banner" role="alert">
              ${this.#error}
              <vscode-button @click=${() => void this.#feed.open()}>${strings.retry}</vscode-button>
            </div>`
          : nothing
      }
      ${statusLine(state, this.#header, this.#opened?.path ?? '')}`,
      this.#bottom,
    );
  }

  #waitingNow(): { count: number; more: boolean } {
    return { count: this.#waiting.count + this.#feed.held, more: this.#waiting.more };
  }

  /** Instead of the log, when there is nothing of it. */
  #message(): unknown {
    const { strings } = this.#page;
    if (this.#rows.shown.length > 0) return undefined;
    if (this.#error !== undefined)
      return errorState(this.#error, strings.retry, () => void this.#feed.open());
    if (!this.#opened) return loadingState(strings.loading);
    if (this.#rows.count > 0) return emptyState('filter', strings.allHidden);
    if (this.#rows.before === 'more') return undefined;
    if (this.#state === 'missing') return emptyState('file', strings.missing);
    return emptyState('output', this.#header?.ended ? strings.emptyEnded : strings.empty);
  }

  #beforeText(): string {
    const { strings } = this.#page;
    if (this.#beforeError !== undefined) return this.#beforeError;
    return { more: strings.earlier, start: strings.startOfFile, rotatedAway: strings.rotatedAway }[
      this.#rows.before
    ];
  }
}

function element(name: string, className: string): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  return made;
}

new LogView();
