import { nodeAt, parseJson, tokens, type JsonPath } from './json.js';

/** Deeper levels are not indented further: a hostile text of 10,000 levels would grow to hundreds of megabytes. */
const deepestIndent = 60;

/**
 * Sets valid JSON out in lines, two spaces a level. Scalars, duplicate keys and the order of keys stay as written.
 * @throws SyntaxError when it is no JSON
 */
export function prettyJson(text: string): string {
  JSON.parse(text);
  const parts: string[] = [];
  let depth = 0;
  let opened = false;
  const newLine = (): void => void parts.push('\n', '  '.repeat(Math.min(depth, deepestIndent)));
  for (const { kind, start, end } of tokens(text)) {
    const closing = kind === '}' || kind === ']';
    if (closing) depth--;
    // An empty container stays on one line.
    if (closing ? !opened : opened) newLine();
    opened = kind === '{' || kind === '[';
    if (opened) depth++;
    parts.push(text.slice(start, end));
    if (kind === ',') newLine();
    else if (kind === ':') parts.push(' ');
  }
  parts.push('\n');
  return parts.join('');
}

/**
 * Where the value at a path stands in a JSON text, in UTF-16 units.
 * @throws SyntaxError when it is no JSON
 */
export function spanOf(
  text: string,
  path: JsonPath,
): { readonly start: number; readonly end: number } | undefined {
  const node = nodeAt(parseJson(text), path);
  return node && { start: node.start, end: node.end };
}

/**
 * The text of the value at a path, exactly as written; for instance `runtimeSpec` out of CRI's verbose info without
 * passing its numbers through JavaScript's. Undefined when there is none.
 * @throws SyntaxError when it is no JSON
 */
export function valueText(text: string, path: JsonPath): string | undefined {
  const span = spanOf(text, path);
  return span && text.slice(span.start, span.end);
}
