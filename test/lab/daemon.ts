import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { delay } from '../../src/util/async.js';
import type { LabPaths } from './config.js';

const run = promisify(execFile);

/** One containerd in the foreground, on the lab's own configuration. */
export class Daemon {
  readonly #paths: LabPaths;
  readonly #programs: string;
  #child: ChildProcess | undefined;

  /** @param programs the folder of containerd, its shim and ctr */
  constructor(paths: LabPaths, programs: string) {
    this.#paths = paths;
    this.#programs = programs;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get running(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const log = openSync(this.#paths.containerdLog, 'a');
    // A group of its own: ^C in a terminal must reach the lab, which stops the pods first, and not containerd.
    const child = spawn(join(this.#programs, 'containerd'), ['--config', this.#paths.config], {
      stdio: ['ignore', log, log],
      // The shim comes from PATH, as does Debian's runc.
      env: { ...process.env, PATH: `${this.#programs}:${process.env.PATH ?? ''}:/usr/sbin` },
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    let failure: string | undefined;
    child.once('error', (error) => (failure = error.message));
    child.once('exit', (code, signal) => (failure = `containerd ended with ${code ?? signal}`));
    const deadline = Date.now() + 30_000;
    for (;;) {
      if (failure !== undefined) throw new Error(`${failure}\n${await this.#logTail()}`);
      if (await this.#answers()) return;
      if (Date.now() > deadline) throw new Error(`containerd does not answer\n${await this.#logTail()}`);
      await delay(50);
    }
  }

  /** Ends containerd alone: shims and containers stay. Resolves when it is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (!child || !this.running) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const patience = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(patience);
  }

  /** containerd's own client, in the CRI plugin's namespace. */
  async ctr(...args: string[]): Promise<string> {
    const { stdout } = await run(join(this.#programs, 'ctr'), [
      '-a',
      this.#paths.socket,
      '-n',
      'k8s.io',
      ...args,
    ]);
    return stdout;
  }

  async #answers(): Promise<boolean> {
    return this.ctr('--connect-timeout', '1s', 'version').then(
      () => true,
      () => false,
    );
  }

  async #logTail(): Promise<string> {
    const text = await readFile(this.#paths.containerdLog, 'utf8').catch(() => '');
    return text.split('\n').slice(-20).join('\n');
  }
}
