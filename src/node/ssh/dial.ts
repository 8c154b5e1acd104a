import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { asError } from '../../util/async.js';
import { NodeError } from '../node.js';
import { PipesStream } from '../shell/pipesStream.js';
import { dialArguments, tcpTarget } from './arguments.js';
import type { Master } from './master.js';
import type { SshProgram } from './program.js';

/** Without the line that tells so, a connection that lives this long is taken for open. */
const presumedMs = 3_000;
const openedLine = 'mux_client_request_stdio_fwd: master session id';

/** A stream from a node to a TCP address; undefined when the server forwards none (AllowTcpForwarding, PermitOpen). */
export async function dialOverMaster(
  program: SshProgram,
  master: Master,
  target: { readonly host: string; readonly port: number; readonly destination: string },
  signal?: AbortSignal,
): Promise<Duplex | undefined> {
  const address = tcpTarget(target.host, target.port);
  const before = master.prohibitions;
  const child = program.start(dialArguments(master.control, target.destination, address));
  try {
    await opened(child, signal);
    return new PipesStream(child.stdin, child.stdout, () => child.kill());
  } catch (error) {
    child.kill();
    if (signal?.aborted) throw error;
    if (master.prohibitions > before) return undefined;
    throw new NodeError('refused', `${address}: the node can't connect to it; nobody listens there.`, {
      cause: error,
    });
  }
}

function opened(child: ChildProcessWithoutNullStreams, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      resolve();
    };
    const onAbort = (): void => reject(asError(signal?.reason));
    const timer = setTimeout(done, presumedMs);
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-4096);
      if (said.includes(openedLine)) done();
    });
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(timer);
      reject(new Error(said.trim()));
    });
  });
}
