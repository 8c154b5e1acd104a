import type { ProcessTable } from '../model/process.js';
import type { Node } from '../node/node.js';
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

export type NodeState = 'connecting' | 'ready' | 'lost' | 'failed';

/** A machine, its endpoints and its runtimes. */
export interface NodeConnection {
  readonly id: string;
  readonly label: string;
  readonly kind: 'local' | 'ssh';
  /** ready when one runtime is; lost when some were and none is; failed when none ever was. */
  readonly state: NodeState;
  readonly reason: string | undefined;
  readonly node: Node;
  /** Every candidate, usable or not, in the order of the search. */
  readonly endpoints: readonly EndpointStatus[];
  /** Those that answered at least once, in the same order. */
  readonly runtimes: readonly RuntimeConnection[];
  readonly processes: ProcessTable | undefined;
  /** After each change of anything above, also within its runtimes. */
  readonly onDidChange: Event<void>;
  /** Reads everything anew now; joins a refresh that is under way. Failures show in the states, never reject. */
  refresh(): Promise<void>;
}

/** All nodes, and the only owner of their refreshing. */
export interface NodeStore {
  readonly nodes: readonly NodeConnection[];
  /** A node was added, removed, or changed. `nodeId` is absent when the list itself changed. */
  readonly onDidChange: Event<{ readonly nodeId?: string }>;
  /** Polls while visible, rests while not. */
  setVisible(visible: boolean): void;
  refresh(nodeId?: string): Promise<void>;
}
