import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { delay } from '../../util/async.js';
import type { Disposable } from '../../util/dispose.js';
import type { Logger } from '../../util/logger.js';
import { NodeError } from '../node.js';
import { existsNow } from '../shell/privateFolder.js';
import { controlArguments, masterArguments, type LoginOptions } from './arguments.js';
import { failureOf, type LoginFailure } from './failure.js';
import type { SshProgram } from './program.js';

const pollMs = 5;
const controlMs = 10_000;
const tailCharacters = 8 * 1024;

/** One foreground `ssh -M`: a logged-in connection that other ssh processes use by its control socket. */
export class Master implements Disposable {
  readonly control: string;
  /** Why it ended. */
  readonly ended: Promise<LoginFailure>;
  readonly #program: SshProgram;
  readonly #login: LoginOptions;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #logger: Logger;
  #stderr = '';
  #isEnded = false;
  #prohibitions = 0;

  constructor(
    program: SshProgram,
    login: LoginOptions,
    control: string,
    environment: Readonly<Record<string, string>>,
    logger: Logger,
  ) {
    this.#program = program;
    this.#login = login;
    this.control = control;
    this.#logger = logger;
    this.#child = program.start(masterArguments(login, control), environment);
    this.#child.stdin.end();
    this.#child.stdout.resume();
    this.#child.stderr.on('data', (chunk: Buffer) => this.#read(chunk.toString('utf8')));
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) =>
        resolve({ type: 'failed', reason: `${program.path}: ${error.message}` }),
      );
      this.#child.once('close', () => resolve(failureOf(this.#stderr)));
    });
    void this.ended.then(() => (this.#isEnded = true));
  }

  /** How often the server has said that it forwards nothing of a kind. */
  get prohibitions(): number {
    return this.#prohibitions;
  }

  /**
   * Resolves when the login is done; never if it fails, see {@link ended}. The control socket comes after the login, under
   * a name of its own until it is listened to (muxserver_listen in OpenSSH's mux.c).
   */
  async opened(): Promise<void> {
    while (!this.#isEnded) {
      if (existsNow(this.control)) {
        this.#stderr = ''; // What is said from here on tells why it ends.
        return;
      }
      await delay(pollMs);
    }
    await new Promise<never>(() => undefined);
  }

  /** @param spec as `-L` takes it */
  async forward(spec: string): Promise<void> {
    const { code, stderr } = await this.#control({ forward: spec });
    if (code !== 0) throw new NodeError('failed', `ssh could not forward a socket: ${stderr.trim()}`);
  }

  async cancel(spec: string): Promise<void> {
    if (!this.#isEnded) await this.#control({ cancel: spec });
  }

  dispose(): void {
    this.#child.kill();
  }

  #control(action: Parameters<typeof controlArguments>[2]): Promise<{ code: number | null; stderr: string }> {
    return this.#program.run(controlArguments(this.control, this.#login.destination.host, action), controlMs);
  }

  #read(text: string): void {
    this.#stderr = (this.#stderr + text).slice(-tailCharacters);
    for (const line of text.split('\n')) {
      if (line.trim() === '') continue;
      this.#logger.info(`ssh ${this.#login.destination.text}: ${line.trim()}`);
      // channel_input_open_failure in OpenSSH's channels.c; the words are the reason code's of RFC 4254 section 5.1.
      if (line.includes('open failed: administratively prohibited')) this.#prohibitions++;
    }
  }
}
