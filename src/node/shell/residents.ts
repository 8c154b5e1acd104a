import { randomBytes } from 'node:crypto';
import { asError, delay } from '../../util/async.js';
import type { Disposable } from '../../util/dispose.js';
import { NodeError } from '../node.js';
import type { Collected, CollectOptions } from './collect.js';
import type { Channel, Launcher, ShellCommand } from './launcher.js';
import { quoteWord } from './quote.js';

/** A sweep and something beside it; more than that is rare. */
const maxShells = 2;
/** How long a script waits for one of them before it starts in its own way. */
const queueMs = 2_000;
/** Without a byte for this long a script hangs. */
const silenceMs = 30_000;
const idleMs = 60_000;
/** No shell stayed: none is tried again for this long. */
const refusedMs = 60_000;

/**
 * Shells that stay on the node and run short scripts one after another: a round trip for each, where one that is started
 * costs two, a login shell with its start-up files, and under sudo a password check and a line in the node's log.
 * Everything else is launched as before.
 */
export class ResidentShells implements Launcher, Disposable {
  readonly #launcher: Launcher;
  readonly #plain: boolean;
  readonly #shells = new Set<Resident>();
  #starting = 0;
  #refusedAt = -Infinity;
  #disposed = false;
  readonly #waiting = new Set<() => void>();

  /** @param plain whether a shell of ours runs as the login user, so that plain scripts may go to it */
  constructor(launcher: Launcher, plain: boolean) {
    this.#launcher = launcher;
    this.#plain = plain;
  }

  launch(command: ShellCommand, signal?: AbortSignal): Promise<Channel> {
    return this.#launcher.launch(command, signal);
  }

  async brief(command: ShellCommand, options: CollectOptions): Promise<Collected | undefined> {
    if (command.lasting === true || (command.plain === true && !this.#plain)) return undefined;
    const shell = await this.#take(options.signal);
    if (!shell) return undefined;
    try {
      return await shell.run(command, options);
    } catch (error) {
      // Started by itself it finds out why, if the reason lasts: such scripts only read.
      if (error instanceof Gone) return undefined;
      throw error;
    } finally {
      if (shell.isEnded) this.#shells.delete(shell);
      for (const wake of this.#waiting) wake();
    }
  }

  /** Ends the shells, those at work after their script. Others may be started when they are next wanted. */
  retire(): void {
    for (const shell of this.#shells) shell.retire();
    this.#shells.clear();
    this.#refusedAt = Date.now();
  }

  dispose(): void {
    this.#disposed = true;
    for (const shell of this.#shells) shell.dispose();
    this.#shells.clear();
  }

  /** A shell for one script, which is now its own; undefined when there is none to be had. */
  async #take(signal: AbortSignal | undefined): Promise<Resident | undefined> {
    const until = Date.now() + queueMs;
    for (;;) {
      signal?.throwIfAborted();
      for (const shell of this.#shells) {
        if (shell.isEnded) this.#shells.delete(shell);
        else if (shell.reserve()) return shell;
      }
      if (this.#disposed || Date.now() - this.#refusedAt < refusedMs) return undefined;
      if (this.#shells.size + this.#starting < maxShells) return this.#start(signal);
      const left = until - Date.now();
      if (left <= 0) return undefined;
      await this.#freed(left);
    }
  }

  async #start(signal: AbortSignal | undefined): Promise<Resident | undefined> {
    this.#starting++;
    const refusedAt = this.#refusedAt;
    try {
      // `exec 4` comes with the scripts, since some shells hand no such descriptor on.
      const command = { script: 'cd /; exec sh', plain: this.#plain, spare: true };
      const shell = new Resident(await this.#launcher.launch(command, signal));
      shell.reserve();
      if (this.#disposed) shell.dispose();
      // Retired while it started: it must not hold its session for longer than this script.
      else if (refusedAt !== this.#refusedAt) shell.retire();
      else this.#shells.add(shell);
      return shell;
    } catch {
      // The script itself will find the same reason, and say it.
      signal?.throwIfAborted();
      this.#refusedAt = Date.now();
      return undefined;
    } finally {
      this.#starting--;
    }
  }

  async #freed(ms: number): Promise<void> {
    const late = new AbortController();
    let wake = (): void => undefined;
    const freed = new Promise<void>((resolve) => this.#waiting.add((wake = resolve)));
    await Promise.race([freed, delay(ms, late.signal).catch(() => undefined)]);
    late.abort();
    this.#waiting.delete(wake);
  }
}

/** One shell that reads its scripts from stdin. Whatever goes wrong in one of them ends it. */
class Resident implements Disposable {
  readonly #channel: Channel;
  #state: 'idle' | 'busy' | 'ended' = 'idle';
  #retired = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(channel: Channel) {
    this.#channel = channel;
    channel.stdin.write('exec 4>&1\n');
    channel.stdout.on('error', () => undefined);
    void channel.ended.then(() => this.dispose());
  }

  get isEnded(): boolean {
    return this.#state === 'ended';
  }

  reserve(): boolean {
    if (this.#state !== 'idle') return false;
    this.#state = 'busy';
    clearTimeout(this.#idle);
    return true;
  }

  async run(command: ShellCommand, options: CollectOptions): Promise<Collected> {
    const nonce = randomBytes(16).toString('hex');
    let collected: Collected | undefined;
    try {
      const answer = this.#answer(`${nonce}\n`, options);
      this.#channel.stdin.write(residentText(command, nonce));
      collected = parseAnswer(await answer, nonce);
      if (collected.stdout.length > options.maxBytes) throw tooLong(options.maxBytes);
      return collected;
    } finally {
      if (collected && !this.#retired) this.#rest();
      else this.dispose();
    }
  }

  retire(): void {
    this.#retired = true;
    if (this.#state === 'idle') this.dispose();
  }

  dispose(): void {
    this.#state = 'ended';
    clearTimeout(this.#idle);
    this.#channel.dispose();
  }

  #rest(): void {
    if (this.#state === 'ended') return;
    this.#state = 'idle';
    this.#idle = setTimeout(() => this.dispose(), idleMs).unref();
  }

  /** What comes on stdout up to `last`, which is the last thing that comes. */
  async #answer(last: string, { maxBytes, signal }: CollectOptions): Promise<Buffer> {
    const { stdout, ended } = this.#channel;
    const chunks: Buffer[] = [];
    let size = 0;
    let end = Buffer.alloc(0);
    let stop = (): void => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const silence = setTimeout(
          () => reject(new NodeError('failed', `the node said nothing for ${silenceMs / 1000} s`)),
          silenceMs,
        );
        const onAbort = (): void => reject(asError(signal?.reason));
        const onData = (chunk: Buffer): void => {
          silence.refresh();
          chunks.push(chunk);
          size += chunk.length;
          end = Buffer.concat([end, chunk.subarray(-last.length)]).subarray(-last.length);
          if (end.equals(Buffer.from(last))) resolve();
          else if (size > maxBytes + slack) reject(tooLong(maxBytes));
        };
        stop = () => {
          clearTimeout(silence);
          signal?.removeEventListener('abort', onAbort);
          stdout.off('data', onData);
        };
        if (signal?.aborted) onAbort();
        signal?.addEventListener('abort', onAbort, { once: true });
        stdout.on('data', onData);
        stdout.resume();
        void ended.then(() => reject(new Gone()));
      });
      return Buffer.concat(chunks, size);
    } finally {
      stop();
    }
  }
}

/** For what a script says on stderr, and our own marks. */
const slack = 1024 * 1024;

const tooLong = (maxBytes: number): NodeError =>
  new NodeError('failed', `the node printed more than ${maxBytes} bytes`);

/** The shell ended. */
class Gone extends Error {}

/**
 * Runs a script as a function in a subshell, out of reach of the shell's own input. Its stdout goes straight through; then
 * come a mark with its exit code, what it said on stderr, and the mark again. Nobody on the node can foresee the mark, or
 * see it: only the shell's own printf(1) gets it.
 */
export function residentText({ script, args = [] }: ShellCommand, nonce: string): string {
  const words = args.map(quoteWord).join(' ');
  return `s() {
${script}
}
e=$(s ${words} 2>&1 >&4 4>&- </dev/null)
printf '${nonce} %d\\n%s${nonce}\\n' $? "$e"
`;
}

/** Takes what {@link residentText} prints. */
export function parseAnswer(answer: Buffer, nonce: string): Collected {
  const at = answer.indexOf(`${nonce} `);
  const newline = answer.indexOf('\n', at);
  const code = answer.toString('latin1', at + nonce.length + 1, newline);
  if (at < 0 || !/^\d+$/.test(code)) throw new NodeError('failed', 'the node’s shell garbled its output');
  return {
    code: Number(code),
    stdout: answer.subarray(0, at),
    stderr: answer.toString('utf8', newline + 1, answer.length - nonce.length - 1),
  };
}
