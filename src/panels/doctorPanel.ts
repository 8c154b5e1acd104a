import * as vscode from 'vscode';
import type { Diagnosis, Finding } from '../model/doctor/finding.js';
import { reportMarkdown } from '../model/doctor/markdown.js';
import { clip, visible } from '../model/visible.js';
import type { DoctorApi, DoctorStrings } from '../protocol/doctor.js';
import type { PanelTarget } from '../protocol/panel.js';
import type { HostHandlers } from '../protocol/rpc.js';
import type { NodeConnection, NodeStore } from '../runtime/nodes.js';
import { DoctorSession } from './doctorSession.js';
import { doctorStrings, reportWords } from './doctorStrings.js';
import type { OpenPanel, PanelKind } from './webview.js';

/** What the panel needs besides the nodes. */
export interface DoctorServices {
  readonly store: NodeStore;
  /** Connects a node if need be, and looks for trouble on it. Rejects with a reason for people. */
  readonly diagnose: (
    node: NodeConnection,
    options: { readonly signal: AbortSignal; readonly onProgress: (step: string) => void },
  ) => Promise<Diagnosis>;
  /** Selects a container or sandbox in the sidebar; false when it isn't there. */
  readonly reveal: (target: PanelTarget) => Promise<boolean>;
  readonly openSpec: (target: PanelTarget) => void;
}

/** The doctor's panels, of nodes. */
export function doctorPanelKind(services: DoctorServices): PanelKind<DoctorApi, DoctorStrings> {
  return {
    name: 'doctor',
    icon: 'doctor',
    strings: doctorStrings,
    titleOf: (target) => titleOf(services.store, target),
    serve: (panel) => serveDoctor(panel, services),
  };
}

function serveDoctor(panel: OpenPanel<DoctorApi>, services: DoctorServices): HostHandlers<DoctorApi> {
  const { target } = panel;
  const session = panel.own.add(
    new DoctorSession({
      diagnose: async (signal, onProgress) =>
        services.diagnose(needNode(services.store, target), { signal, onProgress }),
      onState: (state) => panel.notify('state', state),
      onProgress: (progress) => panel.notify('progress', progress),
    }),
  );
  const subjectOf = (findingId: string): PanelTarget => {
    const subject = findingOf(session, findingId)?.subject;
    if (!subject) throw new Error(vscode.l10n.t('This finding is about no container or sandbox.'));
    return { nodeId: target.nodeId, ...subject };
  };

  return {
    open() {
      panel.setTitle(titleOf(services.store, target));
      return session.open();
    },
    look: () => (session.look(), null),
    cancel: () => (session.cancel(), null),
    async copy({ text }) {
      await vscode.env.clipboard.writeText(text);
      return null;
    },
    async reveal({ findingId }) {
      const shown = await services.reveal(subjectOf(findingId));
      if (!shown) throw new Error(vscode.l10n.t('It is not in the sidebar: the runtime does not list it.'));
      return null;
    },
    openSpec: ({ findingId }) => (services.openSpec(subjectOf(findingId)), null),
    async exportMarkdown() {
      const diagnosis = session.state.result?.diagnosis;
      if (!diagnosis) throw new Error(vscode.l10n.t('There is no result to export yet.'));
      const content = reportMarkdown(diagnosis, reportWords());
      const document = await vscode.workspace.openTextDocument({ language: 'markdown', content });
      await vscode.window.showTextDocument(document, { preview: false });
      return null;
    },
  };
}

/** Of the last result, or of what has gone since the one before. */
function findingOf({ state }: DoctorSession, id: string): Finding | undefined {
  const { diagnosis, changes } = state.result ?? {};
  const all = [...(diagnosis?.findings ?? []), ...(changes?.gone ?? []), ...(changes?.unknown ?? [])];
  return all.find((finding) => finding.id === id);
}

/** @throws Error with a reason for people when there is no such node any more */
function needNode(store: NodeStore, { nodeId }: PanelTarget): NodeConnection {
  const node = store.nodes.find(({ id }) => id === nodeId);
  if (!node) throw new Error(vscode.l10n.t('The node of this panel is not in the settings any more.'));
  return node;
}

function titleOf(store: NodeStore, { nodeId }: PanelTarget): string {
  const label = store.nodes.find(({ id }) => id === nodeId)?.label ?? nodeId;
  return vscode.l10n.t('Diagnosis: {0}', clip(visible(label), 100));
}
