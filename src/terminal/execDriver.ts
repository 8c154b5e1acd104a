import { StringDecoder } from 'node:string_decoder';
import { inert } from '../model/visible.js';
import type { ExecExit, ExecRequest, ExecSession } from '../runtime/connection.js';
import { delay, messageOf } from '../util/async.js';
import type { Translate } from '../util/translate.js';
import { findShell } from './findShell.js';
import { HeldSession } from './heldSession.js';

/** What a terminal shows and does, without VS Code. */
export interface Screen {
  write(text: string): void;
  close(): void;
  /** The terminal was closed, and what ran in it may go on in the container. */
  leftRunning(): void;
}

export interface ExecDriverOptions {
  /** Shells to try in turn, or a command. */
  readonly program:
    { readonly shells: readonly string[] } | { readonly command: readonly [string, ...string[]] };
  readonly exec: (request: ExecRequest, signal: AbortSignal) => Promise<ExecSession>;
  readonly screen: Screen;
  readonly t: Translate;
}

interface Size {
  readonly columns: number;
  readonly rows: number;
}

const endOfText = '\u0003';
const endOfTransmission = '\u0004';
/** How often ^C and ^D are sent to nested programs when the terminal closes, and how long each may take. */
const endings = { rounds: 5, interruptMs: 60, exitMs: 200 };

/** What a terminal says by itself: cursor position, device attributes and status, focus in and out. */
// eslint-disable-next-line no-control-regex -- they begin with ESC
const report = /^(?:\u001b\[[?>]?[\d;]*[RcnIO])+$/;
/** A program that was cut off may leave colours set and the cursor hidden. */
const restore = '\u001b[0m\u001b[?25h';

const dim = (text: string): string => `\u001b[2m${text}\u001b[0m`;
const red = (text: string): string => `\u001b[31m${text}\u001b[0m`;

/** Runs one program of a container in a terminal, from its start to the line that tells how it ended. */
export class ExecDriver {
  readonly #options: ExecDriverOptions;
  readonly #abort = new AbortController();
  readonly #decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  #state: 'new' | 'starting' | 'running' | 'ended' | 'closed' = 'new';
  #size: Size | undefined;
  #session: HeldSession | undefined;
  /** Keys struck before a shell was found; the next one tried gets them too. */
  #typedAhead = '';
  #typed = false;
  #opening: Promise<void> = Promise.resolve();

  constructor(options: ExecDriverOptions) {
    this.#options = options;
  }

  /** @param size of the terminal, when it is known already */
  open(size?: Size): Promise<void> {
    if (this.#state === 'new') {
      this.#state = 'starting';
      this.#size = size;
      this.#opening = this.#open();
    }
    return this.#opening;
  }

  async #open(): Promise<void> {
    const { t, screen } = this.#options;
    screen.write(
      `${dim(t('Closing this terminal sends ^C and ^D; a program that ignores them goes on in the container.'))}\r\n`,
    );
    try {
      const session = await this.#start();
      if (this.#isClosed()) await this.#endSession(session);
      else if (session) this.#run(session);
    } catch (error) {
      if (!this.#isClosed()) this.#finish(red(t('Could not start it: {0}', inert(messageOf(error), 1000))));
    }
  }

  input(data: string): void {
    if (this.#state === 'ended') {
      if (report.test(data)) return;
      this.#state = 'closed';
      this.#options.screen.close();
      return;
    }
    this.#typed = true;
    if (this.#state === 'starting') this.#typedAhead += data;
    this.#session?.write(data);
  }

  resize(size: Size): void {
    this.#size = size;
    this.#session?.resize(size.columns, size.rows);
  }

  /**
   * The terminal is gone. Closing the connection ends nothing in the container (runtimes.md, trap 6), so ^C and ^D
   * are sent first, more than once since shells may be nested.
   */
  async close(): Promise<void> {
    const before = this.#state;
    this.#state = 'closed';
    this.#abort.abort(new Error('the terminal was closed'));
    // What is being started is ended there as soon as it runs.
    await this.#opening;
    if (before === 'running') await this.#endSession(this.#session);
  }

  /** The same in no time, for when the extension ends. */
  abandon(): void {
    this.#session?.write(endOfText + endOfTransmission);
    this.#session?.close();
  }

  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  async #start(): Promise<HeldSession | undefined> {
    const { program, t } = this.#options;
    if ('command' in program) {
      const session = new HeldSession(await this.#exec(program.command));
      this.#adopt(session);
      return session;
    }
    const found = await findShell({
      shells: program.shells,
      start: (command) => this.#exec(command),
      onTry: (session) => this.#adopt(session),
      signal: this.#abort.signal,
    });
    if ('session' in found) return found.session;
    this.#session = undefined;
    this.#finish(
      `${red(t('This container has no shell.'))} ${t('Tried: {0}.', inert(found.tried.join(', '), 500))}\r\n` +
        t(
          'Run one of its own programs with “Run Command in Container…”, or enter it from the node with “Copy nsenter Command”.',
        ),
    );
    return undefined;
  }

  #exec(command: readonly [string, ...string[]]): Promise<ExecSession> {
    const size = this.#size ? { size: this.#size } : {};
    return this.#options.exec({ command, tty: true, stdin: true, ...size }, this.#abort.signal);
  }

  #adopt(session: HeldSession): void {
    this.#session = session;
    // The size may have become known, or another, while the connection was made.
    if (this.#size) session.resize(this.#size.columns, this.#size.rows);
    if (this.#typedAhead !== '') session.write(this.#typedAhead);
  }

  #run(session: HeldSession): void {
    this.#state = 'running';
    const { screen } = this.#options;
    session.attach({
      output: (data, stream) => {
        const text = this.#decoders[stream].write(data);
        // Where there is no tty, nobody turned line feeds into new lines.
        screen.write(stream === 'stderr' ? text.replace(/\r?\n/g, '\r\n') : text);
      },
      exit: (exit) => this.#exited(exit),
    });
  }

  #exited(exit: ExecExit): void {
    if (this.#state !== 'running') return;
    this.#session?.close();
    const { program, screen, t } = this.#options;
    screen.write(this.#decoders.stdout.end() + this.#decoders.stderr.end());
    if (exit.code === 0 && this.#typed && 'shells' in program) {
      this.#state = 'closed';
      screen.close();
    } else this.#finish(exitText(exit, t));
  }

  #finish(text: string): void {
    this.#state = 'ended';
    const { screen, t } = this.#options;
    screen.write(`${restore}\r\n${text}\r\n${dim(t('Press any key to close the terminal.'))}`);
  }

  async #endSession(session: HeldSession | undefined): Promise<void> {
    if (session === undefined) return;
    for (let round = 0; round < endings.rounds && session.exit === undefined; round++) {
      session.write(endOfText);
      await delay(endings.interruptMs);
      session.write(endOfTransmission);
      await exitOr(session, endings.exitMs);
    }
    session.close();
    if (session.exit === undefined) this.#options.screen.leftRunning();
  }
}

/** Resolves when the session ended, at the latest after `ms` milliseconds. */
function exitOr(session: HeldSession, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      subscription.dispose();
      resolve();
    };
    const timer = setTimeout(done, ms);
    const subscription = session.onChanged(() => {
      if (session.exit) done();
    });
    if (session.exit) done();
  });
}

/** The line that tells how a program ended. */
export function exitText({ code, message }: ExecExit, t: Translate): string {
  if (code !== undefined) return dim(`[${t('exited with code {0}', code)}]`);
  const why =
    message === undefined || message === '' ? t('The connection ended without an exit code') : message;
  const text = t('{0}. What ran here may go on in the container.', inert(why.replace(/\.$/, ''), 1000));
  return red(text);
}
