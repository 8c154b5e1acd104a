import { render } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Row } from './rows.js';

export interface VirtualListOptions {
  /** Gives an element that carries `data-id`. */
  readonly row: (row: Row) => unknown;
  readonly onScroll: (byUser: boolean) => void;
}

/** Pixels above the first row, for the note that says what is before it; see style.css. */
const headHeight = 24;
/** Rows above and below the visible ones that are there too. */
const overscan = 20;
/** Rows that are kept in the page because they are part of a selection. */
const maxSelected = 4000;

/**
 * Shows a few of very many rows, of equal or of different heights, and keeps still what is seen when rows come or
 * go at either end. It remembers the first visible row and how far it is scrolled, not a number of pixels.
 */
export class VirtualList {
  readonly #scroller: HTMLElement;
  readonly #spacer = document.createElement('div');
  readonly #window = document.createElement('div');
  readonly #options: VirtualListOptions;
  #rows: readonly Row[] = [];
  /** Pixels from the top to each row, and to the end of the last one. */
  #offsets = new Float64Array(1);
  #lineHeight = 18;
  #charWidth = 8;
  #textWidth = 600;
  #wrap = false;
  #scrollTop = 0;
  #width = 0;

  /** True while the list goes along with its end. */
  stick = true;

  constructor(scroller: HTMLElement, options: VirtualListOptions) {
    this.#scroller = scroller;
    this.#options = options;
    this.#spacer.className = 'spacer';
    this.#window.className = 'window';
    this.#spacer.append(this.#window);
    scroller.append(this.#spacer);
    scroller.addEventListener('scroll', () => this.#onScroll(), { passive: true });
    new ResizeObserver(() => this.#onResize()).observe(scroller);
  }

  get atEnd(): boolean {
    const { scrollTop, clientHeight, scrollHeight } = this.#scroller;
    return scrollTop + clientHeight >= scrollHeight - 2;
  }

  /** Less than about one view is above what is seen. */
  get nearStart(): boolean {
    return this.#scroller.scrollTop < this.#scroller.clientHeight;
  }

  get firstVisible(): Row | undefined {
    return this.#rows[this.#indexAt(this.#scroller.scrollTop)];
  }

  get wrap(): boolean {
    return this.#wrap;
  }

  set wrap(wrap: boolean) {
    this.#wrap = wrap;
    this.#scroller.classList.toggle('wrap', wrap);
    this.remeasure();
  }

  setRows(rows: readonly Row[]): void {
    const anchor = this.#anchor();
    this.#rows = rows;
    this.#layOut();
    this.#return(anchor);
    this.update();
  }

  /** Renders again what is seen. */
  update(): void {
    const anchor = this.#anchor();
    this.#return(anchor);
    this.#render();
    // What is rendered for the first time may have another height than was guessed; what comes into view then, too.
    for (let pass = 0; pass < 4 && this.#measure(); pass++) {
      this.#layOut();
      this.#return(anchor);
      this.#render();
    }
  }

  /** Forgets all heights. */
  remeasure(): void {
    const anchor = this.#anchor();
    for (const row of this.#rows) delete row.height;
    this.#measureFont();
    this.#layOut();
    this.#return(anchor);
    this.update();
  }

  toEnd(): void {
    this.stick = true;
    this.update();
  }

  /** Scrolls so that a row is seen, somewhat below the top. */
  reveal(row: Row): void {
    const index = this.#rows.indexOf(row);
    if (index < 0) return;
    this.stick = false;
    const show = (): void => {
      const top = this.#offsets[index] ?? 0;
      const { clientHeight } = this.#scroller;
      const isSeen =
        top >= this.#scroller.scrollTop && top + this.#lineHeight <= this.#scroller.scrollTop + clientHeight;
      if (!isSeen) this.#scrollTo(top - clientHeight / 3);
    };
    show();
    this.update();
    show();
    this.update();
  }

  #onScroll(): void {
    const byUser = Math.abs(this.#scroller.scrollTop - this.#scrollTop) > 1;
    this.#scrollTop = this.#scroller.scrollTop;
    if (byUser) this.stick = this.atEnd;
    this.#options.onScroll(byUser);
    this.update();
  }

  #onResize(): void {
    if (this.#wrap && this.#scroller.clientWidth !== this.#width) this.remeasure();
    else this.update();
    this.#width = this.#scroller.clientWidth;
  }

  /** Which row is at the top of the view, and how many pixels of it are above. */
  #anchor(): { readonly id: number; readonly above: number } | undefined {
    if (this.stick) return undefined;
    const index = this.#indexAt(this.#scroller.scrollTop);
    const row = this.#rows[index];
    return row && { id: row.id, above: this.#scroller.scrollTop - (this.#offsets[index] ?? 0) };
  }

  #return(anchor: { readonly id: number; readonly above: number } | undefined): void {
    if (!anchor) {
      this.#scrollTo(Number.MAX_SAFE_INTEGER);
      return;
    }
    const index = this.#indexOfId(anchor.id);
    const top = this.#offsets[index] ?? 0;
    const height = (this.#offsets[index + 1] ?? top) - top;
    const isSame = this.#rows[index]?.id === anchor.id;
    // Where the row has become lower than what of it was above the view, all of it is shown.
    this.#scrollTo(top + (isSame && anchor.above < height ? anchor.above : 0));
  }

  #scrollTo(top: number): void {
    const max = Math.max(0, this.#scroller.scrollHeight - this.#scroller.clientHeight);
    const wanted = Math.max(0, Math.min(top, max));
    if (Math.abs(wanted - this.#scroller.scrollTop) > 0.5) this.#scroller.scrollTop = wanted;
    this.#scrollTop = this.#scroller.scrollTop;
  }

  #layOut(): void {
    const { length } = this.#rows;
    if (this.#offsets.length < length + 1) this.#offsets = new Float64Array(Math.ceil((length + 1) * 1.2));
    let top = headHeight;
    for (let index = 0; index < length; index++) {
      this.#offsets[index] = top;
      const row = this.#rows[index];
      if (row) top += row.height ?? this.#guess(row);
    }
    this.#offsets[length] = top;
    this.#spacer.style.height = `${top}px`;
  }

  #guess({ item }: Row): number {
    if (!this.#wrap || item.kind !== 'line') return this.#lineHeight;
    const columns = Math.max(10, Math.floor(this.#textWidth / this.#charWidth));
    return Math.max(1, Math.ceil(item.text.length / columns)) * this.#lineHeight;
  }

  #render(): void {
    const { scrollTop, clientHeight } = this.#scroller;
    const [first, last] = this.#withSelection(
      Math.max(0, this.#indexAt(scrollTop) - overscan),
      Math.min(this.#rows.length, this.#indexAt(scrollTop + clientHeight) + 1 + overscan),
    );
    this.#window.style.transform = `translateY(${this.#offsets[first] ?? 0}px)`;
    render(
      repeat(
        this.#rows.slice(first, last),
        (row) => row.id,
        (row) => this.#options.row(row),
      ),
      this.#window,
    );
  }

  /** A selection would be lost if its rows left the page. */
  #withSelection(first: number, last: number): [number, number] {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || !selection.containsNode(this.#window, true))
      return [first, last];
    const ends = [selection.anchorNode, selection.focusNode]
      .map((node) => idOf(node))
      .filter((id) => id !== undefined)
      .map((id) => this.#indexOfId(id));
    const from = Math.min(first, ...ends);
    const to = Math.max(last, ...ends.map((index) => index + 1));
    return to - from > maxSelected ? [first, last] : [from, Math.min(to, this.#rows.length)];
  }

  /** @returns whether a height was another than thought */
  #measure(): boolean {
    if (!this.#wrap) return false;
    let changed = false;
    for (const element of this.#window.children) {
      const id = idOf(element);
      const row = id === undefined ? undefined : this.#rows[this.#indexOfId(id)];
      if (!row) continue;
      const { height } = element.getBoundingClientRect();
      if (Math.abs(height - (row.height ?? this.#guess(row))) > 0.5) changed = true;
      row.height = height;
    }
    return changed;
  }

  #measureFont(): void {
    const probe = document.createElement('div');
    probe.className = 'row probe';
    probe.textContent = 'x'.repeat(100);
    this.#window.after(probe);
    const { width, height } = probe.getBoundingClientRect();
    probe.remove();
    if (width > 0) this.#charWidth = width / 100;
    if (height > 0) this.#lineHeight = height;
    this.#textWidth = this.#window.querySelector('.text')?.clientWidth ?? this.#scroller.clientWidth;
  }

  /** The row at that many pixels from the top. */
  #indexAt(top: number): number {
    let low = 0;
    let high = this.#rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#offsets[middle] ?? 0) <= top) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The row with that id, else the next one. */
  #indexOfId(id: number): number {
    let low = 0;
    let high = this.#rows.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#rows[middle]?.id ?? 0) < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The id of the row that holds a node. */
export function idOf(node: Node | null): number | undefined {
  const element = node instanceof Element ? node : node?.parentElement;
  const id = element?.closest<HTMLElement>('.row')?.dataset.id;
  return id === undefined ? undefined : Number(id);
}
