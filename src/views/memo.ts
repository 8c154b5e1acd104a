import type { ViewNode } from './viewNode.js';

/**
 * Remembers the items made of parts of a snapshot. Unchanged parts of successive snapshots are the same objects, so
 * what they look like need not be worked out anew with each refresh.
 */
export class Memo {
  readonly #made = new WeakMap<object, { readonly variant: string; readonly node: ViewNode }>();

  /** @param variant all that the item depends on besides the part */
  of(part: object, variant: string, make: () => ViewNode): ViewNode {
    const known = this.#made.get(part);
    if (known?.variant === variant) return known.node;
    const node = make();
    this.#made.set(part, { variant, node });
    return node;
  }
}
