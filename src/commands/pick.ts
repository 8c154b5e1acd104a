import * as vscode from 'vscode';
import { findById } from '../model/picture.js';
import type { Container } from '../model/snapshot.js';
import { findConnection, givenTarget } from '../panels/targets.js';
import type { NodeStore } from '../runtime/nodes.js';
import { DisposableStore } from '../util/dispose.js';
import type { Translate } from '../util/translate.js';
import type { Subject } from '../views/viewNode.js';
import { containerChoices, type Choice, type ContainerTarget } from './choices.js';
import type { CommandContext } from './context.js';

export const t: Translate = (message, ...args) => vscode.l10n.t(message, ...args);

interface Wanted {
  readonly title: string;
  /** Which containers the command can use. */
  readonly accepts?: (container: Container) => boolean;
  /** Why it can't use one. */
  readonly refusal?: string;
  /** Which ones come first, and what is said of them. */
  readonly prefers?: { readonly fits: (container: Container) => boolean; readonly because: string };
}

/**
 * The container that a menu was opened on, or the one that a person picks of all nodes.
 * @throws Error when the command can't use the one of the menu; CancellationError when none was picked
 */
export async function chooseContainer(
  argument: unknown,
  context: CommandContext,
  wanted: Wanted,
): Promise<ContainerTarget> {
  const subject = containerAt(argument, context.store) ?? context.view.subjectOf(argument);
  if (subject?.kind !== 'container') return pickContainer(context.store, wanted);
  if (wanted.accepts?.(subject.container) === false)
    throw new Error(wanted.refusal ?? t('Not of this container.'));
  return subject;
}

/** The container of a panel, which gives its target as an argument. */
function containerAt(
  argument: unknown,
  store: NodeStore,
): (ContainerTarget & { readonly kind: 'container' }) | undefined {
  const target = givenTarget(argument);
  const runtime = target && findConnection(store, target);
  const { container, sandbox } = findById(runtime?.snapshot, target?.id ?? '');
  return runtime && container && { kind: 'container', runtime, container, ...(sandbox ? { sandbox } : {}) };
}

/** The same where a sandbox does as well. */
export async function chooseContainerOrSandbox(
  argument: unknown,
  context: CommandContext,
  wanted: Wanted,
): Promise<ContainerTarget | (Subject & { kind: 'sandbox' })> {
  const subject = context.view.subjectOf(argument);
  return subject?.kind === 'sandbox' ? subject : chooseContainer(argument, context, wanted);
}

type Item = vscode.QuickPickItem & Choice<ContainerTarget>;

/** Lists what is known at once, and what a refresh finds as it comes. */
function pickContainer(store: NodeStore, wanted: Wanted): Promise<ContainerTarget> {
  const { title, accepts = () => true, prefers } = wanted;
  const owned = new DisposableStore();
  const pick = owned.add(vscode.window.createQuickPick<Item>());
  pick.title = title;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.keepScrollPosition = true;
  pick.placeholder = t('Container: type a name, pod, namespace, state, id or image');
  pick.busy = true;
  let shown = '';
  const update = (): void => {
    const items = preferredFirst(containerChoices(store.nodes, accepts, t), prefers);
    const key = JSON.stringify(items.map(({ label, description, detail }) => [label, description, detail]));
    if (key === shown) return;
    shown = key;
    const active = pick.activeItems[0]?.value.container.id;
    pick.items = items;
    pick.activeItems = pick.items.filter(({ value }) => value.container.id === active);
  };
  owned.add(store.onDidChange(update));
  update();
  void store.refresh().finally(() => {
    if (owned.isDisposed) return;
    pick.busy = false;
    if (pick.items.length === 0) pick.placeholder = t('There is no container that this command could use');
  });
  return chosenFrom(pick).finally(() => owned.dispose());
}

function preferredFirst<C extends Choice<ContainerTarget>>(
  choices: readonly C[],
  prefers: Wanted['prefers'],
): readonly C[] {
  if (!prefers) return choices;
  const preferred = choices.filter(({ value }) => prefers.fits(value.container));
  const others = choices.filter((choice) => !preferred.includes(choice));
  const said = preferred.map((choice) => ({
    ...choice,
    description: `${choice.description} · ${prefers.because}`,
  }));
  return [...said, ...others];
}

/** Shows a quick pick. @throws CancellationError when it was closed without a choice */
export function chosenFrom<I extends vscode.QuickPickItem & { readonly value: unknown }>(
  pick: vscode.QuickPick<I>,
): Promise<I['value']> {
  return new Promise((resolve, reject) => {
    pick.onDidAccept(() => {
      const [item] = pick.selectedItems;
      if (item) resolve(item.value);
      pick.hide();
    });
    pick.onDidHide(() => reject(new vscode.CancellationError()));
    pick.show();
  });
}

/** @throws CancellationError when nothing was chosen */
export async function pickOne<T>(title: string, choices: readonly Choice<T>[]): Promise<T> {
  const chosen = await vscode.window.showQuickPick([...choices], { title, matchOnDetail: true });
  if (chosen === undefined) throw new vscode.CancellationError();
  return chosen.value;
}
