import * as vscode from 'vscode';
import { inert } from '../model/visible.js';
import { targetOf } from '../panels/targets.js';
import { nodeFindings } from '../runtime/specFindings.js';
import type { NodeConnection } from '../runtime/nodes.js';
import type { Command, CommandContext } from './context.js';
import {
  findingGroups,
  type FindingGroup,
  type FindingPlace,
  type RuntimeFindings,
} from './findingChoices.js';
import { chooseNode } from './nodes.js';
import { chosenFrom, t } from './pick.js';

/** Lists what is risky in the specs of all that runs on a node; the one that is picked is opened at its value. */
const findRiskySpecs: Command = async (argument, context) => {
  const title = t('Find Risky Specs on Node');
  const node = await chooseNode(argument, context, {
    title,
    fits: () => true,
    none: t('There is no node to look at.'),
  });
  const found = await survey(node, context);
  const groups = findingGroups(found, t);
  const read = found.reduce((sum, one) => sum + one.found.read.length, 0);
  if (groups.length === 0) {
    void vscode.window.showInformationMessage(
      t('Nothing is risky in the {0} specs of {1}.', read, inert(node.label)),
    );
    return;
  }
  const notes = found.flatMap((one) => one.found.notes);
  const place = await pickPlace(t('{0}: {1} specs read', title, read), notes, groups);
  const target = targetOf(place.runtime, place.id);
  context.specs.show(target);
  if (place.path) context.specJumps.ask(target, place.path);
};

/** @throws Error when nothing is known of the node; CancellationError when the person has enough of waiting */
async function survey(
  { id, label }: NodeConnection,
  { store }: CommandContext,
): Promise<readonly RuntimeFindings[]> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: t('Reading the specs of {0}', inert(label)),
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (progress, token) => {
    const abort = new AbortController();
    const cancel = token.onCancellationRequested(() => abort.abort(new vscode.CancellationError()));
    try {
      await store.refresh(id);
      abort.signal.throwIfAborted();
      const runtimes = store.nodes.find((node) => node.id === id)?.runtimes ?? [];
      const known = runtimes.filter(({ snapshot }) => snapshot !== undefined);
      if (known.length === 0) throw new Error(t('No container runtime answers on this node now.'));
      const results: RuntimeFindings[] = [];
      for (const runtime of known) {
        const onProgress = (done: number, all: number): void =>
          progress.report({ message: t('{0} of {1}', done, all) });
        results.push({
          runtime,
          found: await nodeFindings(runtime, { signal: abort.signal, onProgress }),
        });
      }
      return results;
    } finally {
      cancel.dispose();
    }
  });
}

type Item = vscode.QuickPickItem & { readonly value: FindingPlace | undefined };

async function pickPlace(
  title: string,
  notes: readonly string[],
  groups: readonly FindingGroup[],
): Promise<FindingPlace> {
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = title;
  pick.placeholder =
    notes.length > 0 ? inert(notes.join(' ')) : t('Type a risk, a pod, a namespace or a container');
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.ignoreFocusOut = true;
  pick.items = groups.flatMap(({ title: heading, choices }) => [
    { label: `${heading} (${choices.length})`, kind: vscode.QuickPickItemKind.Separator, value: undefined },
    ...choices,
  ]);
  try {
    const place = await chosenFrom(pick);
    if (!place) throw new vscode.CancellationError();
    return place;
  } finally {
    pick.dispose();
  }
}

export const findingCommands: Readonly<Record<string, Command>> = { nodeFindings: findRiskySpecs };
