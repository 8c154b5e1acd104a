import * as vscode from 'vscode';
import type { Match } from '../model/find/matches.js';
import { looksFindable } from '../model/find/query.js';
import { inert } from '../model/visible.js';
import { Search, type Findings } from '../runtime/finder.js';
import type { NodeConnection } from '../runtime/nodes.js';
import { DisposableStore, toDisposable } from '../util/dispose.js';
import type { Choice } from './choices.js';
import type { Command, CommandContext } from './context.js';
import { accountText, findChoices, offers, type Clipboard, type FindChoice } from './findChoices.js';
import { t } from './pick.js';

/** Nodes are read once the typing pauses; what comes meanwhile is shown together. Milliseconds. */
const typingPause = 200;
const settleTime = 100;

type Item = vscode.QuickPickItem & Choice<FindChoice>;

const findContainer: Command = async (argument, context) => {
  const subject = context.view.subjectOf(argument);
  const only = subject?.kind === 'node' ? subject.node : undefined;
  const match = await new FindPick(context, only).choose();
  const { nodeId, subject: found, process } = match;
  if (process) return showProcess(process);
  if (!found) return;
  const target = { nodeId, endpoint: found.endpoint, id: found.id };
  if (!(await context.view.reveal(target, { focus: true, expand: true })))
    throw new Error(t('It is gone: the runtime doesn’t list it any more.'));
};

async function showProcess(process: NonNullable<Match['process']>): Promise<void> {
  const copy = t('Copy');
  const detail = accountText(process)
    .split('\n')
    .map((line) => inert(line, 500))
    .join('\n');
  const title = inert(`${process.title} (${process.pid})`);
  const answer = await vscode.window.showInformationMessage(title, { modal: true, detail }, copy);
  if (answer === copy) await vscode.env.clipboard.writeText(accountText(process));
}

/** The one line that is selected in the editor, if it is worth looking for. */
function selected(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  const text = editor?.document.getText(editor.selection).trim() ?? '';
  return looksFindable(text) ? text : undefined;
}

async function copied(): Promise<{ readonly text: string | undefined }> {
  const text = (await vscode.env.clipboard.readText()).trim();
  return { text: looksFindable(text) ? text : undefined };
}

/** A box to search in, with live results. */
class FindPick {
  readonly #context: CommandContext;
  readonly #only: NodeConnection | undefined;
  readonly #owned = new DisposableStore();
  readonly #pick: vscode.QuickPick<Item>;
  readonly #copy: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('copy'),
    tooltip: t('Copy Details'),
  };
  #search: Search | undefined;
  #timer: NodeJS.Timeout | undefined;
  #updating: NodeJS.Timeout | undefined;
  #refreshing = true;
  /** A browser asks the person, or complains, whenever its clipboard is read. */
  #clipboard: Clipboard = vscode.env.uiKind === vscode.UIKind.Web ? 'ask' : { text: undefined };
  readonly #selection = selected();

  constructor(context: CommandContext, only: NodeConnection | undefined) {
    this.#context = context;
    this.#only = only;
    this.#pick = this.#owned.add(vscode.window.createQuickPick<Item>());
    this.#owned.add(
      toDisposable(() => {
        clearTimeout(this.#timer);
        clearTimeout(this.#updating);
        this.#search?.dispose();
      }),
    );
  }

  /** @throws CancellationError when it was closed without a choice */
  choose(): Promise<Match> {
    const { store } = this.#context;
    const pick = this.#pick;
    pick.title = this.#only
      ? t('Find Container on {0} by…', inert(this.#only.label))
      : t('Find Container by…');
    pick.placeholder = t('pid, pid inside, id, cgroup, IP address, :port, path, image or name');
    pick.ignoreFocusOut = true;
    pick.keepScrollPosition = true;
    pick.onDidChangeValue(() => this.#typed());
    pick.onDidTriggerItemButton(({ item }) => this.#copyDetails(item));
    this.#owned.add(store.onDidChange(() => this.#laterUpdate()));
    this.#offer();
    if (this.#clipboard !== 'ask') void this.#offerClipboard();
    void store.refresh(this.#only?.id).finally(() => {
      this.#refreshing = false;
      this.#laterUpdate();
    });
    pick.show();
    return this.#chosen();
  }

  async #offerClipboard(): Promise<void> {
    // No right to read it: then it isn't offered.
    this.#clipboard = await copied().catch(() => ({ text: undefined }));
    if (this.#pick.value === '') this.#offer();
  }

  async #paste(): Promise<void> {
    this.#try((await vscode.env.clipboard.readText()).trim());
  }

  #try(text: string): void {
    if (this.#owned.isDisposed) return;
    this.#pick.value = text;
    this.#look();
  }

  #chosen(): Promise<Match> {
    return new Promise((resolve, reject) => {
      this.#pick.onDidAccept(() => {
        const value = this.#pick.selectedItems[0]?.value;
        if (value?.kind === 'try') this.#try(value.text);
        else if (value?.kind === 'paste') this.#paste().catch(reject);
        else if (value?.kind === 'show') {
          resolve(value.match);
          this.#pick.hide();
        }
      });
      this.#pick.onDidHide(() => {
        reject(new vscode.CancellationError());
        this.#owned.dispose();
      });
    });
  }

  #nodes(): readonly NodeConnection[] {
    const { nodes } = this.#context.store;
    return this.#only ? nodes.filter(({ id }) => id === this.#only?.id) : nodes;
  }

  #typed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), typingPause);
  }

  #look(): void {
    clearTimeout(this.#timer);
    this.#search?.dispose();
    this.#search = undefined;
    if (this.#pick.value.trim() === '') {
      this.#offer();
      return;
    }
    this.#search = new Search(
      this.#pick.value,
      () => this.#nodes(),
      (findings) => this.#show(findings),
    );
    this.#search.start();
  }

  #laterUpdate(): void {
    if (this.#owned.isDisposed) return;
    this.#updating ??= setTimeout(() => {
      this.#updating = undefined;
      if (this.#search) this.#search.update();
      else this.#pick.busy = this.#refreshing;
    }, settleTime);
  }

  #offer(): void {
    if (this.#owned.isDisposed) return;
    this.#pick.busy = this.#refreshing;
    this.#pick.items = offers(this.#selection, this.#clipboard, t);
  }

  /** VS Code would hide what doesn't hold the words: here a match need not. */
  #show(findings: Findings): void {
    const pick = this.#pick;
    const busy = findings.busy || this.#refreshing;
    pick.busy = busy;
    const labels = new Map(this.#nodes().map(({ id, label }) => [id, label]));
    const choices = findChoices({ ...findings, busy }, labels, t);
    const active = pick.activeItems[0];
    const key = ({ label, description }: Choice<FindChoice>): string => `${label}\n${description}`;
    pick.items = choices.map((choice) => ({
      ...choice,
      alwaysShow: true,
      buttons: choice.value.kind === 'show' && choice.value.match.process ? [this.#copy] : [],
    }));
    if (active) pick.activeItems = pick.items.filter((item) => key(item) === key(active)).slice(0, 1);
  }

  #copyDetails({ value }: Item): void {
    if (value.kind !== 'show' || !value.match.process) return;
    void vscode.env.clipboard.writeText(accountText(value.match.process));
  }
}

export const findCommands: Readonly<Record<string, Command>> = { findContainer };
