import { spawn, type ChildProcess } from 'node:child_process';
import { asError } from '../util/async.js';
import { nodeErrorOf } from './errors.js';
import { NodeError, type CommandResult } from './node.js';

export interface RunOptions {
  readonly input?: Buffer;
  /** Bytes of stdout and stderr together. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
/** After SIGTERM, and after the program's own end, when something of it still holds its output open. */
const GRACE_MS = 1000;

/** Runs a program in a process group of its own, so that its children end with it. */
export function runCommand(
  [program, ...args]: readonly [string, ...string[]],
  { input, maxBytes = DEFAULT_MAX_BYTES, signal }: RunOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(asError(signal.reason));
      return;
    }
    const windows = process.platform === 'win32';
    const child = spawn(program, args, { detached: !windows, windowsHide: true });
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    let size = 0;
    let failure: Error | undefined;
    let forced: NodeJS.Timeout | undefined;

    const stop = (reason: Error): void => {
      failure ??= reason;
      killGroup(child, 'SIGTERM');
      forced ??= setTimeout(() => release(child), GRACE_MS);
    };
    const onAbort = (): void => stop(asError(signal?.reason));
    signal?.addEventListener('abort', onAbort, { once: true });

    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (bytes: Buffer) => {
        size += bytes.length;
        if (size <= maxBytes) output[name].push(bytes);
        else stop(new NodeError('failed', `${program} printed more than ${maxBytes} bytes and was ended.`));
      });
    }
    // EPIPE: the program ended without reading all of its input, which is its own affair.
    child.stdin.on('error', () => undefined).end(input);
    child.on('error', (error) => {
      failure ??= nodeErrorOf(error, `run ${program}`);
      if (child.pid === undefined) finish(null);
    });
    child.on('exit', () => (forced ??= setTimeout(() => release(child), GRACE_MS)));
    child.on('close', (code) => finish(code));

    const finish = (code: number | null): void => {
      clearTimeout(forced);
      signal?.removeEventListener('abort', onAbort);
      if (failure) {
        killGroup(child, 'SIGKILL');
        reject(failure);
      } else resolve({ code, stdout: Buffer.concat(output.stdout), stderr: Buffer.concat(output.stderr) });
    };
  });
}

/** Ends what is left of a program, and waits for its output no longer. */
function release(child: ChildProcess): void {
  killGroup(child, 'SIGKILL');
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // ESRCH: all of it has ended.
  }
}
