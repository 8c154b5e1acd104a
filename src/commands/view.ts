import * as vscode from 'vscode';
import { DisposableStore } from '../util/dispose.js';
import type { NodesView } from '../views/nodesView.js';
import type { Command } from './context.js';
import { t } from './pick.js';

/** A big tree is filtered once the typing pauses. Milliseconds. */
const typingPause = 120;

const refresh: Command = async (argument, { store, view }) => {
  const subject = view.subjectOf(argument);
  const node = subject && 'node' in subject ? subject.node : undefined;
  await view.busy(() => store.refresh(node?.id));
};

const filter: Command = (_, { view }) => {
  const before = view.filter;
  const owned = new DisposableStore();
  const input = owned.add(vscode.window.createInputBox());
  input.title = t('Filter Pods and Containers');
  input.placeholder = 'web state:running ns:kube-system image:nginx id:3f2a name:main label:app=web';
  input.prompt = t('All words must match. Escape brings the filter back that was set before.');
  input.value = before;
  // A click into the tree must not throw the filter away.
  input.ignoreFocusOut = true;
  let timer: NodeJS.Timeout | undefined;
  let accepted = false;
  input.onDidChangeValue((value) => {
    clearTimeout(timer);
    timer = setTimeout(() => view.setFilter(value), typingPause);
  });
  input.onDidAccept(() => {
    accepted = true;
    input.hide();
  });
  input.onDidHide(() => {
    clearTimeout(timer);
    view.setFilter(accepted ? input.value.trim() : before);
    owned.dispose();
  });
  showView(view);
  input.show();
};

/** Filtering a tree that nobody sees would be odd. */
function showView(view: NodesView): void {
  if (!view.visible) void vscode.commands.executeCommand('criExplorer.nodes.focus');
}

const clearFilter: Command = (_, { view }) => view.setFilter('');

async function setGrouping(grouped: boolean): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('criExplorer');
  const { Global, Workspace } = vscode.ConfigurationTarget;
  const inWorkspace = configuration.inspect('groupByNamespace')?.workspaceValue !== undefined;
  await configuration.update('groupByNamespace', grouped, inWorkspace ? Workspace : Global);
}

const openSettings: Command = async () => {
  await vscode.commands.executeCommand('workbench.action.openSettings', '@ext:cri-explorer.cri-explorer');
};

const showOutput: Command = (_, { output }) => output.show();

export const viewCommands: Readonly<Record<string, Command>> = {
  refresh,
  filter,
  clearFilter,
  groupByNamespace: () => setGrouping(true),
  ungroupNamespaces: () => setGrouping(false),
  openSettings,
  showOutput,
};
