import { isScalar } from '../cursor.js';
import { clip } from '../../visible.js';
import { nodeAt, type JsonNode, type JsonPath } from '../json.js';

/** Longer values are cut where a sentence quotes them. */
const longestQuote = 120;
const longestJson = 2000;
const deepestJson = 8;

export function at(node: JsonNode | undefined, ...path: JsonPath): JsonNode | undefined {
  const found = node && nodeAt(node, path);
  return found?.type === 'null' ? undefined : found;
}

/** A scalar's text; undefined of anything else. */
export function textOf(node: JsonNode | undefined): string | undefined {
  return node && isScalar(node) && node.type !== 'null' ? node.text : undefined;
}

export function itemsOf(node: JsonNode | undefined): readonly JsonNode[] {
  return node?.type === 'array' ? node.items : [];
}

/** The texts of a list; what is no scalar counts as empty. */
export function textsOf(node: JsonNode | undefined): string[] {
  return itemsOf(node).map((item) => textOf(item) ?? '');
}

export function membersOf(node: JsonNode | undefined): Iterable<readonly [string, JsonNode]> {
  return node?.type === 'object' ? node.members : [];
}

export function isEmpty(node: JsonNode): boolean {
  if (node.type === 'array') return node.items.length === 0;
  return node.type === 'object' ? node.members.size === 0 : node.type === 'null';
}

/**
 * A scalar's text, unless it is what Go leaves out of JSON: an empty string, 0 and false are as if not asked for. `"0"` as
 * a string is asked for (`cpuset_cpus`, an image's User).
 */
export function askedText(node: JsonNode | undefined): string | undefined {
  const text = textOf(node);
  if (node?.type === 'number' && text === '0') return undefined;
  return text === '' || (node?.type === 'boolean' && text === 'false') ? undefined : text;
}

/** A scalar's text, or the JSON of another value; cut when it is long. */
export function shownValue(node: JsonNode): string {
  return isScalar(node) ? node.text : clip(compact(node, 0), longestJson);
}

/** For a sentence: short, and on one line. */
export function quote(value: JsonNode | string | undefined): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? value : shownValue(value);
  return text === '' ? '“”' : clip(text.replace(/\s+/g, ' '), longestQuote);
}

/** Whether both hold the same, in whatever order. */
export function sameSet(left: readonly string[], right: readonly string[]): boolean {
  const ours = new Set(left);
  const theirs = new Set(right);
  return ours.size === theirs.size && [...ours].every((text) => theirs.has(text));
}

function compact(node: JsonNode, depth: number): string {
  switch (node.type) {
    case 'string':
      return JSON.stringify(node.text.slice(0, longestJson));
    case 'array':
    case 'object': {
      if (depth >= deepestJson) return '…';
      const parts: string[] = [];
      let length = 0;
      const entries = node.type === 'array' ? node.items.map((item) => ['', item] as const) : node.members;
      for (const [key, item] of entries) {
        const text = compact(item, depth + 1);
        parts.push(node.type === 'array' ? text : `${JSON.stringify(key)}:${text}`);
        length += text.length + key.length;
        if (length > longestJson) break;
      }
      return node.type === 'array' ? `[${parts.join(',')}]` : `{${parts.join(',')}}`;
    }
    default:
      return node.text;
  }
}
