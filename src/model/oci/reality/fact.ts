import type { Mount } from '../../mountinfo.js';
import type { Reality } from '../insight.js';

/** A file of the kernel as it was read, or why it wasn't and what to do; the reason is for people. */
export type KernelText = { readonly text: string } | { readonly reason: string };

/** What was read of a node about one process. */
export interface KernelView {
  readonly pid: number;
  /** The first process of the container; of the others only what is a process's own is compared. */
  readonly first: boolean;
  /** A file that was read, by its path on the node. */
  read(path: string): KernelText;
  /** Of the one who reads: where the cgroups are. */
  readonly readerMounts: readonly Mount[];
  /** Of the runtime: where bind mounts have their sources. Empty when it can't be read. */
  readonly runtimeMounts: readonly Mount[];
  /** `device:inode` of what a path names, links followed; undefined when it couldn't be told. */
  identity(path: string): string | undefined;
  /** Of the container that this process is an additional one of, or its own. */
  readonly firstPid: number;
  /** The process that holds the pod's namespaces. */
  readonly sandboxPid?: number;
  /** The shim or conmon, which has the namespaces that a runtime passes on. */
  readonly monitorPid?: number;
}

/** What a fact is about, before it is compared. */
export type About = Pick<Reality, 'path' | 'name' | 'source'>;

/** Both values in the same words: where they differ, the kernel's has drifted from the spec's. */
export function compared(about: About, spec: string, kernel: string, notes: Notes = {}): Reality {
  const verdict = spec === kernel ? 'same' : 'drift';
  return judged(about, spec, kernel, verdict, notes[verdict] ?? notes.always);
}

export interface Notes {
  readonly same?: string | undefined;
  readonly drift?: string | undefined;
  readonly always?: string | undefined;
}

export function judged(
  about: About,
  spec: string,
  kernel: string,
  verdict: 'same' | 'drift',
  note?: string,
): Reality {
  return { ...about, spec, kernel, verdict, ...(note === undefined || note === '' ? {} : { note }) };
}

export function unreadable(about: About, spec: string, note: string): Reality {
  return { ...about, spec, verdict: 'unreadable', note };
}

/** Sentences as one note. */
export function notesOf(...sentences: readonly (string | undefined)[]): string | undefined {
  const said = sentences.filter((sentence) => sentence !== undefined && sentence !== '');
  return said.length === 0 ? undefined : said.join(' ');
}

export function orNone(items: readonly string[]): string {
  return items.length === 0 ? 'none' : items.join(', ');
}
