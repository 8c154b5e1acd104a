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
  /** Counts the files since the log was opened; the new one's number. */
  readonly file: number;
}

export type LogItem = LogEntry | LogRotation;

/** following: the file is there. missing: the path names nothing now, and is waited for. */
export type LogState = 'following' | 'missing';

/** News of a log, in order. */
export interface LogBatch {
  readonly items: readonly LogItem[];
  /** What is written and not complete, instead of what was pending before; long texts are cut. */
  readonly pending: readonly LogEntry[];
  readonly state: LogState;
}

/** Some lines of a file that were there before those that are known. */
export interface LogPage {
  readonly file: number;
  /** Complete entries that end at `start` or after, oldest first. */
  readonly entries: readonly LogEntry[];
  /** Bytes: where an earlier page ends; 0 when there is none. */
  readonly start: number;
}

export interface LogPageRequest {
  readonly file: number;
  /** Bytes: the entries that end here or before are wanted. */
  readonly end: number;
  /** Entries at most. */
  readonly count: number;
  /** Where entries that are known start before `end`, a stream: their parts aren't given again. */
  readonly claimed: Readonly<Partial<Record<LogStream, number>>>;
}

/** What known entries, that end after `end`, have of the file before it. */
export function claimsBefore(end: number, known: readonly LogEntry[]): LogPageRequest['claimed'] {
  const claimed: Partial<Record<LogStream, number>> = {};
  for (const { stream, offset } of known) {
    if (offset < end) claimed[stream] = Math.min(claimed[stream] ?? offset, offset);
  }
  return claimed;
}

/** The entry's text, and how much of it is missing. */
export function textOf(entry: LogEntry): string {
  return entry.fullLength === undefined ? entry.text : `${entry.text}${cutMark(entry.fullLength)}`;
}

/** What is shown where an entry was cut. @param fullLength bytes */
export function cutMark(fullLength: number): string {
  return ` …[cut: ${fullLength.toLocaleString('en')} bytes in all]`;
}
