import * as vscode from 'vscode';
import { inert } from '../model/visible.js';
import type { Prompt, PromptRequest } from '../runtime/nodes.js';
import { DisposableStore, toDisposable } from '../util/dispose.js';
import { t } from './pick.js';
import { PromptQueue } from './promptQueue.js';
import { hostKeyLines, oneLine, placeholderOf } from './promptText.js';

/** Asks in this window what ssh and sudo ask: one question at a time, whichever nodes they are of. */
export class Prompts {
  readonly #queue = new PromptQueue();

  /** @param label the node, as a person named it */
  of(label: string): Prompt {
    const title = inert(label);
    return (request, signal) => {
      if (request.kind === 'touch') return showUntil(`${title}: ${oneLine(request.text)}`, signal);
      return this.#queue.ask(() => ask(title, request, signal), signal);
    };
  }
}

function ask(title: string, request: PromptRequest, signal: AbortSignal): Promise<string | undefined> {
  switch (request.kind) {
    case 'hostKey':
      return askHostKey(title, request, signal);
    case 'confirm':
      return choose(title, oneLine(request.text), [{ label: t('Yes'), answer: 'yes' }, no()], signal);
    default:
      return askText(title, request, signal);
  }
}

/** Nothing to type: told for as long as it lasts. */
async function showUntil(title: string, signal: AbortSignal): Promise<undefined> {
  const { Notification } = vscode.ProgressLocation;
  await vscode.window.withProgress({ location: Notification, title }, () => aborted(signal));
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

function askText(title: string, request: PromptRequest, signal: AbortSignal): Promise<string | undefined> {
  const input = vscode.window.createInputBox();
  input.prompt = oneLine(request.text);
  input.password = request.secret;
  input.placeholder = placeholderOf(request.kind, t);
  return shown(input, title, () => input.value, signal);
}

type Item = vscode.QuickPickItem & { readonly answer?: string };

const no = (): Item => ({ label: t('No') });

/** The choice, and what ssh says below, the fingerprint in it. What is no answer, declines. */
function askHostKey(
  title: string,
  { text }: PromptRequest,
  signal: AbortSignal,
): Promise<string | undefined> {
  const items: Item[] = [
    { label: `$(check) ${t('Accept and Connect')}`, answer: 'yes' },
    { label: `$(close) ${t('Cancel')}` },
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    ...hostKeyLines(text),
  ];
  const question = t('Is this the host’s key? Compare the fingerprint with one from a source you trust.');
  return choose(title, question, items, signal);
}

/** The second item is in front, so that a stray Enter declines. */
function choose(
  title: string,
  placeholder: string,
  items: readonly Item[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick<Item>();
  pick.placeholder = placeholder;
  pick.items = items;
  pick.activeItems = items.slice(1, 2);
  return shown(pick, title, () => pick.selectedItems[0]?.answer, signal);
}

/** Resolves with the answer when it is accepted, with undefined when it is closed or taken back. */
function shown(
  box: vscode.QuickPick<Item> | vscode.InputBox,
  title: string,
  answer: () => string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const owned = new DisposableStore();
  owned.add(box);
  box.title = title;
  box.ignoreFocusOut = true;
  return new Promise((resolve) => {
    const hide = (): void => box.hide();
    signal.addEventListener('abort', hide, { once: true });
    owned.add(toDisposable(() => signal.removeEventListener('abort', hide)));
    box.onDidAccept(() => {
      resolve(answer());
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      owned.dispose();
    });
    box.show();
  });
}
