import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import {
  parseCgroups,
  parseStat,
  parseUptime,
  processRecord,
  sameRecord,
  USER_HZ,
  type BootTime,
  type ProcStat,
} from '../../model/proc.js';
import { textOf } from '../../model/procText.js';
import type { ProcessRecord, ProcessTable } from '../../model/process.js';
import { breathe } from '../../util/async.js';
import { NodeError, type SweepOptions } from '../node.js';
import { collect } from './collect.js';
import type { Launcher } from './launcher.js';
import { bootOf, joinLines, parseFolders, splitSweep, type Files } from './sweepOutput.js';
import { foldersScript, packedSweepScript, sweepScript } from './sweepScript.js';

const gunzip = promisify(zlib.gunzip);
const maxBytes = 256 * 1024 * 1024;
/** Processes parsed before the extension host gets a turn. */
const chunk = 200;
/** A process that is younger may still be on its way: runc's init changes its cgroup and then executes the program. */
const youngTicks = 3 * USER_HZ;
/** What can change without a trace in stat is read anew at every so many-th sweep. */
const rounds = 10;
/** More than this are seldom given between two sweeps; else those behind cost a second round trip. */
const pidsAhead = 1_000;
/** PID_MAX_LIMIT of include/linux/threads.h. */
const maxPid = 4 * 1024 * 1024;

interface Known {
  readonly record: ProcessRecord;
  readonly argArea: string;
  readonly young: boolean;
}

/**
 * Reads a node's process table by a script: of each process its stat, of those that are new, changed or due also the rest.
 * That takes one round trip, and a second when one that was there before has become another program, or pids began anew.
 * What didn't change stays the same object.
 */
export class ShellSweep {
  readonly #launcher: Launcher;
  readonly #script: string;
  #boot: BootTime | undefined;
  #known: ReadonlyMap<number, Known> = new Map();
  #round = 0;
  /** Start times of processes that were asked for their folder, which not all tell. */
  readonly #asked = new Map<number, number>();

  /** @param packed whether to spare bytes rather than work */
  constructor(launcher: Launcher, packed = false) {
    this.#launcher = launcher;
    this.#script = packed ? packedSweepScript : sweepScript;
  }

  async sweep({ cwdOf, signal }: SweepOptions): Promise<ProcessTable> {
    const due = this.#due();
    const fresh = this.#fresh();
    const { head, files } = await this.#print(fresh, due, signal);
    const boot = bootOf(this.#boot, head);
    if (boot !== this.#boot) this.#known = new Map();
    this.#boot = boot;
    const stats = await statsOf(files);
    const told = new Set([...due, ...[...stats.keys()].filter((pid) => pid > fresh.from && pid <= fresh.to)]);
    const changed = [...stats.values()].filter((stat) => !told.has(stat.pid) && this.#isChanged(stat));
    const [more, folders] = await Promise.all([
      this.#details(
        changed.map(({ pid }) => pid),
        signal,
      ),
      this.#folders(stats, cwdOf, signal),
    ]);
    for (const { pid } of changed) told.add(pid);
    const now = (parseUptime(head[1] ?? Buffer.alloc(0)) ?? 0) * USER_HZ;
    const known = new Map<number, Known>();
    for (const [pid, stat] of stats) {
      const details = told.has(pid) ? (more.get(pid) ?? files.get(pid)) : undefined;
      known.set(pid, this.#next(stat, details, folders.get(pid), boot, now));
      if (known.size % chunk === 0) await breathe();
    }
    this.#known = known;
    const processes = new Map([...known].map(([pid, { record }]) => [pid, record]));
    return { takenAt: Date.now(), processes };
  }

  /** Where new processes are looked for: the kernel gives pids in a circle, the next one from behind the youngest. */
  #fresh(): { readonly from: number; readonly to: number } {
    let youngest: ProcessRecord | undefined;
    for (const { record } of this.#known.values()) {
      if (!youngest || record.startTicks >= youngest.startTicks) youngest = record;
    }
    return youngest ? { from: youngest.pid, to: youngest.pid + pidsAhead } : { from: 0, to: maxPid };
  }

  /** Known processes whose details are read again. */
  #due(): number[] {
    this.#round = (this.#round + 1) % rounds;
    return [...this.#known].flatMap(([pid, { young }]) =>
      young || pid % rounds === this.#round ? [pid] : [],
    );
  }

  #isChanged({ pid, startTicks, argArea, comm, ppid, state }: ProcStat): boolean {
    const known = this.#known.get(pid);
    // A kworker is called by what it does just now (wq_worker_comm in kernel/workqueue.c); kthreadd has pid 2.
    const isKernelThread = ppid === 2 && argArea === '0 0';
    return (
      known?.record.startTicks !== startTicks ||
      known.argArea !== argArea ||
      (known.record.comm !== comm && !isKernelThread) ||
      known.record.ppid !== ppid ||
      (state === 'Z' && known.record.state !== 'Z')
    );
  }

  /** @param files what was read of it now; else it is as it was */
  #next(
    stat: ProcStat,
    files: Files | undefined,
    folder: string | undefined,
    boot: BootTime,
    now: number,
  ): Known {
    const { pid, startTicks, argArea } = stat;
    const known = this.#known.get(pid);
    const before = known?.record.startTicks === startTicks ? known.record : undefined;
    const cwd = folder ?? before?.cwd;
    const details = {
      argv: files ? files.cmdline.map(textOf) : (before?.argv ?? []),
      cgroups: files ? parseCgroups(joinLines(files.cgroup)) : (before?.cgroups ?? []),
      ...(cwd === undefined ? {} : { cwd }),
    };
    const record = processRecord(stat, details, boot);
    const same = before && sameRecord(before, record) ? before : record;
    return { record: same, argArea, young: now - startTicks < youngTicks };
  }

  async #print(
    { from, to }: { readonly from: number | '-'; readonly to: number | '-' },
    pids: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<ReturnType<typeof splitSweep>> {
    const command = { script: this.#script, args: [from, to, ...pids].map(String) };
    const { code, stdout, stderr } = await collect(this.#launcher, command, { maxBytes, signal });
    // Cut off in the middle, as by a lost link: half a table must not pass for a whole one.
    if (code !== 0) throw new NodeError('failed', `The process table was cut off: ${stderr.trim()}`);
    // gzip's magic number (RFC 1952 section 2.3.1), which no boot id begins with.
    const packed = stdout[0] === 0x1f && stdout[1] === 0x8b;
    return splitSweep(packed ? await gunzip(stdout, { maxOutputLength: maxBytes }) : stdout);
  }

  async #details(
    pids: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<number, Files>> {
    return pids.length === 0 ? new Map() : (await this.#print({ from: '-', to: '-' }, pids, signal)).files;
  }

  /** A process is asked for its folder once: monitors, whose folders are wanted, stay where they were started. */
  async #folders(
    stats: ReadonlyMap<number, ProcStat>,
    prefixes: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<number, string>> {
    for (const pid of this.#asked.keys()) if (!stats.has(pid)) this.#asked.delete(pid);
    const wanted = [...stats.values()].filter(
      ({ pid, comm, startTicks }) =>
        this.#asked.get(pid) !== startTicks && prefixes.some((prefix) => comm.startsWith(prefix)),
    );
    if (wanted.length === 0) return new Map();
    const command = { script: foldersScript, args: wanted.map(({ pid }) => String(pid)) };
    const { stdout } = await collect(this.#launcher, command, { maxBytes, signal });
    for (const { pid, startTicks } of wanted) this.#asked.set(pid, startTicks);
    return parseFolders(stdout);
  }
}

async function statsOf(files: ReadonlyMap<number, Files>): Promise<Map<number, ProcStat>> {
  const stats = new Map<number, ProcStat>();
  let done = 0;
  for (const [pid, { stat }] of files) {
    const parsed = parseStat(joinLines(stat));
    if (parsed?.pid === pid) stats.set(pid, parsed); // Else it ended while it was read.
    if (++done % chunk === 0) await breathe();
  }
  return stats;
}
