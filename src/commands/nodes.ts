import * as vscode from 'vscode';
import { inert } from '../model/visible.js';
import type { NodeConnection, NodeStore, SudoMode } from '../runtime/nodes.js';
import { changeNode, hasNode, localNodeId, nodeIdOf, removeNode } from '../runtime/nodeSettings.js';
import type { Command, CommandContext } from './context.js';
import { nodeChoices, sudoChoices } from './nodeChoices.js';
import { chosenFrom, pickOne, t } from './pick.js';

/** The setting criExplorer.nodes where the extension runs, and where it is written. */
export const nodesSetting = {
  get: (): unknown => vscode.workspace.getConfiguration('criExplorer').inspect('nodes')?.globalValue ?? [],
  set: (value: unknown): Thenable<void> =>
    vscode.workspace
      .getConfiguration('criExplorer')
      .update('nodes', value, vscode.ConfigurationTarget.Global),
};

/** A changed setting reaches the store a moment after it is written. Milliseconds. */
const patience = 5_000;

/**
 * Waits until the store has a node that is not `before`, connects it, and opens it in the sidebar.
 * @throws Error when it doesn't appear
 */
export async function openNode(
  nodeId: string,
  { store, view }: CommandContext,
  before?: NodeConnection,
): Promise<void> {
  const node = await appeared(store, (each) => each.id === nodeId && each !== before);
  if (node.state === 'idle') node.connect();
  await view.reveal({ nodeId }, { expand: true });
}

function appeared(store: NodeStore, wanted: (node: NodeConnection) => boolean): Promise<NodeConnection> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const node = store.nodes.find(wanted);
      if (node === undefined) return;
      clearTimeout(timer);
      listening.dispose();
      resolve(node);
    };
    const listening = store.onDidChange(look);
    const timer = setTimeout(() => {
      listening.dispose();
      reject(new Error(t('The setting criExplorer.nodes was written, but does not take effect.')));
    }, patience);
    look();
  });
}

interface Wanted {
  readonly title: string;
  readonly fits: (node: NodeConnection) => boolean;
  /** When there is none. */
  readonly none: string;
}

/** The node that a menu was opened on, else the only one that fits, else the one that a person picks. */
export async function chooseNode(
  argument: unknown,
  { view, store }: CommandContext,
  { title, fits, none }: Wanted,
): Promise<NodeConnection> {
  const subject = view.subjectOf(argument);
  if (subject && 'node' in subject) {
    if (!fits(subject.node)) throw new Error(none);
    return subject.node;
  }
  const choices = nodeChoices(store.nodes, fits, t);
  const [first] = choices;
  if (first === undefined) throw new Error(none);
  return choices.length === 1 ? first.value : pickOne(title, choices);
}

const isSsh = ({ kind }: NodeConnection): boolean => kind === 'ssh';
const isOfSetting = ({ id }: NodeConnection): boolean => id !== localNodeId;

const connectNode: Command = async (argument, context) => {
  const node = await chooseNode(argument, context, {
    title: t('Connect'),
    fits: (each) => isSsh(each) && each.state === 'idle',
    none: t('There is no node over SSH that is not connected yet.'),
  });
  node.connect();
  await context.view.reveal({ nodeId: node.id }, { expand: true });
};

const reconnectNode: Command = async (argument, context) => {
  const node = await chooseNode(argument, context, {
    title: t('Reconnect'),
    fits: (each) => (isSsh(each) ? each.state !== 'idle' : each.sudo === 'ask'),
    none: t('There is no node that was connected.'),
  });
  node.connect();
};

const disconnectNode: Command = async (argument, context) => {
  const node = await chooseNode(argument, context, {
    title: t('Disconnect'),
    fits: (each) => isSsh(each) && each.state !== 'idle',
    none: t('There is no node over SSH that is connected.'),
  });
  node.disconnect();
};

const renameNode: Command = async (argument, context) => {
  const title = t('Rename Node');
  const none = t('Only nodes of the setting criExplorer.nodes can be renamed.');
  const node = await chooseNode(argument, context, { title, fits: isOfSetting, none });
  const name = await askName(t('Rename {0}', inert(node.label)), node.label);
  if (name === node.label) return;
  const wasIdle = node.state === 'idle';
  await nodesSetting.set(changeNode(nodesSetting.get(), node.id, { name }));
  if (!wasIdle) await openNode(nodeIdOf(name), context);
};

/** @throws CancellationError when none was given */
export async function askName(title: string, value: string, step?: string): Promise<string> {
  const name = await vscode.window.showInputBox({
    title: step === undefined ? title : `${title} ${step}`,
    prompt: t('What the sidebar calls the node'),
    value,
    ignoreFocusOut: true,
    validateInput: (text) => nameProblem(text.trim(), value),
  });
  if (name === undefined) throw new vscode.CancellationError();
  return name.trim();
}

/** @param own a name that is not taken, or its own */
function nameProblem(name: string, own: string): string | undefined {
  if (name === '') return t('A node needs a name.');
  const taken = name !== own && hasNode(nodesSetting.get(), name);
  return taken ? t('There is a node of this name already.') : undefined;
}

const removeNodeCommand: Command = async (argument, context) => {
  const title = t('Remove Node');
  const none = t('Only nodes of the setting criExplorer.nodes can be removed.');
  const node = await chooseNode(argument, context, { title, fits: isOfSetting, none });
  const remove = t('Remove');
  const answer = await vscode.window.showWarningMessage(
    t('Remove the node {0}?', inert(node.label)),
    { modal: true, detail: t('It is taken out of your settings. Nothing changes on the machine itself.') },
    remove,
  );
  if (answer === remove) await nodesSetting.set(removeNode(nodesSetting.get(), node.id));
};

const useSudo: Command = async (argument, context) => {
  const none = t('There is no node on which sudo could be used.');
  const fits = ({ kind }: NodeConnection): boolean => kind === 'ssh' || process.platform !== 'win32';
  const node = await chooseNode(argument, context, { title: t('Use sudo on This Node'), fits, none });
  const place =
    node.kind === 'local' ? t('Use sudo on This Machine') : t('Use sudo on {0}', inert(node.label));
  const mode = await pickSudo(place, node.sudo);
  const wasIdle = node.state === 'idle';
  if (mode === node.sudo) {
    if (mode === 'ask' && !wasIdle) node.connect(); // Asks again.
    return;
  }
  if (node.id === localNodeId) {
    const { Global } = vscode.ConfigurationTarget;
    await vscode.workspace.getConfiguration('criExplorer').update('local.sudo', mode, Global);
  } else await nodesSetting.set(changeNode(nodesSetting.get(), node.id, { sudo: mode }));
  if (!wasIdle) await openNode(node.id, context, node);
};

/**
 * @param present the way to use sudo until now; the one to try after it is in front
 * @throws CancellationError when none was picked
 */
export function pickSudo(title: string, present?: SudoMode): Promise<SudoMode> {
  const choices = sudoChoices(t, present);
  const pick = vscode.window.createQuickPick<(typeof choices)[number]>();
  pick.title = title;
  pick.placeholder = t('The runtime’s socket belongs to root: with sudo it is reached as root');
  pick.items = choices;
  const next = choices.findIndex(({ value }) => value === present) + 1;
  pick.activeItems = choices.slice(Math.min(next, choices.length - 1)).slice(0, 1);
  return chosenFrom(pick).finally(() => pick.dispose());
}

/** All that ssh said, of which the sidebar shows a line. */
const showReason: Command = async (argument, { view }) => {
  const subject = view.subjectOf(argument);
  if (subject?.kind !== 'node') return;
  const { node } = subject;
  const detail = (node.reason ?? '')
    .split('\n')
    .map((line) => inert(line, 500))
    .join('\n');
  const [reconnect, copy] = [t('Reconnect'), t('Copy')];
  const options = { modal: true, detail };
  const answer = await vscode.window.showErrorMessage(inert(node.label), options, reconnect, copy);
  if (answer === reconnect) node.connect();
  else if (answer === copy) await vscode.env.clipboard.writeText(node.reason ?? '');
};

export const nodeCommands: Readonly<Record<string, Command>> = {
  connectNode,
  reconnectNode,
  disconnectNode,
  renameNode,
  removeNode: removeNodeCommand,
  useSudo,
  showReason,
};
