import * as vscode from 'vscode';
import { inert } from '../model/visible.js';
import type { SpecJumps } from '../panels/inspectJumps.js';
import type { SpecDocuments } from '../panels/specDocument.js';
import type { PanelTarget } from '../panels/targets.js';
import type { NodeStore } from '../runtime/nodes.js';
import type { ExecTerminals } from '../terminal/execTerminals.js';
import { asError, messageOf } from '../util/async.js';
import { DisposableStore, type Disposable } from '../util/dispose.js';
import type { Logger } from '../util/logger.js';
import type { NodesView } from '../views/nodesView.js';

/** The panels of one kind. */
export interface Shows {
  show(target: PanelTarget): void;
}

/** All that commands act on. */
export interface CommandContext {
  readonly store: NodeStore;
  readonly view: NodesView;
  readonly terminals: ExecTerminals;
  readonly specs: Shows;
  readonly specJumps: SpecJumps;
  readonly specDocuments: SpecDocuments;
  readonly logs: Shows;
  readonly chains: Shows;
  readonly doctor: Shows;
  /** Where details of failures go; `show` brings it to the front. */
  readonly output: Logger & { show(preserveFocus?: boolean): void };
}

/** @param argument what a menu was opened on; undefined from the palette */
export type Command = (argument: unknown, context: CommandContext) => Promise<void> | void;

/** Registers commands by their name after `criExplorer.`; a failure is shown and logged, never left unhandled. */
export function registerAll(
  commands: Readonly<Record<string, Command>>,
  context: CommandContext,
): Disposable {
  const owned = new DisposableStore();
  for (const [name, command] of Object.entries(commands)) {
    const id = `criExplorer.${name}`;
    const run = async (argument: unknown): Promise<void> => {
      try {
        await command(argument, context);
      } catch (error) {
        report(id, error, context);
      }
    };
    owned.add(vscode.commands.registerCommand(id, run));
  }
  return owned;
}

function report(id: string, error: unknown, { output }: CommandContext): void {
  if (error instanceof vscode.CancellationError) return;
  output.error(`${id}: ${asError(error).stack ?? messageOf(error)}`);
  const showOutput = vscode.l10n.t('Show Output');
  void vscode.window.showErrorMessage(inert(messageOf(error), 500), showOutput).then((answer) => {
    if (answer === showOutput) output.show();
  });
}
