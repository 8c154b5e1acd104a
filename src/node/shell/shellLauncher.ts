import { randomBytes } from 'node:crypto';
import { NodeError } from '../node.js';
import { passwordNeeded, sudoArguments, sudoFault, type Sudo } from '../sudo.js';
import type { Channel, ChannelEnd, Launcher, ShellCommand, Starter, Stay } from './launcher.js';
import { openChannel, type Opening } from './opening.js';
import { quoteWord } from './quote.js';

/** More starts than this for one command mean that they will go on failing. */
const maxStarts = 6;

/** Runs scripts by a {@link Starter}, under sudo where that is wanted. */
export class ShellLauncher implements Launcher {
  readonly #starter: Starter;
  readonly #sudo: Sudo | undefined;

  constructor(starter: Starter, sudo?: Sudo) {
    this.#starter = starter;
    this.#sudo = sudo;
  }

  async launch(command: ShellCommand, signal?: AbortSignal): Promise<Channel> {
    const sudo = command.plain ? undefined : this.#sudo;
    let last: ChannelEnd | undefined;
    for (let start = 0; start < maxStarts; start++) {
      const password = sudo?.password?.current;
      const opening = await this.#open(command, sudo, password, signal);
      if (opening.type === 'open') return opening.channel;
      if (opening.type === 'wrongPassword') await sudo?.password?.renew(password, signal);
      else {
        last = opening.end;
        if (sudo && passwordNeeded(last) && sudo.password) await sudo.password.renew(password, signal);
        else this.#checkAgain(last, sudo);
      }
    }
    throw new NodeError('failed', `the node starts no command: ${last?.stderr ?? ''}`);
  }

  async #open(
    command: ShellCommand,
    sudo: Sudo | undefined,
    password: string | undefined,
    signal?: AbortSignal,
  ): Promise<Opening> {
    const nonce = randomBytes(12).toString('hex');
    const mark = `begin-${nonce}`;
    const prompt = `password-${nonce}`;
    const text = shellText(command, mark, sudo && sudoArguments(password === undefined ? undefined : prompt));
    const child = await this.#starter.start(text, stayOf(command), signal);
    return openChannel(child, {
      mark,
      patienceMs: this.#starter.patienceMs,
      signal,
      ...(password === undefined ? {} : { sudo: { prompt, password } }),
    });
  }

  /** Throws unless another start has a chance. */
  #checkAgain(end: ChannelEnd, sudo: Sudo | undefined): void {
    const fault = (sudo && sudoFault(end)) ?? this.#starter.explain(end);
    if (fault !== 'again') throw fault;
  }
}

function stayOf({ lasting, spare }: ShellCommand): Stay {
  if (lasting === true) return 'lasting';
  return spare === true ? 'spare' : 'short';
}

/** The text for `sh -c`: the marks, the elevation, the script and its arguments. */
export function shellText(command: ShellCommand, mark: string, elevation?: readonly string[]): string {
  const start = `LC_ALL=C; export LC_ALL; echo ${mark} >&2`;
  const args = (command.args ?? []).map(quoteWord).join(' ');
  const script = `echo ${mark}; ${command.script}`;
  if (!elevation) return `${start}\nset -- ${args}\n${script}`;
  return `${start}\nexec ${elevation.map(quoteWord).join(' ')} sh -c ${quoteWord(`LC_ALL=C; export LC_ALL; ${script}`)} sh ${args}`;
}
