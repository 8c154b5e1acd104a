import type { ExecExit, ExecSession } from '../runtime/connection.js';
import { DisposableStore } from '../util/dispose.js';
import { Emitter } from '../util/event.js';

export interface SessionSink {
  output(data: Buffer, stream: 'stdout' | 'stderr'): void;
  exit(exit: ExecExit): void;
}

/** An exec session whose output is kept until somebody takes it, so that none is lost or shown too early. */
export class HeldSession {
  readonly #session: ExecSession;
  readonly #subscriptions = new DisposableStore();
  readonly #changed = new Emitter<void>();
  readonly #held: { readonly data: Buffer; readonly stream: 'stdout' | 'stderr' }[] = [];
  #exit: ExecExit | undefined;
  #sink: SessionSink | undefined;

  /** After each output and after the exit. */
  readonly onChanged = this.#changed.event;

  /** Must be called as soon as the session is there: events don't wait. */
  constructor(session: ExecSession) {
    this.#session = session;
    this.#subscriptions.add(session.onStdout((data) => this.#output(data, 'stdout')));
    this.#subscriptions.add(session.onStderr((data) => this.#output(data, 'stderr')));
    this.#subscriptions.add(session.onExit((exit) => this.#end(exit)));
  }

  /** How it ended; undefined while it goes on. */
  get exit(): ExecExit | undefined {
    return this.#exit;
  }

  /** What it said and nobody took yet. */
  get heldText(): string {
    return Buffer.concat(this.#held.map(({ data }) => data)).toString('utf8');
  }

  /** Hands over all that was held, and from now on everything as it comes. */
  attach(sink: SessionSink): void {
    this.#sink = sink;
    for (const { data, stream } of this.#held.splice(0)) sink.output(data, stream);
    if (this.#exit) sink.exit(this.#exit);
  }

  write(data: string): void {
    if (this.#exit === undefined) this.#session.write(data);
  }

  resize(columns: number, rows: number): void {
    if (this.#exit === undefined) this.#session.resize(columns, rows);
  }

  close(): void {
    this.#subscriptions.dispose();
    this.#changed.dispose();
    this.#session.close();
  }

  #output(data: Buffer, stream: 'stdout' | 'stderr'): void {
    // Trap 5 of runtimes.md: the first frame of a stream is an empty one.
    if (data.length === 0) return;
    if (this.#sink) this.#sink.output(data, stream);
    else this.#held.push({ data, stream });
    this.#changed.fire();
  }

  #end(exit: ExecExit): void {
    if (this.#exit) return;
    this.#exit = exit;
    this.#sink?.exit(exit);
    this.#changed.fire();
  }
}
