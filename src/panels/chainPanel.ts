import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { ChainBox } from '../model/chain/graph.js';
import { findById } from '../model/picture.js';
import { clip, visible } from '../model/visible.js';
import type { BoxAction, ChainApi, ChainStrings } from '../protocol/chain.js';
import type { PanelTarget } from '../protocol/panel.js';
import type { HostHandlers } from '../protocol/rpc.js';
import type { NodeConnection, NodeStore } from '../runtime/nodes.js';
import { toDisposable } from '../util/dispose.js';
import { LiveChain, type ChainSource } from './chainLive.js';
import { chainStrings } from './chainStrings.js';
import { findConnection, nameOf, needConnection, pathPart } from './targets.js';
import type { OpenPanel, PanelKind } from './webview.js';

/** What the chain panels are made of. */
export interface ChainParts {
  readonly store: NodeStore;
  readonly source: ChainSource;
  openSpec(target: PanelTarget): void;
  openLogs(target: PanelTarget): void;
  /** Selects it in the sidebar; false when it isn't there. */
  reveal(target: PanelTarget): Promise<boolean>;
}

/** The chain panels, of nodes, sandboxes and containers. */
export function chainPanelKind(parts: ChainParts): PanelKind<ChainApi, ChainStrings> {
  return {
    name: 'chain',
    icon: 'chain',
    strings: chainStrings,
    titleOf: (target) => vscode.l10n.t('Chain: {0}', titleOf(parts.store, target)),
    serve: (panel) => serveChain(panel, parts),
  };
}

function serveChain(panel: OpenPanel<ChainApi>, parts: ChainParts): HostHandlers<ChainApi> {
  const { target } = panel;
  const { store } = parts;
  // Why the last reading failed: said until one goes well, for the next may take as long to fail.
  let failure: string | undefined;
  const warn = (): void => {
    const text = warningOf(store, target) ?? failure;
    if (text !== warned) panel.notify('warning', { text });
    warned = text;
  };
  let warned: string | undefined;
  const live = panel.own.add(
    new LiveChain({
      source: parts.source,
      target,
      node: (signal) => needNode(store, target, signal),
      title: () => titleOf(store, target),
      onChanged: (view) => panel.notify('changed', view),
      onRead: (reason) => {
        failure = reason;
        warn();
      },
    }),
  );
  // Live also while the sidebar is closed.
  let watching = panel.visible ? store.watch() : undefined;
  panel.own.add(
    panel.onDidChangeVisible((visible) => {
      watching?.dispose();
      watching = visible ? store.watch() : undefined;
    }),
  );
  panel.own.add(toDisposable(() => watching?.dispose()));
  panel.own.add(
    store.onDidChange(({ nodeId }) => {
      if ((nodeId ?? target.nodeId) !== target.nodeId || !panel.visible) return;
      warn();
      live.refreshSoon();
    }),
  );

  return {
    async load({ fresh }, signal) {
      try {
        const view = await live.load(fresh, signal);
        if (fresh) failure = undefined;
        return view;
      } finally {
        panel.setTitle(vscode.l10n.t('Chain: {0}', titleOf(store, target)));
        // A page that asks may be a new one.
        warned = undefined;
        warn();
      }
    },
    async copy({ text }) {
      await vscode.env.clipboard.writeText(text);
      return null;
    },
    async act({ box, action }) {
      const found = live.view?.graph.boxes.find(({ id }) => id === box);
      await act(parts, target.nodeId, found, action);
      return null;
    },
    save: ({ svg }) => save(svg, titleOf(store, target)),
  };
}

async function act(
  parts: ChainParts,
  nodeId: string,
  box: ChainBox | undefined,
  action: BoxAction,
): Promise<void> {
  if (!box?.subject) throw new Error(vscode.l10n.t('The runtime does not list this any more.'));
  const subject = { nodeId, ...box.subject };
  if (action === 'openSpec') parts.openSpec(subject);
  else if (action === 'openLogs') parts.openLogs(subject);
  else if (!(await parts.reveal(subject)))
    throw new Error(vscode.l10n.t('The sidebar does not show this now.'));
}

async function save(svg: string, title: string): Promise<boolean> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const uri = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export the Runtime Chain'),
    defaultUri: vscode.Uri.joinPath(
      folder?.uri ?? vscode.Uri.file(homedir()),
      `chain-${pathPart(title)}.svg`,
    ),
    filters: { SVG: ['svg'] },
  });
  if (!uri) return false;
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(svg));
  return true;
}

const findNode = (store: NodeStore, { nodeId }: PanelTarget): NodeConnection | undefined =>
  store.nodes.find(({ id }) => id === nodeId);

/** @throws Error with a reason for people when the target can't be had */
async function needNode(store: NodeStore, target: PanelTarget, signal: AbortSignal): Promise<NodeConnection> {
  if (target.endpoint !== '') await needConnection(store, target, signal);
  else if (findNode(store, target)?.processes === undefined) await store.refresh(target.nodeId);
  signal.throwIfAborted();
  const node = findNode(store, target);
  if (!node) throw new Error(vscode.l10n.t('The node of this panel is not in the settings any more.'));
  return node;
}

function titleOf(store: NodeStore, target: PanelTarget): string {
  if (target.id !== '')
    return nameOf(findById(findConnection(store, target)?.snapshot, target.id), target.id);
  return clip(visible(findNode(store, target)?.label ?? target.nodeId), 100);
}

/** What a person should know besides the picture; undefined when all is well or nothing is known yet. */
function warningOf(store: NodeStore, target: PanelTarget): string | undefined {
  const owner = target.id === '' ? findNode(store, target) : findConnection(store, target);
  if (!owner) return undefined;
  if (owner.state === 'lost' || owner.state === 'failed') {
    return vscode.l10n.t('The runtime does not answer now: {0}', owner.reason ?? owner.state);
  }
  const snapshot = findConnection(store, target)?.snapshot;
  const found = findById(snapshot, target.id);
  if (target.id === '' || !snapshot || found.sandbox || found.container) return undefined;
  return vscode.l10n.t('The runtime does not list this any more; it was removed.');
}
