import * as vscode from 'vscode';
import type { NodeStore } from '../runtime/nodes.js';
import { messageOf } from '../util/async.js';
import { DisposableStore, toDisposable, type Disposable } from '../util/dispose.js';
import type { Logger } from '../util/logger.js';
import { parseFilter } from './filter.js';
import { pathTo, type Target } from './locate.js';
import { lostNames } from './machines.js';
import { toMarkdown } from './markdown.js';
import { Memo } from './memo.js';
import { PaintedTree } from './paintedTree.js';
import { untilRetryTextChanges } from './retry.js';
import { buildTree, type Tree } from './tree.js';
import { describe, spoken, type Subject, type ViewContext, type ViewNode } from './viewNode.js';
import { welcomeOf, type Welcome } from './welcome.js';

const viewId = 'criExplorer.nodes';
/** A store tells of a refresh in several steps; they are painted together. Milliseconds. */
const settleTime = 30;

/** The sidebar, as the commands see it. */
export interface NodesView extends Disposable {
  readonly visible: boolean;
  readonly filter: string;
  /** Empty text shows everything. */
  setFilter(text: string): void;
  /** What a menu command was called on; undefined when its argument is no item of this view. */
  subjectOf(argument: unknown): Subject | undefined;
  /**
   * Opens the way to a node, runtime, sandbox or container and selects it; false when it isn't there.
   * @param options whether it gets the keyboard's focus, and whether it is opened itself
   */
  reveal(target: Target, options?: { readonly focus?: boolean; readonly expand?: boolean }): Promise<boolean>;
  /** Shows the view as busy while the task runs. */
  busy(task: () => Promise<void>): Promise<void>;
}

/** Shows the store's nodes in the sidebar and tells the store when somebody looks. */
export function registerNodesView(store: NodeStore, logger: Logger): NodesView {
  return new Nodes(store, logger);
}

/** Elements are the ids of the view nodes, so that they stay equal over refreshes. */
class Nodes implements NodesView, vscode.TreeDataProvider<string> {
  readonly #store: NodeStore;
  readonly #logger: Logger;
  readonly #owned = new DisposableStore();
  readonly #changes = new vscode.EventEmitter<string[] | undefined>();
  readonly #painted = new PaintedTree();
  readonly #memo = new Memo();
  /** What a person opened or closed; VS Code forgets it for items that went away in between. */
  readonly #opened = new Map<string, boolean>();
  readonly #view: vscode.TreeView<string>;
  readonly onDidChangeTreeData = this.#changes.event;
  #tree: Tree = { roots: [], shown: 0, total: 0 };
  #filter = '';
  #welcome: Welcome | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Until a text changes by itself. */
  #ticker: NodeJS.Timeout | undefined;
  #endProgress: (() => void) | undefined;
  #watching: Disposable | undefined;

  constructor(store: NodeStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
    // A store that is yet to be configured must not look like one without nodes.
    if (store.nodes.length > 0) this.#update();
    else this.#schedule();
    const view = vscode.window.createTreeView(viewId, { treeDataProvider: this, showCollapseAll: true });
    this.#view = view;
    this.#owned.add(this.#changes);
    this.#owned.add(view);
    this.#owned.add(toDisposable(() => [this.#timer, this.#ticker].forEach(clearTimeout)));
    this.#owned.add(toDisposable(() => this.#endProgress?.()));
    this.#owned.add(toDisposable(() => this.#watching?.dispose()));
    this.#owned.add(view.onDidChangeVisibility(() => this.#watch()));
    this.#owned.add(view.onDidExpandElement(({ element }) => this.#expanded(element)));
    this.#owned.add(view.onDidCollapseElement(({ element }) => this.#remember(element, false)));
    this.#owned.add(store.onDidChange(() => this.#schedule()));
    this.#owned.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('criExplorer.groupByNamespace')) this.#update();
      }),
    );
    this.#decorate();
    this.#setContext('filtered', false);
    this.#watch();
  }

  get visible(): boolean {
    return this.#view.visible;
  }

  get filter(): string {
    return this.#filter;
  }

  setFilter(text: string): void {
    if (text === this.#filter) return;
    this.#filter = text;
    this.#setContext('filtered', parseFilter(text) !== undefined);
    this.#update();
  }

  subjectOf(argument: unknown): Subject | undefined {
    return typeof argument === 'string' ? this.#painted.node(argument)?.subject : undefined;
  }

  async reveal(target: Target, { focus = false, expand = false } = {}): Promise<boolean> {
    this.#update();
    if (this.#filter !== '' && pathTo(this.#tree.roots, target) === undefined) this.setFilter('');
    const path = pathTo(this.#tree.roots, target);
    const last = path?.at(-1);
    if (path === undefined || last === undefined) return false;
    for (const parent of [undefined, ...path.slice(0, -1)]) this.#painted.children(parent?.id, Date.now());
    await this.#view.reveal(last.id, { select: true, focus, expand });
    return true;
  }

  async busy(task: () => Promise<void>): Promise<void> {
    await vscode.window.withProgress({ location: { viewId } }, task);
  }

  getChildren(id?: string): string[] {
    return [...this.#painted.children(id, Date.now())];
  }

  getParent(id: string): string | undefined {
    return this.#painted.parent(id);
  }

  getTreeItem(id: string): vscode.TreeItem {
    const node = this.#painted.node(id);
    // It went away while VS Code was asking; the change that says so is on its way.
    if (node === undefined) return new vscode.TreeItem('');
    return toTreeItem(node, this.#opened.get(id));
  }

  resolveTreeItem(item: vscode.TreeItem, id: string): vscode.TreeItem {
    const node = this.#painted.node(id);
    if (node === undefined) return item;
    const tooltip = new vscode.MarkdownString(toMarkdown(node.title, node.tooltip()));
    tooltip.isTrusted = false;
    tooltip.supportHtml = false;
    item.tooltip = tooltip;
    return item;
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #watch(): void {
    this.#watching?.dispose();
    this.#watching = this.#view.visible ? this.#store.watch() : undefined;
  }

  /** A machine over SSH is connected when somebody opens it. */
  #expanded(id: string): void {
    this.#remember(id, true);
    const subject = this.#painted.node(id)?.subject;
    if (subject?.kind === 'node' && subject.node.state === 'idle') subject.node.connect();
  }

  #remember(id: string, open: boolean): void {
    // What a filter opened says nothing of what to show without one.
    if (parseFilter(this.#filter) === undefined) this.#opened.set(id, open);
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#update(), settleTime);
  }

  #update(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { nodes } = this.#store;
    const context = this.#viewContext();
    const welcome = welcomeOf(nodes);
    this.#tree = welcome ? { roots: [], shown: 0, total: 0 } : buildTree(nodes, context);
    const repaint = this.#painted.update(this.#tree.roots, context.now);
    if (welcome !== this.#welcome) this.#setContext('welcome', welcome);
    this.#welcome = welcome;
    if (repaint === 'all') this.#changes.fire(undefined);
    else if (repaint.length > 0) this.#changes.fire([...repaint]);
    this.#decorate();
    clearTimeout(this.#ticker);
    const wait = untilRetryTextChanges(nodes, context.now);
    if (wait !== undefined) this.#ticker = setTimeout(() => this.#update(), wait);
  }

  #viewContext(): ViewContext {
    const filter = parseFilter(this.#filter);
    return {
      t: (message, ...args) => vscode.l10n.t(message, ...args),
      now: Date.now(),
      groupByNamespace: vscode.workspace.getConfiguration('criExplorer').get('groupByNamespace', true),
      memo: this.#memo,
      ...(filter ? { filter } : {}),
    };
  }

  /** The view's message, badge and progress. */
  #decorate(): void {
    // The first picture is made before the view is.
    const view = this.#view as vscode.TreeView<string> | undefined;
    if (view === undefined) return;
    const filter = this.#welcome ? undefined : parseFilter(this.#filter);
    const { shown, total } = this.#tree;
    const message = filter && vscode.l10n.t('{0} of {1} containers match “{2}”', shown, total, filter.text);
    // VS Code sends each assignment to the window, changed or not.
    if (view.message !== message) setMessage(view, message);
    this.#badge(view);
    this.#progress();
  }

  #badge(view: vscode.TreeView<string>): void {
    const lost = lostNames(this.#store.nodes);
    const tooltip = vscode.l10n.t('Lost: {0}', lost.join(', '));
    if (lost.length === 0 ? view.badge === undefined : view.badge?.tooltip === tooltip) return;
    view.badge = lost.length === 0 ? undefined : { value: lost.length, tooltip };
  }

  /** Runs while nothing is known yet, and while somebody waits for a machine. */
  #progress(): void {
    const { nodes } = this.#store;
    const connecting = nodes.filter(({ state }) => state === 'connecting');
    const looking =
      connecting.some(({ kind }) => kind === 'ssh') ||
      (nodes.length > 0 && connecting.length === nodes.length);
    if (looking && this.#endProgress === undefined) {
      const found = new Promise<void>((resolve) => (this.#endProgress = resolve));
      void this.busy(() => found);
    } else if (!looking) {
      this.#endProgress?.();
      this.#endProgress = undefined;
    }
  }

  #setContext(key: 'welcome' | 'filtered', value: unknown): void {
    vscode.commands
      .executeCommand('setContext', `criExplorer.${key}`, value)
      .then(undefined, (error: unknown) => {
        this.#logger.error(`setContext criExplorer.${key}: ${messageOf(error)}`);
      });
  }
}

/** `message` is optional in the API without being undefined-able under exactOptionalPropertyTypes. */
function setMessage(view: vscode.TreeView<string>, message: string | undefined): void {
  (view as { message?: string | undefined }).message = message;
}

function toTreeItem(node: ViewNode, opened: boolean | undefined): vscode.TreeItem {
  const now = Date.now();
  const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
  const open = opened ?? node.expand === 'expanded';
  const color = node.icon.color === undefined ? undefined : new vscode.ThemeColor(node.icon.color);
  const collapsibleState = node.expand === 'leaf' ? None : open ? Expanded : Collapsed;
  return Object.assign(new vscode.TreeItem(node.label, collapsibleState), {
    id: node.id,
    description: describe(node, now),
    iconPath: new vscode.ThemeIcon(node.icon.id, color),
    contextValue: node.contextValue,
    ...(node.command === undefined
      ? {}
      : { command: { command: `criExplorer.${node.command}`, title: node.label, arguments: [node.id] } }),
    accessibilityInformation: { label: spoken(node, now), role: 'treeitem' },
  });
}
