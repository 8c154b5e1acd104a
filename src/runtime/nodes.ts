import type { ProcessTable } from '../model/process.js';
import type { Node } from '../node/node.js';
import type { LinkState } from '../node/ssh/link.js';
import type { SudoMode } from '../node/sudo.js';
export type { SudoMode } from '../node/sudo.js';
export type { Prompt, PromptKind, PromptRequest } from '../node/prompt.js';
import type { Disposable } from '../util/dispose.js';
import type { Event } from '../util/event.js';
import type { RuntimeConnection } from './connection.js';

/**
 * What is known of a place where a CRI server might listen. absent: no such socket. denied: no right to open it.
 * refused: a socket that nobody serves. hung: no answer within the deadline. notCri: a gRPC server without CRI.
 * failed: anything else.
 */
export type EndpointState =
  'connecting' | 'ready' | 'lost' | 'absent' | 'denied' | 'refused' | 'hung' | 'notCri' | 'failed';

/** One candidate of the discovery. The same socket by two paths is one candidate. */
export interface EndpointStatus {
  /** For example `unix:///run/containerd/containerd.sock`. */
  readonly endpoint: string;
  /** Who named it, for people: `well known: containerd`, `/etc/crictl.yaml`, `setting criExplorer.nodes`, … */
  readonly sources: readonly string[];
  /** Named by a person, a configuration or the kubelet, so worth showing even when nothing is there. */
  readonly configured: boolean;
  readonly state: EndpointState;
  /** Why it isn't ready and what to do next. */
  readonly reason?: string;
}

/**
 * ready when one runtime is; lost when some were and none is, or the way to the machine is lost and will be tried again;
 * failed when none ever was, or the machine can't be reached. Only of machines over SSH: idle before someone opened it,
 * needsAuth when a login was refused or needs the person.
 */
export type NodeState = 'idle' | 'connecting' | 'ready' | 'lost' | 'needsAuth' | 'failed';

/** The way to a machine that has one of its own; SshNode of src/node/ssh is one. */
export interface NodeLink {
  readonly state: LinkState;
  readonly onDidChangeState: Event<LinkState>;
  connect(): void;
  /** Starts over, whatever failed or was refused before. */
  reconnect(): void;
  disconnect(): void;
}

/** A machine, its endpoints and its runtimes. */
export interface NodeConnection {
  readonly id: string;
  readonly label: string;
  readonly kind: 'local' | 'ssh';
  readonly state: NodeState;
  readonly reason: string | undefined;
  /** Whether the way to the machine is open; always to this one. */
  readonly connected: boolean;
  /** When a lost machine is tried again, in milliseconds since the epoch. */
  readonly retryAt: number | undefined;
  readonly sudo: SudoMode;
  readonly node: Node;
  /** Every candidate, usable or not, in the order of the search. */
  readonly endpoints: readonly EndpointStatus[];
  /** Those that answered at least once, in the same order. */
  readonly runtimes: readonly RuntimeConnection[];
  readonly processes: ProcessTable | undefined;
  /** After each change of anything above, also within its runtimes. */
  readonly onDidChange: Event<void>;
  /** Reads everything anew, connecting first if need be. Failures show in the states, never reject. */
  refresh(): Promise<void>;
  /** Connects, whatever failed or was refused before; the person may be asked again. */
  connect(): void;
  /** Ends the connection to a machine over SSH; its last picture stays. */
  disconnect(): void;
}

/** All nodes, and the only owner of their refreshing. */
export interface NodeStore {
  readonly nodes: readonly NodeConnection[];
  /** A node was added, removed, or changed. `nodeId` is absent when the list itself changed. */
  readonly onDidChange: Event<{ readonly nodeId?: string }>;
  /** Polls as long as anybody watches: until all that this returned is disposed. */
  watch(): Disposable;
  /** @param nodeId without it, all nodes but those that are idle. Rejects when there is no such node. */
  refresh(nodeId?: string): Promise<void>;
}
