import * as vscode from 'vscode';
import { createApi, type CriExplorerApi } from './api.js';
import { registerCommands } from './commands/commands.js';
import { promptInWindow } from './commands/prompts.js';
import { createLocalNode } from './node/local.js';
import { NodeError } from './node/node.js';
import { SshNode } from './node/ssh/sshNode.js';
import { SudoNode } from './node/sudoNode.js';
import type { SudoMode } from './node/sudo.js';
import { unreachableNode } from './node/unreachableNode.js';
import { SpecPanels } from './panels/inspectPanel.js';
import { LogDocuments } from './panels/logsDocument.js';
import { LogPanels } from './panels/logsPanel.js';
import { SpecDocuments } from './panels/specDocument.js';
import type { OpenedNode } from './runtime/nodeConnection.js';
import type { NodeLink } from './runtime/nodes.js';
import { Nodes, type NodeSetting, type StoreSettings } from './runtime/store.js';
import { ExecTerminals } from './terminal/execTerminals.js';
import { asError } from './util/async.js';
import type { Logger } from './util/logger.js';
import { registerNodesView } from './views/nodesView.js';

export type { CriExplorerApi } from './api.js';

/** Builds everything in the order of its needs. What is built is released with the context, last first. */
export function activate(context: vscode.ExtensionContext): CriExplorerApi {
  const own = <T extends vscode.Disposable>(item: T): T => {
    context.subscriptions.push(item);
    return item;
  };
  const logger = own(vscode.window.createOutputChannel('CRI Explorer', { log: true }));
  const store = own(new Nodes((setting) => openNode(setting, context, logger), logger));
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
  const local: NodeSetting = { id: 'local', name: 'local', sudo: configuration.get('local.sudo', 'never') };
  return {
    nodes: [
      ...(configuration.get<boolean>('local.enabled', true) ? [local] : []),
      ...configuration.get<readonly unknown[]>('nodes', []).flatMap(nodeSetting),
    ],
    intervalMs: Math.max(0, configuration.get('refreshInterval', 2)) * 1000,
  };
}

/** The setting's schema is only a hint to the editor: what a person wrote may be anything. */
function nodeSetting(value: unknown): NodeSetting[] {
  if (typeof value !== 'object' || value === null) return [];
  const { name, host, endpoint, sudo } = value as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string' || name === '') return [];
  return [
    {
      id: `node:${name}`,
      name,
      ...(typeof host === 'string' && host !== '' ? { host } : {}),
      ...(typeof endpoint === 'string' && endpoint !== '' ? { endpoint } : {}),
      ...(sudo === 'without password' || sudo === 'ask' ? { sudo } : {}),
    },
  ];
}

function openNode(setting: NodeSetting, context: vscode.ExtensionContext, logger: Logger): OpenedNode {
  const { host, sudo = 'never' } = setting;
  if (host !== undefined) return openSshNode(host, sudo, context, logger);
  if (sudo === 'never') return { node: createLocalNode({ logger }), sudo };
  const node = new SudoNode({ sudo, prompt: promptInWindow(setting.name), logger });
  return { node, sudo, askAgain: () => node.reconnect() };
}

function openSshNode(
  host: string,
  sudo: SudoMode,
  context: vscode.ExtensionContext,
  logger: Logger,
): OpenedNode {
  const sshPath = vscode.workspace.getConfiguration('criExplorer').get('ssh.path', 'ssh');
  const script = context.asAbsolutePath('dist/askpass.cjs');
  try {
    const askpass = { execPath: process.execPath, script };
    const node = new SshNode({ host, sudo, prompt: promptInWindow(host), logger, askpass, sshPath });
    return { node, link: node, sudo };
  } catch (thrown) {
    const error = thrown instanceof NodeError ? thrown : new NodeError('failed', asError(thrown).message);
    return { node: unreachableNode('ssh', error), link: failedLink(error.message), sudo };
  }
}

/** The way to a machine whose setting can't be used. */
function failedLink(reason: string): NodeLink {
  const nothing = (): void => undefined;
  const state = { name: 'failed', reason } as const;
  return {
    state,
    onDidChangeState: () => ({ dispose: nothing }),
    ...{ connect: nothing, reconnect: nothing, disconnect: nothing },
  };
}
