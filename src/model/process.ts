/**
 * One process of a node as /proc shows it. Plain data, so that it crosses a worker thread as it is.
 * Strings that are not UTF-8 have each odd byte written as `\xNN`.
 */
export interface ProcessRecord {
  readonly pid: number;
  readonly ppid: number;
  /** The kernel's one-letter state, proc_pid_stat(5) field 3: R, S, D, Z, T, … */
  readonly state: string;
  /** proc_pid_stat(5) field 2 without its parentheses; at most 15 bytes; may hold `)` and newlines. */
  readonly comm: string;
  /** /proc/PID/cmdline, split at NUL. Empty for kernel threads and zombies. */
  readonly argv: readonly string[];
  /** The distinct paths of /proc/PID/cgroup, over all hierarchies, longest first. */
  readonly cgroups: readonly string[];
  /** proc_pid_stat(5) field 22: clock ticks after boot. With the pid it names a process for good. */
  readonly startTicks: number;
  /** The same moment in milliseconds since the epoch, by the node's own clock. */
  readonly startedAt: number;
  /** The target of /proc/PID/cwd; read only for the programs that the sweep was asked to (see SweepOptions). */
  readonly cwd?: string;
}

/** All processes of a node at one moment. */
export interface ProcessTable {
  /** Milliseconds since the epoch, this machine's clock. */
  readonly takenAt: number;
  readonly processes: ReadonlyMap<number, ProcessRecord>;
}

/** What a process is to a container. */
export type ProcessRole = 'init' | 'shim' | 'monitor' | 'sandbox' | 'container' | 'child';

/** A link of an ancestry. */
export interface ProcessInfo {
  readonly pid: number;
  readonly ppid: number;
  readonly role: ProcessRole;
  /** The argument vector; where it can't be read (kernel thread, zombie), the kernel's comm in brackets. */
  readonly command: readonly string[];
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/**
 * The low-level runtime (runc, crun, youki …) that made a container: it ran, wrote its state and exited, so it
 * is no process of the ancestry.
 */
export interface LowLevelRuntime {
  /** `runc`, `crun`, …, as far as it is known. */
  readonly name: string;
  /** The OCI bundle's folder, where config.json is. */
  readonly bundle?: string;
  /** The state the low-level runtime wrote (state.json under its --root). */
  readonly statePath?: string;
  /** Where this is known from, for example `cwd of shim 1234`. */
  readonly source: string;
}

/** How a sandbox or container descends from process 1, root first. */
export interface Ancestry {
  /**
   * Process 1 and whatever else stands above the monitor (a subreaper, k3s, the containerd of a first shim), the shim or
   * conmon, the first process, then its children in depth-first order. Of gVisor and Kata the first process is the one in
   * which the whole pod runs, and its helpers are children. Empty when none is known, then `reason` says why.
   */
  readonly links: readonly ProcessInfo[];
  readonly lowLevel?: LowLevelRuntime;
  readonly reason?: string;
}
