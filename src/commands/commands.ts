import type { Disposable } from '../util/dispose.js';
import { addNodeCommands } from './addNode.js';
import { compareCommands } from './compare.js';
import { chainCommands } from './chain.js';
import { registerAll, type CommandContext } from './context.js';
import { copyCommands } from './copy.js';
import { doctorCommands } from './doctor.js';
import { endpointCommands } from './endpoints.js';
import { execCommands } from './exec.js';
import { findCommands } from './find.js';
import { findingCommands } from './findings.js';
import { nodeCommands } from './nodes.js';
import { panelCommands } from './panels.js';
import { survivalCommands } from './survival.js';
import { viewCommands } from './view.js';

/** Registers every command that package.json contributes. */
export function registerCommands(context: CommandContext): Disposable {
  const all = {
    ...viewCommands,
    ...endpointCommands,
    ...addNodeCommands,
    ...nodeCommands,
    ...panelCommands,
    ...chainCommands,
    ...doctorCommands,
    ...compareCommands,
    ...execCommands,
    ...copyCommands,
    ...survivalCommands,
    ...findCommands,
    ...findingCommands,
  };
  return registerAll(all, context);
}
