import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { asError } from '../../util/async.js';
import { NodeError } from '../node.js';
import type { Channel, ChannelEnd } from './launcher.js';

export interface OpeningOptions {
  /** The line that the script prints first on stdout, and before that on stderr. */
  readonly mark: string;
  /** What sudo asks for a password with, and the answer. */
  readonly sudo?: { readonly prompt: string; readonly password: string };
  readonly patienceMs: number;
  readonly signal?: AbortSignal | undefined;
}

export type Opening =
  | { readonly type: 'open'; readonly channel: Channel }
  | { readonly type: 'ended'; readonly end: ChannelEnd }
  | { readonly type: 'wrongPassword' };

const tailBytes = 8 * 1024;
const noiseBytes = 1024 * 1024;

/** Waits until a script prints its mark, answering sudo on the way. Ends `child` unless it resolves with `open`. */
export async function openChannel(
  child: ChildProcessWithoutNullStreams,
  options: OpeningOptions,
): Promise<Opening> {
  let opening: Opening | undefined;
  try {
    opening = await begun(child, options);
    return opening;
  } finally {
    if (opening?.type !== 'open') child.kill();
  }
}

async function begun(child: ChildProcessWithoutNullStreams, options: OpeningOptions): Promise<Opening> {
  const { signal } = options;
  if (signal?.aborted) throw asError(signal.reason);
  // A program that ends without reading its input is no error of ours: how it ended says more.
  child.stdin.on('error', () => undefined);
  child.stdout.on('error', () => undefined);
  const tail = new Tail(child, options.mark);
  const ended = endOf(child, tail);
  let stop = (): void => undefined;
  const cut = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => reject(asError(signal?.reason));
    const late = (): void =>
      reject(
        new NodeError('failed', `the node did not start a command within ${options.patienceMs / 1000} s`),
      );
    const timer = setTimeout(late, options.patienceMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
  });
  try {
    return await Promise.race([
      markSeen(child, `${options.mark}\n`).then(() => open(child, ended)),
      ended.then((end): Opening => ({ type: 'ended', end })),
      wrongPassword(child, tail, options),
      cut,
    ]);
  } finally {
    stop();
  }
}

function open(child: ChildProcessWithoutNullStreams, ended: Promise<ChannelEnd>): Opening {
  const dispose = (): void => {
    child.stdin.destroy();
    child.stdout.destroy();
    child.kill();
  };
  return { type: 'open', channel: { stdin: child.stdin, stdout: child.stdout, ended, dispose } };
}

/** Discards what comes on stdout up to the mark, and leaves the rest to be read. */
function markSeen(child: ChildProcessWithoutNullStreams, mark: string): Promise<void> {
  const { stdout } = child;
  return new Promise((resolve) => {
    let held: Buffer = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      held = Buffer.concat([held, chunk]);
      const at = held.indexOf(mark);
      if (at < 0) {
        if (held.length > noiseBytes) held = held.subarray(-mark.length);
        return;
      }
      stdout.off('data', onData);
      stdout.pause();
      const rest = held.subarray(at + mark.length);
      if (rest.length > 0) stdout.unshift(rest);
      resolve();
    };
    stdout.on('data', onData);
  });
}

/** Answers sudo's first question; resolves when it asks again. */
function wrongPassword(
  child: ChildProcessWithoutNullStreams,
  tail: Tail,
  { sudo }: OpeningOptions,
): Promise<Opening> {
  return new Promise((resolve) => {
    if (!sudo) return;
    let answered = false;
    tail.watch(sudo.prompt, () => {
      if (answered) resolve({ type: 'wrongPassword' });
      else child.stdin.write(`${sudo.password}\n`);
      answered = true;
    });
  });
}

/** After `close`, so that all of stderr is there. */
function endOf(child: ChildProcessWithoutNullStreams, tail: Tail): Promise<ChannelEnd> {
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, stderr: tail.text }));
    child.once('error', (error) => resolve({ code: 127, stderr: error.message }));
  });
}

/** The last part of stderr, from the mark on. */
class Tail {
  readonly #mark: string;
  #text = '';
  #started = false;
  #watched: { readonly needle: string; readonly found: () => void } | undefined;
  #searched = '';

  constructor(child: ChildProcessWithoutNullStreams, mark: string) {
    this.#mark = `${mark}\n`;
    child.stderr.on('error', () => undefined);
    child.stderr.on('data', (chunk: Buffer) => this.#add(chunk.toString('utf8')));
  }

  get text(): string {
    return this.#text;
  }

  watch(needle: string, found: () => void): void {
    this.#watched = { needle, found };
  }

  #add(chunk: string): void {
    this.#text += chunk;
    const at = this.#started ? -1 : this.#text.indexOf(this.#mark);
    if (at >= 0) {
      this.#started = true;
      this.#text = this.#text.slice(at + this.#mark.length);
    }
    this.#text = this.#text.slice(-tailBytes);
    if (this.#watched) this.#search(chunk, this.#watched);
  }

  #search(chunk: string, { needle, found }: { readonly needle: string; readonly found: () => void }): void {
    this.#searched += chunk;
    for (let at = this.#searched.indexOf(needle); at >= 0; at = this.#searched.indexOf(needle)) {
      this.#searched = this.#searched.slice(at + needle.length);
      found();
    }
    this.#searched = this.#searched.slice(-needle.length);
  }
}
