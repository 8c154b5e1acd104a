/**
 * Counts the sessions over one master. sshd(8) allows MaxSessions of them (10 by default) and tells the number to nobody: it
 * is learnt when one is refused. From then on short commands wait for their turn, and lasting ones leave them a place.
 */
export class Sessions {
  #limit = Infinity;
  #lasting = 0;
  #short = 0;
  readonly #waiting: (() => void)[] = [];

  get open(): number {
    return this.#lasting + this.#short;
  }

  /** Resolves with true when a session may be opened, false when only a connection of its own will do. */
  async take(lasting: boolean): Promise<boolean> {
    if (lasting) {
      if (this.open >= this.#limit - (this.#limit === Infinity ? 0 : 1)) return false;
      this.#lasting++;
      return true;
    }
    while (this.open >= this.#limit) {
      if (this.#short === 0) return false; // Lasting ones hold them all.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#short++;
    return true;
  }

  release(lasting: boolean): void {
    if (lasting) this.#lasting--;
    else this.#short--;
    this.#waiting.shift()?.();
  }

  /** A session was refused, and released. */
  refused(): void {
    this.#limit = Math.max(1, this.open);
  }
}
