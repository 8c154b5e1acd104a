import type { BootTime } from '../model/proc.js';
import type { ProcessRecord } from '../model/process.js';
import type { NodeErrorKind } from './node.js';

/** Main thread to worker. */
export interface SweepRequest {
  /** SweepOptions.cwdOf. */
  readonly cwdOf: readonly string[];
  /** As the sweep before found it, so that it outlives a worker. */
  readonly boot?: BootTime;
}

/** What changed since the worker's sweep before; since nothing, for its first. */
export interface SweepChanges {
  /** Milliseconds since the epoch. */
  readonly takenAt: number;
  readonly boot: BootTime;
  readonly changed: readonly ProcessRecord[];
  /** Those of which nothing but the state changed. */
  readonly states: readonly (readonly [pid: number, state: string])[];
  readonly gone: readonly number[];
}

/** Worker to main thread. */
export type SweepAnswer =
  | { readonly type: 'changes'; readonly changes: SweepChanges }
  | { readonly type: 'failed'; readonly kind: NodeErrorKind; readonly message: string };
