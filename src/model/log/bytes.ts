/** Gathers bytes up to a limit and counts the rest. Copies, so that it doesn't hold on to what was read. */
export class CappedBytes {
  readonly #limit: number;
  #buffer = new Uint8Array();
  #kept = 0;
  #total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes added, kept or not. */
  get total(): number {
    return this.#total;
  }

  get isCut(): boolean {
    return this.#total > this.#kept;
  }

  /** @param length bytes that there were, of which `bytes` are the first */
  add(bytes: Uint8Array, length = bytes.length): void {
    const part = bytes.subarray(0, this.isCut ? 0 : this.#limit - this.#kept);
    this.#reserve(this.#kept + part.length);
    this.#buffer.set(part, this.#kept);
    this.#kept += part.length;
    this.#total += length;
  }

  /** The kept bytes, or the first `limit` of them; valid until the next call. */
  peek(limit = this.#kept): Uint8Array {
    return this.#buffer.subarray(0, Math.min(limit, this.#kept));
  }

  clear(): void {
    this.#buffer = new Uint8Array();
    this.#kept = 0;
    this.#total = 0;
  }

  #reserve(size: number): void {
    if (size <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.min(Math.max(size, this.#buffer.length * 2), this.#limit));
    grown.set(this.peek());
    this.#buffer = grown;
  }
}
