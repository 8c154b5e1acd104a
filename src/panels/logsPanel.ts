import * as vscode from 'vscode';
import { KnownIds, type KnownId } from '../model/find/ids.js';
import { findById } from '../model/picture.js';
import type { Container, Sandbox } from '../model/snapshot.js';
import type { LogHeader, LogsApi, LogsStrings } from '../protocol/logs.js';
import type { PanelTarget } from '../protocol/panel.js';
import type { HostHandlers } from '../protocol/rpc.js';
import type { NodeStore } from '../runtime/nodes.js';
import type { LogDocuments } from './logsDocument.js';
import { LogSession } from './logsSession.js';
import { logsStrings } from './logsStrings.js';
import { findConnection, nameOf, needConnection } from './targets.js';
import type { OpenPanel, PanelKind } from './webview.js';

/**
 * The log panels, of containers.
 * @param reveal shows what an id names in the tree
 */
export function logPanelKind(
  store: NodeStore,
  documents: LogDocuments,
  reveal: (known: KnownId) => void,
): PanelKind<LogsApi, LogsStrings> {
  return {
    name: 'logs',
    icon: 'logs',
    strings: logsStrings,
    titleOf: (target) => titleOf(store, target),
    serve: (panel) => serveLog(panel, store, documents, reveal),
  };
}

function serveLog(
  panel: OpenPanel<LogsApi>,
  store: NodeStore,
  documents: LogDocuments,
  reveal: (known: KnownId) => void,
): HostHandlers<LogsApi> {
  const { target } = panel;
  const session = panel.own.add(
    new LogSession({
      connection: (signal) => needConnection(store, target, signal),
      containerId: target.id,
      tail: () => vscode.workspace.getConfiguration('criExplorer').get('logs.tail', 1000),
      onWaiting: (count, more) => panel.notify('waiting', { count, more }),
    }),
  );
  const ids = new KnownIds();
  let told = '';
  const tellIds = (): void => {
    ids.update(store.nodes.flatMap(({ runtimes }) => runtimes));
    if (ids.prefixes !== told) panel.notify('ids', (told = ids.prefixes));
  };
  const tell = (): void => {
    panel.notify('header', headerOf(store, target));
    session.check(findConnection(store, target));
  };
  panel.own.add(store.onDidChange(({ nodeId }) => (nodeId ?? target.nodeId) === target.nodeId && tell()));
  panel.own.add(store.onDidChange(tellIds));
  // A hidden page is gone: it opens the log anew when it comes back.
  panel.own.add(panel.onDidChangeVisible((visible) => visible || session.close()));

  return {
    async open(_, signal) {
      const opened = await session.open(signal);
      panel.setTitle(titleOf(store, target));
      tell();
      told = '';
      tellIds();
      return opened;
    },
    next: (_, signal) => session.next(signal),
    before: (request, signal) => session.before(request, signal),
    async openDocument(_, signal) {
      await documents.open(await needConnection(store, target, signal), target.id);
      return undefined;
    },
    reveal(start) {
      const known = ids.find(start);
      if (!known)
        throw new Error(vscode.l10n.t('No runtime lists this id any more, or several begin with it.'));
      reveal(known);
      return undefined;
    },
  };
}

function titleOf(store: NodeStore, target: PanelTarget): string {
  const found = findById(findConnection(store, target)?.snapshot, target.id);
  return vscode.l10n.t('Log: {0}', nameOf(found, target.id));
}

/** What the runtime's last picture says of the container. */
function headerOf(store: NodeStore, target: PanelTarget): LogHeader {
  const connection = findConnection(store, target);
  const found = findById(connection?.snapshot, target.id);
  const title = nameOf(found, target.id);
  if (connection?.state === 'lost' || connection?.state === 'failed') {
    const reason = connection.reason ?? connection.state;
    return { title, ended: false, status: vscode.l10n.t('The runtime does not answer now: {0}', reason) };
  }
  if (!connection?.snapshot) return { title, ended: false, status: '' };
  if (!found.container) {
    const status = vscode.l10n.t('Removed: the runtime does not list this container any more');
    return { title, ended: true, status };
  }
  return { title, ...stateOf(found.container, found.sandbox) };
}

function stateOf(container: Container, sandbox: Sandbox | undefined): Pick<LogHeader, 'status' | 'ended'> {
  switch (container.state) {
    case 'running':
      return { ended: false, status: vscode.l10n.t('Running (attempt {0})', container.attempt) };
    case 'created':
      return { ended: false, status: vscode.l10n.t('Created, not started (attempt {0})', container.attempt) };
    case 'unknown':
      return { ended: false, status: vscode.l10n.t('State unknown (attempt {0})', container.attempt) };
    case 'exited':
      return { ended: true, status: exitedText(container, sandbox) };
  }
}

function exitedText(container: Container, sandbox: Sandbox | undefined): string {
  const newest = Math.max(
    container.attempt,
    ...(sandbox?.containers ?? [])
      .filter(({ name }) => name === container.name)
      .map(({ attempt }) => attempt),
  );
  return newest > container.attempt
    ? vscode.l10n.t(
        'Exited: attempt {0} ended here, attempt {1} has a log of its own',
        container.attempt,
        newest,
      )
    : vscode.l10n.t('Exited: the log of attempt {0} ends here', container.attempt);
}
