import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Disposable } from '../../util/dispose.js';
import type { AskpassProgram } from './askpassServer.js';

/** The ssh(1) of this machine, and the processes of it that we started. */
export class SshProgram implements Disposable {
  readonly path: string;
  readonly askpass: AskpassProgram;
  readonly #children = new Set<ChildProcessWithoutNullStreams>();

  constructor(path: string, askpass: AskpassProgram) {
    this.path = path;
    this.askpass = askpass;
  }

  start(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): ChildProcessWithoutNullStreams {
    const child = spawn(this.path, args, {
      stdio: 'pipe',
      env: { ...process.env, ...environment },
      windowsHide: true,
    });
    child.stdin.on('error', () => undefined);
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    child.once('error', () => this.#children.delete(child));
    return child;
  }

  /** Runs one to its end, within some milliseconds. */
  async run(
    args: readonly string[],
    patienceMs: number,
  ): Promise<{ readonly code: number | null; readonly stderr: string }> {
    const child = this.start(args);
    child.stdin.end();
    child.stdout.resume();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
    const timer = setTimeout(() => child.kill(), patienceMs);
    const code = await new Promise<number | null>((resolve) => {
      child.once('close', resolve);
      child.once('error', (error) => {
        stderr += error.message;
        resolve(null);
      });
    });
    clearTimeout(timer);
    return { code, stderr };
  }

  dispose(): void {
    for (const child of this.#children) {
      child.stdin.destroy();
      child.kill();
    }
  }
}
