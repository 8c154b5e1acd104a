import { timeText, type TimeStyle } from '../../src/model/log/time.js';
import { idOf } from './list.js';
import { plainText, type Row } from './rows.js';

/** Rows as plain text, a line each. */
export function rowsText(rows: readonly Row[], times: TimeStyle): string {
  return rows
    .flatMap(({ item }) => (item.kind === 'line' ? [withTime(times, item, plainText(item))] : []))
    .join('\n');
}

function withTime(times: TimeStyle, item: { time?: string; ms?: number }, text: string): string {
  const time = timeText(times, item);
  return time === '' ? text : `${time} ${text}`;
}

/**
 * The selected part of the log as plain text: whole lines but for the first and the last one, of which only what is
 * selected is taken. Undefined when the selection isn't one of lines of the log.
 */
export function selectedText(
  selection: Selection,
  rows: readonly Row[],
  times: TimeStyle,
): string | undefined {
  if (selection.isCollapsed || selection.rangeCount === 0) return undefined;
  const range = selection.getRangeAt(0);
  const first = idOf(range.startContainer);
  const last = idOf(range.endContainer);
  if (first === undefined || last === undefined) return undefined;
  // Within one line the browser knows best.
  if (first === last) return selection.toString();
  const chosen = rows.filter(({ id, item }) => id >= first && id <= last && item.kind === 'line');
  const lines = chosen.map((row) => {
    if (row.id === first) return partOf(range.startContainer, range, 'from') ?? rowsText([row], times);
    if (row.id === last) return partOf(range.endContainer, range, 'to') ?? '';
    return rowsText([row], times);
  });
  return lines.join('\n');
}

/** Of a row's text, what the range has; undefined when the range doesn't begin or end in the text itself. */
function partOf(node: Node, range: Range, side: 'from' | 'to'): string | undefined {
  const element = node instanceof Element ? node : node.parentElement;
  const text = element?.closest('.text');
  if (!text) return undefined;
  const part = document.createRange();
  part.selectNodeContents(text);
  if (side === 'from') part.setStart(range.startContainer, range.startOffset);
  else part.setEnd(range.endContainer, range.endOffset);
  return part.toString();
}
