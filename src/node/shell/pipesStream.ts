import { Duplex, type Readable, type Writable } from 'node:stream';

/** Two pipes as one stream. `Duplex.from` won't do: destroying it is an error to whoever listens, or to nobody. */
export class PipesStream extends Duplex {
  readonly #to: Writable;
  readonly #from: Readable;
  readonly #release: () => void;

  /** @param release ends what is behind the pipes */
  constructor(to: Writable, from: Readable, release: () => void) {
    super({ allowHalfOpen: true });
    this.#to = to;
    this.#from = from;
    this.#release = release;
    from.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) from.pause();
    });
    from.on('end', () => this.push(null));
    from.on('close', () => this.destroy());
    from.on('error', (error) => this.destroy(error));
    from.pause();
  }

  override _read(): void {
    this.#from.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#to.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#to.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#release();
    done(error);
  }
}
