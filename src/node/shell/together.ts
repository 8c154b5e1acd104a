import { breathe, orAborted } from '../../util/async.js';

interface Round<A> {
  readonly keys: Set<string>;
  readonly answers: Promise<ReadonlyMap<string, A>>;
  readonly end: AbortController;
  waiting: number;
}

/** Gathers what is asked for in one turn of the event loop and has it answered at once: one round trip for all. */
export class Together<A> {
  readonly #answer: (keys: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, A>>;
  #round: Round<A> | undefined;

  /** @param answer has an answer for each key; its signal aborts when nobody waits any more */
  constructor(answer: (keys: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, A>>) {
    this.#answer = answer;
  }

  async ask(key: string, signal?: AbortSignal): Promise<A> {
    signal?.throwIfAborted();
    const round = (this.#round ??= this.#begin());
    round.keys.add(key);
    round.waiting++;
    try {
      return (await orAborted(round.answers, signal)).get(key) as A;
    } finally {
      if (--round.waiting === 0) {
        if (this.#round === round) this.#round = undefined;
        round.end.abort(new Error('nobody waits for the answer'));
      }
    }
  }

  #begin(): Round<A> {
    const keys = new Set<string>();
    const end = new AbortController();
    const answers = breathe().then(() => {
      if (this.#round?.end === end) this.#round = undefined;
      end.signal.throwIfAborted();
      return this.#answer([...keys], end.signal);
    });
    return { keys, answers, end, waiting: 0 };
  }
}
