/** A bracket, comma or colon (is its own name), a member's key, another string, or another scalar. */
export type JsonTokenKind = '{' | '}' | '[' | ']' | ',' | ':' | 'key' | 'string' | 'scalar';

/** What the grammar allows next. */
type Expected = 'value' | 'itemOrEnd' | 'keyOrEnd' | 'key' | 'colon' | 'commaOrEnd' | 'nothing';

/**
 * The tokens of a JSON text (RFC 8259), one after the other, without recursion and without an object each. Checks the whole
 * grammar on the way, so that no step takes as long as JSON.parse of a large text does.
 */
export class JsonScanner {
  kind: JsonTokenKind = 'scalar';
  /** Offsets of the token in UTF-16 units; `end` is exclusive. */
  start = 0;
  end = 0;
  /** Of a string: whether its text is another than what stands between the quotes. */
  escaped = false;
  #expected: Expected = 'value';
  /** The open containers from the outside in: whether each is an object. */
  readonly #objects: boolean[] = [];
  // Their own, since they remember where they are.
  readonly #special = /["\\\u0000-\u001f]/g; // eslint-disable-line no-control-regex -- JSON forbids them in strings
  readonly #escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
  readonly #scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;

  constructor(private readonly text: string) {}

  /** Goes to the next token; false at the end. @throws SyntaxError where the text is no JSON, without quoting it */
  next(): boolean {
    const { text } = this;
    let at = this.end;
    while (isSpace(text.charCodeAt(at))) at++;
    this.start = at;
    if (at >= text.length) {
      if (this.#expected !== 'nothing') this.#fail();
      return false;
    }
    const character = text.charAt(at);
    switch (character) {
      case '{':
      case '[':
        this.#open(character);
        break;
      case '}':
      case ']':
        this.#close(character);
        break;
      case ',':
        if (this.#expected !== 'commaOrEnd') this.#fail();
        this.#punctuation(',', this.#objects.at(-1) === true ? 'key' : 'value');
        break;
      case ':':
        if (this.#expected !== 'colon') this.#fail();
        this.#punctuation(':', 'value');
        break;
      case '"':
        this.#string();
        break;
      default:
        this.#value();
        this.#scalar.lastIndex = at;
        if (!this.#scalar.test(text)) this.#fail();
        this.kind = 'scalar';
        this.end = this.#scalar.lastIndex;
    }
    return true;
  }

  #punctuation(kind: JsonTokenKind, expected: Expected): void {
    this.kind = kind;
    this.end = this.start + 1;
    this.#expected = expected;
  }

  #open(kind: '{' | '['): void {
    this.#value();
    this.#objects.push(kind === '{');
    this.#punctuation(kind, kind === '{' ? 'keyOrEnd' : 'itemOrEnd');
  }

  #close(kind: '}' | ']'): void {
    const empty = kind === '}' ? 'keyOrEnd' : 'itemOrEnd';
    const fits = this.#expected === empty || this.#expected === 'commaOrEnd';
    if (!fits || this.#objects.pop() !== (kind === '}')) this.#fail();
    this.#punctuation(kind, this.#afterValue);
  }

  #string(): void {
    if (this.#expected === 'key' || this.#expected === 'keyOrEnd') {
      this.kind = 'key';
      this.#expected = 'colon';
    } else {
      this.#value();
      this.kind = 'string';
    }
    this.escaped = false;
    const { text } = this;
    for (let at = this.start + 1; ; at = this.#escape.lastIndex) {
      this.#special.lastIndex = at;
      if (!this.#special.test(text)) this.#fail();
      const found = this.#special.lastIndex;
      if (text.charCodeAt(found - 1) === quote) {
        this.end = found;
        return;
      }
      this.escaped = true;
      this.#escape.lastIndex = found - 1;
      if (!this.#escape.test(text)) this.#fail();
    }
  }

  /** A value may stand here; what follows it is set. */
  #value(): void {
    if (this.#expected !== 'value' && this.#expected !== 'itemOrEnd') this.#fail();
    this.#expected = this.#afterValue;
  }

  get #afterValue(): Expected {
    return this.#objects.length === 0 ? 'nothing' : 'commaOrEnd';
  }

  #fail(): never {
    throw new SyntaxError(`The text is no JSON at position ${this.start}; it may be cut short.`);
  }
}

const quote = 0x22;

/** Space, newline, return, tab. */
const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
