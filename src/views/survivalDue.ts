import type { Survival } from '../model/survival.js';
import type { RuntimeConnection } from '../runtime/connection.js';
import type { NodeConnection } from '../runtime/nodes.js';

/** A runtime that goes and comes is told of once in so long; the tree says the rest. Milliseconds. */
const quiet = 5 * 60_000;

/** The returns of runtimes that a person is to be told of. */
export class DueReturns {
  readonly #seen = new Map<string, { backAt: number; toldAt: number }>();

  /** Those that were not taken before. */
  take(
    nodes: readonly NodeConnection[],
    now: number,
  ): readonly { readonly runtime: RuntimeConnection; readonly survival: Survival }[] {
    return nodes
      .flatMap(({ runtimes }) => runtimes)
      .flatMap((runtime) => {
        const { survival } = runtime;
        return survival && this.#isDue(runtime, survival, now) ? [{ runtime, survival }] : [];
      });
  }

  #isDue({ nodeId, endpoint }: RuntimeConnection, { backAt, entries }: Survival, now: number): boolean {
    const key = `${nodeId}\0${endpoint}`;
    const seen = this.#seen.get(key) ?? { backAt: 0, toldAt: -Infinity };
    if (seen.backAt === backAt || entries.length === 0) return false;
    const due = now - seen.toldAt >= quiet;
    this.#seen.set(key, { backAt, toldAt: due ? now : seen.toldAt });
    return due;
  }
}
