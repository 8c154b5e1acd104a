import type { Ancestry, ProcessInfo } from '../process.js';
import { programOf } from '../runtimes/family.js';

/** What an ancestry's links are to the chain. */
export interface Parts {
  readonly monitor?: ProcessInfo;
  readonly first?: ProcessInfo;
  readonly above: readonly ProcessInfo[];
  readonly children: readonly ProcessInfo[];
}

export function partsOf({ links }: Ancestry): Parts {
  const index = links.findIndex(({ role }) => role === 'sandbox' || role === 'container');
  const first = links[index];
  if (!first) return { above: links, children: [] };
  const above = links.slice(0, index);
  const monitor = above.findLast(({ role }) => role === 'shim' || role === 'monitor');
  return { first, above, children: links.slice(index + 1), ...(monitor ? { monitor } : {}) };
}

export const programIn = ({ command }: ProcessInfo): string => programOf({ argv: command, comm: '?' });
