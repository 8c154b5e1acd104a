/** What a finding is about; one file of src/model/doctor looks for each. */
export type FindingKind =
  | 'orphanShim'
  | 'processGone'
  | 'strangerInCgroup'
  | 'leftoverBundle'
  | 'leftoverState'
  | 'leftoverMount'
  | 'leftoverCgroup'
  | 'leftoverNetns'
  | 'zombie'
  | 'restartLoop'
  | 'sandboxNotReady'
  | 'network'
  | 'imageFilesystem'
  | 'clockSkew'
  | 'deprecation';

/** error: something is broken now. warning: it will be, or wastes resources. info: worth knowing. */
export type Severity = 'error' | 'warning' | 'info';

/** One thing that was seen: `pid` `4711`, from `/proc/4711/stat`. */
export interface Evidence {
  readonly label: string;
  /** As the node says it: hostile until shown as text. */
  readonly value: string;
  /** The file or call it is from. */
  readonly source: string;
}

export interface Finding {
  /** Kind and subject: the same trouble has the same id at the next look. */
  readonly id: string;
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** certain: seen as it is, twice. likely: all that was seen fits only this, as far as is known. */
  readonly certainty: 'certain' | 'likely';
  /** One line. */
  readonly title: string;
  /** What it means, in plain words. */
  readonly explanation: string;
  readonly evidence: readonly Evidence[];
  /** What a careful person would do. We change nothing. */
  readonly advice: string;
  /** The container or sandbox it is about, so that it can be opened. */
  readonly subject?: { readonly endpoint: string; readonly id: string };
  readonly pid?: number;
}

/** One thing that was looked at. */
export interface Check {
  readonly kind: FindingKind;
  /** `skipped` with a reason: what couldn't be read is never taken for healthy. */
  readonly result: 'done' | 'skipped';
  readonly reason?: string;
}

/** All that was found in one look at a node. Plain data. */
export interface Diagnosis {
  readonly nodeLabel: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly finishedAt: number;
  /** The worst first. */
  readonly findings: readonly Finding[];
  readonly checks: readonly Check[];
}
