import * as vscode from 'vscode';
import { pathText, type JsonPath } from '../model/oci/json.js';
import { specReading } from '../model/oci/readSpec.js';
import type { SpecReading } from '../model/oci/spec.js';
import { cut, valueAt, viewing } from '../model/oci/view.js';
import { findById } from '../model/picture.js';
import type { RuntimeSnapshot } from '../model/snapshot.js';
import { runInTurns } from '../model/steps.js';
import type { InspectApi, InspectStrings, SpecInsight, SpecView } from '../protocol/inspect.js';
import type { PanelTarget } from '../protocol/panel.js';
import type { HostHandlers } from '../protocol/rpc.js';
import type { RuntimeConnection, SpecText } from '../runtime/connection.js';
import type { NodeStore } from '../runtime/nodes.js';
import { breathe } from '../util/async.js';
import { copyChoices, pickCopy } from './inspectCopies.js';
import { SpecJumps } from './inspectJumps.js';
import { inspectStrings } from './inspectStrings.js';
import type { SpecDocuments } from './specDocument.js';
import { readInsight, readProcessReality } from './specInsight.js';
import { findConnection, nameOf, needConnection } from './targets.js';
import type { OpenPanel, PanelKind } from './webview.js';

/** The OCI spec panels, of containers and sandboxes. */
export function specPanelKind(
  store: NodeStore,
  documents: SpecDocuments,
  jumps: SpecJumps,
): PanelKind<InspectApi, InspectStrings> {
  return {
    name: 'inspect',
    icon: 'spec',
    strings: inspectStrings,
    titleOf: (target) => titleOf(store, target),
    serve: (panel) => serveSpec(panel, store, documents, jumps),
  };
}

/** What a panel has read; a new reading takes the place of all of it. */
interface Read {
  readonly spec: SpecText;
  readonly reading: SpecReading;
  readonly view: SpecView;
  insight?: SpecInsight;
}

function serveSpec(
  panel: OpenPanel<InspectApi>,
  store: NodeStore,
  documents: SpecDocuments,
  jumps: SpecJumps,
): HostHandlers<InspectApi> {
  const { target } = panel;
  let read: Read | undefined;
  const needRead = (): Read => {
    if (!read) throw new Error(vscode.l10n.t('The spec has not been read yet.'));
    return read;
  };
  const valueOf = (path: JsonPath): string => {
    const value = read && valueAt(read.reading, path);
    if (value === undefined) throw new Error(vscode.l10n.t('The spec has no such value now.'));
    return value;
  };
  const warn = (): void => panel.notify('warning', { text: warningOf(store, target) });
  panel.own.add(store.onDidChange(({ nodeId }) => (nodeId ?? target.nodeId) === target.nodeId && warn()));

  panel.own.add(
    jumps.onDidAsk((asked) => {
      if (SpecJumps.isSame(asked, target)) panel.notify('wanted', {});
    }),
  );

  return {
    async load({ fresh }, signal) {
      try {
        if (fresh || !read) read = await readTarget(store, target, signal);
        return read.view;
      } finally {
        panel.setTitle(titleOf(store, target));
        warn();
      }
    },
    async insight({ fresh }, signal) {
      const of = needRead();
      if (fresh || !of.insight) {
        const connection = await needConnection(store, target, signal);
        const { text } = of.spec;
        of.insight = await readInsight(connection, target.id, { text, reading: of.reading }, signal);
      }
      return of.insight;
    },
    async reality({ pid }, signal) {
      const { spec, reading } = needRead();
      const connection = await needConnection(store, target, signal);
      return readProcessReality(connection, target.id, pid, { text: spec.text, reading }, signal);
    },
    wanted() {
      const path = jumps.take(target);
      return path ? { path } : null;
    },
    // Neither waits for the person, who may take longer than a request may.
    compare() {
      void vscode.commands.executeCommand('criExplorer.compareSpecs', target);
      return null;
    },
    async copyAs({ path }, signal) {
      const connection = await needConnection(store, target, signal);
      void pickCopy(copyChoices(connection, target.id, needRead().spec.source, path));
      return null;
    },
    async compareSources(_, signal) {
      await documents.compareSources(await needConnection(store, target, signal), target.id);
      return null;
    },
    async openImage(_, signal) {
      await documents.openImage(await needConnection(store, target, signal), target.id);
      return null;
    },
    reveal: ({ path }) => cut(valueOf(path)),
    async copyValue({ path }) {
      await vscode.env.clipboard.writeText(valueOf(path));
      return null;
    },
    async copyPath({ path }) {
      await vscode.env.clipboard.writeText(pathText(path));
      return null;
    },
    async openJson({ path }, signal) {
      await documents.open(await needConnection(store, target, signal), target.id, path);
      return null;
    },
  };
}

async function readTarget(store: NodeStore, target: PanelTarget, signal: AbortSignal): Promise<Read> {
  const connection = await needConnection(store, target, signal);
  const spec = await connection.readSpec(target.id, signal);
  const turn = async (): Promise<void> => {
    await breathe();
    signal.throwIfAborted();
  };
  const context = { nameOfPid: (pid: number) => nameOfPid(connection.snapshot, pid) };
  const reading = await runInTurns(specReading(spec.text, context), turn);
  const found = findById(connection.snapshot, target.id);
  const view = {
    kind: found.sandbox && !found.container ? ('sandbox' as const) : ('container' as const),
    title: nameOf(found, target.id),
    source: sourceText(spec, connection),
    sections: await runInTurns(viewing(reading), turn),
    problems: reading.problems,
  };
  return { spec, reading, view };
}

function sourceText(spec: SpecText, connection: RuntimeConnection): string {
  const where = `${connection.nodeLabel} · ${connection.endpoint}`;
  return spec.source === 'bundle'
    ? vscode.l10n.t('From the bundle, {0} ({1})', spec.path ?? 'config.json', where)
    : vscode.l10n.t('From the runtime’s own account, info.runtimeSpec of its CRI status ({0})', where);
}

function titleOf(store: NodeStore, target: PanelTarget): string {
  const found = findById(findConnection(store, target)?.snapshot, target.id);
  return vscode.l10n.t('Spec: {0}', nameOf(found, target.id));
}

/** What a person should know about the shown spec's owner; undefined when all is well or nothing is known yet. */
function warningOf(store: NodeStore, target: PanelTarget): string | undefined {
  const connection = findConnection(store, target);
  if (!connection) return undefined;
  if (connection.state === 'lost' || connection.state === 'failed') {
    return vscode.l10n.t('The runtime does not answer now: {0}', connection.reason ?? connection.state);
  }
  const found = findById(connection.snapshot, target.id);
  if (!connection.snapshot || found.sandbox || found.container) return undefined;
  return vscode.l10n.t('The runtime does not list this any more; it was removed.');
}

function nameOfPid(snapshot: RuntimeSnapshot | undefined, pid: number): string | undefined {
  for (const sandbox of snapshot?.sandboxes ?? []) {
    const name = `${sandbox.namespace}/${sandbox.name}`;
    if (sandbox.pid === pid) return vscode.l10n.t('the sandbox of {0}', name);
    const container = sandbox.containers.find((one) => one.pid === pid);
    if (container) return vscode.l10n.t('the container {0}', `${name}/${container.name}`);
  }
  return undefined;
}
