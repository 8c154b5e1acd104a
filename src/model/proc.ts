import type { ProcessRecord } from './process.js';
import { textOf } from './procText.js';

/**
 * Parsers of /proc, over bytes: the same for files read here and for what a sweep over SSH prints.
 */

/**
 * Clock ticks in a second as /proc counts them. The kernel scales to USER_HZ, which is 100 on every architecture
 * that runs VS Code or the known runtimes (include/asm-generic/param.h), whatever its own CONFIG_HZ.
 */
export const USER_HZ = 100;

/** What a sweep takes from /proc/PID/stat. */
export interface ProcStat {
  readonly pid: number;
  readonly comm: string;
  readonly state: string;
  readonly ppid: number;
  readonly startTicks: number;
  /**
   * proc_pid_stat(5) fields 48 and 49, where the arguments begin and end in memory: another value means that the process
   * executed another program. `0 0` for want of ptrace rights, for kernel threads and for zombies.
   */
  readonly argArea: string;
}

const SPACE = 0x20;
const OPEN = 0x28;
const CLOSE = 0x29;
const NEWLINE = 0x0a;
const COLON = 0x3a;

/** Parses /proc/PID/stat; undefined when the bytes are not one. */
export function parseStat(bytes: Uint8Array): ProcStat | undefined {
  const open = bytes.indexOf(OPEN);
  // comm may hold `)` and spaces, but no field after it can: the last one closes it.
  const close = bytes.lastIndexOf(CLOSE);
  if (open < 1 || close < open) return undefined;
  const pid = Number(asciiOf(bytes.subarray(0, open)));
  const field = fieldsFrom(bytes, close + 2);
  const ppid = Number(field(1));
  const startTicks = Number(field(19));
  if (!Number.isInteger(pid) || !Number.isInteger(ppid) || !Number.isInteger(startTicks)) return undefined;
  return {
    pid,
    comm: textOf(bytes.subarray(open + 1, close)),
    state: field(0) ?? '',
    ppid,
    startTicks,
    argArea: `${field(45) ?? '0'} ${field(46) ?? '0'}`,
  };
}

/** The fields that begin at a byte, counted from 0. Only what is asked for becomes text: a sweep reads thousands. */
function fieldsFrom(bytes: Uint8Array, from: number): (index: number) => string | undefined {
  const starts = [from];
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] === SPACE || bytes[at] === NEWLINE) starts.push(at + 1);
  }
  return (index) => {
    const start = starts[index];
    const next = starts[index + 1] ?? bytes.length + 1;
    return start === undefined || start >= bytes.length
      ? undefined
      : asciiOf(bytes.subarray(start, next - 1));
  };
}

/** Splits /proc/PID/cmdline into its arguments, empty ones included; none for a kernel thread or a zombie. */
export function parseCmdline(bytes: Uint8Array): string[] {
  if (bytes.length === 0) return [];
  // Each argument ends with a NUL, but a process that renamed itself may have left it out.
  const end = bytes[bytes.length - 1] === 0 ? bytes.length - 1 : bytes.length;
  return splitAt(bytes.subarray(0, end), 0).map(textOf);
}

/**
 * The distinct paths of /proc/PID/cgroup (cgroups(7)), longest first: one line a hierarchy, `ID:CONTROLLERS:PATH`. A path
 * may hold `:` but no newline, which the kernel refuses in a group's name (cgroup_mkdir, kernel/cgroup/cgroup.c).
 */
export function parseCgroups(bytes: Uint8Array): string[] {
  const paths = new Set<string>();
  for (const line of splitAt(bytes, NEWLINE)) {
    const first = line.indexOf(COLON);
    const second = first < 0 ? -1 : line.indexOf(COLON, first + 1);
    if (second >= 0) paths.add(textOf(line.subarray(second + 1)));
  }
  return [...paths].sort((a, b) => b.length - a.length);
}

/** Seconds since boot, suspended time included: the first number of /proc/uptime. */
export function parseUptime(bytes: Uint8Array): number | undefined {
  const seconds = Number.parseFloat(asciiOf(bytes));
  return Number.isFinite(seconds) ? seconds : undefined;
}

/** When a node booted: what turns ticks after boot into moments. */
export interface BootTime {
  /** /proc/sys/kernel/random/boot_id; empty when it can't be read. */
  readonly bootId: string;
  /** Milliseconds since the epoch, by the node's clock. */
  readonly epoch: number;
}

const CLOCK_STEP_MS = 1000;

/**
 * The node's boot time, kept from the time before unless the node booted again or its clock was set: measured anew each
 * time, every process would seem to have changed its start by some milliseconds.
 * @param now the node's clock, milliseconds since the epoch
 * @param uptime seconds
 */
export function bootTime(
  previous: BootTime | undefined,
  bootId: string,
  now: number,
  uptime: number,
): BootTime {
  const epoch = Math.round(now - uptime * 1000);
  const same = previous?.bootId === bootId && Math.abs(previous.epoch - epoch) <= CLOCK_STEP_MS;
  return same ? previous : { bootId, epoch };
}

/** Puts together what the files of one process said. */
export function processRecord(
  stat: ProcStat,
  details: Pick<ProcessRecord, 'argv' | 'cgroups' | 'cwd'>,
  boot: BootTime,
): ProcessRecord {
  return {
    pid: stat.pid,
    ppid: stat.ppid,
    state: stat.state,
    comm: stat.comm,
    argv: details.argv,
    cgroups: details.cgroups,
    startTicks: stat.startTicks,
    startedAt: boot.epoch + (stat.startTicks * 1000) / USER_HZ,
    ...(details.cwd === undefined ? {} : { cwd: details.cwd }),
  };
}

/** Whether two records say the same, their arrays compared by content. */
export function sameRecord(a: ProcessRecord, b: ProcessRecord): boolean {
  return (
    a.pid === b.pid &&
    a.startTicks === b.startTicks &&
    a.startedAt === b.startedAt &&
    a.state === b.state &&
    a.ppid === b.ppid &&
    a.comm === b.comm &&
    a.cwd === b.cwd &&
    sameStrings(a.argv, b.argv) &&
    sameStrings(a.cgroups, b.cgroups)
  );
}

export function sameStrings(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((text, index) => text === b[index]));
}

function asciiOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function splitAt(bytes: Uint8Array, separator: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let at = bytes.indexOf(separator); at >= 0; at = bytes.indexOf(separator, from)) {
    parts.push(bytes.subarray(from, at));
    from = at + 1;
  }
  parts.push(bytes.subarray(from));
  return parts;
}
