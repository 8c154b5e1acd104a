import type { Disposable } from '../util/dispose.js';
import { registerAll, type CommandContext } from './context.js';
import { copyCommands } from './copy.js';
import { endpointCommands } from './endpoints.js';
import { execCommands } from './exec.js';
import { panelCommands } from './panels.js';
import { viewCommands } from './view.js';

/** Registers every command that package.json contributes. */
export function registerCommands(context: CommandContext): Disposable {
  const all = { ...viewCommands, ...endpointCommands, ...panelCommands, ...execCommands, ...copyCommands };
  return registerAll(all, context);
}
