import * as vscode from 'vscode';
import { createApi, type CriExplorerApi } from './api.js';
import { registerCommands } from './commands/commands.js';
import { createLocalNode } from './node/local.js';
import { SpecPanels } from './panels/inspectPanel.js';
import { LogDocuments } from './panels/logsDocument.js';
import { LogPanels } from './panels/logsPanel.js';
import { SpecDocuments } from './panels/specDocument.js';
import { Nodes, type NodeSetting, type StoreSettings } from './runtime/store.js';
import { ExecTerminals } from './terminal/execTerminals.js';
import { registerNodesView } from './views/nodesView.js';

export type { CriExplorerApi } from './api.js';

/** Builds everything in the order of its needs. What is built is released with the context, last first. */
export function activate(context: vscode.ExtensionContext): CriExplorerApi {
  const own = <T extends vscode.Disposable>(item: T): T => {
    context.subscriptions.push(item);
    return item;
  };
  const logger = own(vscode.window.createOutputChannel('CRI Explorer', { log: true }));
  const store = own(new Nodes(() => createLocalNode({ logger }), logger));
  const changed = own(new vscode.EventEmitter<{ nodeId: string }>());
  own(
    store.onDidChange(({ nodeId }) => {
      for (const id of nodeId === undefined ? store.nodes.map((node) => node.id) : [nodeId])
        changed.fire({ nodeId: id });
    }),
  );
  const view = own(registerNodesView(store, logger));
  const terminals = own(new ExecTerminals(logger));
  const specDocuments = own(new SpecDocuments(store));
  const specs = own(new SpecPanels(context.extensionUri, store, specDocuments, logger));
  const logDocuments = own(new LogDocuments(store));
  const logs = own(new LogPanels(context.extensionUri, store, logDocuments, logger));
  own(registerCommands({ store, view, terminals, specs, specDocuments, logs, output: logger }));
  store.configure(settings());
  own(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('criExplorer')) store.configure(settings());
    }),
  );
  return createApi(store, changed.event);
}

function settings(): StoreSettings {
  const configuration = vscode.workspace.getConfiguration('criExplorer');
  return {
    localEnabled: configuration.get('local.enabled', true),
    nodes: configuration.get<readonly unknown[]>('nodes', []).filter(isNodeSetting),
    intervalMs: Math.max(0, configuration.get('refreshInterval', 2)) * 1000,
  };
}

/** The setting's schema is only a hint to the editor: what a person wrote may be anything. */
function isNodeSetting(value: unknown): value is NodeSetting {
  const entry = value as Partial<Record<keyof NodeSetting, unknown>> | null;
  const isText = (text: unknown): boolean => text === undefined || typeof text === 'string';
  return (
    typeof entry === 'object' &&
    entry !== null &&
    typeof entry.name === 'string' &&
    entry.name !== '' &&
    isText(entry.host) &&
    isText(entry.endpoint)
  );
}
