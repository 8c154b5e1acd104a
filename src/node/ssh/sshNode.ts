import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Event } from '../../util/event.js';
import type { Logger } from '../../util/logger.js';
import type { ReachableSocket } from '../node.js';
import type { Prompt } from '../prompt.js';
import { bridgeCommand, findBridge } from '../shell/bridge.js';
import { bridgedSocket, pipeName } from '../shell/bridgedSocket.js';
import { collect } from '../shell/collect.js';
import { PipesStream } from '../shell/pipesStream.js';
import { ResidentShells } from '../shell/residents.js';
import { ShellLauncher } from '../shell/shellLauncher.js';
import { ShellNode } from '../shell/shellNode.js';
import type { Sudo, SudoMode } from '../sudo.js';
import { SudoPassword } from '../sudoPassword.js';
import { AloneLogin } from './aloneLogin.js';
import { Answers } from './answers.js';
import type { LoginOptions } from './arguments.js';
import { AskpassServer, type AskpassProgram } from './askpassServer.js';
import { parseDestination } from './destination.js';
import { dialOverMaster } from './dial.js';
import { Forwards } from './forwards.js';
import { SshLink, type Connection, type LinkState } from './link.js';
import { Master } from './master.js';
import { SshProgram } from './program.js';
import { SshStarter } from './sshStarter.js';

export interface SshNodeOptions {
  /** An alias of the ssh config, `user@host`, `user@host:port` or `ssh://…`. */
  readonly host: string;
  readonly sudo: SudoMode;
  /** Asks what ssh and sudo ask. */
  readonly prompt: Prompt;
  readonly logger: Logger;
  readonly askpass: AskpassProgram;
  /** The ssh program; default `ssh`. */
  readonly sshPath?: string;
  /** Instead of the person's ssh config. */
  readonly configFile?: string;
  readonly keepAlive?: { readonly seconds: number; readonly count: number };
  /** Whether one login carries all; default everywhere but on Windows, whose ssh can't. */
  readonly multiplexed?: boolean;
}

/** A machine over the system's ssh. It connects when something is first wanted of it, or when told to. */
export class SshNode extends ShellNode {
  readonly kind = 'ssh';
  readonly #program: SshProgram;
  readonly #login: LoginOptions;
  readonly #link: SshLink<Connection>;
  readonly #answers: Answers;
  readonly #forwards: Forwards;
  readonly #shells: ResidentShells;
  readonly #sudo: Sudo | undefined;
  /** sshd forwards no TCP connections on this link. */
  #noTcpOn: Connection | undefined;

  /** Throws a NodeError when `host` is no host name. */
  constructor(options: SshNodeOptions) {
    const parts = assemble(options);
    super(parts.launcher, options.logger, true);
    this.#program = parts.program;
    this.#login = parts.login;
    this.#link = parts.link;
    this.#answers = parts.answers;
    this.#forwards = parts.forwards;
    this.#shells = parts.launcher;
    this.#sudo = parts.sudo;
  }

  get state(): LinkState {
    return this.#link.state;
  }

  get onDidChangeState(): Event<LinkState> {
    return this.#link.onDidChangeState;
  }

  /** Connects now, whatever failed before; the person may be asked. */
  connect(): void {
    this.#link.connect();
  }

  /** Starts over: another connection, and another question for sudo's password if it was declined or is wrong. */
  reconnect(): void {
    this.#link.disconnect();
    this.#sudo?.password?.reset();
    this.#link.connect();
  }

  /** Ends the connection and forgets what the person answered. It stays so until {@link connect}. */
  disconnect(): void {
    this.#link.disconnect();
    this.#answers.forget();
    this.#sudo?.password?.reset();
  }

  async socket(path: string, signal?: AbortSignal): Promise<ReachableSocket> {
    const connection = await this.#link.ready(signal);
    const { folder } = this.#link;
    await this.look(path, signal);
    const master = connection instanceof Master && !this.#sudo ? connection : undefined;
    const forwarded = master && (await this.#forwards.open(master, folder, path, signal));
    if (forwarded) return forwarded;
    const local =
      process.platform === 'win32' ? pipeName() : folder.join(`g${randomBytes(4).toString('hex')}`);
    const bridged = await bridgedSocket(this.launcher, path, local, this.logger, signal);
    if (master) this.#forwards.prohibited(master, path);
    return bridged;
  }

  async dial(host: string, port: number, signal?: AbortSignal): Promise<Duplex> {
    const connection = await this.#link.ready(signal);
    if (connection instanceof Master && this.#noTcpOn !== connection) {
      const target = { host, port, destination: this.#login.destination.host };
      const stream = await dialOverMaster(this.#program, connection, target, signal);
      if (stream) return stream;
      this.#noTcpOn = connection;
    }
    // A port needs no rights: the login user's own program will do.
    const program = await findBridge(this.launcher, { host, port }, { plain: true, signal });
    const channel = await this.launcher.launch(bridgeCommand(program, { host, port }, true), signal);
    return new PipesStream(channel.stdin, channel.stdout, () => channel.dispose());
  }

  override dispose(): void {
    super.dispose();
    this.#sudo?.password?.dispose();
    this.#shells.dispose();
    this.#link.dispose();
    this.#program.dispose();
  }
}

interface Parts {
  readonly program: SshProgram;
  readonly login: LoginOptions;
  readonly link: SshLink<Connection>;
  readonly answers: Answers;
  readonly launcher: ResidentShells;
  readonly forwards: Forwards;
  readonly sudo: Sudo | undefined;
}

function assemble(options: SshNodeOptions): Parts {
  const { host, logger, prompt, configFile } = options;
  const login = {
    destination: parseDestination(host),
    configFile,
    keepAlive: options.keepAlive ?? { seconds: 10, count: 3 },
  };
  const multiplexed = options.multiplexed ?? process.platform !== 'win32';
  const program = new SshProgram(options.sshPath ?? 'ssh', options.askpass);
  const answers = new Answers(prompt);
  const link: SshLink<Connection> = new SshLink<Connection>({
    label: host,
    answers,
    logger,
    listen: (folder, answer) => AskpassServer.listen(folder.path, options.askpass, answer),
    login: (folder, name, environment) =>
      multiplexed
        ? new Master(program, login, folder.join(name), environment, logger)
        : new AloneLogin(program, login, environment),
    restore: (connection) =>
      connection instanceof Master ? forwards.restore(connection) : Promise.resolve(),
    probe: async (signal) => {
      await collect(launcher, { script: 'exit 0', plain: true }, { maxBytes: 1024, signal });
    },
  });
  const sudo = sudoOf(options);
  const onScarce = (): void => launcher.retire();
  const starter = new SshStarter({ link, program, login, answers, logger, onScarce });
  const launcher = new ResidentShells(new ShellLauncher(starter, sudo), sudo === undefined);
  const forwards = new Forwards(launcher, logger);
  return { program, login, link, answers, launcher, forwards, sudo };
}

function sudoOf({ sudo, prompt, host }: SshNodeOptions): Sudo | undefined {
  if (sudo === 'never') return undefined;
  return sudo === 'ask' ? { password: new SudoPassword(prompt, host) } : {};
}
