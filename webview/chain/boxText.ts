import type { ChainBox } from '../../src/model/chain/graph.js';
import { format } from '../../src/protocol/panel.js';
import type { Size } from './layout.js';
import { absenceText, factOf, factText, titleText, type Texts } from './words.js';

export interface BoxLine {
  readonly text: string;
  readonly style: 'kind' | 'title' | 'fact' | 'mono' | 'absent';
  /** Distance of the baseline from the box's upper edge. */
  readonly y: number;
  /** Distance of the beginning from the box's left edge. */
  readonly x: number;
}

/** A box's lines, cut to its width, and the size that holds them. */
export interface BoxText {
  readonly lines: readonly BoxLine[];
  readonly size: Size;
}

/** Measures text as the page shows it. @returns its width in CSS pixels */
export type Measure = (text: string, style: BoxLine['style']) => number;

const width = 218;
const padding = 12;
const iconRoom = 21;
const lineHeight = 15;
const separator = ' · ';

/** What a box says in the picture: the rest is in its details. */
export function boxText(box: ChainBox, strings: Texts, measure: Measure): BoxText {
  const lines: BoxLine[] = [];
  let y = 18;
  const add = (text: string | undefined, style: BoxLine['style'], side: 'start' | 'end' = 'end'): void => {
    if (text === undefined || text === '') return;
    const x = style === 'kind' ? padding + iconRoom : padding;
    lines.push({
      text: fitted(text, width - x - padding, side, (part) => measure(part, style)),
      style,
      x,
      y,
    });
    y += lineHeight;
  };
  add(strings.kinds[box.kind], 'kind');
  y += 3;
  add(titleText(box), 'title');
  y += 1;
  for (const line of shortFacts(box, strings, measure)) add(line, 'fact');
  add(absenceText(box, strings), 'absent');
  const what = ['command', 'path', 'bundle'] as const;
  const shown = what.map((name) => factOf(box, name)).find((fact) => fact !== undefined);
  add(shown && factText(shown), 'mono', shown?.name === 'command' ? 'end' : 'start');
  const cgroup = factOf(box, 'cgroup');
  add(cgroup && factText(cgroup), 'mono', 'start');
  return { lines, size: { width, height: y - lineHeight + 11 } };
}

/** pid, version and start, on one line where they fit. */
function shortFacts(box: ChainBox, strings: Texts, measure: Measure): readonly string[] {
  const said = (name: 'pid' | 'version' | 'started' | 'count', text: string): string | undefined => {
    const fact = factOf(box, name);
    return fact && format(text, factText(fact));
  };
  const count = said('count', box.kind === 'sandbox' ? strings.containers : strings.others);
  const first = [said('pid', strings.pid), said('version', '{0}'), count].filter(
    (part) => part !== undefined,
  );
  const since = said('started', strings.since);
  const whole = [...first, ...(since === undefined ? [] : [since])].join(separator);
  if (since === undefined || measure(whole, 'fact') <= width - 2 * padding) return [whole];
  return [first.join(separator), since];
}

/** Cuts a text to a width, with an ellipsis on the side that is less telling. */
function fitted(
  text: string,
  room: number,
  side: 'start' | 'end',
  measure: (text: string) => number,
): string {
  // No more than that can fit, and a command line may be long.
  const few = Array.from(side === 'end' ? text.slice(0, 200) : text.slice(-200));
  if (text.length <= 200 && measure(text) <= room) return text;
  const cut = (length: number): string =>
    side === 'end' ? `${few.slice(0, length).join('')}…` : `…${few.slice(few.length - length).join('')}`;
  let [low, high] = [0, few.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (measure(cut(middle)) <= room) low = middle;
    else high = middle - 1;
  }
  return cut(low);
}

/** Measures by a canvas, in the fonts that style.css gives to the lines. */
export function canvasMeasure(root: HTMLElement): Measure {
  const context = document.createElement('canvas').getContext('2d');
  const styles = getComputedStyle(root);
  const family = styles.fontFamily;
  const mono = styles.getPropertyValue('--vscode-editor-font-family') || 'monospace';
  const fonts: Readonly<Record<BoxLine['style'], string>> = {
    kind: `11px ${family}`,
    title: `600 13px ${family}`,
    fact: `11px ${family}`,
    mono: `10.5px ${mono}`,
    absent: `italic 11px ${family}`,
  };
  return (text, style) => {
    if (!context) return text.length * 7;
    context.font = fonts[style];
    return context.measureText(text).width;
  };
}
