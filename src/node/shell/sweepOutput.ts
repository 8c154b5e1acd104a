import { bootTime, parseUptime, type BootTime } from '../../model/proc.js';
import { textOf } from '../../model/procText.js';
import { NodeError } from '../node.js';

/** What the scripts of a sweep print, in bytes. */

const NEWLINE = 0x0a;
const SLASH = 0x2f;
const COLON = 0x3a;

/** What one process's files said: the lines of each, without the file's name. */
export interface Files {
  readonly stat: Buffer[];
  readonly cgroup: Buffer[];
  readonly cmdline: Buffer[];
}

/** Rejects a head that is not of a /proc. */
export function bootOf(previous: BootTime | undefined, head: readonly Buffer[]): BootTime {
  const [bootId, uptimeLine, btimeLine] = head.map((line) => line.toString('latin1'));
  const uptime = parseUptime(Buffer.from(uptimeLine ?? ''));
  const btime = Number(/^btime (\d+)$/.exec(btimeLine ?? '')?.[1]);
  if (bootId === undefined || uptime === undefined || Number.isNaN(btime)) {
    throw new NodeError('unsupported', 'the node has no readable /proc; processes are known on Linux only');
  }
  return bootTime(previous, bootId, btime * 1000 + uptime * 1000, uptime);
}

const newline = Buffer.from([NEWLINE]);

export function joinLines(lines: readonly Buffer[]): Buffer {
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

/** Takes what the folders script prints. */
export function parseFolders(output: Buffer): ReadonlyMap<number, string> {
  const folders = new Map<number, string>();
  for (const part of partsOf(output, 0)) {
    const colon = part.indexOf(COLON);
    const folder = part.subarray(colon + 1, part.at(-1) === NEWLINE ? -1 : undefined);
    if (folder.length > 0) folders.set(Number(part.toString('latin1', 0, colon)), textOf(folder));
  }
  return folders;
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
