import { CappedBytes } from './bytes.js';
import type { LogEntry } from './entry.js';
import { parseLine, type LogLine } from './line.js';

/** Bytes of one entry's content that are kept; what is over is only counted. */
export const maxContent = 1024 * 1024;
/** Bytes of a line of the file that are kept: room for the time, the stream and the tags too. */
export const maxLine = maxContent + 1024;
const newline = 0x0a;
const carriageReturn = 0x0d;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The parts of an entry that were read, while no newline of the container ended it. */
interface Chain {
  readonly offset: number;
  readonly time: string;
  readonly content: CappedBytes;
  end: number;
}

/**
 * Turns the bytes of a container's log file into entries, in whatever pieces they come. Parts of a line are joined
 * as bytes, one chain a stream, since a chunk may end within a UTF-8 sequence and the streams interleave.
 */
export class LogParser {
  readonly #chains = new Map<LogLine['stream'], Chain>();
  readonly #line = new CappedBytes(maxLine);
  #lineOffset = 0;

  /** The entries that `bytes`, found at `offset` of the file, complete. Calls must be in the file's order. */
  push(bytes: Uint8Array, offset: number): LogEntry[] {
    const entries: LogEntry[] = [];
    let start = 0;
    for (;;) {
      const at = bytes.indexOf(newline, start);
      if (at < 0) break;
      const rest = bytes.subarray(start, at);
      const end = offset + at + 1;
      const entry =
        this.#line.total === 0
          ? this.#take(rest, offset + start, end, rest.length)
          : this.#takeCarried(rest, end);
      if (entry) entries.push(entry);
      start = at + 1;
    }
    if (start < bytes.length) {
      if (this.#line.total === 0) this.#lineOffset = offset + start;
      this.#line.add(bytes.subarray(start));
    }
    return entries;
  }

  /**
   * One line, without its newline.
   * @param bytes the line, or at least as much of its start as is shown
   * @param end after its newline
   */
  pushLine(bytes: Uint8Array, offset: number, end: number): LogEntry[] {
    const entry = this.#take(bytes, offset, end, end - offset - 1);
    return entry ? [entry] : [];
  }

  /** The start of a line whose newline wasn't read yet. @param length bytes, of which `bytes` are the first */
  pushStart(bytes: Uint8Array, offset: number, length: number): void {
    this.#lineOffset = offset;
    this.#line.add(bytes, length);
  }

  /** What was read and isn't complete, as it would look if it ended here. @param limit bytes of each text */
  pending(limit = maxContent): LogEntry[] {
    const entries = [...this.#chains].map(([stream, chain]) => partialEntry(stream, chain, limit));
    if (this.#line.total > 0) {
      const bytes = this.#line.peek(limit);
      const line = parseLine(bytes);
      const end = this.#lineOffset + this.#line.total;
      const length = this.#line.total - bytes.length + (line?.content.length ?? bytes.length);
      entries.push({
        kind: 'line',
        offset: this.#lineOffset,
        end,
        stream: line?.stream ?? 'unknown',
        ...(line ? timeOf(line.time) : { raw: true }),
        ...textOf(line?.content ?? bytes, length),
        partial: true,
      });
    }
    return entries;
  }

  /** The file ended and another takes its place: gives the line without a newline at its end, if there is one. */
  endFile(): LogEntry[] {
    const entry =
      this.#line.total > 0
        ? this.#takeCarried(new Uint8Array(), this.#lineOffset + this.#line.total)
        : undefined;
    // A chain may go on in the next file; its offset is then where that file starts.
    for (const [stream, chain] of this.#chains) this.#chains.set(stream, { ...chain, offset: 0, end: 0 });
    return entry ? [entry] : [];
  }

  #takeCarried(rest: Uint8Array, end: number): LogEntry | undefined {
    this.#line.add(rest);
    const bytes = this.#line.peek();
    const { total } = this.#line;
    this.#line.clear();
    return this.#take(bytes, this.#lineOffset, end, total);
  }

  /** @param total bytes of the line, of which `bytes` are the first */
  #take(bytes: Uint8Array, offset: number, end: number, total: number): LogEntry | undefined {
    const line = parseLine(bytes);
    if (!line) {
      const place = { kind: 'line', offset, end, stream: 'unknown', raw: true } as const;
      return { ...place, ...contentOf(bytes, total) };
    }
    const length = total - bytes.length + line.content.length;
    const chain = this.#chains.get(line.stream);
    if (!chain && !line.partial) {
      const place = { kind: 'line', offset, end, stream: line.stream } as const;
      return { ...place, ...timeOf(line.time), ...contentOf(line.content, length) };
    }
    return this.#join(line, chain ?? newChain(offset, line.time), end, length);
  }

  #join(line: LogLine, chain: Chain, end: number, length: number): LogEntry | undefined {
    chain.content.add(line.content, length);
    chain.end = end;
    if (line.partial) {
      this.#chains.set(line.stream, chain);
      return undefined;
    }
    this.#chains.delete(line.stream);
    const place = { kind: 'line', offset: chain.offset, end, stream: line.stream } as const;
    return { ...place, ...timeOf(chain.time), ...contentOf(chain.content.peek(), chain.content.total) };
  }
}

function newChain(offset: number, time: string): Chain {
  return { offset, time, content: new CappedBytes(maxContent), end: offset };
}

function partialEntry(stream: LogLine['stream'], chain: Chain, limit: number): LogEntry {
  const place = { kind: 'line', offset: chain.offset, end: chain.end, stream, partial: true } as const;
  return { ...place, ...timeOf(chain.time), ...textOf(chain.content.peek(limit), chain.content.total) };
}

function timeOf(time: string): { time: string; ms?: number } {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? { time } : { time, ms };
}

/**
 * The content of a line that ended. conmon keeps the `\r` of a tty's `\r\n`, containerd drops it (cri.md, section 4).
 * @param length bytes of the content, of which `content` has the first
 */
function contentOf(content: Uint8Array, length: number): { text: string; fullLength?: number } {
  const isWhole = length === content.length;
  if (!isWhole || content.at(-1) !== carriageReturn) return textOf(content, length);
  return textOf(content.subarray(0, -1), length - 1);
}

function textOf(content: Uint8Array, length: number): { text: string; fullLength?: number } {
  const text = decoder.decode(content.subarray(0, maxContent));
  return length > Math.min(content.length, maxContent) ? { text, fullLength: length } : { text };
}
