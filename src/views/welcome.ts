import type { NodeConnection } from '../runtime/nodes.js';

/** Which welcome page stands in for the tree; see viewsWelcome in package.json. */
export type Welcome = 'loading' | 'empty' | 'denied' | 'failed' | 'disabled';

/** Undefined when there is a tree to show: any runtime, or more than this machine. */
export function welcomeOf(nodes: readonly NodeConnection[]): Welcome | undefined {
  const [node, ...others] = nodes;
  if (node === undefined) return 'disabled';
  if (others.length > 0 || node.kind !== 'local' || node.runtimes.length > 0) return undefined;
  if (node.state === 'connecting') return 'loading';
  const states = new Set(node.endpoints.map(({ state }) => state));
  if (states.has('denied')) return 'denied';
  states.delete('absent');
  return states.size > 0 || (node.endpoints.length === 0 && node.reason !== undefined) ? 'failed' : 'empty';
}
