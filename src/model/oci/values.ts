import { nodeAt, type JsonNode, type JsonPath } from './json.js';

/** Values of a config.json by their path. What is missing or of another type is as good as absent; nothing throws. */

/** Longer ones are beyond 64 bits, and a hostile million of digits would take seconds to become a bigint. */
const longestInteger = 20;

export function textAt(root: JsonNode, path: JsonPath): string | undefined {
  const node = nodeAt(root, path);
  return node?.type === 'string' ? node.text : undefined;
}

export function integerAt(root: JsonNode, path: JsonPath): bigint | undefined {
  const node = nodeAt(root, path);
  return node?.type === 'number' ? integerOf(node.text) : undefined;
}

/** A decimal integer of at most 20 characters, as 64-bit numbers are; undefined for any other text. */
export function integerOf(text: string): bigint | undefined {
  return text.length <= longestInteger && /^-?\d+$/.test(text) ? BigInt(text) : undefined;
}

export function isTrueAt(root: JsonNode, path: JsonPath): boolean {
  const node = nodeAt(root, path);
  return node?.type === 'boolean' && node.text === 'true';
}

/** Whether there is anything but null. */
export function isSetAt(root: JsonNode, path: JsonPath): boolean {
  const node = nodeAt(root, path);
  return node !== undefined && node.type !== 'null';
}

export function itemsAt(root: JsonNode, path: JsonPath): readonly JsonNode[] {
  const node = nodeAt(root, path);
  return node?.type === 'array' ? node.items : [];
}

/** The strings of a list; items of another type are left out. */
export function textsAt(root: JsonNode, path: JsonPath): readonly string[] {
  return itemsAt(root, path).flatMap((item) => (item.type === 'string' ? [item.text] : []));
}

/** A scalar as it is written. */
export function nodeText(root: JsonNode, path: JsonPath): string | undefined {
  const node = nodeAt(root, path);
  return node === undefined || node.type === 'array' || node.type === 'object' ? undefined : node.text;
}
