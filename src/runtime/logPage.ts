import { parseLine } from '../model/log/line.js';
import type { LogEntry, LogPageRequest, LogStream } from '../model/log/entry.js';
import { LogParser, maxContent, maxLine } from '../model/log/parser.js';

/** Reads exactly that much of the file, or rejects. */
export type ReadExactly = (offset: number, length: number) => Promise<Buffer>;

/** One line of the file. */
interface RawLine {
  readonly offset: number;
  /** After its newline. */
  readonly end: number;
  /** Without the newline; of a line longer than {@link maxLine} at least that much. */
  readonly bytes: Buffer;
  /** False when the file goes on with it, or ends without a newline. */
  readonly terminated: boolean;
}

const firstStep = 64 * 1024;
const longestStep = 1024 * 1024;
/** Bytes of the file a page reads at most for its entries, but for a single line that is longer. */
const maxPage = 8 * 1024 * 1024;
/** Bytes before a page in which the first parts of its entries are looked for. */
const maxChain = maxContent;
const newline = 0x0a;

/** The lines that end at `end` or before, last first. Only the first that comes can be without its newline. */
async function* linesBefore(read: ReadExactly, end: number): AsyncGenerator<RawLine> {
  let parts: Buffer[] = [];
  let lineEnd = end;
  let step = firstStep;
  let terminated: boolean | undefined;
  const take = (offset: number): RawLine => {
    const length = lineEnd - offset - (terminated ? 1 : 0);
    const line = {
      offset,
      end: lineEnd,
      bytes: Buffer.concat(parts).subarray(0, length),
      terminated: terminated ?? false,
    };
    parts = [];
    lineEnd = offset;
    terminated = true;
    return line;
  };
  for (let position = end; position > 0; step = Math.min(step * 2, longestStep)) {
    const from = Math.max(0, position - step);
    const block = await read(from, position - from);
    terminated ??= block.at(-1) === newline;
    let blockEnd = block.length;
    for (;;) {
      // Not the line's own newline, its last byte, but the one before it.
      const searchEnd = Math.min(blockEnd, lineEnd - 1 - from);
      const at = searchEnd > 0 ? block.lastIndexOf(newline, searchEnd - 1) : -1;
      if (at < 0) break;
      parts.unshift(block.subarray(at + 1, blockEnd));
      yield take(from + at + 1);
      blockEnd = at + 1;
    }
    parts.unshift(block.subarray(0, blockEnd));
    dropSurplus(parts);
    position = from;
  }
  if (lineEnd > 0) yield take(0);
}

/** Of a line of many MB only the start is shown. */
function dropSurplus(parts: Buffer[]): void {
  let kept = parts.reduce((sum, part) => sum + part.length, 0);
  for (let last = parts.at(-1); last && kept - last.length >= maxLine; last = parts.at(-1)) {
    kept -= last.length;
    parts.pop();
  }
}

/** What lies before a place of a file, and a parser that goes on from there. */
export interface ReadBack {
  readonly entries: LogEntry[];
  /** Bytes: where an earlier page ends. */
  readonly start: number;
  readonly parser: LogParser;
}

/** Reads the last entries that end at `end` or before, in steps from there, never the whole file. */
export async function readBack(
  read: ReadExactly,
  { end, count, claimed }: Omit<LogPageRequest, 'file'>,
): Promise<ReadBack> {
  const window = new Window(end, count);
  for await (const line of linesBefore(read, end)) {
    if (!window.add(line)) break;
  }
  const parser = new LogParser();
  const entries: LogEntry[] = [];
  for (const { line, stream } of window.inOrder()) {
    if (line.offset >= (claimed[stream] ?? Infinity)) continue;
    if (line.terminated) entries.push(...parser.pushLine(line.bytes, line.offset, line.end));
    else parser.pushStart(line.bytes, line.offset, line.end - line.offset);
  }
  return { entries, start: window.start, parser };
}

interface Placed {
  readonly line: RawLine;
  readonly stream: LogStream;
}

/** Gathers lines, last first: those of the page, then the first parts of its entries that lie before it. */
class Window {
  readonly #lines: Placed[] = [];
  readonly #count: number;
  #start: number;
  #bytes = 0;
  #entries = 0;
  /** Once the page is full: the streams whose first entry may have parts before it. */
  #unsettled: Set<LogStream> | undefined;

  constructor(end: number, count: number) {
    this.#start = end;
    this.#count = count;
  }

  get start(): number {
    return this.#start;
  }

  inOrder(): readonly Placed[] {
    return this.#lines.toReversed();
  }

  /** False when no more lines are needed. */
  add(line: RawLine): boolean {
    const parsed = parseLine(line.bytes);
    const placed = { line, stream: parsed?.stream ?? 'unknown' } as const;
    const isPart = parsed?.partial ?? !line.terminated;
    return this.#unsettled ? this.#addPart(placed, isPart, this.#unsettled) : this.#addToPage(placed, isPart);
  }

  #addToPage(placed: Placed, isPart: boolean): boolean {
    const { offset, end } = placed.line;
    this.#lines.push(placed);
    this.#start = offset;
    this.#bytes += end - offset;
    if (!isPart) this.#entries++;
    const isFull = !isPart && (this.#entries >= this.#count || this.#bytes >= maxPage);
    // Twice as much without an entry's end is one of very many parts; it is shown in pieces.
    if (!isFull && this.#bytes < 2 * maxPage) return true;
    this.#unsettled = new Set(this.#lines.map(({ stream }) => stream));
    this.#unsettled.delete('unknown');
    return this.#unsettled.size > 0;
  }

  #addPart(placed: Placed, isPart: boolean, unsettled: Set<LogStream>): boolean {
    if (placed.line.offset < this.#start - maxChain) return false;
    if (unsettled.has(placed.stream)) {
      if (isPart) this.#lines.push(placed);
      else unsettled.delete(placed.stream);
    }
    return unsettled.size > 0;
  }
}
