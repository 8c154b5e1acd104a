import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { asError } from '../util/async.js';
import type { Disposable } from '../util/dispose.js';
import { CriError, explain, isGrpcFailure, neverConnected } from './errors.js';
import { probeSocket } from './probe.js';
import { grpcTarget } from './target.js';

export interface CallOptions {
  /** Until the whole answer is there, milliseconds; default 5,000. Infinity only for streams that go on by design. */
  readonly timeoutMs?: number;
  /** Cancels the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** `path` is `/package.Service/Method`. A `repeatable` call changes nothing, so it may be sent a second time. */
export interface RawCall {
  readonly path: string;
  readonly request: Buffer;
  readonly repeatable: boolean;
}

/** When a call ends at the latest, milliseconds since the epoch. */
interface Limits {
  readonly timeoutMs: number;
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

interface Cancellable {
  cancel(): void;
}

const defaultTimeoutMs = 5000;
const receiveLimit = 64 * 1024 * 1024;
/** HTTP/2 begins with 64 KiB (RFC 9113 section 6.9.2): each such part of a list would wait for a round trip over ssh. */
const receiveWindow = 8 * 1024 * 1024;
const identity = (bytes: Buffer): Buffer => bytes;

function limitsOf({ timeoutMs = defaultTimeoutMs, signal }: CallOptions): Limits {
  signal?.throwIfAborted();
  return { timeoutMs, deadline: Date.now() + timeoutMs, signal };
}

/**
 * A gRPC channel of bytes over a socket of this machine. Each call has a deadline and rejects with a CriError or the
 * signal's reason. Decoding is the caller's, so that a long answer can be decoded in parts.
 */
export class Channel implements Disposable {
  readonly socketPath: string;
  readonly #live = new Set<Cancellable>();
  #client: Client;
  #disposed = false;
  #rpcCount = 0;

  constructor(socketPath: string) {
    this.socketPath = socketPath;
    this.#client = connect(socketPath);
  }

  /** RPCs sent so far, repeated ones included. */
  get rpcCount(): number {
    return this.#rpcCount;
  }

  async unary(call: RawCall, options: CallOptions = {}): Promise<Buffer> {
    const limits = limitsOf(options);
    for (let last = false; ; last = true) {
      const client = this.#open();
      try {
        return await this.#sendUnary(client, call, limits);
      } catch (thrown) {
        await this.#recover(client, call, limits, thrown, last);
      }
    }
  }

  /** The messages of a server stream as they come. Leaving the loop early cancels the call. */
  async *stream(call: RawCall, options: CallOptions = {}): AsyncGenerator<Buffer, void, undefined> {
    const limits = limitsOf(options);
    for (let last = false; ; last = true) {
      const client = this.#open();
      try {
        for await (const message of this.#sendStream(client, call, limits)) {
          last = true;
          yield message;
        }
        return;
      } catch (thrown) {
        await this.#recover(client, call, limits, thrown, last);
      }
    }
  }

  /** Cancels what is under way. */
  dispose(): void {
    this.#disposed = true;
    for (const call of this.#live) call.cancel();
    this.#client.close();
  }

  #open(): Client {
    if (this.#disposed) throw new CriError('failed', `The connection to ${this.socketPath} was closed.`);
    return this.#client;
  }

  #sendUnary(client: Client, { path, request }: RawCall, { deadline, signal }: Limits): Promise<Buffer> {
    this.#rpcCount++;
    return new Promise((resolve, reject) => {
      const release = (): void => {
        signal?.removeEventListener('abort', cancel);
        this.#live.delete(call);
      };
      const call = client.makeUnaryRequest(
        path,
        identity,
        identity,
        request,
        new Metadata(),
        { deadline },
        (error, answer) => {
          release();
          if (error) reject(error);
          else resolve(answer ?? Buffer.alloc(0));
        },
      );
      const cancel = (): void => call.cancel();
      signal?.addEventListener('abort', cancel, { once: true });
      this.#live.add(call);
    });
  }

  async *#sendStream(
    client: Client,
    { path, request }: RawCall,
    { deadline, signal }: Limits,
  ): AsyncGenerator<Buffer, void, undefined> {
    this.#rpcCount++;
    const call = client.makeServerStreamRequest(path, identity, identity, request, new Metadata(), {
      deadline,
    });
    // grpc-js still emits the cancellation after the loop below is gone; without a listener that would be thrown.
    call.on('error', () => undefined);
    const cancel = (): void => call.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    this.#live.add(call);
    try {
      for await (const message of call) yield message as Buffer;
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#live.delete(call);
      call.cancel();
    }
  }

  /** Returns where the call should be sent again, else throws what the caller should see. */
  async #recover(
    client: Client,
    call: RawCall,
    limits: Limits,
    thrown: unknown,
    last: boolean,
  ): Promise<void> {
    if (limits.signal?.aborted) throw asError(limits.signal.reason);
    this.#open();
    if (!last && (await this.#isBack(call, limits, thrown))) {
      if (this.#client === client) this.#reconnect();
      return;
    }
    const { timeoutMs, deadline } = limits;
    // A server that heeds the deadline itself may answer a moment before it.
    const timedOut = Date.now() > deadline - 100;
    const method = call.path.slice(call.path.lastIndexOf('/') + 1);
    throw await explain({ socketPath: this.socketPath, method, timeoutMs, timedOut }, thrown);
  }

  /**
   * grpc-js fails calls at once while it waits out its backoff after a failed connection; the runtime may be back
   * already. Then the call is sent again, unless it may have been carried out.
   */
  async #isBack(call: RawCall, { deadline }: Limits, thrown: unknown): Promise<boolean> {
    if (!isGrpcFailure(thrown) || thrown.code !== status.UNAVAILABLE || Date.now() >= deadline) return false;
    if (!call.repeatable && !neverConnected(thrown)) return false;
    const probe = await probeSocket(this.socketPath);
    return probe.fault === undefined && probe.reason === undefined;
  }

  #reconnect(): void {
    this.#client.close();
    this.#client = connect(this.socketPath);
  }
}

function connect(socketPath: string): Client {
  return new Client(grpcTarget(socketPath), credentials.createInsecure(), {
    'grpc.max_receive_message_length': receiveLimit,
    'grpc-node.flow_control_window': receiveWindow,
    'grpc.enable_http_proxy': 0,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2000,
    // Closing one client must close its connection, whoever else talks to the same socket.
    'grpc.use_local_subchannel_pool': 1,
  });
}
