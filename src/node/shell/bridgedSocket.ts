import { randomBytes } from 'node:crypto';
import type { Logger } from '../../util/logger.js';
import type { ReachableSocket } from '../node.js';
import { bridgeCommand, findBridge } from './bridge.js';
import { Gateway } from './gateway.js';
import type { Launcher } from './launcher.js';

/**
 * Makes a unix socket of a node reachable by a bridge program for each connection.
 * @param local a path for a socket of ours, or a Windows pipe
 */
export async function bridgedSocket(
  launcher: Launcher,
  remote: string,
  local: string,
  logger: Logger,
  signal?: AbortSignal,
): Promise<ReachableSocket> {
  const program = await findBridge(launcher, { path: remote }, { signal });
  const command = bridgeCommand(program, { path: remote });
  return Gateway.listen(local, (end) => launcher.launch(command, end), logger);
}

/** A pipe that nobody can guess: Windows lets every local user open one whose name they know. */
export function pipeName(): string {
  return `\\\\.\\pipe\\cri-explorer-${randomBytes(16).toString('hex')}`;
}
