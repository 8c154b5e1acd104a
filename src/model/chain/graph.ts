/** What a box of the chain stands for. */
export type ChainBoxKind =
  /** Process 1, and whatever else stands above a daemon or a monitor. */
  | 'init'
  | 'kubelet'
  /** A unix socket that one of the others listens on. */
  | 'socket'
  /** containerd, CRI-O, cri-dockerd, k3s …: who serves CRI. */
  | 'server'
  /** dockerd, and the containerd below it, under cri-dockerd. */
  | 'daemon'
  | 'shim'
  | 'monitor'
  /** runc, crun …: it ran, made the container and exited. */
  | 'lowLevel'
  /** The sandbox's and the containers' first processes; gVisor's and Kata's boundary. */
  | 'sandbox'
  | 'container'
  /** A further process of a container. */
  | 'child'
  /** Stands for several boxes that are not drawn one by one. */
  | 'more';

/** One line of a box, for people. */
export interface ChainFact {
  /** `pid`, `version`, `started`, `command`, `cgroup`, `path`, … the view has the words for it. */
  readonly name: ChainFactName;
  /** As the node says it: hostile until shown as text. Times are milliseconds since the epoch, as digits. */
  readonly value: string;
}

export type ChainFactName =
  | 'pid'
  | 'parent'
  | 'version'
  | 'started'
  | 'command'
  | 'cgroup'
  | 'path'
  | 'id'
  | 'image'
  | 'state'
  | 'bundle'
  | 'statePath'
  | 'source'
  | 'count';

export interface ChainBox {
  /** Unique and stable over refreshes, for example `pid:123:4567` (pid and start), `socket:/run/…`, `lowLevel:ID`. */
  readonly id: string;
  readonly kind: ChainBoxKind;
  /** `kubelet`, `containerd`, a container's name, … */
  readonly title: string;
  /** Not there any more, or never seen: runc after it exited, a daemon that is down. */
  readonly absent: boolean;
  readonly facts: readonly ChainFact[];
  /** The container or sandbox that it belongs to, so that it can be opened. */
  readonly subject?: { readonly endpoint: string; readonly id: string };
}

/** What passes along an edge. */
export type ChainEdgeKind =
  /** CRI over gRPC, from the kubelet by way of the socket to the server. */
  | 'cri'
  | 'dockerApi'
  /** containerd's own gRPC, from dockerd. */
  | 'containerdApi'
  /** A daemon's calls to a shim. */
  | 'ttrpc'
  /** A daemon started the monitor. */
  | 'starts'
  /** The monitor runs the low-level runtime, with the bundle's config.json. */
  | 'oci'
  /** The low-level runtime forked and exec'd the first process. */
  | 'forkExec'
  /** Parent and child, as the kernel has it now. */
  | 'parent';

export interface ChainEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: ChainEdgeKind;
  /** proved: the kernel says so (parentage, listening and connected sockets). inferred: by configuration or by how it works. */
  readonly proof: 'proved' | 'inferred';
  /** How it is known, or why it could only be inferred; a sentence for people. */
  readonly evidence: string;
}

/** What a chain is wanted of: all pods of a node in outline, or one in full. */
export type ChainScope =
  | { readonly kind: 'node' }
  | { readonly kind: 'sandbox' | 'container'; readonly endpoint: string; readonly id: string };

/** The runtime chain of a node, a sandbox or a container. Plain data. */
export interface ChainGraph {
  readonly boxes: readonly ChainBox[];
  readonly edges: readonly ChainEdge[];
  /** What couldn't be read, with the reason and the next step. */
  readonly notes: readonly string[];
}

/** One step of how a container came to be, in order. */
export interface StoryStep {
  /** A sentence for people. */
  readonly text: string;
  /** Milliseconds since the epoch; absent when it can't be known. */
  readonly at?: number;
  /** Where the time is from, or why it is unknown. */
  readonly source: string;
}
