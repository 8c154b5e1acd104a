import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { idsIn } from '../../src/model/find/query.js';
import { parseAnsi, type AnsiColor, type AnsiSegment, type AnsiStyle } from '../../src/model/log/ansi.js';
import { textOf, type LogEntry } from '../../src/model/log/entry.js';
import { timeText, type TimeStyle } from '../../src/model/log/time.js';
import type { LogsStrings } from '../../src/protocol/logs.js';
import type { Row } from './rows.js';

export interface RowOptions {
  readonly strings: LogsStrings;
  readonly times: TimeStyle;
  readonly pattern: RegExp | undefined;
  /** Which match of this row is the one that is shown; -1 for none of them. */
  readonly current: number;
  /** The first twelve digits of the ids that are links. */
  readonly ids: ReadonlySet<string>;
}

const marks = { stdout: 'out', stderr: 'err', unknown: '?' } as const;

/** One row of the log. All of a node's words become text nodes. */
export function rowTemplate(row: Row, options: RowOptions): unknown {
  const { item } = row;
  if (item.kind === 'rotated') {
    return html`<div class="row note" data-id=${row.id} role="separator">${options.strings.rotated}</div>`;
  }
  return guard([row, options.times, options.pattern, options.current, options.ids], () =>
    lineTemplate(row, item, options),
  );
}

function lineTemplate(row: Row, item: LogEntry, options: RowOptions): TemplateResult {
  const { strings, times } = options;
  const isOdd = item.stream === 'unknown';
  const time = timeText(times, item);
  return html`<div class="row ${item.stream} ${row.isPending ? 'pending' : ''}" data-id=${row.id}>
    ${time === '' ? nothing : html`<span class="time" title=${item.time ?? ''}>${time}</span>`}<span
      class="stream"
      title=${isOdd ? strings.raw : item.stream}
      aria-label=${isOdd ? strings.raw : item.stream}
      role="img"
      >${marks[item.stream]}</span
    ><span class=${item.partial ? 'text partial' : 'text'} title=${item.partial ? strings.partial : nothing}
      >${textTemplate(parseAnsi(textOf(item)), options)}</span
    >
  </div>`;
}

/** Segments, with the matches of the search marked and known ids as links, even where they reach over several of them. */
function textTemplate(segments: readonly AnsiSegment[], options: RowOptions): unknown[] {
  const { pattern, current, ids } = options;
  const text = segments.map((segment) => segment.text).join('');
  const matches = pattern ? [...text.matchAll(pattern)] : [];
  const links = ids.size === 0 ? [] : idsIn(text).filter(({ id }) => ids.has(id.slice(0, 12)));
  const parts: unknown[] = [];
  let at = 0;
  let next = 0;
  for (const segment of segments) {
    const end = at + segment.text.length;
    while (at < end) {
      const match = matches[next];
      const start = match?.index ?? Infinity;
      const stop = start + (match?.[0].length ?? 0);
      const isIn = at >= start;
      const link = links.find(({ id, index }) => at < index + id.length);
      const isLink = link !== undefined && at >= link.index;
      const linkEdge = isLink ? link.index + link.id.length : (link?.index ?? Infinity);
      const until = Math.min(end, isIn ? stop : start, linkEdge);
      const shown = styled(text.slice(at, until), segment);
      const piece = isLink ? linkTemplate(link.id, shown, options) : shown;
      parts.push(isIn ? html`<mark class=${next === current ? 'current' : nothing}>${piece}</mark>` : piece);
      at = until;
      if (isIn && at >= stop) next++;
    }
  }
  return parts;
}

function linkTemplate(id: string, shown: unknown, { strings }: RowOptions): TemplateResult {
  return html`<a role="link" tabindex="0" data-container=${id} title=${strings.showContainer}>${shown}</a>`;
}

function styled(text: string, { style, inert }: AnsiSegment): unknown {
  const classes = classesOf(style, inert ?? false);
  const css = cssOf(style);
  if (classes === '' && css === '') return text;
  // The property, not the attribute: the page's policy lets no style attributes through.
  return html`<span class=${classes} .style=${css}>${text}</span>`;
}

function classesOf(style: AnsiStyle, inert: boolean): string {
  const { foreground, background } = shownColors(style);
  const classes = (['bold', 'dim', 'italic', 'underline', 'strike'] as const).filter((name) => style[name]);
  return [
    ...classes,
    ...(style.inverse ? ['inverse'] : []),
    ...(inert ? ['inert'] : []),
    ...(typeof foreground === 'number' ? [`fg-${foreground}`] : []),
    ...(typeof background === 'number' ? [`bg-${background}`] : []),
  ].join(' ');
}

function cssOf(style: AnsiStyle): string {
  const { foreground, background } = shownColors(style);
  const rules: string[] = [];
  if (typeof foreground === 'string') rules.push(`color: ${foreground}`);
  if (typeof background === 'string') rules.push(`background-color: ${background}`);
  return rules.join('; ');
}

function shownColors(style: AnsiStyle): {
  foreground?: AnsiColor | undefined;
  background?: AnsiColor | undefined;
} {
  return style.inverse
    ? { foreground: style.background, background: style.foreground }
    : { foreground: style.foreground, background: style.background };
}
