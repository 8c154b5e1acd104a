import type * as vscode from 'vscode';
import type { Container, RuntimeSnapshot as Picture, Sandbox } from './model/snapshot.js';
import type { ProcessInfo as Link } from './model/process.js';
import type { NodeConnection, NodeStore } from './runtime/nodes.js';

/**
 * What other extensions may call: `vscode.extensions.getExtension('cri-explorer.cri-explorer').activate()` resolves
 * to it. All answers are plain data, safe to serialise; all times are milliseconds since the epoch.
 */
export interface CriExplorerApi {
  readonly version: 1;
  nodes(): NodeSummary[];
  /** Reads a node anew and resolves to its snapshot. Rejects when there is no such node. */
  refresh(nodeId: string): Promise<NodeSnapshot>;
  /** The last snapshot; undefined for an unknown node and before its first refresh. */
  snapshot(nodeId: string): NodeSnapshot | undefined;
  readonly onDidChange: vscode.Event<{ nodeId: string }>;
}

export interface NodeSummary {
  id: string;
  label: string;
  kind: 'local' | 'ssh';
  /** `idle` and `needsAuth` only of a machine over SSH: not opened yet; the login needs the person. */
  state: 'idle' | 'connecting' | 'ready' | 'lost' | 'needsAuth' | 'failed';
  endpoints: { endpoint: string; state: string; reason?: string }[];
}

export interface NodeSnapshot {
  nodeId: string;
  takenAt: number;
  runtimes: RuntimeSnapshot[];
}

export interface RuntimeSnapshot {
  endpoint: string;
  name: string;
  version: string;
  apiVersion: string;
  sandboxes: SandboxInfo[];
  containers: ContainerInfo[];
}

export interface SandboxInfo {
  id: string;
  name: string;
  namespace: string;
  uid: string;
  attempt: number;
  state: 'ready' | 'notready';
  createdAt: number;
  runtimeHandler: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  ip?: string;
  ancestry: ProcessInfo[];
}

export interface ContainerInfo {
  id: string;
  sandboxId: string;
  name: string;
  attempt: number;
  state: 'created' | 'running' | 'exited' | 'unknown';
  image: string;
  createdAt: number;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  pid?: number;
  ancestry: ProcessInfo[];
}

export interface ProcessInfo {
  pid: number;
  ppid: number;
  role: 'init' | 'shim' | 'monitor' | 'sandbox' | 'container' | 'child';
  command: string[];
  startedAt: number;
}

/** The API over a store. What it gives are copies: a caller can't change the extension's own picture. */
export function createApi(store: NodeStore, onDidChange: vscode.Event<{ nodeId: string }>): CriExplorerApi {
  const find = (nodeId: string): NodeConnection | undefined => store.nodes.find((node) => node.id === nodeId);
  return {
    version: 1,
    onDidChange,
    nodes: () => store.nodes.map(summary),
    snapshot(nodeId) {
      const node = find(nodeId);
      return node && node.runtimes.length > 0 ? nodeSnapshot(node) : undefined;
    },
    async refresh(nodeId) {
      await store.refresh(nodeId);
      const node = find(nodeId);
      if (!node) throw new Error(`the node "${nodeId}" was removed while it was refreshed`);
      return nodeSnapshot(node);
    },
  };
}

/** Tells the refreshes that changed what the API shows of a node from those that found all as it was. */
export class ApiChanges {
  readonly #seen = new Map<string, readonly unknown[]>();

  /** Whether the node differs from what it was when this was last asked. */
  isNew(node: NodeConnection): boolean {
    const now = [
      JSON.stringify(summary(node)),
      ...node.runtimes.flatMap(({ snapshot }) => [
        snapshot?.name,
        snapshot?.version,
        snapshot?.apiVersion,
        snapshot?.sandboxes,
        snapshot?.orphans,
      ]),
    ];
    const before = this.#seen.get(node.id);
    this.#seen.set(node.id, now);
    return before?.length !== now.length || now.some((part, index) => part !== before[index]);
  }
}

function summary(node: NodeConnection): NodeSummary {
  return {
    id: node.id,
    label: node.label,
    kind: node.kind,
    state: node.state,
    endpoints: node.endpoints.map(({ endpoint, state, reason }) => ({
      endpoint,
      state,
      ...(reason === undefined ? {} : { reason }),
    })),
  };
}

function nodeSnapshot(node: NodeConnection): NodeSnapshot {
  const pictures = node.runtimes.flatMap((runtime) => runtime.snapshot ?? []);
  return {
    nodeId: node.id,
    takenAt: Math.max(0, ...pictures.map((picture) => picture.takenAt)),
    runtimes: pictures.map(runtimeSnapshot),
  };
}

function runtimeSnapshot(picture: Picture): RuntimeSnapshot {
  const { endpoint, name, version, apiVersion, sandboxes, orphans } = picture;
  return {
    endpoint,
    name,
    version,
    apiVersion,
    sandboxes: sandboxes.map(sandboxInfo),
    containers: [...sandboxes.flatMap((sandbox) => sandbox.containers), ...orphans].map(containerInfo),
  };
}

function sandboxInfo(sandbox: Sandbox): SandboxInfo {
  const { id, name, namespace, uid, attempt, state, createdAt, runtimeHandler, labels, annotations, ip } =
    sandbox;
  return {
    ...{ id, name, namespace, uid, attempt, state, createdAt, runtimeHandler },
    labels: { ...labels },
    annotations: { ...annotations },
    ...(ip === undefined ? {} : { ip }),
    ancestry: sandbox.ancestry.links.map(processInfo),
  };
}

function containerInfo(container: Container): ContainerInfo {
  const { id, sandboxId, name, attempt, state, image, createdAt, labels, annotations, pid } = container;
  return {
    ...{ id, sandboxId, name, attempt, state, image, createdAt },
    labels: { ...labels },
    annotations: { ...annotations },
    ...(pid === undefined ? {} : { pid }),
    ancestry: container.ancestry.links.map(processInfo),
  };
}

function processInfo({ pid, ppid, role, command, startedAt }: Link): ProcessInfo {
  return { pid, ppid, role, command: [...command], startedAt };
}
