import { stat, type FileHandle } from 'node:fs/promises';
import { delay, messageOf } from '../util/async.js';
import type { Disposable } from '../util/dispose.js';
import type { Logger } from '../util/logger.js';
import { infoOf, openFile } from './localFiles.js';
import type { FollowEvent } from './node.js';

const CHUNK = 64 * 1024;
/** A removed file is held open this long for the sake of its writer; longer would keep its space on disk taken. */
const MISSING_HOLD_MS = 10_000;

interface Opened {
  readonly handle: FileHandle;
  readonly identity: string;
  offset: number;
}

export interface FollowOptions {
  readonly pollMs: number;
  readonly logger: Logger;
}

/**
 * Follows a file by looking at it some times a second. inotify would tell sooner, but it follows inodes and not paths,
 * is silent on network and some overlay file systems, loses what is behind a symbolic link, and its watches are a
 * scarce good that VS Code itself uses up; a look costs a few system calls and works everywhere.
 */
export function followFile(
  path: string,
  from: number,
  listener: (event: FollowEvent) => void,
  options: FollowOptions,
): Disposable {
  const end = new AbortController();
  const follow = new Follow(path, from, listener, end.signal);
  void follow.run(options.pollMs).catch((error: unknown) => {
    if (!end.signal.aborted) options.logger.error(`following ${path} ended: ${messageOf(error)}`);
  });
  return { dispose: () => end.abort(new Error('the follow was ended')) };
}

class Follow {
  readonly #path: string;
  readonly #from: number;
  readonly #tell: (event: FollowEvent) => void;
  readonly #signal: AbortSignal;
  readonly #buffer = Buffer.allocUnsafe(CHUNK);
  #file: Opened | undefined;
  #missingSince: number | undefined;
  /** A file was followed before, or there was none at the start: what comes now is another one. */
  #started = false;

  constructor(path: string, from: number, tell: (event: FollowEvent) => void, signal: AbortSignal) {
    this.#path = path;
    this.#from = from;
    this.#tell = tell;
    this.#signal = signal;
  }

  async run(pollMs: number): Promise<void> {
    try {
      while (!this.#signal.aborted) {
        await this.#look(pollMs);
        await delay(pollMs, this.#signal);
      }
    } finally {
      await this.#close();
    }
  }

  async #look(pollMs: number): Promise<void> {
    const identity = await this.#identityAtPath();
    const old = this.#file;
    if (old) await this.#drain(old);
    if (identity === undefined) await this.#miss();
    else {
      this.#missingSince = undefined;
      if (identity !== old?.identity) await this.#change(old, pollMs);
    }
  }

  /** The path names nothing. Between a rename and the new file the writer goes on with the old one, so it stays open. */
  async #miss(): Promise<void> {
    if (this.#missingSince === undefined) {
      this.#missingSince = Date.now();
      this.#started = true;
      this.#emit({ type: 'missing' });
    } else if (Date.now() - this.#missingSince > MISSING_HOLD_MS) await this.#close();
  }

  /** Goes from the old file, if any, to the one that the path names now. */
  async #change(old: Opened | undefined, pollMs: number): Promise<void> {
    if (old) {
      // The writer may have been in the middle of a line when the new file appeared.
      await delay(pollMs, this.#signal);
      await this.#drain(old);
    }
    const next = await this.#open();
    if (!next) return;
    await this.#close();
    this.#file = next;
    if (this.#started) this.#emit({ type: 'rotated' });
    else next.offset = this.#from;
    this.#started = true;
    await this.#drain(next);
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
  }

  async #open(): Promise<Opened | undefined> {
    try {
      const handle = await openFile(this.#path);
      const { identity } = infoOf(await handle.stat({ bigint: true }));
      return { handle, identity, offset: 0 };
    } catch {
      return undefined; // it went again, or may not be read: the next look tells
    }
  }

  async #identityAtPath(): Promise<string | undefined> {
    try {
      const stats = await stat(this.#path, { bigint: true });
      return stats.isFile() ? infoOf(stats).identity : undefined;
    } catch {
      return undefined;
    }
  }

  /** Delivers what is there up to the end of the file. */
  async #drain(file: Opened): Promise<void> {
    const { size } = await file.handle.stat();
    if (size < file.offset) {
      file.offset = 0;
      this.#emit({ type: 'rotated' });
    }
    while (!this.#signal.aborted) {
      const { bytesRead } = await file.handle.read(this.#buffer, 0, CHUNK, file.offset);
      if (bytesRead === 0) return;
      const bytes = Buffer.from(this.#buffer.subarray(0, bytesRead));
      this.#emit({ type: 'data', offset: file.offset, bytes });
      file.offset += bytesRead;
    }
  }

  #emit(event: FollowEvent): void {
    if (!this.#signal.aborted) this.#tell(event);
  }
}
