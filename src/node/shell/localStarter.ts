import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { NodeError } from '../node.js';
import type { ChannelEnd, Starter } from './launcher.js';

/** Gives scripts to the shell of this machine. */
export class LocalStarter implements Starter {
  readonly patienceMs = 30_000;
  readonly #children = new Set<ChildProcessWithoutNullStreams>();

  start(text: string): Promise<ChildProcessWithoutNullStreams> {
    const child = spawn('sh', ['-c', text], { stdio: 'pipe', cwd: '/' });
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    return Promise.resolve(child);
  }

  explain(end: ChannelEnd): NodeError {
    return new NodeError('failed', `this machine could not run a command: ${end.stderr}`);
  }

  dispose(): void {
    for (const child of this.#children) {
      child.stdin.destroy();
      child.kill();
    }
  }
}
