import { html, render } from 'lit';
import type { BoxAction, ChainApi, ChainStrings, ChainView } from '../../src/protocol/chain.js';
import { focusFind, listenForFindKeys, stepMatch } from '../ui/find.js';
import { openPage, type PanelPage } from '../ui/host.js';
import { announce } from '../ui/parts.js';
import { canvasMeasure, type Measure } from './boxText.js';
import { chainToolbar, type BarActions } from './chrome.js';
import { exportSvg } from './exportSvg.js';
import type { Rect } from './layout.js';
import { ChainState, type Remembered } from './state.js';
import { stepFrom } from './steps.js';
import { chainView, type ViewActions } from './view.js';
import { Viewport } from './viewport.js';
import './style.css';

/** The chain panel: asks the host for the chain, shows it as a picture or a list, and answers what a person does. */
class ChainPage {
  readonly #state = new ChainState();
  readonly #page: PanelPage<ChainApi, ChainStrings, Remembered>;
  readonly #measure: Measure;
  readonly #viewport = new Viewport({ onScale: () => this.#render(), onMoved: () => this.#remember() });
  #rememberTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#page = openPage<ChainApi, ChainStrings, Remembered>({
      changed: (view) => this.#show(view),
      warning: ({ text }) => {
        this.#state.warning = text;
        this.#render();
      },
    });
    this.#measure = canvasMeasure(this.#page.root);
    this.#state.restore(this.#page.remembered);
    listenForFindKeys({ onStep: (by) => this.#step(by) });
    this.#render();
    void this.#load(false);
  }

  async #load(fresh: boolean): Promise<void> {
    this.#state.loading = true;
    this.#render();
    try {
      this.#show(await this.#page.rpc.ask('load', { fresh }));
    } catch (error) {
      this.#state.error = error instanceof Error ? error.message : String(error);
    }
    this.#state.loading = false;
    this.#render();
  }

  /** Shows a reading: the first one as it was left or as it fits, a later one where the last one was. */
  #show(view: ChainView): void {
    const before = this.#state.shown;
    const anchor = this.#rectOf(this.#state.selected, before);
    // A smaller picture moves what is scrolled to its end.
    const { scale, scroll } = this.#viewport;
    this.#state.show(view, this.#page.strings, this.#measure);
    this.#render();
    if (!before) this.#open();
    const now = this.#rectOf(this.#state.selected);
    if (!before || !anchor || !now) return;
    this.#viewport.scroll = {
      x: scroll.x + (now.x - anchor.x) * scale,
      y: scroll.y + (now.y - anchor.y) * scale,
    };
  }

  #open(): void {
    const { scale, scroll } = this.#page.remembered;
    const layout = this.#state.shown?.layout;
    if (!layout) return;
    if (scale === undefined || scroll === undefined) {
      this.#viewport.open(layout, this.#middle());
      return;
    }
    this.#viewport.scale = scale;
    this.#render();
    this.#viewport.scroll = scroll;
  }

  /** What is looked at first where not all can be seen: what was asked for, else the CRI server. */
  #middle(): Rect | undefined {
    const server = this.#state.view?.graph.boxes.find(({ kind }) => kind === 'server');
    return this.#rectOf(this.#state.selected ?? server?.id);
  }

  #rectOf(id: string | undefined, shown = this.#state.shown): Rect | undefined {
    return shown?.layout.boxes.find(({ box }) => box.id === id)?.rect;
  }

  /** Does what may fail; the reason is shown until the next try. */
  #tried(what: () => Promise<unknown>): void {
    this.#state.problem = undefined;
    this.#render();
    what().catch((error: unknown) => {
      this.#state.problem = error instanceof Error ? error.message : String(error);
      announce(this.#state.problem);
      this.#render();
    });
  }

  readonly #select = (id: string): void => {
    if (this.#state.selected === id) return;
    this.#state.selected = id;
    this.#changed();
  };

  /** Selects a box, brings it into sight and puts the focus on it. */
  readonly #go = (id: string): void => {
    this.#select(id);
    const rect = this.#rectOf(id);
    if (rect && this.#state.mode === 'picture') this.#viewport.bring(rect);
    this.#focusBox(id);
  };

  #focusBox(id: string | undefined): void {
    const attribute = this.#state.mode === 'picture' ? 'data-box' : 'data-item';
    const element =
      id === undefined ? null : document.querySelector<SVGElement>(`[${attribute}=${CSS.escape(id)}]`);
    element?.focus({ preventScroll: this.#state.mode === 'picture' });
  }

  readonly #openDetails = (id: string): void => {
    this.#select(id);
    document.getElementById('details')?.focus();
  };

  readonly #act = (box: string, action: BoxAction): void =>
    this.#tried(() => this.#page.rpc.ask('act', { box, action }));

  #export(): void {
    const { shown, selected } = this.#state;
    const element = document.querySelector<SVGSVGElement>('svg.picture');
    if (!shown || !element) return;
    this.#state.selected = undefined;
    this.#render();
    const ground = getComputedStyle(document.body).backgroundColor;
    const file = exportSvg(element, shown.layout.width, shown.layout.height, ground);
    this.#state.selected = selected;
    this.#render();
    this.#tried(async () => {
      if (await this.#page.rpc.ask('save', { svg: file })) announce(this.#page.strings.saved);
    });
  }

  #turn(): void {
    this.#state.turn();
    this.#state.work(this.#page.strings, this.#measure);
    this.#changed();
    if (this.#state.shown) this.#viewport.open(this.#state.shown.layout, this.#middle());
  }

  #setMode(mode: Remembered['mode']): void {
    this.#state.mode = mode;
    this.#changed();
    this.#focusBox(this.#state.selected ?? this.#state.view?.graph.boxes[0]?.id);
  }

  #fit(): void {
    if (this.#state.shown) this.#viewport.fit(this.#state.shown.layout);
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const id =
      event.target instanceof Element ? event.target.closest<SVGElement>('.box')?.dataset.box : undefined;
    if (!this.#pressed(event.key, id)) return;
    event.preventDefault();
  };

  #pressed(key: string, id: string | undefined): boolean {
    const { shown } = this.#state;
    if (key === '+' || key === '=') this.#viewport.zoom(1);
    else if (key === '-') this.#viewport.zoom(-1);
    else if (key === '0') this.#fit();
    else if (id === undefined || !shown) return false;
    else if (key === 'Enter' || key === ' ') this.#openDetails(id);
    else {
      const next = stepFrom(shown.layout, id, key);
      if (next === undefined) return key.startsWith('Arrow');
      this.#go(next);
    }
    return true;
  }

  readonly #find = {
    onQuery: (query: string): void => {
      this.#state.query = query;
      this.#state.current = 0;
      this.#state.search();
      this.#showCurrent();
    },
    onStep: (by: 1 | -1): void => this.#step(by),
    onClose: (): void => {
      this.#find.onQuery('');
      focusFind();
    },
  };

  #step(by: 1 | -1): void {
    this.#state.current = stepMatch(this.#state.current, this.#state.matches.length, by);
    this.#showCurrent();
  }

  #showCurrent(): void {
    const id = this.#state.matches[this.#state.current];
    if (id !== undefined) {
      this.#state.selected = id;
      const rect = this.#rectOf(id);
      if (rect) this.#viewport.bring(rect, 'center');
    }
    this.#changed();
    if (this.#state.mode === 'list')
      document.querySelector('.item[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }

  #changed(): void {
    this.#render();
    this.#remember();
  }

  #remember(): void {
    clearTimeout(this.#rememberTimer);
    const { scale, scroll } = this.#viewport;
    this.#rememberTimer = setTimeout(() => this.#page.remember(this.#state.toRemember(scale, scroll)), 100);
  }

  #render(): void {
    const { strings, root } = this.#page;
    const view = chainView(strings, this.#state, this.#viewport.scale, this.#measure, this.#view);
    render(html`${chainToolbar(strings, this.#state, this.#bar)}${view}`, root);
    const scroller = document.querySelector<HTMLElement>('.stage');
    if (scroller) this.#viewport.attach(scroller);
  }

  readonly #bar: BarActions = {
    find: this.#find,
    onZoom: (by) => this.#viewport.zoom(by),
    onFit: () => this.#fit(),
    onTurn: () => this.#turn(),
    onMode: (mode) => this.#setMode(mode),
    onRefresh: () => void this.#load(true),
    onExport: () => this.#export(),
  };

  readonly #view: ViewActions = {
    onSelect: this.#select,
    onOpen: this.#openDetails,
    onGo: this.#go,
    onLeave: () => this.#focusBox(this.#state.selected),
    onAct: this.#act,
    onCopy: (text) => this.#page.rpc.ask('copy', { text }),
    onKey: this.#onKey,
    onToggle: (id, open) => {
      if (open) this.#state.closed.delete(id);
      else this.#state.closed.add(id);
      this.#changed();
    },
    onLegend: (open) => {
      this.#state.legendOpen = open;
      this.#remember();
    },
    onRetry: () => {
      this.#state.error = undefined;
      void this.#load(true);
    },
  };
}

new ChainPage();
