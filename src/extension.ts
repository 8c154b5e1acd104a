import * as vscode from 'vscode';
import { ApiChanges, createApi, type CriExplorerApi } from './api.js';
import { registerCommands } from './commands/commands.js';
import { Prompts } from './commands/prompts.js';
import type { KnownId } from './model/find/ids.js';
import { createLocalNode } from './node/local.js';
import { NodeError } from './node/node.js';
import type { Prompt } from './node/prompt.js';
import { SshNode } from './node/ssh/sshNode.js';
import { SudoNode } from './node/sudoNode.js';
import type { SudoMode } from './node/sudo.js';
import { unreachableNode } from './node/unreachableNode.js';
import { chainPanelKind } from './panels/chainPanel.js';
import { doctorPanelKind } from './panels/doctorPanel.js';
import { SpecJumps } from './panels/inspectJumps.js';
import { specPanelKind } from './panels/inspectPanel.js';
import { LogDocuments } from './panels/logsDocument.js';
import { logPanelKind } from './panels/logsPanel.js';
import { SpecDocuments } from './panels/specDocument.js';
import { Panels, type PanelKind } from './panels/webview.js';
import { readChain } from './runtime/chainReader.js';
import { readStory } from './runtime/chainStory.js';
import { diagnose } from './runtime/doctor/diagnose.js';
import type { OpenedNode } from './runtime/nodeConnection.js';
import type { NodeLink } from './runtime/nodes.js';
import type { Api } from './protocol/rpc.js';
import { localNodeId, nodeSettings } from './runtime/nodeSettings.js';
import { Nodes, type NodeSetting, type StoreSettings } from './runtime/store.js';
import { registerContainerLinks } from './terminal/containerLinks.js';
import { ExecTerminals } from './terminal/execTerminals.js';
import { asError } from './util/async.js';
import type { Logger } from './util/logger.js';
import { registerNodesView } from './views/nodesView.js';
import { tellOfSurvival } from './views/survivalNews.js';

export type { CriExplorerApi } from './api.js';

/** Builds everything in the order of its needs. What is built is released with the context, last first. */
export function activate(context: vscode.ExtensionContext): CriExplorerApi {
  const own = <T extends vscode.Disposable>(item: T): T => {
    context.subscriptions.push(item);
    return item;
  };
  const panels = <A extends Api, S extends object>(kind: PanelKind<A, S>): Panels<A, S> =>
    own(new Panels(context.extensionUri, kind, logger));
  const logger = own(vscode.window.createOutputChannel('CRI Explorer', { log: true }));
  const surroundings = { context, logger, prompts: new Prompts() };
  const store = own(new Nodes((setting) => openNode(setting, surroundings), logger));
  const changed = own(new vscode.EventEmitter<{ nodeId: string }>());
  const apiChanges = new ApiChanges();
  own(
    store.onDidChange(({ nodeId }) => {
      for (const node of store.nodes) {
        if ((nodeId ?? node.id) === node.id && apiChanges.isNew(node)) changed.fire({ nodeId: node.id });
      }
    }),
  );
  const view = own(registerNodesView(store, logger));
  own(tellOfSurvival(store, view));
  const showId = ({ nodeId, endpoint, id }: KnownId): void =>
    void view.reveal({ nodeId, endpoint, id }, { focus: true, expand: true });
  own(registerContainerLinks(store, showId));
  const terminals = own(new ExecTerminals(logger));
  const specDocuments = own(new SpecDocuments(store));
  const specJumps = new SpecJumps();
  const specs = panels(specPanelKind(store, specDocuments, specJumps));
  const logDocuments = own(new LogDocuments(store));
  const logs = panels(logPanelKind(store, logDocuments, showId));
  const chains = panels(
    chainPanelKind({
      store,
      source: { readChain, readStory },
      openSpec: (target) => specs.show(target),
      openLogs: (target) => logs.show(target),
      reveal: (target) => view.reveal(target, { focus: true }),
    }),
  );
  const doctor = panels(
    doctorPanelKind({
      store,
      diagnose,
      openSpec: (target) => specs.show(target),
      reveal: (target) => view.reveal(target, { focus: true }),
    }),
  );
  own(
    registerCommands({
      store,
      view,
      terminals,
      specs,
      specJumps,
      specDocuments,
      logs,
      chains,
      doctor,
      output: logger,
    }),
  );
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
  const sudo = configuration.get<SudoMode>('local.sudo', 'never');
  const local: NodeSetting = { id: localNodeId, name: 'local', sudo };
  return {
    nodes: [
      ...(configuration.get<boolean>('local.enabled', true) ? [local] : []),
      ...nodeSettings(configuration.get('nodes')).map((node) =>
        node.host === undefined ? node : { ...node, sshPath: configuration.get('ssh.path', 'ssh') },
      ),
    ],
    intervalMs: Math.max(0, configuration.get('refreshInterval', 2)) * 1000,
  };
}

/** What opening a machine needs of the window. */
interface Surroundings {
  readonly context: vscode.ExtensionContext;
  readonly logger: Logger;
  readonly prompts: Prompts;
}

function openNode(setting: NodeSetting, surroundings: Surroundings): OpenedNode {
  const { name, host, sudo = 'never' } = setting;
  const { logger, prompts } = surroundings;
  if (host !== undefined) return openSshNode({ ...setting, host, sudo }, surroundings);
  if (sudo === 'never') return { node: createLocalNode({ logger }), sudo };
  const { prompt, rename } = renamable(prompts, name);
  const node = new SudoNode({ sudo, prompt, logger });
  return { node, sudo, askAgain: () => node.reconnect(), rename };
}

/** Questions under the present name of a machine. */
function renamable(prompts: Prompts, name: string): { prompt: Prompt; rename: (name: string) => void } {
  let present = prompts.of(name);
  return {
    prompt: (request, signal) => present(request, signal),
    rename: (to) => (present = prompts.of(to)),
  };
}

function openSshNode(
  { name, host, sudo, sshPath = 'ssh' }: NodeSetting & { readonly host: string; readonly sudo: SudoMode },
  { context, logger, prompts }: Surroundings,
): OpenedNode {
  const script = context.asAbsolutePath('dist/askpass.cjs');
  try {
    const askpass = { execPath: process.execPath, script };
    const { prompt, rename } = renamable(prompts, name);
    const node = new SshNode({ host, sudo, prompt, logger, askpass, sshPath });
    return { node, link: node, sudo, rename };
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
