import {
  bootTime,
  parseCgroups,
  parseStat,
  parseUptime,
  processRecord,
  sameRecord,
  type BootTime,
} from '../../model/proc.js';
import { textOf } from '../../model/procText.js';
import type { ProcessRecord, ProcessTable } from '../../model/process.js';
import { breathe } from '../../util/async.js';
import { NodeError, type SweepOptions } from '../node.js';
import { collect } from './collect.js';
import type { Launcher } from './launcher.js';
import { foldersScript, sweepScript } from './sweepScript.js';

const maxBytes = 256 * 1024 * 1024;
/** Processes parsed before the extension host gets a turn. */
const chunk = 200;
const NEWLINE = 0x0a;
const SLASH = 0x2f;
const COLON = 0x3a;

/** What one process's files said: the lines of each, without the file's name. */
interface Files {
  readonly stat: Buffer[];
  readonly cgroup: Buffer[];
  readonly cmdline: Buffer[];
}

/** Reads a node's process table by a script; what didn't change since the sweep before stays the same object. */
export class ShellSweep {
  readonly #launcher: Launcher;
  #boot: BootTime | undefined;
  #processes: ReadonlyMap<number, ProcessRecord> = new Map();
  /** Start times of processes that were asked for their folder, which not all tell. */
  readonly #asked = new Map<number, number>();

  constructor(launcher: Launcher) {
    this.#launcher = launcher;
  }

  async sweep({ cwdOf, signal }: SweepOptions): Promise<ProcessTable> {
    const { stdout } = await collect(this.#launcher, { script: sweepScript }, { maxBytes, signal });
    const records = await this.read(stdout);
    await this.#readFolders(records, cwdOf, signal);
    return this.#keep(records);
  }

  /** Takes what the script printed: the processes, those that did not change as they were. */
  async read(output: Buffer): Promise<Map<number, ProcessRecord>> {
    const { head, files } = splitSweep(output);
    const boot = bootOf(this.#boot, head);
    this.#boot = boot;
    const processes = new Map<number, ProcessRecord>();
    let done = 0;
    for (const [pid, each] of files) {
      const record = recordOf(each, boot);
      if (++done % chunk === 0) await breathe();
      if (record?.pid === pid) processes.set(pid, this.#withFolder(record)); // Else it ended while it was read.
    }
    return processes;
  }

  /** A process is asked for its folder once: monitors, whose folders are wanted, stay where they were started. */
  #withFolder(record: ProcessRecord): ProcessRecord {
    const before = this.#processes.get(record.pid);
    if (before?.startTicks !== record.startTicks) return record;
    const now = before.cwd === undefined ? record : { ...record, cwd: before.cwd };
    return sameRecord(before, now) ? before : now;
  }

  async #readFolders(
    records: Map<number, ProcessRecord>,
    prefixes: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const wanted = [...records.values()].filter(
      ({ pid, comm, startTicks, cwd }) =>
        cwd === undefined &&
        this.#asked.get(pid) !== startTicks &&
        prefixes.some((prefix) => comm.startsWith(prefix)),
    );
    for (const pid of this.#asked.keys()) if (!records.has(pid)) this.#asked.delete(pid);
    if (wanted.length === 0) return;
    const command = { script: foldersScript, args: wanted.map(({ pid }) => String(pid)) };
    const { stdout } = await collect(this.#launcher, command, { maxBytes, signal });
    for (const { pid, startTicks } of wanted) this.#asked.set(pid, startTicks);
    for (const part of partsOf(stdout, 0)) {
      const colon = part.indexOf(COLON);
      const record = records.get(Number(part.toString('latin1', 0, colon)));
      if (record) records.set(record.pid, { ...record, cwd: textOf(part.subarray(colon + 1)) });
    }
  }

  #keep(processes: ReadonlyMap<number, ProcessRecord>): ProcessTable {
    this.#processes = processes;
    return { takenAt: Date.now(), processes };
  }
}

function bootOf(previous: BootTime | undefined, head: readonly Buffer[]): BootTime {
  const [bootId, uptimeLine, btimeLine] = head.map((line) => line.toString('latin1'));
  const uptime = parseUptime(Buffer.from(uptimeLine ?? ''));
  const btime = Number(/^btime (\d+)$/.exec(btimeLine ?? '')?.[1]);
  if (bootId === undefined || uptime === undefined || Number.isNaN(btime)) {
    throw new NodeError('unsupported', 'the node has no readable /proc; processes are known on Linux only');
  }
  return bootTime(previous, bootId, btime * 1000 + uptime * 1000, uptime);
}

function recordOf(files: Files, boot: BootTime): ProcessRecord | undefined {
  const stat = parseStat(joinLines(files.stat));
  if (!stat) return undefined;
  const details = {
    argv: files.cmdline.map(textOf),
    cgroups: parseCgroups(joinLines(files.cgroup)),
  };
  return processRecord(stat, details, boot);
}

const newline = Buffer.from([NEWLINE]);

function joinLines(lines: readonly Buffer[]): Buffer {
  const [only] = lines;
  if (only && lines.length === 1) return only;
  return Buffer.concat(lines.flatMap((line, index) => (index === 0 ? [line] : [newline, line])));
}

/** Splits what the sweep script prints into its first three lines and the files of each process, in bytes. */
export function splitSweep(output: Buffer): {
  readonly head: readonly Buffer[];
  readonly files: ReadonlyMap<number, Files>;
} {
  const middle = output.indexOf(0);
  const lines = partsOf(output.subarray(0, middle < 0 ? output.length : middle), NEWLINE);
  const head = lines.splice(0, 3);
  const files = new Map<number, Files>();
  for (const line of lines) take(files, line);
  if (middle >= 0) for (const part of partsOf(output.subarray(middle + 1), 0)) take(files, part);
  return { head, files };
}

/** `PID/FILE:CONTENT` */
function take(files: Map<number, Files>, part: Buffer): void {
  const slash = part.indexOf(SLASH);
  const colon = part.indexOf(COLON, slash);
  if (slash < 1 || colon < 0) return;
  const pid = Number(part.toString('latin1', 0, slash));
  const content = part.subarray(colon + 1);
  let of = files.get(pid);
  if (!of) files.set(pid, (of = { stat: [], cgroup: [], cmdline: [] }));
  const name = part.toString('latin1', slash + 1, colon);
  if (name === 'stat' || name === 'cgroup' || name === 'cmdline') of[name].push(content);
}

/** Each part that `separator` ends. */
function partsOf(bytes: Buffer, separator: number): Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(separator); at >= 0; at = bytes.indexOf(separator, from)) {
    parts.push(bytes.subarray(from, at));
    from = at + 1;
  }
  return parts;
}
