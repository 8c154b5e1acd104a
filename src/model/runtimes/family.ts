import type { LowLevelRuntime, ProcessRecord } from '../process.js';

/**
 * One kind of process that stays beside a container and waits for it. A new runtime is one file with one of these, its
 * line in index.ts, and a golden test.
 */
export interface MonitorFamily {
  /** For people: `containerd shim`. */
  readonly name: string;
  /** What the field calls such a process. */
  readonly role: 'shim' | 'monitor';
  /** How the kernel's comm of its processes starts; at most 15 bytes are there to compare. */
  readonly comms: readonly string[];
  /** Whether a process whose comm fits is one of the family. */
  recognises(process: ProcessRecord): boolean;
  /** The id that its command line says it was started for, if any. Often a sandbox's, and no way to find a pod. */
  idOf(monitor: ProcessRecord): string | undefined;
  /** The runtime that it ran to make the container or sandbox `id`. */
  lowLevel(monitor: ProcessRecord, id: string): LowLevelRuntime;
  /** What stands before an id in the name of a cgroup that holds the monitor itself, not the container. */
  readonly ownCgroups?: readonly string[];
}

/**
 * A runtime that keeps a pod behind a boundary, a kernel or a virtual machine of its own: the pod and all its containers
 * are one process of the node, with helpers beside it, and no process of the node is a process of a container.
 * In an ancestry that one is the first process of the sandbox and of each container, and helpers are its children.
 */
export interface BoundaryFamily {
  /** For people: `gVisor`. */
  readonly name: string;
  /** Whether a process is one in which a pod runs. */
  isBoundary(process: ProcessRecord): boolean;
  /** Whether a process serves a boundary from outside, with files for example. */
  isHelper(process: ProcessRecord): boolean;
  /** The sandbox or container that a helper is for, if its command line says so; else it is for the sandbox. */
  servedBy?(helper: ProcessRecord): string | undefined;
  /** Whether a shim can be the one of a boundary that descends from process 1, not from the shim. */
  isShim?(monitor: ProcessRecord): boolean;
  /** What a boundary's command line tells of the runtime that made container or sandbox `id`. */
  lowLevel?(boundary: ProcessRecord, id: string): LowLevelRuntime;
}

/** The file name of the program that a process says it runs; its comm where it has no arguments. */
export function programOf(process: Pick<ProcessRecord, 'argv' | 'comm'>): string {
  const [path] = process.argv;
  return path === undefined || path === '' ? process.comm : baseName(path);
}

/**
 * The value of a flag, in any of the forms `-x V`, `--x V`, `-x=V`, `--x=V` of Go's flag package and of GLib.
 * @param names without dashes
 */
export function flagOf(argv: readonly string[], ...names: readonly string[]): string | undefined {
  for (let index = 1; index < argv.length; index++) {
    const found = /^--?([^=]+)(?:=(.*))?$/s.exec(argv[index] ?? '');
    if (found?.[1] !== undefined && names.includes(found[1])) return found[2] ?? argv[index + 1];
  }
  return undefined;
}

/** The last part of a POSIX path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A POSIX path without its last part. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}
