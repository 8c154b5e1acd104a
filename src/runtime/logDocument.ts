import { stripAnsi } from '../model/log/ansi.js';
import { textOf, type LogEntry } from '../model/log/entry.js';
import { LogParser } from '../model/log/parser.js';
import type { Node } from '../node/node.js';
import { breathe } from '../util/async.js';

/** The end of a log as plain text. */
export interface LogDocument {
  readonly lines: readonly string[];
  /** Bytes of the file. */
  readonly size: number;
  /** Bytes at the file's start that were left out. */
  readonly omitted: number;
}

const step = 1024 * 1024;
const newline = 0x0a;

/** Reads the last `limit` bytes of a log. Rejects with a NodeError. */
export async function readLogDocument(
  node: Node,
  path: string,
  limit: number,
  signal: AbortSignal,
): Promise<LogDocument> {
  const { size } = await node.stat(path, signal);
  const parser = new LogParser();
  const lines: string[] = [];
  const add = (entries: readonly LogEntry[]): void => {
    for (const entry of entries) lines.push(documentLine(entry));
  };
  let omitted = Math.max(0, size - limit);
  // One byte before, to tell whether a line starts just there.
  let isAligned = omitted === 0;
  for (let offset = isAligned ? 0 : omitted - 1; offset < size;) {
    const bytes = await node.readFile(path, { offset, length: Math.min(step, size - offset), signal });
    if (bytes.length === 0) break;
    const skipped = isAligned ? 0 : bytes.indexOf(newline) + 1;
    if (skipped > 0) {
      isAligned = true;
      omitted = offset + skipped;
    }
    if (isAligned) add(parser.push(bytes.subarray(skipped), offset + skipped));
    offset += bytes.length;
    await breathe();
  }
  add(parser.pending());
  return { lines, size, omitted: isAligned ? omitted : size };
}

function documentLine(entry: LogEntry): string {
  const text = stripAnsi(textOf(entry));
  return entry.time === undefined ? text : `${entry.time} ${entry.stream} ${text}`;
}
