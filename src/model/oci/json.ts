import { runNow, type Steps } from '../steps.js';
import { JsonScanner } from './jsonScanner.js';

/**
 * JSON that keeps what JSON.parse loses: numbers as they were written (a 64-bit limit is beyond 2^53), keys that
 * occur twice, and where each value stands in the text. Nesting costs memory, never stack.
 */

/** A way from the document's root: keys and indices. */
export type JsonPath = readonly (string | number)[];

interface Span {
  /** Offsets in the text that was parsed, in UTF-16 units; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
}

/** `text` of a string is decoded; of a number, boolean or null it is as written. */
export interface JsonScalar extends Span {
  readonly type: 'string' | 'number' | 'boolean' | 'null';
  readonly text: string;
}

export interface JsonArray extends Span {
  readonly type: 'array';
  readonly items: readonly JsonNode[];
}

/** Of a key that occurs twice the last value counts, as in Go and JavaScript. */
export interface JsonObject extends Span {
  readonly type: 'object';
  readonly members: ReadonlyMap<string, JsonNode>;
  /** Keys that occur more than once. */
  readonly duplicates: readonly string[];
}

export type JsonNode = JsonScalar | JsonArray | JsonObject;
export type JsonType = JsonNode['type'];

/** Parses a document. @throws SyntaxError that says where, and quotes nothing of the text */
export const parseJson = (text: string): JsonNode => runNow(parsing(text));

/** As {@link parseJson}, in steps. */
export function* parsing(text: string): Steps<JsonNode> {
  const scanner = new JsonScanner(text);
  const builder = new TreeBuilder(text);
  while (scanner.next()) {
    if (builder.add(scanner)) yield;
  }
  return builder.root;
}

type OpenContainer = OpenArray | OpenObject;

interface OpenArray {
  readonly type: 'array';
  readonly start: number;
  readonly items: JsonNode[];
}

interface OpenObject {
  readonly type: 'object';
  readonly start: number;
  readonly members: Map<string, JsonNode>;
  duplicates: string[] | undefined;
  /** Of the member whose value comes next. */
  key: string;
}

const noDuplicates: readonly string[] = [];

class TreeBuilder {
  readonly #stack: OpenContainer[] = [];
  #root: JsonNode | undefined;

  constructor(private readonly text: string) {}

  get root(): JsonNode {
    if (!this.#root) throw new SyntaxError('no value');
    return this.#root;
  }

  /** Whether the token was a value, or the start of one. */
  add(token: JsonScanner): boolean {
    const { kind, start, end } = token;
    switch (kind) {
      case '{':
        this.#stack.push({ type: 'object', start, members: new Map(), duplicates: undefined, key: '' });
        return true;
      case '[':
        this.#stack.push({ type: 'array', start, items: [] });
        return true;
      case '}':
      case ']':
        this.#close(end);
        return false;
      case 'key': {
        const open = this.#stack.at(-1);
        if (open?.type === 'object') open.key = this.#decoded(token);
        return false;
      }
      case 'string':
        this.#value({ type: 'string', text: this.#decoded(token), start, end });
        return true;
      case 'scalar': {
        const text = this.text.slice(start, end);
        this.#value({ type: scalarType(text), text, start, end });
        return true;
      }
      default:
        return false;
    }
  }

  #decoded({ start, end, escaped }: JsonScanner): string {
    return escaped
      ? (JSON.parse(this.text.slice(start, end)) as string)
      : this.text.slice(start + 1, end - 1);
  }

  #close(end: number): void {
    const open = this.#stack.pop();
    if (!open) return;
    const { type, start } = open;
    if (type === 'array') this.#value({ type, start, end, items: open.items });
    else {
      const { members, duplicates = noDuplicates } = open;
      this.#value({ type, start, end, members, duplicates });
    }
  }

  #value(node: JsonNode): void {
    const open = this.#stack.at(-1);
    if (!open) this.#root = node;
    else if (open.type === 'array') open.items.push(node);
    else {
      const { key, members } = open;
      if (members.has(key)) (open.duplicates ??= []).push(key);
      members.set(key, node);
    }
  }
}

function scalarType(written: string): 'number' | 'boolean' | 'null' {
  if (written === 'null') return 'null';
  return written === 'true' || written === 'false' ? 'boolean' : 'number';
}

/** A path as jq takes it: `.process.env[3]`, `.annotations["io.kubernetes.cri.sandbox-id"]`; `.` for the root. */
export function pathText(path: JsonPath): string {
  const text = path
    .map((step) => {
      if (typeof step === 'number') return `[${step}]`;
      return /^[A-Za-z_]\w*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    })
    .join('');
  return text.startsWith('.') ? text : `.${text}`;
}

/** The value at a path, if there is one. */
export function nodeAt(root: JsonNode, path: JsonPath): JsonNode | undefined {
  let node: JsonNode | undefined = root;
  for (const step of path) {
    if (node?.type === 'object' && typeof step === 'string') node = node.members.get(step);
    else if (node?.type === 'array' && typeof step === 'number') node = node.items[step];
    else return undefined;
  }
  return node;
}
