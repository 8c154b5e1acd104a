import type { Stay } from '../shell/launcher.js';

/**
 * Counts the sessions over one master. sshd(8) allows MaxSessions of them (10 by default) and tells the number to nobody: it
 * is learnt when one is refused. From then on short commands wait for their turn, lasting ones leave them a place, and
 * spare ones are not opened.
 */
export class Sessions {
  #limit = Infinity;
  readonly #open: Record<Stay, number> = { short: 0, lasting: 0, spare: 0 };
  readonly #waiting = new Set<() => void>();

  get open(): number {
    return this.#open.short + this.#open.lasting + this.#open.spare;
  }

  /** Resolves with true when a session may be opened, false when only a connection of its own will do. */
  async take(stay: Stay): Promise<boolean> {
    if (stay === 'spare' && this.#limit !== Infinity) return false;
    const most = stay === 'lasting' ? this.#limit - 1 : this.#limit;
    while (this.open >= most) {
      // Lasting ones hold all places; spare ones are about to end.
      if (this.#open.spare === 0 && (stay === 'lasting' || this.#open.short === 0)) return false;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
    this.#open[stay]++;
    return true;
  }

  release(stay: Stay): void {
    this.#open[stay]--;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** A session was refused, and released. */
  refused(): void {
    this.#limit = Math.max(1, this.open);
  }
}
