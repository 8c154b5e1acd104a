import * as vscode from 'vscode';
import { inert } from '../model/visible.js';
import { DisposableStore } from '../util/dispose.js';
import type { NodeStore } from '../runtime/nodes.js';
import { endpointIcon } from '../views/icons.js';
import { endpointChoices, type EndpointChoice } from './choices.js';
import type { Command, CommandContext } from './context.js';
import { t } from './pick.js';

type Item = vscode.QuickPickItem & { readonly value?: EndpointChoice };

const showEndpoints: Command = async (_, context) => {
  const chosen = await pickEndpoint(context);
  if (chosen) await explain(chosen, context);
};

/** Every place that was searched, node by node, kept up to date while it is open. */
function pickEndpoint({ store, output }: CommandContext): Promise<EndpointChoice | undefined> {
  const owned = new DisposableStore();
  const pick = owned.add(vscode.window.createQuickPick<Item>());
  const retry = button('refresh', t('Look Again'));
  const settings = button('gear', t('Open Settings'));
  const log = button('output', t('Show Output'));
  pick.title = t('Searched Endpoints');
  pick.placeholder = t('Pick one for its full reason and to copy it');
  pick.buttons = [retry, settings, log];
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.keepScrollPosition = true;
  const update = (): void => void (pick.items = itemsOf(store));
  const look = (): void => {
    pick.busy = true;
    void store.refresh().finally(() => {
      if (!owned.isDisposed) pick.busy = false;
    });
  };
  owned.add(store.onDidChange(update));
  pick.onDidTriggerButton((pressed) => {
    if (pressed === retry) look();
    else if (pressed === settings) void vscode.commands.executeCommand('criExplorer.openSettings');
    else output.show();
  });
  update();
  look();
  pick.show();
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]?.value);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      owned.dispose();
    });
  });
}

const button = (icon: string, tooltip: string): vscode.QuickInputButton => ({
  iconPath: new vscode.ThemeIcon(icon),
  tooltip,
});

function itemsOf({ nodes }: NodeStore): Item[] {
  return nodes.flatMap((node): Item[] => {
    const kind = vscode.QuickPickItemKind.Separator;
    const choices = endpointChoices(node, t).map((choice) => {
      const { id, color } = endpointIcon(choice.value.endpoint.state);
      return {
        ...choice,
        iconPath: new vscode.ThemeIcon(id, color ? new vscode.ThemeColor(color) : undefined),
      };
    });
    const none = { label: t('Nothing was searched'), detail: inert(node.reason ?? '', 500) };
    return [{ label: inert(node.label), kind }, ...(choices.length === 0 ? [none] : choices)];
  });
}

async function explain({ node, endpoint }: EndpointChoice, { store, view }: CommandContext): Promise<void> {
  const [copy, retry, settings] = [t('Copy Endpoint'), t('Look Again'), t('Open Settings')];
  const reason = endpoint.reason ?? t('Nothing is wrong with it.');
  const text = inert(`${endpoint.endpoint}: ${reason} (${endpoint.sources.join(', ')})`, 1000);
  const answer = await vscode.window.showInformationMessage(text, copy, retry, settings);
  if (answer === copy) await vscode.env.clipboard.writeText(endpoint.endpoint);
  else if (answer === retry) await view.busy(() => store.refresh(node.id));
  else if (answer === settings) await vscode.commands.executeCommand('criExplorer.openSettings');
}

export const endpointCommands: Readonly<Record<string, Command>> = { showEndpoints };
