import * as vscode from 'vscode';
import { inert } from '../model/visible.js';
import type { NodeStore } from '../runtime/nodes.js';
import type { Disposable } from '../util/dispose.js';
import type { NodesView } from './nodesView.js';
import { survivalText } from './survival.js';
import { DueReturns } from './survivalDue.js';

/** Tells in a message how containers came through the absence of their runtime. */
export function tellOfSurvival(store: NodeStore, view: NodesView): Disposable {
  const due = new DueReturns();
  return store.onDidChange(() => {
    for (const { runtime, survival } of due.take(store.nodes, Date.now())) {
      const show = vscode.l10n.t('Show');
      const text = inert(survivalText(survival, vscode.l10n.t), 500);
      void vscode.window.showInformationMessage(text, show).then((answer) => {
        const { nodeId, endpoint } = runtime;
        if (answer === show) void view.reveal({ nodeId, endpoint, survival: true }, { focus: true });
      });
    }
  });
}
