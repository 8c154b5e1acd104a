import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import { asError, messageOf } from '../util/async.js';
import { CriError } from './errors.js';
import { Session, type StreamSession, type TerminalSize } from './streamSession.js';
import { parseStreamUrl, type StreamAddress } from './streamUrl.js';

export type { StreamSession, TerminalSize } from './streamSession.js';
export type { StreamExit } from './execStatus.js';

export interface StreamOptions {
  /** Opens a TCP connection as seen from the node: the URL's address is the node's loopback. */
  readonly dial: (host: string, port: number) => Promise<Duplex>;
  /** As in the request that gave the URL. */
  readonly tty: boolean;
  readonly stdin: boolean;
  /** Sent before anything else where there is a tty, since it starts at 0x0. */
  readonly size?: TerminalSize;
  /** Until the connection is open, milliseconds; default 10,000. */
  readonly timeoutMs?: number;
  /** Gives up opening; an open session is ended by its close(). */
  readonly signal?: AbortSignal;
}

/**
 * v5 for conmon-rs, v4 for all others: the first one that the server knows wins, and a v5-only offer is refused by
 * everything but conmon-rs (cri.md section 3).
 */
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const limits = {
  perMessageDeflate: false,
  followRedirects: false,
  /** Bytes a frame; runtimes send what one read gave, some 32 KiB. */
  maxPayload: 4 * 1024 * 1024,
  /** How long the server has to answer a close, milliseconds. */
  closeTimeout: 2000,
};

/**
 * Opens the URL that Exec or Attach gave; the command of an Exec starts now. A URL works once. Rejects with a CriError,
 * whatever `dial` rejects with, or the signal's reason. No redirect is followed: the address is the runtime's to say.
 */
export async function openExec(url: string, options: StreamOptions): Promise<StreamSession> {
  const address = parseStreamUrl(url);
  const { timeoutMs = 10_000, signal } = options;
  signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  const limit = signal ? AbortSignal.any([signal, timeout]) : timeout;
  try {
    const connection = await dialWithin(options.dial, address, limit);
    const socket = await handshake(address, secured(connection, address), limit);
    return new Session(socket, options);
  } catch (thrown) {
    if (signal?.aborted) throw asError(signal.reason);
    if (!timeout.aborted) throw thrown;
    const seconds = timeoutMs / 1000;
    throw new CriError(
      'hung',
      `The streaming server of the runtime did not answer within ${seconds} s. Try again.`,
    );
  }
}

/** A connection that comes after the limit is closed at once. */
async function dialWithin(
  dial: StreamOptions['dial'],
  { host, port }: StreamAddress,
  limit: AbortSignal,
): Promise<Duplex> {
  const dialled = dial(host, port);
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(asError(limit.reason));
      dialled.then(
        (connection) => connection.destroy(),
        () => undefined,
      );
    };
    limit.addEventListener('abort', onAbort, { once: true });
    dialled.then(resolve, reject).finally(() => limit.removeEventListener('abort', onAbort));
  });
}

const isLoopback = (host: string): boolean => /^127\.\d+\.\d+\.\d+$|^::1$|^localhost$/.test(host);

/**
 * With TLS streaming on, a runtime makes a certificate of its own, which nobody can check; on the node's loopback
 * that is no loss, since the address came over the runtime's socket.
 */
function secured(connection: Duplex, { secure, host }: StreamAddress): Duplex {
  if (!secure) return connection;
  return connectTls({ socket: connection, host, rejectUnauthorized: !isLoopback(host) });
}

function refusal(code: number | undefined): CriError {
  if (code === 404) {
    return new CriError(
      'failed',
      'The runtime has forgotten this request: its address works once, within a minute. Try again.',
    );
  }
  return new CriError(
    'protocol',
    `The streaming server of the runtime refused the connection: HTTP ${code ?? 'error'}.`,
  );
}

/**
 * The request goes in clear over `connection`, which is TLS already where it must be. To ws it is one over a unix socket,
 * whose path is then not used: for all others VS Code's http puts an agent of its own in, for proxies, which would connect
 * from this machine and leave `connection` alone.
 */
function handshake(
  { host, port, path }: StreamAddress,
  connection: Duplex,
  limit: AbortSignal,
): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const socket = new WebSocket(`ws+unix:/given:${path}`, protocols, {
      createConnection: () => connection as never,
      headers: { Host: authority },
      ...limits,
    });
    const fail = (error: Error): void => {
      limit.removeEventListener('abort', onAbort);
      reject(error);
      socket.terminate();
      connection.destroy();
    };
    const onAbort = (): void => fail(asError(limit.reason));
    limit.addEventListener('abort', onAbort, { once: true });
    // Stays for good: ws emits errors also after the handshake was given up; a session hears of them by `close`.
    socket.on('error', (error) =>
      fail(
        new CriError(
          'protocol',
          `The connection to the runtime's streaming server failed: ${messageOf(error)}.`,
        ),
      ),
    );
    socket.once('unexpected-response', (_request, response) => fail(refusal(response.statusCode)));
    socket.once('open', () => {
      limit.removeEventListener('abort', onAbort);
      // What has come already waits until the session has listeners.
      socket.pause();
      resolve(socket);
    });
    if (limit.aborted) onAbort();
  });
}
