import type { ViewNode } from './viewNode.js';

/** Names something in the tree, for `reveal`. */
export interface Target {
  readonly nodeId: string;
  readonly endpoint?: string;
  /** Of a sandbox or container. */
  readonly id?: string;
  /** What became of all that ran when the runtime was away. */
  readonly survival?: true;
}

/** The items from a root down to the target; undefined when it isn't there. Looks only where it can be. */
export function pathTo(roots: readonly ViewNode[], target: Target): readonly ViewNode[] | undefined {
  for (const node of roots) {
    if (!mayHold(node, target)) continue;
    if (isTarget(node, target)) return [node];
    const rest = pathTo(node.children(), target);
    if (rest) return [node, ...rest];
  }
  return undefined;
}

function isTarget({ subject }: ViewNode, { endpoint, id, survival }: Target): boolean {
  switch (subject.kind) {
    case 'node':
      return endpoint === undefined;
    case 'runtime':
      return id === undefined && !survival;
    case 'survival':
      return survival === true;
    case 'sandbox':
      return subject.sandbox.id === id;
    case 'container':
      return subject.container.id === id;
    default:
      return false;
  }
}

function mayHold({ subject }: ViewNode, { nodeId, endpoint, id, survival }: Target): boolean {
  switch (subject.kind) {
    case 'node':
      return subject.node.id === nodeId;
    case 'runtime':
      return subject.runtime.endpoint === endpoint;
    case 'sandbox':
      return subject.sandbox.id === id || subject.sandbox.containers.some((each) => each.id === id);
    case 'survival':
      return survival === true;
    case 'container':
    case 'group':
      return true;
    default:
      return false;
  }
}
