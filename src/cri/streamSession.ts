import { WebSocket, type RawData } from 'ws';
import type { Disposable } from '../util/dispose.js';
import { Emitter, type Event } from '../util/event.js';
import { readStatus, type StreamExit } from './execStatus.js';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A process behind CRI's streaming connection. */
export interface StreamSession {
  /** Bytes of stdout (and of stderr too where there is a tty). */
  readonly onStdout: Event<Buffer>;
  readonly onStderr: Event<Buffer>;
  /** Fires once, after all output. */
  readonly onExit: Event<StreamExit>;
  /** Resolves, never rejects, when the bytes have left this process or the session is over: wait for it in loops. */
  write(data: Buffer | string): Promise<void>;
  resize(columns: number, rows: number): void;
  /** Closes the connection. The process in the container may go on (runtimes.md, trap 6). */
  close(): void;
}

/** First byte of each frame. */
const channel = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4 } as const;
/** stdin is cut into frames of this many bytes. */
const frameSize = 32 * 1024;
/** Characters; a status is some 200. */
const statusLimit = 64 * 1024;
const toBuffer = (data: RawData): Buffer =>
  Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);

/** v4 and v5 of the Kubernetes channel protocol (ws-channels.tsv): each binary frame is a channel and its bytes. */
export class Session implements StreamSession {
  readonly #socket: WebSocket;
  readonly #stdin: boolean;
  readonly #tty: boolean;
  readonly #stdout = new Emitter<Buffer>();
  readonly #stderr = new Emitter<Buffer>();
  readonly #exit = new Emitter<StreamExit>();
  #started = false;
  #closing = false;
  #status = '';

  /** `socket` is open and paused; it flows from the first listener on. */
  constructor(
    socket: WebSocket,
    { tty, stdin, size }: { readonly tty: boolean; readonly stdin: boolean; readonly size?: TerminalSize },
  ) {
    this.#socket = socket;
    this.#tty = tty;
    this.#stdin = stdin;
    socket.on('message', (data, isBinary) => {
      if (isBinary) this.#receive(toBuffer(data));
    });
    socket.once('close', (code) => this.#finish(code));
    if (size) this.resize(size.columns, size.rows);
  }

  readonly onStdout: Event<Buffer> = (listener) => this.#subscribe(this.#stdout, listener);
  readonly onStderr: Event<Buffer> = (listener) => this.#subscribe(this.#stderr, listener);
  readonly onExit: Event<StreamExit> = (listener) => this.#subscribe(this.#exit, listener);

  write(data: Buffer | string): Promise<void> {
    let sent = Promise.resolve();
    if (!this.#stdin) return sent;
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    for (let at = 0; at < bytes.length; at += frameSize) {
      sent = this.#send(channel.stdin, bytes.subarray(at, at + frameSize));
    }
    return sent;
  }

  resize(columns: number, rows: number): void {
    if (!this.#tty) return;
    // uint16 on the other side; containerd ignores sizes below 1.
    const clamp = (value: number): number => Math.min(65_535, Math.max(1, Math.trunc(value) || 1));
    const size = JSON.stringify({ Width: clamp(columns), Height: clamp(rows) });
    void this.#send(channel.resize, Buffer.from(size));
  }

  close(): void {
    this.#closing = true;
    this.#socket.resume();
    this.#socket.close(1000);
  }

  #subscribe<T>(emitter: Emitter<T>, listener: (value: T) => void): Disposable {
    // After this turn, so that listeners added together all hear the first bytes.
    if (!this.#started) setImmediate(() => this.#socket.resume());
    this.#started = true;
    return emitter.event(listener);
  }

  #receive(frame: Buffer): void {
    // The first frame is an empty one, on the lowest output channel.
    if (frame.length <= 1) return;
    const bytes = frame.subarray(1);
    if (frame[0] === channel.stdout) this.#stdout.fire(bytes);
    else if (frame[0] === channel.stderr) this.#stderr.fire(bytes);
    else if (frame[0] === channel.status) this.#receiveStatus(bytes.toString());
  }

  /** Output is complete by then. The server closes by itself, but nothing is left to wait for. */
  #receiveStatus(text: string): void {
    if (this.#status.length < statusLimit) this.#status += text;
    this.#socket.close(1000);
  }

  #finish(closeCode: number): void {
    this.#exit.fire(this.#status === '' ? this.#silentExit(closeCode) : readStatus(this.#status));
    for (const emitter of [this.#stdout, this.#stderr, this.#exit]) emitter.dispose();
  }

  /** conmon-rs, the one that speaks v5, sends a status only for a failure (cri.md section 3). */
  #silentExit(closeCode: number): StreamExit {
    if (this.#closing) return { message: 'The connection was closed.' };
    if (this.#socket.protocol.startsWith('v5.') && closeCode === 1000) return { code: 0 };
    return { message: 'The connection ended without an exit code.' };
  }

  #send(to: number, bytes: Buffer): Promise<void> {
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.resolve();
    return new Promise((resolve) => {
      this.#socket.send(Buffer.concat([Buffer.of(to), bytes]), () => resolve());
    });
  }
}
