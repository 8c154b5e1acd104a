import { NodeError, type FileInfo } from '../node.js';
import { faultOf } from './faults.js';

/** st_mode's file types (inode(7)). */
const types: Readonly<Record<number, FileInfo['type']>> = {
  0x8000: 'file',
  0x4000: 'directory',
  0xc000: 'socket',
  0x1000: 'fifo',
};

/** Reads what `statScript` prints for these paths. */
export function parseStats(
  paths: readonly string[],
  output: Buffer,
): ReadonlyMap<string, FileInfo | NodeError> {
  return parseLines(paths, output, parseStat);
}

function parseStat(line: string): FileInfo | NodeError {
  const [identity = '', size, seconds, mode = ''] = line.split(' ');
  if (!/^\d+:\d+$/.test(identity))
    return new NodeError('unsupported', 'the node’s stat program can’t tell a file’s identity');
  return {
    identity,
    size: Number(size),
    modifiedAt: Number(seconds) * 1000,
    type: types[Number.parseInt(mode, 16) & 0xf000] ?? 'other',
  };
}

/** Reads what `lookScript` prints for these paths. */
export function parseLooks(paths: readonly string[], output: Buffer): ReadonlyMap<string, 'ok' | NodeError> {
  return parseLines(
    paths,
    output,
    () => 'ok' as const,
    (path, reason) =>
      reason === 'nosocket'
        ? new NodeError('unsupported', `${path} is not a socket.`)
        : faultOf(path, reason),
  );
}

/** A line for each path: `+` and what was read, or `-` and the reason. */
function parseLines<T>(
  paths: readonly string[],
  output: Buffer,
  parse: (line: string) => T | NodeError,
  fault: (path: string, reason: string) => NodeError = faultOf,
): Map<string, T | NodeError> {
  const lines = output.toString('utf8').split('\n');
  return new Map(
    paths.map((path, index) => {
      const line = lines[index] ?? '';
      return [path, line.startsWith('+') ? parse(line.slice(1)) : fault(path, line.slice(1).trim())];
    }),
  );
}

/** Reads what `envScript` prints for these names. */
export function parseEnv(names: readonly string[], output: Buffer): ReadonlyMap<string, string | undefined> {
  const values = output.toString('utf8').split('\0');
  return new Map(
    names.map((name, index) => [name, values[index]?.startsWith('+') ? values[index].slice(1) : undefined]),
  );
}

/** Reads what `readFilesScript` prints for these paths. */
export function parseFiles(
  paths: readonly string[],
  output: Buffer,
): ReadonlyMap<string, Buffer | NodeError> {
  const blocks: { readonly ok: boolean; readonly hex: string[] }[] = [];
  for (const line of output.toString('latin1').split('\n')) {
    if (line === '+' || line === '-') blocks.push({ ok: line === '+', hex: [] });
    else blocks.at(-1)?.hex.push(line);
  }
  const files = new Map<string, Buffer | NodeError>();
  paths.forEach((path, index) => {
    const block = blocks[index];
    const bytes = Buffer.from(block?.hex.join('').replaceAll(' ', '') ?? '', 'hex');
    files.set(path, block?.ok === true ? bytes : faultOf(path, bytes.toString('utf8')));
  });
  return files;
}

/** Whether a file is one that `readTablesScript` reads: the network tables of a process. */
export function isTable(path: string): boolean {
  return /^\/proc\/\d+\/net\/\w+$/.test(path);
}

/** Reads what `readTablesScript` prints for these paths. Empty tables print nothing. */
export function parseTables(
  paths: readonly string[],
  output: Buffer,
): ReadonlyMap<string, Buffer | NodeError> {
  const lines = new Map<string, string[]>(paths.map((path) => [path, []]));
  const faults = new Map<string, NodeError>();
  for (const line of output.toString('latin1').split('\n')) {
    const fault = /^grep: (\S+): (.*)$/.exec(line);
    if (fault?.[1] !== undefined) faults.set(fault[1], faultOf(fault[1], fault[2] ?? ''));
    const colon = line.indexOf(':');
    lines.get(line.slice(0, colon))?.push(`${line.slice(colon + 1)}\n`);
  }
  const content = (path: string): Buffer => Buffer.from(lines.get(path)?.join('') ?? '', 'latin1');
  return new Map(paths.map((path) => [path, faults.get(path) ?? content(path)]));
}
