import { randomBytes } from 'node:crypto';
import { messageOf } from '../../util/async.js';
import type { Disposable } from '../../util/dispose.js';
import { Emitter } from '../../util/event.js';
import type { Logger } from '../../util/logger.js';
import { NodeError } from '../node.js';
import { PrivateFolder } from '../shell/privateFolder.js';
import type { Answers } from './answers.js';
import type { Answer, AskpassServer } from './askpassServer.js';
import { backoff } from './backoff.js';
import type { LoginFailure } from './failure.js';

/**
 * idle: nothing was wanted yet, or the person disconnected. lost: another try follows by itself. needsAuth: a login was
 * refused, or needs the person, who has to reconnect. failed: no try would help until something is changed.
 */
export type LinkState =
  | { readonly name: 'idle' | 'connecting' | 'ready' }
  | {
      readonly name: 'lost';
      readonly reason: string;
      /** Milliseconds since the epoch. */ readonly retryAt: number;
    }
  | { readonly name: 'needsAuth' | 'failed'; readonly reason: string };

/** A login, under way or done. */
export interface Connection extends Disposable {
  /** Resolves when commands can go over it; never if that fails. */
  opened(): Promise<void>;
  readonly ended: Promise<LoginFailure>;
}

export interface LinkOptions<C extends Connection> {
  /** The host as a person wrote it. */
  readonly label: string;
  readonly answers: Answers;
  readonly logger: Logger;
  readonly listen: (folder: PrivateFolder, answer: Answer) => Promise<AskpassServer>;
  /** Starts a login. `name` is free in the folder. */
  readonly login: (folder: PrivateFolder, name: string, environment: Readonly<Record<string, string>>) => C;
  /** Puts back what a lost connection carried, before others hear that it is ready. */
  readonly restore: (connection: C) => Promise<void>;
  /** Uses the connection once; rejects when it is dead. */
  readonly probe: (signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
}

/** A connection that held this long is no failed try. */
const steadyMs = 10_000;
/** A clock that jumps more than this between two looks means that the machine slept. */
const lookMs = 5_000;
const sleptMs = 15_000;
const probeMs = 5_000;

/** Keeps one connection to a host: made when first wanted, made again when lost. */
export class SshLink<C extends Connection> implements Disposable {
  readonly #options: LinkOptions<C>;
  readonly #changed = new Emitter<LinkState>();
  readonly onDidChangeState = this.#changed.event;
  #state: LinkState = { name: 'idle' };
  #folder: PrivateFolder | undefined;
  #connection: C | undefined;
  #tries = 0;
  #retry: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  /** Each login has a number; what an earlier one still says is not heard. */
  #current = 0;
  /** The person disconnected: only they connect again, not a follow or a poll that is still about. */
  #held = false;
  #disposed = false;

  constructor(options: LinkOptions<C>) {
    this.#options = options;
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Private to this node; gone when the link is disposed. */
  get folder(): PrivateFolder {
    this.#folder ??= new PrivateFolder();
    return this.#folder;
  }

  /** Connects at once, whatever went wrong before, and lets the person be asked. */
  connect(): void {
    this.#held = false;
    if (this.#state.name === 'ready' || this.#state.name === 'connecting') return;
    this.#tries = 0;
    this.#begin(true);
  }

  /** Stays so until {@link connect}. */
  disconnect(): void {
    this.#held = true;
    this.#drop();
    this.#set({ name: 'idle' });
  }

  /** Resolves with the connection once it is there. Rejects with the reason when it can't be had now. */
  async ready(signal?: AbortSignal): Promise<C> {
    signal?.throwIfAborted();
    if (this.#disposed) throw new NodeError('failed', 'The node was closed.');
    if (this.#state.name === 'idle' && !this.#held) this.connect();
    if (this.#state.name === 'connecting') await this.#settled(signal);
    if (this.#state.name === 'ready' && this.#connection) return this.#connection;
    throw new NodeError('failed', describe(this.#options.label, this.#state));
  }

  dispose(): void {
    this.#disposed = true;
    this.disconnect(); // Tells those who wait.
    this.#changed.dispose();
    this.#folder?.dispose();
  }

  #settled(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const listening = this.onDidChangeState((state) => {
        if (state.name !== 'connecting') done();
      });
      const done = (): void => {
        listening.dispose();
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        listening.dispose();
        reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  #begin(interactive: boolean): void {
    const current = ++this.#current;
    clearTimeout(this.#retry);
    this.#look ??= setInterval(
      wakeWatch(() => this.#woke()),
      lookMs,
    ).unref();
    this.#set({ name: 'connecting' });
    this.#login(current, interactive).catch((error: unknown) => {
      if (current === this.#current) this.#fail({ type: 'failed', reason: messageOf(error) });
    });
  }

  async #login(current: number, interactive: boolean): Promise<void> {
    const { answers, listen, login, restore } = this.#options;
    let refused: string | undefined;
    let connection: C | undefined;
    const attempt = answers.attempt(interactive, (reason) => {
      refused = reason;
      connection?.dispose();
    });
    const askpass = await listen(this.folder, attempt.answer);
    try {
      if (current !== this.#current) return;
      connection = this.#connection = login(this.folder, randomBytes(4).toString('hex'), askpass.environment);
      const failure = await Promise.race([connection.opened(), connection.ended]);
      if (current !== this.#current) return;
      if (failure) {
        this.#fail(refused === undefined ? failure : { type: 'needsAuth', reason: refused });
        return;
      }
      attempt.accepted();
    } finally {
      askpass.dispose();
    }
    await restore(connection);
    if (current !== this.#current) return;
    const since = Date.now();
    void connection.ended.then((failure) => {
      if (current !== this.#current) return;
      if (Date.now() - since >= steadyMs) this.#tries = 0;
      this.#fail({ type: 'lost', reason: failure.reason });
    });
    this.#set({ name: 'ready' });
  }

  #fail(failure: LoginFailure): void {
    this.#connection?.dispose();
    this.#connection = undefined;
    if (failure.type !== 'lost') {
      this.#set({ name: failure.type, reason: failure.reason });
      return;
    }
    const wait = backoff(this.#tries++, (this.#options.random ?? Math.random)());
    this.#retry = setTimeout(() => this.#begin(false), wait);
    this.#set({ name: 'lost', reason: failure.reason, retryAt: Date.now() + wait });
  }

  /** After sleep a connection may be dead without knowing, and a long wait is out of date. */
  #woke(): void {
    if (this.#state.name === 'lost') {
      this.#tries = 0;
      this.#begin(false);
    } else if (this.#state.name === 'ready') {
      const connection = this.#connection;
      this.#options.probe(AbortSignal.timeout(probeMs)).catch(() => connection?.dispose());
    }
  }

  #drop(): void {
    this.#current++;
    clearTimeout(this.#retry);
    clearInterval(this.#look);
    this.#look = undefined;
    this.#connection?.dispose();
    this.#connection = undefined;
  }

  #set(state: LinkState): void {
    this.#state = state;
    const reason = 'reason' in state ? `: ${state.reason}` : '';
    this.#options.logger.info(`ssh ${this.#options.label}: ${state.name}${reason}`);
    this.#changed.fire(state);
  }
}

/** Calls back when the clock went on without us. */
function wakeWatch(woke: () => void): () => void {
  let last = Date.now();
  return () => {
    const now = Date.now();
    if (now - last > sleptMs) woke();
    last = now;
  };
}

/** Why a host can't be used now, for people. */
export function describe(label: string, state: LinkState, now = Date.now()): string {
  switch (state.name) {
    case 'lost': {
      const seconds = Math.max(1, Math.ceil((state.retryAt - now) / 1000));
      return `There is no connection to ${label}: ${state.reason}. Trying again in ${seconds} s.`;
    }
    case 'needsAuth':
      return `${label} did not let us log in: ${state.reason}`;
    case 'failed':
      return `${label} can't be reached: ${state.reason}`;
    default:
      return `${label} is not connected.`;
  }
}
