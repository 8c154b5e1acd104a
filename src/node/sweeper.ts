import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import {
  bootTime,
  parseCgroups,
  parseCmdline,
  parseStat,
  parseUptime,
  processRecord,
  sameRecord,
  USER_HZ,
  type BootTime,
  type ProcStat,
} from '../model/proc.js';
import type { ProcessRecord } from '../model/process.js';
import { textOf } from '../model/procText.js';
import { codeOf } from './errors.js';
import { NodeError } from './node.js';
import type { SweepChanges, SweepRequest } from './sweepProtocol.js';

/** Of each file at most; a longer command line is cut. Files of /proc come whole in one read that has room for them. */
const MOST_BYTES = 64 * 1024;
/** A process that is younger may still be on its way: runc's init changes its cgroup and then executes the program. */
const YOUNG_TICKS = 3 * USER_HZ;
/** What can change without a trace in stat is read anew at every so many-th sweep. */
const ROUNDS = 10;

interface Remembered {
  readonly record: ProcessRecord;
  readonly argArea: string;
  /** How old the process was when all of it was read; ticks. */
  readonly age: number;
}

type Details = Pick<ProcessRecord, 'argv' | 'cgroups' | 'cwd'>;

/**
 * Reads all of /proc, blocking: in a thread of its own this is five times as fast as promises (runtimes.md, cost of a
 * sweep). stat is read every time; the rest is remembered by pid and start time and read anew when stat tells of a
 * change, while the process is young, and now and then.
 */
export class Sweeper {
  readonly #proc: string;
  readonly #now: () => number;
  readonly #buffer = Buffer.allocUnsafe(MOST_BYTES);
  #known = new Map<number, Remembered>();
  #boot: BootTime | undefined;
  #cwdOf: readonly string[] = [];
  #round = 0;

  /** @param proc where /proc is mounted */
  constructor(proc = '/proc', now: () => number = Date.now) {
    this.#proc = proc;
    this.#now = now;
  }

  sweep({ cwdOf, boot }: SweepRequest): SweepChanges {
    const takenAt = this.#now();
    const uptime = this.#uptime();
    const bootId = textOf(this.#read('sys/kernel/random/boot_id') ?? Buffer.alloc(0)).trim();
    const present = bootTime(this.#boot ?? boot, bootId, takenAt, uptime);
    const holds = present === this.#boot && cwdOf.join('\0') === this.#cwdOf.join('\0');
    this.#boot = present;
    this.#cwdOf = cwdOf;
    this.#round = (this.#round + 1) % ROUNDS;

    const before = this.#known;
    this.#known = new Map();
    const changed: ProcessRecord[] = [];
    const states: [number, string][] = [];
    for (const name of readdirSync(this.#proc)) {
      if (!/^\d+$/.test(name)) continue;
      const stat = this.#stat(name);
      if (!stat) continue;
      const old = holds ? before.get(stat.pid) : undefined;
      const next = this.#next(stat, old, uptime * USER_HZ - stat.startTicks, present);
      if (!next) continue;
      this.#known.set(stat.pid, next);
      if (next.record === old?.record) continue;
      if (old && sameRecord({ ...old.record, state: stat.state }, next.record)) {
        states.push([stat.pid, stat.state]);
      } else changed.push(next.record);
    }
    const gone = [...before.keys()].filter((pid) => !this.#known.has(pid));
    return { takenAt, boot: present, changed, states, gone };
  }

  #uptime(): number {
    const uptime = parseUptime(this.#read('uptime') ?? Buffer.alloc(0));
    if (uptime === undefined) {
      throw new NodeError('failed', `Cannot read the process table: ${this.#proc}/uptime can't be read.`);
    }
    return uptime;
  }

  #stat(pid: string): ProcStat | undefined {
    const bytes = this.#read(`${pid}/stat`);
    return bytes && parseStat(bytes);
  }

  /** The process as it is now; undefined when it went while it was read. */
  #next(stat: ProcStat, old: Remembered | undefined, age: number, boot: BootTime): Remembered | undefined {
    const known = old?.record.startTicks === stat.startTicks ? old : undefined;
    if (known && !this.#isStale(known, stat)) {
      const { record } = known;
      return record.state === stat.state ? known : { ...known, record: { ...record, state: stat.state } };
    }
    const details = this.#details(stat);
    if (!details) return undefined;
    const record = processRecord(stat, details, boot);
    const same = known !== undefined && sameRecord(known.record, record);
    return { record: same ? known.record : record, argArea: stat.argArea, age };
  }

  #isStale({ record, argArea, age }: Remembered, stat: ProcStat): boolean {
    return (
      argArea !== stat.argArea ||
      record.comm !== stat.comm ||
      record.ppid !== stat.ppid ||
      age < YOUNG_TICKS ||
      (stat.state === 'Z' && record.state !== 'Z') ||
      stat.pid % ROUNDS === this.#round
    );
  }

  #details({ pid, comm }: ProcStat): Details | undefined {
    const cmdline = this.#read(`${pid}/cmdline`);
    const argv = cmdline && parseCmdline(cmdline);
    const cgroup = this.#read(`${pid}/cgroup`);
    if (!argv || !cgroup) return undefined;
    const cgroups = parseCgroups(cgroup);
    if (!this.#cwdOf.some((program) => comm.startsWith(program))) return { argv, cgroups };
    const cwd = this.#link(`${pid}/cwd`);
    return cwd === undefined ? { argv, cgroups } : { argv, cgroups, cwd };
  }

  /**
   * A view of the file's bytes until the next read. Empty when this user may not read it (hidepid, another's process),
   * undefined when there is no such process any more.
   */
  #read(path: string): Uint8Array | undefined {
    let file: number | undefined;
    try {
      file = openSync(`${this.#proc}/${path}`, 'r');
      return this.#buffer.subarray(0, readSync(file, this.#buffer, 0, MOST_BYTES, 0));
    } catch (error) {
      return isDenied(error) ? this.#buffer.subarray(0, 0) : undefined;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  #link(path: string): string | undefined {
    try {
      return textOf(readlinkSync(`${this.#proc}/${path}`, { encoding: 'buffer' }));
    } catch {
      return undefined;
    }
  }
}

function isDenied(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'EACCES' || code === 'EPERM';
}
