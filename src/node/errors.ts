import { asError } from '../util/async.js';
import { NodeError, type NodeErrorKind } from './node.js';

const kinds: Readonly<Record<string, NodeErrorKind>> = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  ESRCH: 'missing',
  EACCES: 'denied',
  EPERM: 'denied',
  ECONNREFUSED: 'refused',
  ENOTSUP: 'unsupported',
  ENOSYS: 'unsupported',
};

const words: Readonly<Record<string, string>> = {
  missing: 'there is no such file',
  denied:
    'permission denied. Container runtimes mostly let only root in: open VS Code as root, or use a node with sudo ' +
    '(setting criExplorer.nodes)',
  refused: 'nothing listens there',
};

/** The code of a system error, like `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/**
 * A system error as a {@link NodeError}.
 * @param attempt what was tried: `read /etc/crictl.yaml`
 */
export function nodeErrorOf(error: unknown, attempt: string): NodeError {
  if (error instanceof NodeError) return error;
  const kind = kinds[codeOf(error) ?? ''] ?? 'failed';
  return new NodeError(kind, `Cannot ${attempt}: ${words[kind] ?? asError(error).message}.`, {
    cause: error,
  });
}

/** Runs what touches the node; what it throws becomes a {@link NodeError}, but for the signal's own reason. */
export async function attempt<T>(
  what: string,
  signal: AbortSignal | undefined,
  action: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await action();
  } catch (error) {
    signal?.throwIfAborted();
    throw nodeErrorOf(error, what);
  }
}
