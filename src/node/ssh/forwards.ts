import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { messageOf } from '../../util/async.js';
import { toDisposable } from '../../util/dispose.js';
import type { Logger } from '../../util/logger.js';
import { NodeError, type ReachableSocket } from '../node.js';
import { collect } from '../shell/collect.js';
import { faultOf } from '../shell/faults.js';
import type { Launcher } from '../shell/launcher.js';
import type { PrivateFolder } from '../shell/privateFolder.js';
import { socketForward } from './arguments.js';
import type { Master } from './master.js';

/** $1 path. Prints `ok`, or why the login user can't open the socket. */
const accessScript = `
m=$(stat -L -c %F -- "$1" 2>&1) || { echo "$m"; exit; }
[ -S "$1" ] || { echo nosocket; exit; }
[ -r "$1" ] && [ -w "$1" ] || { echo 'Permission denied'; exit; }
echo ok`;

interface Forward {
  readonly local: string;
  readonly spec: string;
}

/** Unix sockets of a node that its sshd forwards. They keep their local paths when the master is another. */
export class Forwards {
  readonly #launcher: Launcher;
  readonly #logger: Logger;
  readonly #present = new Set<Forward>();
  #master: Master | undefined;
  /** Its sshd says no to all of them (AllowStreamLocalForwarding, DisableForwarding). */
  #prohibitedBy: Master | undefined;

  constructor(launcher: Launcher, logger: Logger) {
    this.#launcher = launcher;
    this.#logger = logger;
  }

  /** Forwards again over a new master. */
  async restore(master: Master): Promise<void> {
    this.#master = master;
    for (const { local, spec } of this.#present) {
      rmSync(local, { force: true });
      await master.forward(spec).catch((error: unknown) => this.#logger.warn(messageOf(error)));
    }
  }

  /**
   * Forwards a socket; undefined when that doesn't work: nobody serves it, or sshd forwards none, which it tells in the same
   * words (server_input_channel_open in OpenSSH's serverloop.c), or ssh can't be told its path.
   * A forward to a socket that is missing or forbidden is set up all the same, so the socket is looked at first; one that
   * does not work is closed at its first use.
   */
  async open(
    master: Master,
    folder: PrivateFolder,
    remote: string,
    signal?: AbortSignal,
  ): Promise<ReachableSocket | undefined> {
    const local = folder.join(`f${randomBytes(4).toString('hex')}`);
    const spec = socketForward(local, remote);
    if (spec === undefined || this.#prohibitedBy === master) return undefined;
    const forward = { local, spec };
    const release = (): void => {
      this.#present.delete(forward);
      rmSync(local, { force: true });
      void this.#master?.cancel(spec);
    };
    await this.#look(remote, signal);
    await master.forward(spec);
    this.#present.add(forward);
    let isOpen = false;
    try {
      isOpen = await this.#works(local, signal);
      return isOpen ? { path: local, ...toDisposable(release) } : undefined;
    } finally {
      if (!isOpen) release();
    }
  }

  /** Another way led to a socket where a forward didn't: this sshd forwards none. */
  prohibited(master: Master, remote: string): void {
    if (socketForward('', remote) !== undefined) this.#prohibitedBy = master;
  }

  /** Throws when the socket can't be opened by the login user. */
  async #look(remote: string, signal?: AbortSignal): Promise<void> {
    const command = { script: accessScript, args: [remote] };
    const { stdout } = await collect(this.#launcher, command, { maxBytes: 64 * 1024, signal });
    const said = stdout.toString('utf8').trim();
    if (said === 'nosocket') throw new NodeError('unsupported', `${remote} is not a socket.`);
    if (said !== 'ok') throw faultOf(remote, said);
  }

  /** Whether a connection lives for longer than a session takes to open: sshd answers in order. */
  async #works(local: string, signal?: AbortSignal): Promise<boolean> {
    let isOpen = true;
    const trial = connect(local);
    trial.on('error', () => (isOpen = false));
    trial.on('close', () => (isOpen = false));
    trial.resume();
    try {
      const session = await this.#launcher.launch({ script: 'exit 0', plain: true }, signal);
      await session.ended;
      return isOpen;
    } finally {
      trial.destroy();
    }
  }
}
