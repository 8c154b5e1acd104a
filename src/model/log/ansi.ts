/** One of the terminal's 16 colours, or `#rrggbb`. */
export type AnsiColor = number | string;

export interface AnsiStyle {
  readonly foreground?: AnsiColor;
  readonly background?: AnsiColor;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strike?: boolean;
  readonly inverse?: boolean;
}

/** A piece of plain text: no control character but tabs is in it. */
export interface AnsiSegment {
  readonly text: string;
  readonly style: AnsiStyle;
  /** Stands for a character that isn't shown as itself: a control character, or one that turns text around. */
  readonly inert?: true;
}

/*
 * Our own, since a maintained parser (anser) leaves OSC and other sequences in the text, keeps a list of attributes
 * that a hostile line can grow without end, and doesn't know `38:2::r:g:b`; cleaning before it is most of the work.
 */
const sgr = '\\x1b\\[(?<codes>[0-9;:]*)m';
const otherCsi = '\\x1b\\[[\\x30-\\x3f]*[\\x20-\\x2f]*[\\x40-\\x7e]';
/** OSC, DCS, SOS, PM and APC, with their end. Without it they are text, or a line could hide all that follows. */
const strings = '\\x1b[\\]PX^_][^\\x07\\x1b]*(?:\\x07|\\x1b\\\\)';
const shortEscapes = '\\x1b[\\x20-\\x2f]+[\\x30-\\x7e]|\\x1b[0-OQ-WYZ\\\\`-~]';
const controls = '[\\x00-\\x08\\x0a-\\x1f\\x7f-\\x9f]';
/** Marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX 9), and line separators. */
const turning = '[\\u061c\\u200e\\u200f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]';
const special = new RegExp(
  `${sgr}|${otherCsi}|${strings}|${shortEscapes}|(?<mark>${controls}|${turning})`,
  'g',
);
const anySpecial = new RegExp(`${controls}|${turning}`);

const plain: AnsiStyle = {};
/** Of one line; each becomes an element of the page, and a line of 1 MB could have half a million. */
const mostSegments = 5000;

/** Splits a line into styled pieces, the last of very many without style. Colours start anew on each line. */
export function parseAnsi(line: string): readonly AnsiSegment[] {
  if (!anySpecial.test(line)) return line === '' ? [] : [{ text: line, style: plain }];
  const segments: AnsiSegment[] = [];
  let style = plain;
  let rest = '';
  let from = 0;
  const add = (segment: AnsiSegment): void => {
    if (segments.length < mostSegments) segments.push(segment);
    else rest += segment.text;
  };
  const addText = (to: number): void => {
    if (to > from) add({ text: line.slice(from, to), style });
  };
  for (const match of line.matchAll(special)) {
    addText(match.index);
    from = match.index + match[0].length;
    const { codes, mark } = match.groups ?? {};
    if (codes !== undefined) style = applySgr(style, codes);
    else if (mark !== undefined) add({ text: visible(mark), style, inert: true });
  }
  addText(line.length);
  return rest === '' ? segments : [...segments, { text: rest, style: plain }];
}

/** The line as it is shown, without colours. */
export function stripAnsi(line: string): string {
  if (!anySpecial.test(line)) return line;
  return parseAnsi(line)
    .map((segment) => segment.text)
    .join('');
}

/** A control character as its picture (U+2400 block), any other as its code point. */
function visible(mark: string): string {
  const code = mark.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

const attributes: Readonly<Record<number, AnsiStyle>> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
  21: { underline: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  29: { strike: false },
};

/** ECMA-48 8.3.117 and the colours of xterm's ctlseqs. Unknown codes are passed over. */
function applySgr(before: AnsiStyle, codes: string): AnsiStyle {
  let style = before;
  const parameters = codes.split(';');
  for (let at = 0; at < parameters.length; at++) {
    const [first = '', ...sub] = (parameters[at] ?? '').split(':');
    const code = Number(first);
    if (code === 38 || code === 48) {
      const list = sub.length > 0 ? sub : parameters.slice(at + 1, at + 5);
      const { color, used } = extendedColor(list, sub.length > 0);
      if (sub.length === 0) at += used;
      if (color !== undefined) style = { ...style, [code === 38 ? 'foreground' : 'background']: color };
    } else if (code === 4 && sub[0] === '0') style = { ...style, underline: false };
    else style = applyCode(style, code);
  }
  return style;
}

function applyCode(style: AnsiStyle, code: number): AnsiStyle {
  if (code === 0) return plain;
  if (code >= 30 && code <= 37) return { ...style, foreground: code - 30 };
  if (code >= 90 && code <= 97) return { ...style, foreground: code - 82 };
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 };
  if (code >= 100 && code <= 107) return { ...style, background: code - 92 };
  if (code === 39) return without(style, 'foreground');
  if (code === 49) return without(style, 'background');
  return { ...style, ...attributes[code] };
}

function without(style: AnsiStyle, key: 'foreground' | 'background'): AnsiStyle {
  const { [key]: _, ...rest } = style;
  return rest;
}

/** `5;n` or `2;r;g;b`; with colons also `2::r:g:b`, whose colour space is empty or a number. */
function extendedColor(list: readonly string[], colons: boolean): { color?: AnsiColor; used: number } {
  if (list[0] === '5') {
    const color = paletteColor(Number(list[1]));
    return color === undefined ? { used: 2 } : { color, used: 2 };
  }
  if (list[0] !== '2') return { used: list.length > 0 ? 1 : 0 };
  const rgb = (colons && list.length > 4 ? list.slice(2, 5) : list.slice(1, 4)).map(Number);
  return rgb.length === 3 && rgb.every(isByte) ? { color: hex(rgb), used: 4 } : { used: 4 };
}

/** xterm's 256 colours: the terminal's 16, a cube of 6x6x6, 24 greys. */
function paletteColor(index: number): AnsiColor | undefined {
  if (!isByte(index)) return undefined;
  if (index < 16) return index;
  if (index >= 232) return hex(Array.from({ length: 3 }, () => 8 + (index - 232) * 10));
  const cube = index - 16;
  return hex(
    [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((step) => (step ? 55 + step * 40 : 0)),
  );
}

function isByte(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 255;
}

function hex(rgb: readonly number[]): string {
  return `#${rgb.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
