import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { messageOf } from '../../util/async.js';
import type { Logger } from '../../util/logger.js';
import type { ReachableSocket } from '../node.js';
import type { Channel } from './launcher.js';

/** A unix socket (or Windows pipe) of ours; each connection to it opens a channel and becomes its stdin and stdout. */
export class Gateway implements ReachableSocket {
  readonly path: string;
  readonly #open: (signal: AbortSignal) => Promise<Channel>;
  readonly #logger: Logger;
  readonly #server: Server;
  readonly #end = new AbortController();
  readonly #connections = new Set<Socket>();
  /** gRPC tries again every two seconds: the same reason is told once. */
  #failing = false;

  private constructor(path: string, open: (signal: AbortSignal) => Promise<Channel>, logger: Logger) {
    this.path = path;
    this.#open = open;
    this.#logger = logger;
    this.#server = createServer(
      { allowHalfOpen: true, pauseOnConnect: true },
      (socket) => void this.#serve(socket),
    );
  }

  static async listen(
    path: string,
    open: (signal: AbortSignal) => Promise<Channel>,
    logger: Logger,
  ): Promise<Gateway> {
    const gateway = new Gateway(path, open, logger);
    await new Promise<void>((resolve, reject) => {
      gateway.#server.once('error', reject);
      gateway.#server.listen(path, resolve);
    });
    return gateway;
  }

  dispose(): void {
    this.#end.abort(new Error('the socket was closed'));
    this.#server.close();
    for (const socket of this.#connections) socket.destroy();
    if (process.platform !== 'win32') rmSync(this.path, { force: true });
  }

  async #serve(socket: Socket): Promise<void> {
    this.#connections.add(socket);
    let channel: Channel | undefined;
    const close = (): void => {
      this.#connections.delete(socket);
      socket.destroy();
      channel?.dispose();
    };
    socket.on('error', close);
    socket.on('close', close);
    try {
      channel = await this.#open(this.#end.signal);
    } catch (error) {
      if (!this.#end.signal.aborted) this.#failed(messageOf(error));
      close();
      return;
    }
    this.#failing = false;
    if (socket.destroyed) {
      close();
      return;
    }
    channel.stdout.pipe(socket);
    socket.pipe(channel.stdin);
    channel.stdout.on('error', close);
    // Once the bridge is gone nobody reads what the client still sends; what it sent us must get through first.
    socket.on('finish', close);
    channel.stdout.on('close', () => (socket.writableEnded ? undefined : close()));
    void channel.ended.then(({ stderr }) => {
      if (stderr.trim() !== '') this.#logger.debug(`a bridge ended: ${stderr.trim()}`);
    });
  }

  #failed(reason: string): void {
    const line = `a connection could not be opened: ${reason}`;
    if (this.#failing) this.#logger.debug(line);
    else this.#logger.warn(line);
    this.#failing = true;
  }
}
