import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { messageOf } from '../../util/async.js';
import { toDisposable } from '../../util/dispose.js';
import type { Logger } from '../../util/logger.js';
import type { ReachableSocket } from '../node.js';
import { collect } from '../shell/collect.js';
import type { Launcher } from '../shell/launcher.js';
import type { PrivateFolder } from '../shell/privateFolder.js';
import { socketForward } from './arguments.js';
import type { Master } from './master.js';

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
   * A forward to a socket that is missing or forbidden is set up all the same, so look at the socket first; one that does
   * not work is closed at its first use.
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

  /**
   * Whether a connection lives for longer than sshd takes to refuse it, which it does in order. ssh may send the first
   * script before it opens the connection, but not the second, which waits for the answer to the first.
   */
  async #works(local: string, signal?: AbortSignal): Promise<boolean> {
    const trial = connect(local);
    trial.on('error', () => undefined); // It closes then.
    trial.resume();
    try {
      for (let round = 0; round < 2 && !trial.closed; round++) {
        await collect(this.#launcher, { script: 'exit 0', plain: true }, { maxBytes: 1024, signal });
      }
      return !trial.closed;
    } finally {
      trial.destroy();
    }
  }
}
