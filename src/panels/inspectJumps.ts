import type { JsonPath } from '../model/oci/json.js';
import type { PanelTarget } from '../protocol/panel.js';
import { Emitter, type Event } from '../util/event.js';

const keyOf = ({ nodeId, endpoint, id }: PanelTarget): string => JSON.stringify([nodeId, endpoint, id]);

/** Values that spec panels are to show. Kept until the panel's page takes it: a hidden panel has no page to tell. */
export class SpecJumps {
  readonly #wanted = new Map<string, JsonPath>();
  readonly #asked = new Emitter<PanelTarget>();
  readonly onDidAsk: Event<PanelTarget> = this.#asked.event;

  ask(target: PanelTarget, path: JsonPath): void {
    this.#wanted.set(keyOf(target), path);
    this.#asked.fire(target);
  }

  take(target: PanelTarget): JsonPath | undefined {
    const path = this.#wanted.get(keyOf(target));
    this.#wanted.delete(keyOf(target));
    return path;
  }

  /** Whether two targets are of one panel. */
  static isSame(one: PanelTarget, other: PanelTarget): boolean {
    return keyOf(one) === keyOf(other);
  }
}
