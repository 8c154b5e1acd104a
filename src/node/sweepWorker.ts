import { parentPort } from 'node:worker_threads';
import { nodeErrorOf } from './errors.js';
import { Sweeper } from './sweeper.js';
import type { SweepAnswer, SweepRequest } from './sweepProtocol.js';

/** The thread that reads the process table: one {@link SweepAnswer} for each {@link SweepRequest}. */
const sweeper = new Sweeper();

parentPort?.on('message', (request: SweepRequest) => {
  parentPort?.postMessage(answer(request));
});

function answer(request: SweepRequest): SweepAnswer {
  try {
    return { type: 'changes', changes: sweeper.sweep(request) };
  } catch (error) {
    const { kind, message } = nodeErrorOf(error, 'read the process table');
    return { type: 'failed', kind, message };
  }
}
