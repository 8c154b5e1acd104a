import type { Ancestry } from './process.js';

export type SandboxState = 'ready' | 'notready';
export type ContainerState = 'created' | 'running' | 'exited' | 'unknown';

/** What CRI's ListContainers says of a container, joined with its processes. Immutable. */
export interface Container {
  readonly id: string;
  readonly sandboxId: string;
  readonly name: string;
  /** CRI ContainerMetadata.attempt: how often the kubelet made this container anew before. */
  readonly attempt: number;
  readonly state: ContainerState;
  /** The image as the user asked for it, else its reference. */
  readonly image: string;
  readonly imageRef: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The container's first process on the node; absent when it isn't running or can't be known. */
  readonly pid?: number;
  readonly ancestry: Ancestry;
}

/** What CRI's ListPodSandbox says of a sandbox, joined with its processes and containers. Immutable. */
export interface Sandbox {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly attempt: number;
  readonly state: SandboxState;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Empty for the runtime's default handler. */
  readonly runtimeHandler: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The pod's IP; absent for host network, for a sandbox that isn't ready, and until it is known. */
  readonly ip?: string;
  readonly pid?: number;
  readonly ancestry: Ancestry;
  /** Sorted by name, then newest attempt first. */
  readonly containers: readonly Container[];
}

/** CRI RuntimeCondition: RuntimeReady, NetworkReady, … */
export interface RuntimeCondition {
  readonly type: string;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
}

/** An immutable picture of one runtime at one moment. Unchanged parts are the same objects as in the one before. */
export interface RuntimeSnapshot {
  /** For example `unix:///run/containerd/containerd.sock`. */
  readonly endpoint: string;
  /** CRI VersionResponse.runtime_name: `containerd`, `cri-o`, `docker`. */
  readonly name: string;
  readonly version: string;
  /** The CRI package that answered. */
  readonly apiVersion: 'v1' | 'v1alpha2';
  /** Milliseconds since the epoch: when the runtime gave the lists. */
  readonly takenAt: number;
  readonly conditions: readonly RuntimeCondition[];
  /** Sorted by namespace, then name, then newest first. */
  readonly sandboxes: readonly Sandbox[];
  /** Containers whose sandbox the runtime doesn't list any more. */
  readonly orphans: readonly Container[];
  /** Why the process ancestry is missing, when /proc couldn't be read. */
  readonly processesReason?: string;
}

/** A container as the runtime lists it, before it is joined with its processes. */
export type ListedContainer = Omit<Container, 'pid' | 'ancestry'>;

/** A sandbox as the runtime lists it, before it is joined with its processes and containers. */
export type ListedSandbox = Omit<Sandbox, 'ip' | 'pid' | 'ancestry' | 'containers'>;
