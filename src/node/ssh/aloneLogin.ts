import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { loginShellCommand } from '../shell/quote.js';
import { aloneArguments, type LoginOptions } from './arguments.js';
import { failureOf, type LoginFailure } from './failure.js';
import type { Connection } from './link.js';
import type { SshProgram } from './program.js';

/**
 * Where ssh can't share a connection (Windows: Win32-OpenSSH has no ControlMaster): one login shows that the host can be
 * used, and gets the person's answers; each stream then logs in by itself.
 */
export class AloneLogin implements Connection {
  readonly ended: Promise<LoginFailure>;
  readonly #opened: Promise<void>;
  readonly #child: ChildProcessWithoutNullStreams;
  #end: (failure: LoginFailure) => void = () => undefined;

  constructor(program: SshProgram, login: LoginOptions, environment: Readonly<Record<string, string>>) {
    this.#child = program.start(aloneArguments(login, loginShellCommand('exit 0')), environment);
    this.#child.stdin.end();
    this.#child.stdout.resume();
    let stderr = '';
    this.#child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.#opened = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#end({ type: 'failed', reason: error.message }));
      this.#child.once('close', (code) => {
        if (code === 0) resolve();
        else this.#end(failureOf(stderr));
      });
    });
  }

  opened(): Promise<void> {
    return this.#opened;
  }

  dispose(): void {
    this.#child.kill();
    this.#end({ type: 'lost', reason: 'the connection was given up' });
  }
}
