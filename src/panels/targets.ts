import * as vscode from 'vscode';
import type { Found } from '../model/picture.js';
import { clip, visible } from '../model/visible.js';
import { savedTarget, type PanelTarget } from '../protocol/panel.js';
import type { RuntimeConnection } from '../runtime/connection.js';
import type { NodeStore } from '../runtime/nodes.js';

export type { PanelTarget };

export const targetOf = (connection: RuntimeConnection, id: string): PanelTarget => ({
  nodeId: connection.nodeId,
  endpoint: connection.endpoint,
  id,
});

/** A node as a whole. */
export const nodeTarget = (nodeId: string): PanelTarget => ({ nodeId, endpoint: '', id: '' });

/** The target that a panel gave to a command as its argument; undefined for any other argument. */
export const givenTarget = (argument: unknown): PanelTarget | undefined => savedTarget({ target: argument });

export function findConnection(store: NodeStore, target: PanelTarget): RuntimeConnection | undefined {
  return store.nodes
    .find((node) => node.id === target.nodeId)
    ?.runtimes.find((runtime) => runtime.endpoint === target.endpoint);
}

/**
 * The runtime of a target. Just after a window reload none is known yet: then the node is refreshed once.
 * @throws Error with a reason for people when it can't be had
 */
export async function needConnection(
  store: NodeStore,
  target: PanelTarget,
  signal: AbortSignal,
): Promise<RuntimeConnection> {
  const known = findConnection(store, target);
  if (known) return known;
  if (!store.nodes.some((node) => node.id === target.nodeId)) {
    throw new Error(vscode.l10n.t('The node of this panel is not in the settings any more.'));
  }
  await store.refresh(target.nodeId);
  signal.throwIfAborted();
  const found = findConnection(store, target);
  if (found) return found;
  const status = store.nodes
    .find((node) => node.id === target.nodeId)
    ?.endpoints.find((endpoint) => endpoint.endpoint === target.endpoint);
  throw new Error(
    status?.reason ?? vscode.l10n.t('There is no container runtime at {0} now.', target.endpoint),
  );
}

/** `web-0/main` for a container, `web-0` for a sandbox, the id's start for what isn't known. */
export function nameOf(found: Found, id: string): string {
  const names = [found.sandbox?.name, found.container?.name].filter((name) => name !== undefined);
  return clip(visible(names.length > 0 ? names.join('/') : id.slice(0, 13)), 100);
}

/** Names a target in the query of a document's URI. */
export function targetQuery(connection: RuntimeConnection, id: string): string {
  const { nodeId, endpoint } = targetOf(connection, id);
  return new URLSearchParams({ node: nodeId, endpoint, id }).toString();
}

/** The target that {@link targetQuery} named; undefined for any other query. */
export function queriedTarget(query: string): PanelTarget | undefined {
  const values = new URLSearchParams(query);
  const [nodeId, endpoint, id] = ['node', 'endpoint', 'id'].map((key) => values.get(key));
  return nodeId && endpoint && id ? { nodeId, endpoint, id } : undefined;
}

/** A node's word as one part of a URI's path. */
export function pathPart(name: string): string {
  const part = name.replace(/[^\w.-]/g, '_').slice(0, 80);
  return /^\.*$/.test(part) ? '_' : part;
}
