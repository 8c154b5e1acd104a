import { runNow, type Steps } from '../steps.js';
import {
  pathText,
  type JsonArray,
  type JsonNode,
  type JsonObject,
  type JsonPath,
  type JsonType,
} from './json.js';
import { looksSecret, mayBeSecret, secretName, secretText } from './secrets.js';
import type { SpecContext, SpecProblem, SpecRow } from './spec.js';

/** Deeper values are shown as text. */
const deepestRow = 12;

/** A reading under way: the text, what was found wrong, and values that no section could make sense of. */
export class Reading {
  readonly problems: SpecProblem[] = [];
  readonly leftovers: SpecRow[] = [];
  readonly #secretNames = new Map<string, boolean>();

  constructor(
    readonly text: string,
    readonly context: SpecContext,
  ) {}

  /** Rows of any value, whatever its type: a scalar's own, or nested ones. */
  row(path: JsonPath, name: string, node: JsonNode, note?: string): SpecRow {
    const noted = note === undefined ? undefined : { note };
    switch (node.type) {
      case 'string':
      case 'number':
      case 'boolean':
      case 'null': {
        const row = { path, name, value: node.text, ...noted };
        return this.isSecret(keyOf(path) ?? name, node.text) ? { ...row, secret: true } : row;
      }
      case 'array':
      case 'object':
        return path.length >= deepestRow
          ? this.raw(path, name, node)
          : { path, name, value: sizeText(node), ...noted, children: this.#inside(path, node) };
    }
  }

  /** As {@link looksSecret}, where many values have few names. */
  isSecret(name: string, value: string): boolean {
    if (!mayBeSecret(value)) return false;
    let byName = this.#secretNames.get(name);
    if (byName === undefined) this.#secretNames.set(name, (byName = secretName(name)));
    return byName || secretText(value);
  }

  /** A value as it was written. */
  raw(path: JsonPath, name: string, node: JsonNode): SpecRow {
    const value = this.text.slice(node.start, node.end);
    return { path, name, value, ...(isSecretText(path, value) ? { secret: true } : {}) };
  }

  /** A list of scalars as one row, its items joined. */
  list(path: JsonPath, name: string, array: JsonArray, separator = ', '): SpecRow {
    const items = array.items.map((item) =>
      isScalar(item) ? item.text : this.text.slice(item.start, item.end),
    );
    return { path, name, value: items.join(separator) };
  }

  /** Notes a value of a wrong type; it is shown as written, among what is left over. */
  wrong(path: JsonPath, expected: string, node: JsonNode): void {
    this.problems.push({
      path,
      message: `${pathText(path)} should be ${expected}, not ${withArticle(node.type)}`,
    });
    this.leftovers.push(this.raw(path, pathText(path), node));
  }

  /** The value as an object. Missing and null are nothing (Go writes null for a nil map). */
  object(path: JsonPath, node: JsonNode | undefined): Cursor | undefined {
    if (node === undefined || node.type === 'null') return undefined;
    if (node.type === 'object') return new Cursor(this, path, node);
    this.wrong(path, 'an object', node);
    return undefined;
  }

  array(path: JsonPath, node: JsonNode | undefined): readonly JsonNode[] {
    if (node === undefined || node.type === 'null') return [];
    if (node.type === 'array') return node.items;
    this.wrong(path, 'a list', node);
    return [];
  }

  #inside(path: JsonPath, node: JsonArray | JsonObject): SpecRow[] {
    if (node.type === 'array') {
      return node.items.map((item, index) => this.row([...path, index], String(index), item));
    }
    return [...node.members].map(([key, member]) => this.row([...path, key], key, member));
  }
}

/** Reads an object member by member and knows which ones nobody asked for, so that none is dropped. */
export class Cursor {
  /** Members that are shown by now: few, as each is asked for by name. */
  readonly #taken: string[] = [];
  #rested = false;

  constructor(
    readonly reading: Reading,
    readonly path: JsonPath,
    readonly node: JsonObject,
  ) {}

  at(key: string): JsonPath {
    return [...this.path, key];
  }

  /** A member's value. After this it counts as shown. */
  take(key: string): JsonNode | undefined {
    const node = this.#isLeft(key) ? this.node.members.get(key) : undefined;
    if (node) this.#taken.push(key);
    return node;
  }

  /** A member's text when it is a scalar; says nothing of it otherwise, and does not count as shown. */
  peek(key: string): string | undefined {
    const node = this.node.members.get(key);
    return node && isScalar(node) ? node.text : undefined;
  }

  /**
   * A row of a scalar member, none when it is missing.
   * @param explain what the value means; asked only when the type is right
   */
  field(
    key: string,
    name: string,
    type: 'string' | 'number' | 'boolean',
    explain?: (text: string) => string | undefined,
  ): SpecRow[] {
    const node = this.take(key);
    if (node === undefined || node.type === 'null') return [];
    if (node.type !== type) {
      const message = `${pathText(this.at(key))} should be a ${type}, not ${withArticle(node.type)}`;
      this.reading.problems.push({ path: this.at(key), message });
      return [this.reading.row(this.at(key), name, node)];
    }
    return [this.reading.row(this.at(key), name, node, explain?.(node.text))];
  }

  /** A row of a member that lists scalars, none when it is missing or empty. */
  listField(key: string, name: string, separator?: string): SpecRow[] {
    const node = this.take(key);
    if (this.reading.array(this.at(key), node).length === 0 || node?.type !== 'array') return [];
    return [this.reading.list(this.at(key), name, node, separator)];
  }

  object(key: string): Cursor | undefined {
    return this.reading.object(this.at(key), this.take(key));
  }

  array(key: string): readonly JsonNode[] {
    return this.reading.array(this.at(key), this.take(key));
  }

  /** Rows of the members nobody asked for, to be shown in place. */
  rest(): SpecRow[] {
    return runNow(this.resting());
  }

  /** As {@link rest}, in steps. */
  *resting(): Steps<SpecRow[]> {
    const rows: SpecRow[] = [];
    for (const [key, node] of this.node.members) {
      if (this.#isLeft(key)) rows.push(this.reading.row(this.at(key), key, node));
      yield;
    }
    this.#rested = true;
    return rows;
  }

  /** Hands the members nobody asked for to the section of everything else, under their full path. */
  leave(): void {
    for (const [key, node] of this.node.members) {
      if (this.#isLeft(key))
        this.reading.leftovers.push(this.reading.row(this.at(key), pathText(this.at(key)), node));
    }
    this.#rested = true;
  }

  #isLeft(key: string): boolean {
    return !this.#rested && !this.#taken.includes(key);
  }
}

export function isScalar(node: JsonNode): node is Exclude<JsonNode, JsonArray | JsonObject> {
  return node.type !== 'array' && node.type !== 'object';
}

/** The last key of a path: what names a value within a list is the list. */
function keyOf(path: JsonPath): string | undefined {
  return path.findLast((step) => typeof step === 'string');
}

/** For text that isn't split into names and values: env is secret as a whole, since nobody can tell. */
function isSecretText(path: JsonPath, text: string): boolean {
  return (
    path.some((step) => step === 'env' || (typeof step === 'string' && secretName(step))) ||
    looksSecret('', text)
  );
}

function sizeText(node: JsonArray | JsonObject): string {
  const count = node.type === 'array' ? node.items.length : node.members.size;
  return node.type === 'array' ? `[${count}]` : `{${count}}`;
}

function withArticle(type: JsonType): string {
  if (type === 'null') return 'null';
  return type === 'array' ? 'a list' : `${type === 'object' ? 'an' : 'a'} ${type}`;
}
