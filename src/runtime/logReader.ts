import { NodeError, type FollowEvent, type Node } from '../node/node.js';
import type { LogBatch, LogEntry, LogItem, LogPage, LogPageRequest, LogState } from '../model/log/entry.js';
import { LogParser } from '../model/log/parser.js';
import { messageOf } from '../util/async.js';
import type { Disposable } from '../util/dispose.js';
import { readBack, type ReadExactly } from './logPage.js';

export interface LogOptions {
  /** How many of the last entries to begin with. */
  readonly tail: number;
  readonly signal?: AbortSignal;
}

/** A log that is open: what it began with, and what comes. Dispose to stop following. */
export interface OpenLog extends Disposable {
  readonly first: LogPage & LogBatch;
  /** Hears all that came after `first`, in batches. To be called once. */
  follow(listener: (batch: LogBatch) => void): void;
  /** Rejects when the file was rotated away. */
  before(request: LogPageRequest, signal?: AbortSignal): Promise<LogPage>;
}

const readDeadline = 30_000;
const batchDelay = 50;
const batchSize = 500;
/** Bytes of each text that isn't complete, since it is told again with each batch. */
const pendingText = 4096;
/** Bytes that are read twice, by the tail and by the follow, to see that both read the same file. */
const overlap = 512;
const attempts = 3;

/**
 * Opens a container's log: the last entries first, then what is written from there on, over rotations.
 * Rejects with a {@link NodeError} fit for people. A file that isn't there is no error: it is waited for.
 */
export async function openLog(node: Node, path: string, options: LogOptions): Promise<OpenLog> {
  if (path === '') {
    throw new NodeError(
      'missing',
      'The runtime keeps no log file of this container. Its pod was made without a log folder, or its log driver writes elsewhere.',
    );
  }
  for (let attempt = 1; ; attempt++) {
    const log = new FollowedLog(node, path);
    try {
      await log.open(options);
      return log;
    } catch (error) {
      log.dispose();
      options.signal?.throwIfAborted();
      if (!(error instanceof FileChanged) || attempt === attempts) throw explain(error, path);
    }
  }
}

/** The file became shorter, or another one, between two reads. */
class FileChanged extends Error {
  constructor() {
    super('The log was rotated while it was read. Try again.');
  }
}

function explain(error: unknown, path: string): Error {
  const kind = error instanceof NodeError ? error.kind : 'failed';
  if (kind === 'denied') {
    return new NodeError(
      kind,
      `Permission denied: ${path} may not be read by this user. Log files mostly belong to root: open the node as root or with sudo.`,
      { cause: error },
    );
  }
  return new NodeError(kind, `The log ${path} can't be read: ${messageOf(error)}`, { cause: error });
}

class FollowedLog implements OpenLog {
  readonly #node: Node;
  readonly #path: string;
  readonly #ended = new AbortController();
  #follow: Disposable | undefined;
  /** What is to be done with what the follow said while nobody listened. */
  #held: (() => void)[] | undefined = [];
  #listener: ((batch: LogBatch) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  #parser = new LogParser();
  #file = 0;
  #state: LogState = 'following';
  /** The end of what the tail read, which the follow has to deliver again. */
  #edge: Buffer = Buffer.alloc(0);
  /** Something of the present or of an earlier file was there. */
  #hadFile = false;
  #items: LogItem[] = [];
  #first: (LogPage & LogBatch) | undefined;

  constructor(node: Node, path: string) {
    this.#node = node;
    this.#path = path;
  }

  get first(): LogPage & LogBatch {
    if (!this.#first) throw new Error('the log is not open');
    return this.#first;
  }

  /** The follow begins before the tail is read, so that nothing falls between them. */
  async open({ tail, signal }: LogOptions): Promise<void> {
    const size = await this.#size(signal);
    const edge = Math.min(size, overlap);
    this.#startFollow(size - edge);
    const read = this.#reader(signal);
    if (edge > 0) this.#edge = await read(size - edge, edge);
    const { entries, start, parser } = await readBack(read, { end: size, count: tail, claimed: {} });
    this.#parser = parser;
    const pending = parser.pending(pendingText);
    this.#first = { file: 0, entries, start, items: entries, pending, state: this.#state };
  }

  follow(listener: (batch: LogBatch) => void): void {
    this.#listener = listener;
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const take of held) take();
  }

  async before(request: LogPageRequest, signal?: AbortSignal): Promise<LogPage> {
    if (request.file !== this.#file) throw new Error('Earlier lines are in a file that was rotated away.');
    const { entries, start, parser } = await readBack(this.#reader(signal), request);
    // Parts that no known entry took are shown where they are.
    const left: LogEntry[] = parser.pending();
    const all = [...entries, ...left].sort((a, b) => a.end - b.end);
    return { file: request.file, entries: all, start };
  }

  dispose(): void {
    this.#ended.abort(new Error('the log was closed'));
    this.#follow?.dispose();
    clearTimeout(this.#timer);
    this.#listener = undefined;
    this.#held = undefined;
  }

  async #size(signal: AbortSignal | undefined): Promise<number> {
    try {
      const info = await this.#node.stat(this.#path, this.#deadline(signal));
      if (info.type !== 'file') throw new NodeError('unsupported', `it is a ${info.type}, not a file.`);
      this.#hadFile = true;
      return info.size;
    } catch (error) {
      if (!(error instanceof NodeError) || error.kind !== 'missing') throw error;
      this.#state = 'missing';
      return 0;
    }
  }

  #deadline(signal: AbortSignal | undefined): AbortSignal {
    const all = [this.#ended.signal, AbortSignal.timeout(readDeadline)];
    return AbortSignal.any(signal ? [...all, signal] : all);
  }

  #reader(signal: AbortSignal | undefined): ReadExactly {
    return async (offset, length) => {
      const deadline = this.#deadline(signal);
      const options = { offset, length, signal: deadline };
      const bytes = await this.#node.readFile(this.#path, options).catch((error: unknown) => {
        throw error instanceof NodeError && error.kind === 'missing' ? new FileChanged() : error;
      });
      deadline.throwIfAborted();
      if (bytes.length < length) throw new FileChanged();
      return bytes;
    };
  }

  #startFollow(from: number): void {
    this.#follow?.dispose();
    let active = true;
    const follow = this.#node.follow(this.#path, from, (event) => {
      const take = (): void => {
        if (active) this.#take(event);
      };
      if (this.#held) this.#held.push(take);
      else take();
    });
    this.#follow = {
      dispose() {
        active = false;
        follow.dispose();
      },
    };
  }

  #take(event: FollowEvent): void {
    switch (event.type) {
      case 'data':
        this.#takeData(event.bytes, event.offset);
        break;
      case 'rotated':
        this.#rotate();
        break;
      case 'missing':
        this.#state = 'missing';
        break;
    }
    this.#schedule();
  }

  #takeData(bytes: Buffer, offset: number): void {
    this.#state = 'following';
    this.#hadFile = true;
    const again = Math.min(this.#edge.length, bytes.length);
    if (!bytes.subarray(0, again).equals(this.#edge.subarray(0, again))) {
      // Rotated between the tail and the follow, which began in the middle of the new file.
      this.#rotate();
      this.#startFollow(0);
      return;
    }
    this.#edge = this.#edge.subarray(again);
    for (const entry of this.#parser.push(bytes.subarray(again), offset + again)) this.#items.push(entry);
  }

  #rotate(): void {
    this.#items.push(...this.#parser.endFile());
    this.#edge = Buffer.alloc(0);
    this.#state = 'following';
    if (this.#hadFile) this.#items.push({ kind: 'rotated', file: ++this.#file });
  }

  #schedule(): void {
    if (this.#items.length >= batchSize) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), batchDelay);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const items = this.#items;
    this.#items = [];
    this.#listener?.({ items, pending: this.#parser.pending(pendingText), state: this.#state });
  }
}
