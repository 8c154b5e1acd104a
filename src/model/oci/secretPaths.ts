import { pathText, type JsonNode, type JsonPath } from './json.js';
import { looksSecret, secretName } from './secrets.js';
import type { SpecReading, SpecRow } from './spec.js';

/** Which places of a config.json are masked, for what else is told of them. */
export class SecretPaths {
  readonly #masked = new Set<string>();
  /** The same, and what they are in. */
  readonly #touched = new Set<string>();

  constructor(reading: SpecReading) {
    const add = ({ path, secret, children = [] }: SpecRow): void => {
      if (secret) {
        this.#masked.add(pathText(path));
        for (let length = path.length; length > 0; length--)
          this.#touched.add(pathText(path.slice(0, length)));
      }
      children.forEach(add);
    };
    for (const { rows } of reading.sections) rows.forEach(add);
  }

  /** Whether a row is masked that stands at a path, further in, or further out. */
  touches(path: JsonPath): boolean {
    if (this.#touched.has(pathText(path))) return true;
    for (let length = path.length - 1; length > 0; length--)
      if (this.#masked.has(pathText(path.slice(0, length)))) return true;
    return false;
  }

  /** Whether a value at a path looks like a secret, also one that no row has. */
  hides(path: JsonPath, node: JsonNode): boolean {
    if (this.touches(path) || path.some((step) => typeof step === 'string' && secretName(step))) return true;
    if (node.type === 'array' || node.type === 'object') return false;
    const [name = '', ...rest] = path.includes('env') ? node.text.split('=') : [''];
    return looksSecret(name, path.includes('env') ? rest.join('=') : node.text);
  }
}
