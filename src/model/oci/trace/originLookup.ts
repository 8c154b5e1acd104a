import type { Origin, Trace } from '../insight.js';
import { pathText, type JsonPath } from '../json.js';

/**
 * Finds the origin of any value of a spec: its own, else that of the nearest value that it is in (an option of a mount has
 * the mount's). Undefined of what holds several origins, like `process` or `mounts`.
 */
export function originLookup({ origins }: Trace): (path: JsonPath) => Origin | undefined {
  const byPath = new Map(origins.map((origin) => [pathText(origin.path), origin]));
  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const origin = byPath.get(pathText(path.slice(0, length)));
      // Said of what a list lacks, not of what it has.
      if (origin && (length === path.length || pathText(origin.path) !== '.linux.namespaces')) return origin;
    }
    return undefined;
  };
}
