import { signature, type ViewNode } from './viewNode.js';

/** What to paint anew: everything, or these items and what is below them. */
export type Repaint = 'all' | readonly string[];

interface Entry {
  readonly node: ViewNode;
  readonly parent: string | undefined;
  readonly signature: string;
  /** The ids of the children, once somebody asked for them. */
  children: readonly string[] | undefined;
}

/**
 * Remembers which items were handed out and how they looked, so that an update repaints only what changed and
 * builds only what was looked at before.
 */
export class PaintedTree {
  #roots: readonly ViewNode[] = [];
  #entries = new Map<string, Entry>();

  node(id: string): ViewNode | undefined {
    return this.#entries.get(id)?.node;
  }

  parent(id: string): string | undefined {
    return this.#entries.get(id)?.parent;
  }

  /** Ids of the children of an item, or of the roots; from now on they are compared. */
  children(parent: string | undefined, now: number): readonly string[] {
    const owner = parent === undefined ? undefined : this.#entries.get(parent);
    if (parent !== undefined && owner === undefined) return [];
    const nodes = owner ? owner.node.children() : this.#roots;
    for (const node of nodes) {
      const children = this.#entries.get(node.id)?.children;
      this.#entries.set(node.id, { node, parent, signature: signature(node, now), children });
    }
    const ids = nodes.map(({ id }) => id);
    if (owner) owner.children = ids;
    return ids;
  }

  /** Takes the new tree and says what of the old picture it makes wrong. */
  update(roots: readonly ViewNode[], now: number): Repaint {
    const old = this.#entries;
    const before = this.#roots;
    this.#roots = roots;
    this.#entries = new Map();
    const changed: string[] = [];
    for (const root of roots) this.#carry(old, root, undefined, now, changed);
    return sameIds(before, roots) ? changed : 'all';
  }

  /** @param changed receives the topmost changed ids; undefined below one of them */
  #carry(
    old: ReadonlyMap<string, Entry>,
    node: ViewNode,
    parent: string | undefined,
    now: number,
    changed: string[] | undefined,
  ): void {
    const was = old.get(node.id);
    if (was === undefined) return;
    const look = signature(node, now);
    const children = was.children === undefined ? undefined : node.children();
    const ids = children?.map(({ id }) => id);
    this.#entries.set(node.id, { node, parent, signature: look, children: ids });
    const same = look === was.signature && (ids === undefined || equal(ids, was.children ?? []));
    if (!same) changed?.push(node.id);
    for (const child of children ?? []) this.#carry(old, child, node.id, now, same ? changed : undefined);
  }
}

const equal = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((each, index) => each === b[index]);

const sameIds = (a: readonly ViewNode[], b: readonly ViewNode[]): boolean =>
  equal(
    a.map(({ id }) => id),
    b.map(({ id }) => id),
  );
