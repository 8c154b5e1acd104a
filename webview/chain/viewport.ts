import type { Point, Rect, Size } from './layout.js';

const smallest = 0.05;
const largest = 4;
/** A picture that opens is shrunk no further than to this, so that it can be read. */
const legible = 0.75;
const step = 1.2;

export interface ViewportActions {
  /** Renders the picture at the present scale. */
  readonly onScale: () => void;
  readonly onMoved: () => void;
}

/** The window onto the picture: a scroller around an svg element that is as big as the scale says. */
export class Viewport {
  scale = 1;
  readonly #actions: ViewportActions;
  #scroller: HTMLElement | undefined;

  constructor(actions: ViewportActions) {
    this.#actions = actions;
  }

  /** To be called with the scroller as soon as it is in the page; further calls do nothing. */
  attach(scroller: HTMLElement): void {
    if (this.#scroller === scroller) return;
    this.#scroller = scroller;
    scroller.addEventListener('wheel', (event) => this.#onWheel(event), { passive: false });
    scroller.addEventListener('pointerdown', (event) => this.#onPointerDown(event));
    scroller.addEventListener('scroll', () => this.#actions.onMoved());
  }

  get scroll(): Point {
    return { x: this.#scroller?.scrollLeft ?? 0, y: this.#scroller?.scrollTop ?? 0 };
  }

  set scroll({ x, y }: Point) {
    if (!this.#scroller) return;
    this.#scroller.scrollLeft = x;
    this.#scroller.scrollTop = y;
  }

  zoom(by: 1 | -1, around?: Point): void {
    this.#setScale(this.scale * step ** by, around);
  }

  /** The whole picture, no larger than life. */
  fit(picture: Size): void {
    this.#setScale(this.#fitting(picture));
  }

  /** As a picture opens: whole if it can be read so, with a box in the middle if not. */
  open(picture: Size, middle: Rect | undefined): void {
    this.#setScale(Math.max(legible, this.#fitting(picture)));
    if (middle) this.bring(middle, 'center');
  }

  /** Scrolls to a box, if need be. */
  bring(rect: Rect, where: 'center' | 'nearest' = 'nearest'): void {
    const scroller = this.#scroller;
    if (!scroller) return;
    const along = (from: number, length: number, scroll: number, room: number): number => {
      const [begin, end] = [from * this.scale, (from + length) * this.scale];
      if (where === 'center') return (begin + end - room) / 2;
      if (begin < scroll) return begin - 20;
      return end > scroll + room ? end - room + 20 : scroll;
    };
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = scroller;
    this.scroll = {
      x: along(rect.x, rect.width, scrollLeft, clientWidth),
      y: along(rect.y, rect.height, scrollTop, clientHeight),
    };
  }

  #fitting(picture: Size): number {
    const { clientWidth = 0, clientHeight = 0 } = this.#scroller ?? {};
    // A pixel less, so that no rounding makes scroll bars.
    return Math.min(1, (clientWidth - 1) / picture.width, (clientHeight - 1) / picture.height);
  }

  /** @param around stays where it is, in the window's coordinates; the middle if not given */
  #setScale(wanted: number, around?: Point): void {
    const scroller = this.#scroller;
    if (!scroller) return;
    const scale = Math.min(largest, Math.max(smallest, wanted));
    const { left, top, width, height } = scroller.getBoundingClientRect();
    const fixed = around ? { x: around.x - left, y: around.y - top } : { x: width / 2, y: height / 2 };
    const factor = scale / this.scale;
    const { x, y } = this.scroll;
    this.scale = scale;
    this.#actions.onScale();
    this.scroll = { x: (x + fixed.x) * factor - fixed.x, y: (y + fixed.y) * factor - fixed.y };
    this.#actions.onMoved();
  }

  #onWheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    // A pinch comes as many small turns of the wheel.
    const turn = Math.max(-1, Math.min(1, -event.deltaY / 100));
    this.#setScale(this.scale * step ** turn, { x: event.clientX, y: event.clientY });
  }

  /** Drags the picture by its ground, or by anything with the middle button. */
  #onPointerDown(event: PointerEvent): void {
    const scroller = this.#scroller;
    const onBox = event.target instanceof Element && event.target.closest('.box') !== null;
    if (!scroller || !(event.button === 1 || (event.button === 0 && !onBox))) return;
    // A click on the scroll bars is theirs.
    const box = scroller.getBoundingClientRect();
    if (event.clientX - box.left > scroller.clientWidth || event.clientY - box.top > scroller.clientHeight)
      return;
    const begin = this.scroll;
    const move = (to: PointerEvent): void => {
      this.scroll = { x: begin.x + event.clientX - to.clientX, y: begin.y + event.clientY - to.clientY };
    };
    const end = (): void => {
      scroller.classList.remove('dragging');
      scroller.removeEventListener('pointermove', move);
      for (const name of ['pointerup', 'pointercancel', 'lostpointercapture'] as const)
        scroller.removeEventListener(name, end);
    };
    scroller.classList.add('dragging');
    scroller.setPointerCapture(event.pointerId);
    scroller.addEventListener('pointermove', move);
    for (const name of ['pointerup', 'pointercancel', 'lostpointercapture'] as const)
      scroller.addEventListener(name, end);
  }
}
