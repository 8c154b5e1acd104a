import { runNow, type Steps } from '../steps.js';
import { nodeAt, parsing, type JsonPath } from './json.js';
import { JsonScanner } from './jsonScanner.js';

/** Deeper levels are not indented further: a hostile text of 10,000 levels would grow to hundreds of megabytes. */
const deepestIndent = 60;
/** Joined at once; a million of them at the end would take longer than a turn may. */
const partsAtOnce = 4096;

/**
 * Sets valid JSON out in lines, two spaces a level. Scalars, duplicate keys and the order of keys stay as written.
 * @throws SyntaxError when it is no JSON
 */
export const prettyJson = (text: string): string => runNow(layingOut(text));

/** As {@link prettyJson}, in steps. */
export function* layingOut(text: string): Steps<string> {
  const scanner = new JsonScanner(text);
  const done: string[] = [];
  let parts: string[] = [];
  let depth = 0;
  let opened = false;
  const newLine = (): void => void parts.push('\n', '  '.repeat(Math.min(depth, deepestIndent)));
  while (scanner.next()) {
    const { kind, start, end } = scanner;
    const closing = kind === '}' || kind === ']';
    if (closing) depth--;
    // An empty container stays on one line.
    if (closing ? !opened : opened) newLine();
    opened = kind === '{' || kind === '[';
    if (opened) depth++;
    parts.push(text.slice(start, end));
    if (kind === ',') newLine();
    else if (kind === ':') parts.push(' ');
    if (parts.length >= partsAtOnce) {
      done.push(parts.join(''));
      parts = [];
    }
    yield;
  }
  parts.push('\n');
  return [...done, ...parts].join('');
}

export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * Where the value at a path stands in a JSON text, in UTF-16 units.
 * @throws SyntaxError when it is no JSON
 */
export const spanOf = (text: string, path: JsonPath): TextSpan | undefined => runNow(findingSpan(text, path));

/** As {@link spanOf}, in steps. */
export function* findingSpan(text: string, path: JsonPath): Steps<TextSpan | undefined> {
  const node = nodeAt(yield* parsing(text), path);
  return node && { start: node.start, end: node.end };
}

/**
 * The text of the value at a path, exactly as written; for instance `runtimeSpec` out of CRI's verbose info without
 * passing its numbers through JavaScript's. Undefined when there is none.
 * @throws SyntaxError when it is no JSON
 */
export const valueText = (text: string, path: JsonPath): string | undefined =>
  runNow(findingText(text, path));

/** As {@link valueText}, in steps. */
export function* findingText(text: string, path: JsonPath): Steps<string | undefined> {
  const span = yield* findingSpan(text, path);
  return span && text.slice(span.start, span.end);
}

/**
 * The path of what stands at an offset of a valid JSON text: of a value, or of the member whose key is there. In the
 * space between it is what contains the offset. In steps, since it reads all that stands before.
 */
export function* findingPath(text: string, offset: number): Steps<JsonPath> {
  const scanner = new JsonScanner(text);
  const open: { key: string | number | undefined; readonly list: boolean }[] = [];
  while (scanner.next()) {
    yield;
    const { kind, start, end } = scanner;
    const inside = open.at(-1);
    if (start > offset) break;
    if (kind === 'key' && inside) inside.key = JSON.parse(text.slice(start, end)) as string;
    if (end > offset) break;
    if (kind === '{') open.push({ key: undefined, list: false });
    else if (kind === '[') open.push({ key: 0, list: true });
    else if (kind === '}' || kind === ']') open.pop();
    else if (kind === ',' && inside) inside.key = inside.list ? Number(inside.key) + 1 : undefined;
  }
  return open.map(({ key }) => key).filter((key) => key !== undefined);
}
