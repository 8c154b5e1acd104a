/** One line of a log file, without its newline. */
export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly time: string;
  /** The container wrote no newline here: the next lines of the same stream go on with it. */
  readonly partial: boolean;
  readonly content: Uint8Array;
}

const space = 0x20;
const colon = 0x3a;
const brace = 0x7b;
const partialTag = 0x50;
const fullTag = 0x46;
const longestTime = 40;
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * Reads a line in either format, told apart by its first byte: `<time> <stream> <tags> <content>` (the CRI's, which
 * the kubelet reads) or an object a line (docker's json-file). Undefined when it is neither.
 */
export function parseLine(line: Uint8Array): LogLine | undefined {
  return line[0] === brace ? parseDocker(line) : parseCri(line);
}

/** Tags after the first are for the future (kubelet's cri/logs reader ignores them too). */
function parseCri(line: Uint8Array): LogLine | undefined {
  const timeEnd = line.indexOf(space);
  if (timeEnd < 0 || timeEnd > longestTime) return undefined;
  const time = ascii(line, 0, timeEnd);
  if (!timePattern.test(time)) return undefined;
  const stream = ascii(line, timeEnd + 1, timeEnd + 8);
  if (stream !== 'stdout ' && stream !== 'stderr ') return undefined;
  const tag = timeEnd + 8;
  const after = line[tag + 1];
  if (line[tag] !== partialTag && line[tag] !== fullTag) return undefined;
  if (after !== undefined && after !== space && after !== colon) return undefined;
  const tagsEnd = line.indexOf(space, tag);
  return {
    stream: stream === 'stdout ' ? 'stdout' : 'stderr',
    time,
    partial: line[tag] === partialTag,
    content: tagsEnd < 0 ? new Uint8Array() : line.subarray(tagsEnd + 1),
  };
}

function parseDocker(line: Uint8Array): LogLine | undefined {
  const value = parseJson(new TextDecoder().decode(line));
  if (typeof value !== 'object' || value === null) return undefined;
  const { log, stream, time } = value as { log?: unknown; stream?: unknown; time?: unknown };
  if (typeof log !== 'string' || (stream !== 'stdout' && stream !== 'stderr')) return undefined;
  if (typeof time !== 'string' || !timePattern.test(time)) return undefined;
  const full = log.endsWith('\n');
  return { stream, time, partial: !full, content: new TextEncoder().encode(full ? log.slice(0, -1) : log) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function ascii(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to && at < bytes.length; at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}
