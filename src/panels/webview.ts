import * as vscode from 'vscode';
import { savedTarget, type PanelTarget, type UiStrings } from '../protocol/panel.js';
import { serve, type Api, type HostHandlers, type Port, type RpcHost } from '../protocol/rpc.js';
import { messageOf } from '../util/async.js';
import { DisposableStore, type Disposable } from '../util/dispose.js';
import { Emitter, type Event } from '../util/event.js';
import type { Logger } from '../util/logger.js';
import { pageHtml } from './page.js';

/** A kind of panel, for instance the OCI spec's. */
export interface PanelKind<A extends Api, S extends object> {
  /** Of webview/<name>/index.ts; the view type is `criExplorer.<name>`. */
  readonly name: string;
  /** Names of media/<icon>-light.svg and media/<icon>-dark.svg. */
  readonly icon: string;
  /** The texts its view shows, see `Strings` of src/protocol/panel.ts. */
  strings(): S;
  titleOf(target: PanelTarget): string;
  /** Begins to serve an open panel. Whatever it starts goes to `panel.own`. */
  serve(panel: OpenPanel<A>): HostHandlers<A>;
}

/** One open panel, as its kind sees it. */
export interface OpenPanel<A extends Api> {
  readonly target: PanelTarget;
  /** Released when the panel is closed. */
  readonly own: DisposableStore;
  /** A hidden panel has no page: it hears nothing, and asks again from the start when shown. */
  readonly visible: boolean;
  readonly onDidChangeVisible: Event<boolean>;
  notify: RpcHost<A>['notify'];
  setTitle(title: string): void;
}

/** All panels of one kind: at most one a target. Restores them after a window reload. */
export class Panels<A extends Api, S extends object> implements Disposable, vscode.WebviewPanelSerializer {
  readonly #open = new Map<string, vscode.WebviewPanel>();
  readonly #own = new DisposableStore();

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly kind: PanelKind<A, S>,
    private readonly logger: Logger,
  ) {
    this.#own.add(vscode.window.registerWebviewPanelSerializer(this.#viewType, this));
  }

  get #viewType(): string {
    return `criExplorer.${this.kind.name}`;
  }

  /** Shows a target's panel, made now or already there. */
  show(target: PanelTarget, column: vscode.ViewColumn = vscode.ViewColumn.Active): void {
    const open = this.#open.get(keyOf(target));
    if (open) {
      open.reveal();
      return;
    }
    const title = this.kind.titleOf(target);
    this.#fill(vscode.window.createWebviewPanel(this.#viewType, title, column), target);
  }

  /** VS Code's: gives back a panel that was open before the window was reloaded. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const target = savedTarget(state);
    if (!target || this.#open.has(keyOf(target))) panel.dispose();
    else this.#fill(panel, target);
    return Promise.resolve();
  }

  dispose(): void {
    for (const panel of [...this.#open.values()]) panel.dispose();
    this.#own.dispose();
  }

  #fill(panel: vscode.WebviewPanel, target: PanelTarget): void {
    const own = new DisposableStore();
    this.#open.set(keyOf(target), panel);
    panel.onDidDispose(() => {
      this.#open.delete(keyOf(target));
      own.dispose();
    });
    panel.title = this.kind.titleOf(target);
    panel.iconPath = {
      light: vscode.Uri.joinPath(this.extensionUri, 'media', `${this.kind.icon}-light.svg`),
      dark: vscode.Uri.joinPath(this.extensionUri, 'media', `${this.kind.icon}-dark.svg`),
    };
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: ['dist', 'media'].map((folder) => vscode.Uri.joinPath(this.extensionUri, folder)),
    };
    this.#serve(panel, target, own);
    panel.webview.html = this.#html(panel, target);
  }

  #serve(panel: vscode.WebviewPanel, target: PanelTarget, own: DisposableStore): void {
    const visible = own.add(new Emitter<boolean>());
    own.add(panel.onDidChangeViewState(() => visible.fire(panel.visible)));
    const open: OpenPanel<A> = {
      target,
      own,
      get visible() {
        return panel.visible;
      },
      onDidChangeVisible: visible.event,
      notify: (method, params) => rpc.notify(method, params),
      setTitle: (title) => (panel.title = title),
    };
    const rpc: RpcHost<A> = own.add(
      serve<A>(portOf(panel.webview), this.kind.serve(open), (method, error) =>
        this.logger.warn(`${this.kind.name} panel of ${target.id}: ${method}: ${messageOf(error)}`),
      ),
    );
  }

  #html(panel: vscode.WebviewPanel, target: PanelTarget): string {
    const asset = (name: string): string =>
      panel.webview
        .asWebviewUri(vscode.Uri.joinPath(this.extensionUri, 'dist', 'webview', name))
        .toString(true);
    return pageHtml({
      title: panel.title,
      language: vscode.env.language,
      scriptUri: asset(`${this.kind.name}.js`),
      styleUri: asset(`${this.kind.name}.css`),
      cspSource: panel.webview.cspSource,
      boot: { target, strings: { ...uiStrings(), ...this.kind.strings() } },
    });
  }
}

const keyOf = ({ nodeId, endpoint, id }: PanelTarget): string => JSON.stringify([nodeId, endpoint, id]);

function portOf(webview: vscode.Webview): Port {
  return {
    post: (message) => void webview.postMessage(message),
    listen(listener) {
      const subscription = webview.onDidReceiveMessage(listener);
      return () => void subscription.dispose();
    },
  };
}

function uiStrings(): UiStrings {
  return {
    find: vscode.l10n.t('Find'),
    findNext: vscode.l10n.t('Next Match (Enter, F3)'),
    findPrevious: vscode.l10n.t('Previous Match (Shift+Enter, Shift+F3)'),
    findClose: vscode.l10n.t('Clear Find (Escape)'),
    findCount: vscode.l10n.t('{0} of {1}', '{0}', '{1}'),
    findNone: vscode.l10n.t('No results'),
    copied: vscode.l10n.t('Copied'),
    loading: vscode.l10n.t('Loading…'),
    retry: vscode.l10n.t('Try Again'),
  };
}
