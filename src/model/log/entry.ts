/** Where a line came from; `unknown` for one that is in no known format. */
export type LogStream = 'stdout' | 'stderr' | 'unknown';

/** One line as the container wrote it, whatever number of lines of the file it took. */
export interface LogEntry {
  readonly kind: 'line';
  /** Bytes: where the first of its lines starts in the file. */
  readonly offset: number;
  /** Bytes: where the last of its lines ends. */
  readonly end: number;
  readonly stream: LogStream;
  /** As written in the file (RFC 3339 with up to nine digits of a second); of its first part. */
  readonly time?: string;
  /** The same in milliseconds since the epoch. */
  readonly ms?: number;
  /** Without the line's end; not yet cleaned of escape sequences. Invalid UTF-8 is U+FFFD. */
  readonly text: string;
  /** The container wrote no newline (yet). */
  readonly partial?: true;
  /** In no known format: `text` is the line of the file. */
  readonly raw?: true;
  /** Bytes of the whole content, when `text` is only its start. */
  readonly fullLength?: number;
}

/** Between the last entry of a file and the first of the one that took its place. */
export interface LogRotation {
  readonly kind: 'rotated';
}

export type LogItem = LogEntry | LogRotation;

/** The entry's text, and how much of it is missing. */
export function textOf(entry: LogEntry): string {
  return entry.fullLength === undefined ? entry.text : `${entry.text}${cutMark(entry.fullLength)}`;
}

/** What is shown where an entry was cut. @param fullLength bytes */
export function cutMark(fullLength: number): string {
  return ` …[cut: ${fullLength.toLocaleString('en')} bytes in all]`;
}
