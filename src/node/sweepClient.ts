import { Worker } from 'node:worker_threads';
import type { BootTime } from '../model/proc.js';
import type { ProcessRecord, ProcessTable } from '../model/process.js';
import { asError } from '../util/async.js';
import type { Disposable } from '../util/dispose.js';
import { nodeErrorOf } from './errors.js';
import { NodeError, type SweepOptions } from './node.js';
import { mergeSweep } from './sweepMerge.js';
import type { SweepAnswer, SweepRequest } from './sweepProtocol.js';

export interface SweepClientOptions {
  /** The bundled src/node/sweepWorker.ts. */
  readonly workerPath: string;
  /** The worker ends after this long without a sweep. */
  readonly idleMs: number;
  /** A sweep that takes longer is given up by those who wait for it. */
  readonly timeoutMs: number;
}

interface Running {
  readonly worker: Worker;
  readonly programs: string;
  readonly table: Promise<ProcessTable>;
  settle(result: SweepAnswer | Error): void;
}

/** Has the process table read by a worker thread, started when needed, and keeps the table it told of. */
export class SweepClient implements Disposable {
  readonly #options: SweepClientOptions;
  #worker: Worker | undefined;
  #running: Running | undefined;
  /** Somebody waited in vain for the sweep under way: nobody else is made to. */
  #overdue = false;
  #idle: NodeJS.Timeout | undefined;
  #processes: ReadonlyMap<number, ProcessRecord> = new Map();
  #boot: BootTime | undefined;
  #disposed = false;

  constructor(options: SweepClientOptions) {
    this.#options = options;
  }

  async sweep({ cwdOf, signal }: SweepOptions): Promise<ProcessTable> {
    signal?.throwIfAborted();
    if (this.#running && this.#overdue) throw this.#tooLate();
    const programs = cwdOf.join('\0');
    // One at a time: whoever asks for the same joins, whoever asks for other programs' folders waits.
    while (this.#running && this.#running.programs !== programs) {
      await this.#patiently(
        this.#running.table.then(undefined, () => undefined),
        signal,
      );
    }
    return this.#patiently((this.#running ?? this.#start(cwdOf, programs)).table, signal);
  }

  #start(cwdOf: readonly string[], programs: string): Running {
    if (this.#disposed) throw new NodeError('failed', 'The node was closed.');
    clearTimeout(this.#idle);
    const whole = this.#worker === undefined;
    const worker = (this.#worker ??= this.#newWorker());
    let settle: Running['settle'] = () => undefined;
    const table = new Promise<ProcessTable>((resolve, reject) => {
      settle = (result) => {
        this.#running = undefined;
        this.#overdue = false;
        const taken = this.#take(result, whole);
        if (taken instanceof Error) reject(taken);
        else resolve(taken);
      };
    });
    // Whoever waited may have given up; then nobody hears of the failure, which is no unhandled one.
    table.catch(() => undefined);
    const running: Running = { worker, programs, table, settle };
    this.#running = running;
    worker.ref();
    worker.postMessage({ cwdOf, ...(this.#boot ? { boot: this.#boot } : {}) } satisfies SweepRequest);
    return running;
  }

  #take(result: SweepAnswer | Error, whole: boolean): ProcessTable | Error {
    if (result instanceof Error || result.type === 'failed') {
      // What the worker remembers of a sweep that failed half-way is not what is known here.
      this.#stopWorker();
      return result instanceof Error ? result : new NodeError(result.kind, result.message);
    }
    const { changes } = result;
    this.#boot = changes.boot;
    this.#processes = mergeSweep(this.#processes, changes, whole);
    this.#worker?.unref();
    this.#idle = setTimeout(() => this.#stopWorker(), this.#options.idleMs).unref();
    return { takenAt: changes.takenAt, processes: this.#processes };
  }

  #newWorker(): Worker {
    const worker = new Worker(this.#options.workerPath);
    const settle = (result: SweepAnswer | Error): void => {
      if (this.#running?.worker === worker) this.#running.settle(result);
    };
    const fail = (error: Error): void => {
      if (this.#worker === worker) this.#worker = undefined;
      settle(error);
    };
    worker.on('message', (answer: SweepAnswer) => settle(answer));
    worker.on('error', (error: unknown) => fail(nodeErrorOf(error, 'read the process table')));
    worker.on('exit', () =>
      fail(
        new NodeError(
          'failed',
          'Cannot read the process table: its reader ended. The next refresh starts another.',
        ),
      ),
    );
    return worker;
  }

  #stopWorker(): void {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
  }

  /** Waits until the signal aborts, or for as long as one may: a process stuck in the kernel can hold up a read of it. */
  #patiently<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const { timeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        end();
        reject(asError(signal?.reason));
      };
      const timer = setTimeout(() => {
        end();
        this.#overdue = true;
        reject(this.#tooLate());
      }, timeoutMs);
      signal?.addEventListener('abort', onAbort, { once: true });
      promise.finally(end).then(resolve, reject);
    });
  }

  #tooLate(): NodeError {
    const waited = `The process table could not be read within ${this.#options.timeoutMs / 1000} s.`;
    return new NodeError('failed', `${waited} A process stuck in the kernel may hold up the reading.`);
  }

  dispose(): void {
    this.#disposed = true;
    this.#stopWorker();
    this.#running?.settle(new NodeError('failed', 'The node was closed.'));
  }
}
