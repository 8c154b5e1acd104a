import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { asError } from '../util/async.js';
import { attempt, nodeErrorOf } from './errors.js';
import { NodeError, type ReachableSocket } from './node.js';

/** Bytes that sun_path holds beside its closing NUL: unix(7), and 104 in all on the BSDs and macOS. */
const longestPath = (platform: NodeJS.Platform): number => (platform === 'linux' ? 107 : 103);

/** Checks that a socket can be opened, and gives the path to open. */
export async function localSocket(
  path: string,
  platform: NodeJS.Platform,
  signal?: AbortSignal,
): Promise<ReachableSocket> {
  const pipe = windowsPipe(path);
  if (pipe !== undefined) return reachable(pipe);
  const length = Buffer.byteLength(path);
  if (length > longestPath(platform)) {
    throw new NodeError(
      'unsupported',
      `The socket path ${path} has ${length} bytes; a unix socket's may have ${longestPath(platform)}. Make a shorter ` +
        'symbolic link to its folder and use that.',
    );
  }
  return attempt(`open the socket ${path}`, signal, async () => {
    if (!(await stat(path)).isSocket()) throw new NodeError('failed', `${path} is not a socket.`);
    await access(path, constants.R_OK | constants.W_OK);
    return reachable(path);
  });
}

function reachable(path: string): ReachableSocket {
  return { path, dispose: () => undefined };
}

/** `\\.\pipe\NAME` of a pipe in that form, or as Kubernetes writes it: `npipe:////./pipe/NAME`. */
function windowsPipe(path: string): string | undefined {
  if (path.startsWith('\\\\.\\pipe\\')) return path;
  const name = /^npipe:(?:\/\/)?[\\/]{2}\.[\\/]pipe[\\/](.+)$/i.exec(path)?.[1];
  return name === undefined ? undefined : `\\\\.\\pipe\\${name.replaceAll('/', '\\')}`;
}

const DIAL_MS = 15_000;

/** Opens a TCP connection. */
export function dialTcp(host: string, port: number, signal?: AbortSignal): Promise<Duplex> {
  const target = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(asError(signal.reason));
      return;
    }
    const socket = connect({ host, port, noDelay: true });
    const end = (error: Error | undefined): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.off('connect', onConnect).off('error', onError);
      if (!error) {
        resolve(socket);
        return;
      }
      // A socket that is destroyed may still emit what it was about to.
      socket.on('error', () => undefined).destroy();
      reject(error);
    };
    const onConnect = (): void => end(undefined);
    const onError = (error: Error): void => end(nodeErrorOf(error, `connect to ${target}`));
    const onAbort = (): void => end(asError(signal?.reason));
    const timer = setTimeout(
      () =>
        end(new NodeError('failed', `Cannot connect to ${target}: no answer within ${DIAL_MS / 1000} s.`)),
      DIAL_MS,
    );
    socket.once('connect', onConnect).once('error', onError);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
