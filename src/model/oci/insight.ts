import type { JsonPath } from './json.js';

/** Where a value of a config.json came from. */
export type OriginKind =
  /** What the kubelet asked for: a field of the CRI request. */
  | 'cri'
  /** The image's own config. */
  | 'image'
  /** What the runtime does when nobody asks. */
  | 'default'
  /** NRI, CDI, or an OCI hook. */
  | 'plugin'
  | 'unknown';

/** Where one value came from, and how surely that is known. */
export interface Origin {
  readonly path: JsonPath;
  readonly kind: OriginKind;
  /** A CRI field (`ContainerConfig.linux.resources.cpu_shares`), an image field (`config.Env`), or absent. */
  readonly field?: string;
  /** That field's value, as JSON or text; hostile until shown as text. Left out where it may be a secret. */
  readonly value?: string;
  /** There is a value, but it may be a secret. */
  readonly secret?: true;
  /** How the one became the other; a sentence for people. */
  readonly how: string;
  /** checked: both values are here and fit. rule: by how the runtime works; its request isn't to be had. */
  readonly proof: 'checked' | 'rule';
}

/** What became of one field of the CRI request. */
export interface Fate {
  /** `ContainerConfig.linux.resources.cpu_shares` */
  readonly field: string;
  /** Left out where it may be a secret. */
  readonly value?: string;
  readonly secret?: true;
  /** The places in the config.json that it went to; none where it leaves no trace there. */
  readonly became: readonly JsonPath[];
  readonly how: string;
}

/** A config.json traced to the request that it was made of. */
export interface Trace {
  /** At most one for each value that the panel shows. */
  readonly origins: readonly Origin[];
  readonly fates: readonly Fate[];
  /** Why there is no request, or no image config, to trace to. */
  readonly notes: readonly string[];
}

/** One fact of a config.json beside what the kernel says of it. */
export interface Reality {
  readonly path: JsonPath;
  /** What it is, for people: `effective capabilities`, `memory limit`. */
  readonly name: string;
  readonly spec: string;
  /** Absent when it couldn't be read. */
  readonly kernel?: string;
  /** same: as the spec says. drift: not. unreadable: see `note`. */
  readonly verdict: 'same' | 'drift' | 'unreadable';
  /** The file that the kernel's value is from. */
  readonly source: string;
  /** Why it couldn't be read and what to do, or what else matters: `the pod's limit of 64 MiB binds first`. */
  readonly note?: string;
}

/** What the kernel says of one process of a container. */
export interface ProcessReality {
  readonly pid: number;
  readonly command: readonly string[];
  readonly facts: readonly Reality[];
}

export type SpecFindingKind =
  | 'privileged'
  | 'hostNamespace'
  | 'capability'
  | 'seccompOff'
  | 'apparmorOff'
  | 'hostMount'
  | 'runtimeSocket'
  | 'root'
  | 'newPrivileges'
  | 'noLimit'
  | 'procOrSys'
  | 'device';

/** Something in a config.json that a careful person would want to know. */
export interface SpecFinding {
  readonly kind: SpecFindingKind;
  readonly severity: 'high' | 'medium' | 'low';
  readonly title: string;
  /** Why it matters, in plain words. */
  readonly reason: string;
  readonly path: JsonPath;
  /** The value at `path`; hostile until shown as text. */
  readonly value: string;
  /** Set for what the platform always does (pause, CNI and kube-system agents): labelled, not hidden. */
  readonly expected?: string;
}
