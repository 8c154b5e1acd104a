import type { ExecExit, ExecSession } from '../../../src/runtime/connection.js';
import { Emitter } from '../../../src/util/event.js';

/** An exec session that a test plays the container's part of. */
export class FakeSession implements ExecSession {
  readonly #stdout = new Emitter<Buffer>();
  readonly #stderr = new Emitter<Buffer>();
  readonly #exit = new Emitter<ExecExit>();
  readonly onStdout = this.#stdout.event;
  readonly onStderr = this.#stderr.event;
  readonly onExit = this.#exit.event;
  written = '';
  readonly sizes: string[] = [];
  closed = false;
  /** Called with each write, to answer it. */
  answer: (data: string) => void = () => undefined;

  write(data: Buffer | string): void {
    if (this.closed) throw new Error('written to a closed session');
    this.written += data.toString();
    this.answer(data.toString());
  }

  resize(columns: number, rows: number): void {
    this.sizes.push(`${columns}x${rows}`);
  }

  close(): void {
    this.closed = true;
  }

  say(data: string | Buffer): void {
    this.#stdout.fire(Buffer.from(data as string));
  }

  complain(data: string): void {
    this.#stderr.fire(Buffer.from(data));
  }

  end(exit: ExecExit): void {
    this.#exit.fire(exit);
  }
}
