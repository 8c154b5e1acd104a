import { runNow, type Steps } from '../steps.js';

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

/** Parses a document. @throws SyntaxError with JSON.parse's own message */
export const parseJson = (text: string): JsonNode => runNow(parsing(text));

/** As {@link parseJson}, in steps. */
export function* parsing(text: string): Steps<JsonNode> {
  // Checks the whole grammar (and does so without recursion), so that what follows can trust the text.
  JSON.parse(text);
  yield;
  const builder = new TreeBuilder(text);
  for (const token of tokens(text)) {
    builder.add(token);
    yield;
  }
  return builder.root;
}

/** A bracket, comma or colon (its `kind` is itself), a string, or another scalar. */
export interface JsonToken extends Span {
  readonly kind: '{' | '}' | '[' | ']' | ',' | ':' | 'string' | 'scalar';
}

/** The tokens of a text that is known to be valid JSON. */
export function* tokens(text: string): Generator<JsonToken, void> {
  let at = 0;
  while (at < text.length) {
    const start = at;
    const character = text.charAt(at++);
    switch (character) {
      case ' ':
      case '\n':
      case '\r':
      case '\t':
        continue;
      case '{':
      case '}':
      case '[':
      case ']':
      case ',':
      case ':':
        yield { kind: character, start, end: at };
        break;
      case '"':
        at = endOfString(text, at);
        yield { kind: 'string', start, end: at };
        break;
      default:
        while (at < text.length && !' \n\r\t,:]}'.includes(text.charAt(at))) at++;
        yield { kind: 'scalar', start, end: at };
    }
  }
}

function endOfString(text: string, from: number): number {
  for (let quote = text.indexOf('"', from); ; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (text.charAt(quote - 1 - slashes) === '\\') slashes++;
    if (slashes % 2 === 0) return quote + 1;
  }
}

interface OpenContainer {
  readonly type: 'array' | 'object';
  readonly start: number;
  readonly items: JsonNode[];
  readonly members: Map<string, JsonNode>;
  readonly duplicates: string[];
  /** The key whose value comes next. */
  key: string | undefined;
}

class TreeBuilder {
  readonly #stack: OpenContainer[] = [];
  #root: JsonNode | undefined;

  constructor(private readonly text: string) {}

  get root(): JsonNode {
    if (!this.#root) throw new SyntaxError('no value');
    return this.#root;
  }

  add(token: JsonToken): void {
    switch (token.kind) {
      case '{':
      case '[':
        this.#stack.push({
          type: token.kind === '{' ? 'object' : 'array',
          start: token.start,
          items: [],
          members: new Map(),
          duplicates: [],
          key: undefined,
        });
        break;
      case '}':
      case ']':
        this.#close(token.end);
        break;
      case 'string':
      case 'scalar':
        this.#scalar(token);
        break;
    }
  }

  #close(end: number): void {
    const open = this.#stack.pop();
    if (!open) return;
    const { type, start, items, members, duplicates } = open;
    this.#value(type === 'array' ? { type, start, end, items } : { type, start, end, members, duplicates });
  }

  #scalar({ kind, start, end }: JsonToken): void {
    const written = this.text.slice(start, end);
    if (kind === 'scalar') {
      this.#value({ type: scalarType(written), text: written, start, end });
      return;
    }
    const text = written.includes('\\') ? (JSON.parse(written) as string) : written.slice(1, -1);
    const open = this.#stack.at(-1);
    if (open?.type === 'object' && open.key === undefined) open.key = text;
    else this.#value({ type: 'string', text, start, end });
  }

  #value(node: JsonNode): void {
    const open = this.#stack.at(-1);
    if (!open) this.#root = node;
    else if (open.type === 'array') open.items.push(node);
    else if (open.key !== undefined) {
      if (open.members.has(open.key)) open.duplicates.push(open.key);
      open.members.set(open.key, node);
      open.key = undefined;
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
