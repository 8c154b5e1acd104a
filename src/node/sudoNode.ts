import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '../util/logger.js';
import { NodeError, type ReachableSocket } from './node.js';
import type { Prompt } from './prompt.js';
import { bridgedSocket } from './shell/bridgedSocket.js';
import { LocalStarter } from './shell/localStarter.js';
import { PrivateFolder } from './shell/privateFolder.js';
import { ResidentShells } from './shell/residents.js';
import { ShellLauncher } from './shell/shellLauncher.js';
import { ShellNode } from './shell/shellNode.js';
import { SudoPassword } from './sudoPassword.js';

export interface SudoNodeOptions {
  readonly sudo: 'without password' | 'ask';
  /** Asks for sudo's password. */
  readonly prompt: Prompt;
  readonly logger: Logger;
}

/** This machine, its sockets, files and processes reached as root by sudo. */
export class SudoNode extends ShellNode {
  readonly kind = 'local';
  readonly #starter: LocalStarter;
  readonly #shells: ResidentShells;
  readonly #password: SudoPassword | undefined;
  #folder: PrivateFolder | undefined;

  constructor({ sudo, prompt, logger }: SudoNodeOptions) {
    const starter = new LocalStarter();
    const password = sudo === 'ask' ? new SudoPassword(prompt, 'this machine') : undefined;
    const shells = new ResidentShells(new ShellLauncher(starter, password ? { password } : {}), false);
    super(shells, logger);
    this.#shells = shells;
    this.#starter = starter;
    this.#password = password;
  }

  async socket(path: string, signal?: AbortSignal): Promise<ReachableSocket> {
    await this.look(path, signal);
    this.#folder ??= new PrivateFolder();
    const local = this.#folder.join(randomBytes(4).toString('hex'));
    return bridgedSocket(this.launcher, path, local, this.logger, signal);
  }

  dial(host: string, port: number, signal?: AbortSignal): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, ...(signal ? { signal } : {}) });
      socket.once('connect', () => resolve(socket.off('error', reject)));
      socket.once('error', (error: NodeJS.ErrnoException) => {
        const kind = error.code === 'ECONNREFUSED' ? 'refused' : 'failed';
        reject(signal?.aborted ? error : new NodeError(kind, `${host}:${port}: ${error.message}`));
      });
    });
  }

  /** Forgets the password and asks again when it is next needed: after the person declined, or on their wish. */
  reconnect(): void {
    this.#password?.reset();
  }

  override dispose(): void {
    super.dispose();
    this.#password?.dispose();
    this.#shells.dispose();
    this.#starter.dispose();
    this.#folder?.dispose();
  }
}
