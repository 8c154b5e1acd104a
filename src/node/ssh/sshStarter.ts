import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Logger } from '../../util/logger.js';
import { NodeError } from '../node.js';
import type { ChannelEnd, Starter, Stay } from '../shell/launcher.js';
import { loginShellCommand } from '../shell/quote.js';
import type { Answers } from './answers.js';
import { aloneArguments, sessionArguments, type LoginOptions } from './arguments.js';
import { AskpassServer } from './askpassServer.js';
import type { Connection, SshLink } from './link.js';
import { failureOf } from './failure.js';
import { Master } from './master.js';
import type { SshProgram } from './program.js';
import { Sessions } from './sessions.js';

export interface SshStarterOptions {
  readonly link: SshLink<Connection>;
  readonly program: SshProgram;
  readonly login: LoginOptions;
  readonly answers: Answers;
  readonly logger: Logger;
  /** sshd allows fewer sessions than are wanted. */
  readonly onScarce: () => void;
}

/** ssh(1) ends with this for a fault of its own. */
const sshFault = 255;

/** Gives scripts to the shell of a node over its master, or over connections of their own. */
export class SshStarter implements Starter {
  readonly patienceMs = 30_000;
  readonly #options: SshStarterOptions;
  #sessions: { readonly of: Connection; readonly gate: Sessions } | undefined;
  #refused: string | undefined;

  constructor(options: SshStarterOptions) {
    this.#options = options;
  }

  async start(text: string, stay: Stay, signal?: AbortSignal): Promise<ChildProcessWithoutNullStreams> {
    const { link, program, login } = this.#options;
    const connection = await link.ready(signal);
    const command = loginShellCommand(text);
    if (connection instanceof Master) {
      const gate = this.#gate(connection);
      if (await gate.take(stay)) {
        const child = program.start(sessionArguments(connection.control, login.destination.host, command));
        child.once('close', () => gate.release(stay));
        return child;
      }
      if (stay === 'spare') throw new NodeError('refused', 'sshd has no session to spare');
    }
    return this.#alone(command);
  }

  explain(end: ChannelEnd): NodeError | 'again' {
    const label = this.#options.login.destination.text;
    const refused = this.#refused;
    this.#refused = undefined;
    if (refused !== undefined) return new NodeError('failed', `${label} wants another login: ${refused}`);
    if (end.code !== sshFault) {
      const said = end.stderr.trim() || `code ${end.code ?? 'of a signal'}`;
      return new NodeError('failed', `The login shell on ${label} ended before it ran a command: ${said}`);
    }
    // mux_client_request_session in OpenSSH's mux.c
    if (/session request failed|Session open refused/i.test(end.stderr)) {
      this.#sessions?.gate.refused();
      this.#options.onScarce();
      return 'again';
    }
    return new NodeError('failed', `The connection to ${label} failed: ${failureOf(end.stderr).reason}`);
  }

  /** A gate for each master. */
  #gate(of: Connection): Sessions {
    if (this.#sessions?.of !== of) this.#sessions = { of, gate: new Sessions() };
    return this.#sessions.gate;
  }

  async #alone(command: string): Promise<ChildProcessWithoutNullStreams> {
    const { link, program, login, answers } = this.#options;
    const refusal = new AbortController();
    const attempt = answers.attempt(false, (reason) => {
      this.#refused = reason;
      refusal.abort();
    });
    const askpass = await AskpassServer.listen(link.folder.path, program.askpass, attempt.answer);
    const child = program.start(aloneArguments(login, command), askpass.environment);
    refusal.signal.addEventListener('abort', () => child.kill(), { once: true });
    child.once('close', () => askpass.dispose());
    child.once('error', () => askpass.dispose());
    return child;
  }
}
