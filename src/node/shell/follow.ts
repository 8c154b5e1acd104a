import { delay, messageOf } from '../../util/async.js';
import type { Disposable } from '../../util/dispose.js';
import type { Logger } from '../../util/logger.js';
import type { FollowEvent } from '../node.js';
import { FrameParser, type Frame } from './frames.js';
import type { Channel, Launcher } from './launcher.js';
import { followScript } from './scripts.js';

/** Seconds between looks at the file; sleep(1) takes fractions in GNU and busybox, else the script takes 1. */
const napSeconds = '0.2';
const restartMs = 1000;

/** Follows one file on a node; starts anew where it was when the link was lost. */
export class ShellFollow implements Disposable {
  readonly #launcher: Launcher;
  readonly #path: string;
  readonly #listener: (event: FollowEvent) => void;
  readonly #logger: Logger;
  readonly #end = new AbortController();
  #at: number;
  #identity = '';
  #missing = false;

  constructor(
    launcher: Launcher,
    path: string,
    from: number,
    listener: (event: FollowEvent) => void,
    logger: Logger,
  ) {
    this.#launcher = launcher;
    this.#path = path;
    this.#at = from;
    this.#listener = listener;
    this.#logger = logger;
    void this.#run();
  }

  dispose(): void {
    this.#end.abort(new Error('the follow was stopped'));
  }

  async #run(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      await this.#once(signal).catch((error: unknown) => {
        if (!signal.aborted) this.#logger.debug(`following ${this.#path}: ${messageOf(error)}`);
      });
      await delay(restartMs, signal).catch(() => undefined);
    }
  }

  /** Follows until the channel ends. */
  async #once(signal: AbortSignal): Promise<void> {
    const channel = await this.#launcher.launch(
      {
        script: followScript,
        args: [this.#path, String(this.#at), this.#identity, napSeconds],
        lasting: true,
      },
      signal,
    );
    const stop = (): void => channel.dispose();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await this.#read(channel, signal);
    } finally {
      signal.removeEventListener('abort', stop);
      channel.dispose();
    }
  }

  async #read(channel: Channel, signal: AbortSignal): Promise<void> {
    const parser = new FrameParser();
    for await (const chunk of channel.stdout) {
      for (const frame of parser.push(chunk as Buffer)) {
        if (signal.aborted) return;
        this.#take(frame);
      }
    }
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case 'data':
        this.#at = frame.offset + frame.bytes.length;
        this.#listener(frame);
        break;
      case 'rotated':
        this.#at = 0;
        this.#identity = '';
        this.#listener({ type: 'rotated' });
        break;
      case 'opened':
        this.#identity = frame.identity;
        this.#missing = false;
        break;
      case 'missing':
        if (!this.#missing) this.#listener({ type: 'missing' });
        this.#missing = true;
        break;
      case 'alive':
        break;
    }
  }
}
