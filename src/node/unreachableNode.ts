import type { Node, NodeError } from './node.js';

/** Stands for a machine whose setting can't be used: whatever is wanted of it fails with the reason. */
export function unreachableNode(kind: Node['kind'], error: NodeError): Node {
  const fail = (): Promise<never> => Promise.reject(error);
  return {
    kind,
    ...{ socket: fail, dial: fail, run: fail, stat: fail, list: fail, readFile: fail, readFiles: fail },
    ...{ sweep: fail, env: fail },
    follow: () => ({ dispose: () => undefined }),
    dispose: () => undefined,
  };
}
