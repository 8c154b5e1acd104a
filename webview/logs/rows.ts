import { stripAnsi } from '../../src/model/log/ansi.js';
import {
  claimsBefore,
  textOf,
  type LogEntry,
  type LogItem,
  type LogPage,
  type LogPageRequest,
} from '../../src/model/log/entry.js';
import { countMatches } from '../ui/find.js';

/** A line of the view. */
export interface Row {
  /** Grows from row to row, also when rows are put before others. */
  readonly id: number;
  readonly item: LogItem;
  /** Of the file that the entry is in. */
  readonly file: number;
  /** Not complete: replaced by the next batch. */
  readonly isPending: boolean;
  /** Matches of the present search. */
  matches: number;
  /** Pixels, when it was measured in the present width. */
  height?: number;
}

export interface RowLimits {
  readonly rows: number;
  /** UTF-16 units of all texts. */
  readonly text: number;
}

const defaultLimits: RowLimits = { rows: 150_000, text: 64 * 1024 * 1024 };
/** How much over a limit is let be, so that rows are dropped many at a time. */
const slack = 1.05;

/** The rows that are loaded, in order: a window of the log, that grows at either end and is cut at the other. */
export class LogRows {
  readonly #limits: RowLimits;
  #rows: Row[] = [];
  #pending: Row[] = [];
  #text = 0;
  #nextId = 0;
  #firstId = -1;
  #file = 0;
  #start = 0;
  #hasEnd = true;
  #shown: readonly Row[] | undefined;
  #streams: ReadonlySet<string> = new Set(['stdout', 'stderr', 'unknown']);
  #pattern: RegExp | undefined;
  #total = 0;

  constructor(limits = defaultLimits) {
    this.#limits = limits;
  }

  /** Loaded lines, hidden ones too. */
  get count(): number {
    return this.#rows.length;
  }

  /** False once rows at the end were dropped: the log is to be opened anew to see its end. */
  get hasEnd(): boolean {
    return this.#hasEnd;
  }

  /** Those that are to be seen. */
  get shown(): readonly Row[] {
    const all = this.#hasEnd ? [...this.#rows, ...this.#pending] : this.#rows;
    this.#shown ??= all.filter((row) => this.#isShown(row));
    return this.#shown;
  }

  get pattern(): RegExp | undefined {
    return this.#pattern;
  }

  /** Matches in all shown rows. */
  get matches(): number {
    return this.#total;
  }

  /** Why there is nothing before the first row; `more` when there is. */
  get before(): 'more' | 'start' | 'rotatedAway' {
    if ((this.#rows[0]?.file ?? this.#file) !== this.#file) return 'rotatedAway';
    if (this.#start > 0) return 'more';
    return this.#file > 0 ? 'rotatedAway' : 'start';
  }

  /** Begins anew with a log's end. */
  reset(page: LogPage, pending: readonly LogEntry[]): void {
    this.#rows = [];
    this.#text = 0;
    this.#file = page.file;
    this.#start = page.start;
    this.#hasEnd = true;
    this.append(page.entries, pending);
  }

  /** @returns whether rows at the start were dropped */
  append(items: readonly LogItem[], pending: readonly LogEntry[]): boolean {
    for (const item of items) {
      if (item.kind === 'rotated') this.#rotate(item.file);
      const row = this.#row(this.#nextId++, item, false);
      this.#rows.push(row);
      this.#text += sizeOf(row);
    }
    this.#pending = pending.map((entry) => this.#row(this.#nextId++, entry, true));
    const dropped = this.#dropFirst();
    this.#changed();
    return dropped;
  }

  /** What to ask for to see earlier entries. */
  request(count: number): LogPageRequest {
    const known = [...this.#rows, ...this.#pending].flatMap(({ item, file }) =>
      item.kind === 'line' && file === this.#file ? [item] : [],
    );
    return { file: this.#file, end: this.#start, count, claimed: claimsBefore(this.#start, known) };
  }

  /** Puts an answer to the present {@link request} before all rows. */
  prepend(request: LogPageRequest, page: LogPage): void {
    if (request.file !== this.#file || request.end !== this.#start) return;
    const rows = page.entries.map((item, index) =>
      this.#row(this.#firstId - page.entries.length + 1 + index, item, false),
    );
    this.#firstId -= rows.length;
    this.#rows = [...rows, ...this.#rows];
    this.#start = page.start;
    for (const row of rows) this.#text += sizeOf(row);
    this.#dropLast();
    this.#changed();
  }

  /** Chooses the streams to be seen. */
  show(streams: ReadonlySet<string>): void {
    this.#streams = streams;
    this.#changed();
  }

  find(pattern: RegExp | undefined): void {
    this.#pattern = pattern;
    for (const row of [...this.#rows, ...this.#pending]) row.matches = this.#count(row.item);
    this.#changed();
  }

  #row(id: number, item: LogItem, isPending: boolean): Row {
    return { id, item, file: this.#file, isPending, matches: this.#count(item) };
  }

  #count(item: LogItem): number {
    return this.#pattern && item.kind === 'line' ? countMatches(plainText(item), this.#pattern) : 0;
  }

  #isShown({ item }: Row): boolean {
    return item.kind !== 'line' || this.#streams.has(item.stream);
  }

  #changed(): void {
    this.#shown = undefined;
    this.#total = this.#pattern ? this.shown.reduce((sum, row) => sum + row.matches, 0) : 0;
  }

  /** Entries of the old file can't be read any more: the new one begins at its start. */
  #rotate(file: number): void {
    this.#file = file;
    this.#start = 0;
  }

  #isOver(factor: number): boolean {
    return this.#rows.length > this.#limits.rows * factor || this.#text > this.#limits.text * factor;
  }

  #dropFirst(): boolean {
    if (!this.#isOver(slack)) return false;
    let count = 0;
    let { length } = this.#rows;
    while (length > this.#limits.rows || (this.#text > this.#limits.text && length > 1)) {
      const row = this.#rows[count++];
      if (!row) break;
      length--;
      this.#text -= sizeOf(row);
      if (row.file !== this.#file) continue;
      this.#start = row.item.kind === 'line' ? row.item.end : 0;
    }
    this.#rows = this.#rows.slice(count);
    return true;
  }

  #dropLast(): void {
    if (!this.#isOver(slack)) return;
    while (this.#isOver(1)) {
      const row = this.#rows.pop();
      if (!row) break;
      this.#text -= sizeOf(row);
      this.#hasEnd = false;
    }
  }
}

/** What a row shows as its text, without colours. */
export function plainText(item: LogEntry): string {
  return stripAnsi(textOf(item));
}

function sizeOf({ item }: Row): number {
  return item.kind === 'line' ? item.text.length : 0;
}
