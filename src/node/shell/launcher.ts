import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Disposable } from '../../util/dispose.js';
import type { NodeError } from '../node.js';
import type { Collected, CollectOptions } from './collect.js';

/** A script for a node's `sh`: POSIX only, for GNU and busybox tools alike. */
export interface ShellCommand {
  /** Sees `args` as `$1`, `$2`, … Nothing of a stranger belongs in here. */
  readonly script: string;
  readonly args?: readonly string[];
  /** Runs as the login user even where the node uses sudo. */
  readonly plain?: boolean;
  /** Stays open for long (a bridge, a follow), so that it should not take the place of short ones. */
  readonly lasting?: boolean;
  /** Stays open too, but only where it takes nobody's place: rejects else, and ends when places become scarce. */
  readonly spare?: boolean;
}

/** How long a script holds its place. */
export type Stay = 'short' | 'lasting' | 'spare';

export interface ChannelEnd {
  /** The exit code; null when a signal ended it. */
  readonly code: number | null;
  /** The last 8 KiB that it wrote there, the login shell's own words left out. */
  readonly stderr: string;
}

/** A script that has begun. Disposing ends it, on the node too. */
export interface Channel extends Disposable {
  readonly stdin: Writable;
  /** From the script's first byte on, whatever the login shell printed before. */
  readonly stdout: Readable;
  readonly ended: Promise<ChannelEnd>;
}

/** Starts scripts on a machine: here or over SSH, with or without sudo. */
export interface Launcher {
  /** Resolves when the script runs. Rejects with a NodeError that says why it doesn't. */
  launch(command: ShellCommand, signal?: AbortSignal): Promise<Channel>;
  /** Runs a script that reads no input, without starting anything; undefined where that can't be done. */
  brief?(command: ShellCommand, options: CollectOptions): Promise<Collected | undefined>;
}

/** What a {@link Launcher} stands on: a way to give a text to a machine's `sh -c`. */
export interface Starter {
  /** How long a script may take to begin, in milliseconds. */
  readonly patienceMs: number;
  start(text: string, stay: Stay, signal?: AbortSignal): Promise<ChildProcessWithoutNullStreams>;
  /** Why a script ended before it began; `again` when another try has a chance. */
  explain(end: ChannelEnd): NodeError | 'again';
}
