import * as vscode from 'vscode';
import { addNode, hasNode, nodeIdOf, type NodeEntry } from '../runtime/nodeSettings.js';
import { readSshHosts, type SshHost } from '../runtime/sshHosts.js';
import { DisposableStore } from '../util/dispose.js';
import type { Choice } from './choices.js';
import type { Command } from './context.js';
import { hostChoices, type HostChoice } from './nodeChoices.js';
import { askName, nodesSetting, openNode, pickSudo } from './nodes.js';
import { t } from './pick.js';

const addSshNode: Command = async (_, context) => {
  const title = t('Add SSH Node');
  const host = await pickHost(`${title} (1/3)`);
  const name = await askName(`${title} (2/3)`, freeName(host));
  const sudo = await pickSudo(`${title} (3/3)`);
  const entry: NodeEntry = { name, host, ...(sudo === 'never' ? {} : { sudo }) };
  await nodesSetting.set(addNode(nodesSetting.get(), entry));
  await openNode(nodeIdOf(name), context);
};

/** The host's own name, or one with a number where it is taken. */
function freeName(host: string): string {
  const taken = nodesSetting.get();
  if (!hasNode(taken, host)) return host;
  let number = 2;
  while (hasNode(taken, `${host} ${number}`)) number++;
  return `${host} ${number}`;
}

type Item = vscode.QuickPickItem & Choice<HostChoice>;

/** @throws CancellationError when none was given */
function pickHost(title: string): Promise<string> {
  const owned = new DisposableStore();
  const pick = owned.add(vscode.window.createQuickPick<Item>());
  pick.title = title;
  pick.placeholder = t('A host of your ssh configuration, or user@host:port');
  pick.matchOnDescription = true;
  pick.ignoreFocusOut = true;
  pick.busy = true;
  let hosts: readonly SshHost[] = [];
  const update = (): void => {
    const kept = hostChoices(pick.value, hosts, t);
    // What is typed need not be a part of its own item, such as blanks around it.
    pick.items = kept.map((choice, index) => ({
      ...choice,
      alwaysShow: index === 0 && kept.length > hosts.length,
    }));
  };
  void readSshHosts().then((found) => {
    hosts = found;
    if (owned.isDisposed) return;
    pick.busy = false;
    update();
  });
  pick.onDidChangeValue(update);
  pick.show();
  return new Promise((resolve, reject) => {
    pick.onDidAccept(() => {
      const value = pick.selectedItems[0]?.value;
      // One that is refused stays, with its reason.
      if (value === undefined || 'problem' in value) return;
      resolve(value.host);
      pick.hide();
    });
    pick.onDidHide(() => {
      reject(new vscode.CancellationError());
      owned.dispose();
    });
  });
}

export const addNodeCommands: Readonly<Record<string, Command>> = { addSshNode };
