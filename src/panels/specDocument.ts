import * as vscode from 'vscode';
import type { JsonPath } from '../model/oci/json.js';
import { comparableJson } from '../model/oci/comparable.js';
import { findingSpan, findingText, layingOut } from '../model/oci/jsonText.js';
import { findById } from '../model/picture.js';
import { runInTurns, type Steps } from '../model/steps.js';
import { clip, visible } from '../model/visible.js';
import type { RuntimeConnection } from '../runtime/connection.js';
import type { NodeStore } from '../runtime/nodes.js';
import { readSpecSources } from '../runtime/specReader.js';
import { readImageConfig } from '../runtime/traceReader.js';
import { breathe } from '../util/async.js';
import { DisposableStore, type Disposable } from '../util/dispose.js';
import { specHover } from './specHover.js';
import { nameOf, needConnection, pathPart, queriedTarget, targetQuery } from './targets.js';

const scheme = 'cri';
/** As the runtime gave it, and as {@link comparableJson} lays it out. */
type Form = 'spec' | 'comparable';

const forms: readonly Form[] = ['spec', 'comparable'];

/** The bundle's file, whatever else there is; and the config of the image. */
const otherForms = ['bundle', 'image'] as const;

/** A container's or a sandbox's spec. */
export interface SpecPlace {
  readonly connection: RuntimeConnection;
  readonly id: string;
}

/**
 * OCI specs as read-only JSON documents, laid out in lines, with numbers and keys exactly as the runtime gave them.
 * Nothing is masked in them: to open the JSON is to ask for it, and the command and button say so.
 * URIs: `cri://spec/<pod>/<container>/config.json?node=…&endpoint=…&id=…`, or `cri://comparable/…` for the form in which
 * two of them are compared, `cri://bundle/…` for the bundle's file, `cri://image/…` for the image's config; only form and query count.
 */
export class SpecDocuments implements Disposable, vscode.TextDocumentContentProvider {
  readonly #own = new DisposableStore();
  readonly #changed = this.#own.add(new vscode.EventEmitter<vscode.Uri>());
  readonly onDidChange = this.#changed.event;

  constructor(private readonly store: NodeStore) {
    this.#own.add(vscode.workspace.registerTextDocumentContentProvider(scheme, this));
    const specs = { scheme, pattern: '**/config.json' };
    this.#own.add(vscode.languages.registerHoverProvider(specs, specHover));
  }

  /** Opens the spec of a container or a sandbox, read anew. @param path a value to put the cursor at */
  async open(connection: RuntimeConnection, id: string, path?: JsonPath): Promise<void> {
    const uri = uriOf(connection, id, 'spec');
    const already = vscode.workspace.textDocuments.some((open) => open.uri.toString() === uri.toString());
    if (already) this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    const selection = path && (await rangeOf(document, path));
    await vscode.window.showTextDocument(document, {
      preview: false,
      ...(selection === undefined ? {} : { selection }),
    });
  }

  /**
   * Opens VS Code's diff editor on two specs, read anew.
   * @param form `comparable`: without what differs between any two containers; `spec`: as they are
   */
  async compare(left: SpecPlace, right: SpecPlace, form: Form): Promise<void> {
    const uris = [left, right].map(({ connection, id }) => uriOf(connection, id, form));
    for (const uri of uris) this.#changed.fire(uri);
    const names = [left, right].map((place) =>
      placeName(place, left.connection.nodeId !== right.connection.nodeId),
    );
    await vscode.commands.executeCommand('vscode.diff', ...uris, names.join(' ↔ '), { preview: false });
  }

  /** Opens the diff editor on the two texts of one spec, read anew: what the runtime says, and the bundle's file. */
  async compareSources(connection: RuntimeConnection, id: string): Promise<void> {
    const uris = [uriOf(connection, id, 'spec'), uriOf(connection, id, 'bundle')];
    for (const uri of uris) this.#changed.fire(uri);
    const name = nameOf(findById(connection.snapshot, id), id);
    const title = vscode.l10n.t('{0}: runtime ↔ bundle', name);
    await vscode.commands.executeCommand('vscode.diff', ...uris, title, { preview: false });
  }

  /** Opens the config of the image that a container or a sandbox was made of. */
  async openImage(connection: RuntimeConnection, id: string): Promise<void> {
    const uri = uriOf(connection, id, 'image');
    // Another name: what is said of a config.json's fields doesn't hold for an image's.
    const named = uri.with({ path: uri.path.replace(/config\.json$/, 'image.json') });
    const document = await vscode.workspace.openTextDocument(named);
    await vscode.window.showTextDocument(document, { preview: false });
  }

  /**
   * Shows the two specs of the active diff editor in the other form.
   * @throws Error when it compares something else
   */
  async switchForm(): Promise<void> {
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    const { input } = tab ?? {};
    const uris = input instanceof vscode.TabInputTextDiff ? [input.original, input.modified] : [];
    const form = forms.find((one) => uris[0]?.scheme === scheme && one !== uris[0].authority);
    if (!tab || !form) throw new Error(vscode.l10n.t('The active editor compares no OCI specs.'));
    const others = uris.map((uri) => uri.with({ authority: form }));
    await vscode.commands.executeCommand('vscode.diff', ...others, tab.label, { preview: false });
  }

  /** VS Code's. Rejects with the reason when there is no spec. Undefined for URIs of others. */
  async provideTextDocumentContent(
    uri: vscode.Uri,
    token: vscode.CancellationToken,
  ): Promise<string | undefined> {
    const form = [...forms, ...otherForms].find((one) => one === uri.authority);
    const target = queriedTarget(uri.query);
    if (form === undefined || !target) return undefined;
    const abort = new AbortController();
    const cancel = token.onCancellationRequested(() => abort.abort(new vscode.CancellationError()));
    try {
      const connection = await needConnection(this.store, target, abort.signal);
      const text = await readText(connection, target.id, form, abort.signal);
      return await laidOut(
        text,
        form === 'comparable' ? comparing(text, connection, target.id) : layingOut(text),
      );
    } finally {
      cancel.dispose();
    }
  }

  dispose(): void {
    this.#own.dispose();
  }
}

async function readText(
  connection: RuntimeConnection,
  id: string,
  form: Form | (typeof otherForms)[number],
  signal: AbortSignal,
): Promise<string> {
  if (form === 'bundle') {
    const { bundle, missing } = await readSpecSources(connection, id, signal);
    if (!bundle) throw new Error(missing.bundle ?? vscode.l10n.t('There is no bundle.'));
    return bundle.text;
  }
  if (form === 'image') {
    const { details, reason } = await readImageConfig(connection, id, signal);
    const text = await runInTurns(findingText(details?.info.info ?? '{}', ['imageSpec']), breathe);
    if (text === undefined) throw new Error(reason ?? vscode.l10n.t('The runtime does not tell it.'));
    return text;
  }
  return (await connection.readSpec(id, signal)).text;
}

/** What is no JSON is shown as it is: the editor's own error marks tell more than a refusal. */
async function laidOut(text: string, layout: Steps<string>): Promise<string> {
  try {
    return await runInTurns(layout, breathe);
  } catch {
    return text;
  }
}

function comparing(text: string, { snapshot }: RuntimeConnection, id: string): Steps<string> {
  const { sandbox, container } = findById(snapshot, id);
  return comparableJson(text, {
    ...(container ? { containerId: id } : {}),
    ...(sandbox ? { sandboxId: sandbox.id, sandboxName: sandbox.name, sandboxUid: sandbox.uid } : {}),
  });
}

function placeName({ connection, id }: SpecPlace, withNode: boolean): string {
  const name = nameOf(findById(connection.snapshot, id), id);
  return withNode ? `${name} (${clip(visible(connection.nodeLabel), 50)})` : name;
}

async function rangeOf(document: vscode.TextDocument, path: JsonPath): Promise<vscode.Range | undefined> {
  try {
    // With the document's own line ends, so that offsets are its own.
    const span = await runInTurns(findingSpan(document.getText(), path), breathe);
    return span && new vscode.Range(document.positionAt(span.start), document.positionAt(span.start));
  } catch {
    return undefined;
  }
}

function uriOf(
  connection: RuntimeConnection,
  id: string,
  authority: Form | (typeof otherForms)[number],
): vscode.Uri {
  const { sandbox, container } = findById(connection.snapshot, id);
  const names = [sandbox?.name, container?.name].filter((name) => name !== undefined);
  const path = (names.length > 0 ? names : [id.slice(0, 13)]).map(pathPart).join('/');
  const query = targetQuery(connection, id);
  return vscode.Uri.from({ scheme, authority, path: `/${path}/config.json`, query });
}
