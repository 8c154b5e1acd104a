import { describe, expect, it } from 'vitest';
import { parseAnsi, stripAnsi, type AnsiStyle } from '../../../../src/model/log/ansi.js';

const esc = '\u001b';
const styles = (text: string): [string, AnsiStyle][] =>
  parseAnsi(text).map(({ text, style }) => [text, style]);

describe('colours', () => {
  it.each<[string, AnsiStyle]>([
    ['31', { foreground: 1 }],
    ['97', { foreground: 15 }],
    ['44', { background: 4 }],
    ['105', { background: 13 }],
    ['1;4;33', { bold: true, underline: true, foreground: 3 }],
    ['38;5;9', { foreground: 9 }],
    ['38;5;16', { foreground: '#000000' }],
    ['38;5;208', { foreground: '#ff8700' }],
    ['48;5;255', { background: '#eeeeee' }],
    ['38;2;1;2;255;1', { foreground: '#0102ff', bold: true }],
    ['38:2::1:2:3', { foreground: '#010203' }],
    ['38:2:1:2:3', { foreground: '#010203' }],
    ['38:5:208;3', { foreground: '#ff8700', italic: true }],
    ['38;2;999;0;0;7', { inverse: true }],
    ['38;5', {}],
    ['4:3', { underline: true }],
    ['58;99;', {}],
    ['2;9', { dim: true, strike: true }],
  ])('%s', (codes, style) => {
    expect(styles(`${esc}[${codes}mx`)).toEqual([['x', style]]);
  });

  it('ends attributes one by one and all together', () => {
    expect(styles(`a${esc}[1;31mb${esc}[22mc${esc}[39md${esc}[7me${esc}[mf`)).toEqual([
      ['a', {}],
      ['b', { bold: true, foreground: 1 }],
      ['c', { bold: false, dim: false, foreground: 1 }],
      ['d', { bold: false, dim: false }],
      ['e', { bold: false, dim: false, inverse: true }],
      ['f', {}],
    ]);
  });
});

describe('everything else is dropped or inert', () => {
  it.each([
    ['a cursor movement', `a${esc}[2J${esc}[10;10Hb`, 'ab'],
    ['a private mode', `a${esc}[?1049hb`, 'ab'],
    ['a title', `a${esc}]0;evil\u0007b`, 'ab'],
    ['a link (OSC 8)', `${esc}]8;;http://evil/${esc}\\text${esc}]8;;${esc}\\`, 'text'],
    ['the clipboard (OSC 52)', `a${esc}]52;c;ZXZpbA==\u0007b`, 'ab'],
    ['a DCS', `a${esc}Pq#0${esc}\\b`, 'ab'],
    ['a character set and a reset', `a${esc}(B${esc}cb`, 'ab'],
    ['an OSC without end', `a${esc}]0;all of this`, 'a␛]0;all of this'],
    ['a CSI without end', `a${esc}[12`, 'a␛[12'],
    ['ESC at the end', `a${esc}`, 'a␛'],
    ['NUL, BEL, CR, DEL', 'a\0\u0007\r\u007fb', 'a␀␇␍␡b'],
    ['C1', 'a\u009b31mb', 'a<U+009B>31mb'],
    ['bidi', 'a\u202eb\u2066c\u200fd\u061ce', 'a<U+202E>b<U+2066>c<U+200F>d<U+061C>e'],
    ['line separators', 'a\u2028b', 'a<U+2028>b'],
    ['HTML', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['tabs and astral characters', 'a\tb😀', 'a\tb😀'],
  ])('%s', (_name, text, shown) => {
    expect(stripAnsi(text)).toBe(shown);
  });

  it('marks what isn’t shown as itself', () => {
    expect(parseAnsi('a\u202eb').map(({ inert }) => inert)).toEqual([undefined, true, undefined]);
  });

  it('is linear in hostile input', () => {
    const hostile = `${esc}]`.repeat(200_000) + `${esc}[`.repeat(200_000) + `${esc}[1m`.repeat(100_000);
    expect(stripAnsi(hostile).length).toBe(800_000);
  });
});

describe('a line made of very many pieces', () => {
  it('becomes few enough for a page, and loses no text', () => {
    const line = 'a\u0000'.repeat(100_000);
    const segments = parseAnsi(line);
    expect(segments.length).toBeLessThan(10_000);
    expect(segments.map(({ text }) => text).join('')).toBe('a\u2400'.repeat(100_000));
    expect(stripAnsi(line)).toBe('a\u2400'.repeat(100_000));
  });
});
