import type { RuntimeSnapshot } from '../snapshot.js';
import { idsIn } from './query.js';

const prefixLength = 12;

/** Where a known id stands in some text. */
export interface KnownId {
  readonly nodeId: string;
  readonly endpoint: string;
  /** The whole id. */
  readonly id: string;
}

/** A picture of a runtime, and where it is of. */
export interface Pictured {
  readonly nodeId: string;
  readonly endpoint: string;
  readonly snapshot: RuntimeSnapshot | undefined;
}

/** The ids of all sandboxes and containers, to be found in text by 12 digits of them or more. */
export class KnownIds {
  #parts: readonly unknown[] = [];
  #byPrefix = new Map<string, KnownId[]>();

  /** Takes the present pictures; cheap while they list the same. */
  update(pictures: readonly Pictured[]): void {
    const parts = pictures.flatMap(({ nodeId, endpoint, snapshot }) => [
      ...[nodeId, endpoint, snapshot?.sandboxes, snapshot?.orphans],
    ]);
    if (parts.length === this.#parts.length && parts.every((part, at) => part === this.#parts[at])) return;
    this.#parts = parts;
    this.#byPrefix = new Map();
    for (const { nodeId, endpoint, snapshot } of pictures) {
      for (const { id } of everything(snapshot)) this.#add({ nodeId, endpoint, id });
    }
  }

  /** What every known id begins with, with blanks between. */
  get prefixes(): string {
    return [...this.#byPrefix.keys()].join(' ');
  }

  /** The one that begins so; undefined when there is none, or when it could be several. */
  find(start: string): KnownId | undefined {
    if (start.length < prefixLength) return undefined;
    const found = this.#byPrefix.get(start.slice(0, prefixLength))?.filter(({ id }) => id.startsWith(start));
    return found?.length === 1 ? found[0] : undefined;
  }

  /** All known ids in a text, in order. */
  findAll(text: string): readonly (KnownId & { readonly index: number; readonly length: number })[] {
    return idsIn(text).flatMap(({ id, index }) => {
      const known = this.find(id);
      return known ? [{ ...known, index, length: id.length }] : [];
    });
  }

  #add(known: KnownId): void {
    const prefix = known.id.slice(0, prefixLength);
    const same = this.#byPrefix.get(prefix);
    if (same) same.push(known);
    else this.#byPrefix.set(prefix, [known]);
  }
}

function* everything(snapshot: RuntimeSnapshot | undefined): Iterable<{ readonly id: string }> {
  for (const sandbox of snapshot?.sandboxes ?? []) {
    yield sandbox;
    yield* sandbox.containers;
  }
  yield* snapshot?.orphans ?? [];
}
