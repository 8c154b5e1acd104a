import type { JsonNode, JsonPath } from './json.js';
import { looksSecret, secretName } from './secrets.js';
import type { SpecReading, SpecRow } from './spec.js';

/** A step of the way to masked rows. */
interface Step {
  masked: boolean;
  readonly next: Map<string | number, Step>;
}

/** Which places of a config.json are masked, for what else is told of them. */
export class SecretPaths {
  readonly #root: Step = { masked: false, next: new Map() };

  constructor(reading: SpecReading) {
    const add = ({ path, secret, children = [] }: SpecRow): void => {
      if (secret) this.#mask(path);
      children.forEach(add);
    };
    for (const { rows } of reading.sections) rows.forEach(add);
  }

  /** Whether a row is masked that stands at a path, further in, or further out. */
  touches(path: JsonPath): boolean {
    let at = this.#root;
    for (const step of path) {
      const next = at.next.get(step);
      if (!next) return false;
      if (next.masked) return true;
      at = next;
    }
    return path.length > 0;
  }

  #mask(path: JsonPath): void {
    let at = this.#root;
    for (const step of path) {
      const next = at.next.get(step) ?? { masked: false, next: new Map<string | number, Step>() };
      at.next.set(step, next);
      at = next;
    }
    at.masked = true;
  }

  /** Whether a value at a path looks like a secret, also one that no row has. */
  hides(path: JsonPath, node: JsonNode): boolean {
    if (this.touches(path) || path.some((step) => typeof step === 'string' && secretName(step))) return true;
    if (node.type === 'array' || node.type === 'object') return false;
    const [name = '', ...rest] = path.includes('env') ? node.text.split('=') : [''];
    return looksSecret(name, path.includes('env') ? rest.join('=') : node.text);
  }
}
