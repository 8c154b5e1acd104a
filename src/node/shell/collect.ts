import { asError } from '../../util/async.js';
import { NodeError } from '../node.js';
import type { Channel, Launcher, ShellCommand } from './launcher.js';

export interface Collected {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface CollectOptions {
  /** Written to stdin, which is then closed. Without it stdin is closed at once, unless `leash` is set. */
  readonly input?: Buffer | undefined;
  /** Keeps stdin open until the script has ended: its end tells the script to end. */
  readonly leash?: boolean;
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a script to its end and gathers what it prints. */
export async function collect(
  launcher: Launcher,
  command: ShellCommand,
  options: CollectOptions,
): Promise<Collected> {
  const { signal } = options;
  if (!options.input && !options.leash) {
    const collected = await launcher.brief?.(command, options);
    if (collected) return collected;
  }
  const channel = await launcher.launch(command, signal);
  try {
    if (options.input) channel.stdin.end(options.input);
    else if (!options.leash) channel.stdin.end();
    return await gather(channel, options);
  } finally {
    channel.dispose();
  }
}

async function gather(channel: Channel, { maxBytes, signal }: CollectOptions): Promise<Collected> {
  const chunks: Buffer[] = [];
  let size = 0;
  let stop = (): void => undefined;
  const failure = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => reject(asError(signal?.reason));
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    stop = () => signal?.removeEventListener('abort', onAbort);
    channel.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) reject(new NodeError('failed', `the node printed more than ${maxBytes} bytes`));
      else chunks.push(chunk);
    });
    channel.stdout.resume(); // It was paused at the mark.
  });
  try {
    const end = await Promise.race([channel.ended, failure]);
    return { code: end.code, stdout: Buffer.concat(chunks), stderr: end.stderr };
  } finally {
    stop();
  }
}
