import * as vscode from 'vscode';
import type { JsonPath } from '../model/oci/json.js';
import { findingSpan, layingOut } from '../model/oci/jsonText.js';
import { findById } from '../model/picture.js';
import { runInTurns } from '../model/steps.js';
import type { RuntimeConnection } from '../runtime/connection.js';
import type { NodeStore } from '../runtime/nodes.js';
import { breathe } from '../util/async.js';
import { DisposableStore, type Disposable } from '../util/dispose.js';
import { specHover } from './specHover.js';
import { needConnection, pathPart, queriedTarget, targetQuery } from './targets.js';

const scheme = 'cri';
const authority = 'spec';

/**
 * OCI specs as read-only JSON documents, laid out in lines, with numbers and keys exactly as the runtime gave them.
 * Nothing is masked in them: to open the JSON is to ask for it, and the command and button say so.
 * URIs: `cri://spec/<pod>/<container>/config.json?node=…&endpoint=…&id=…`; only the query counts.
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
    const uri = uriOf(connection, id);
    const already = vscode.workspace.textDocuments.some((open) => open.uri.toString() === uri.toString());
    if (already) this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    const selection = path && (await rangeOf(document, path));
    await vscode.window.showTextDocument(document, {
      preview: false,
      ...(selection === undefined ? {} : { selection }),
    });
  }

  /** VS Code's. Rejects with the reason when there is no spec. Undefined for URIs of others. */
  async provideTextDocumentContent(
    uri: vscode.Uri,
    token: vscode.CancellationToken,
  ): Promise<string | undefined> {
    const target = uri.authority === authority ? queriedTarget(uri.query) : undefined;
    if (!target) return undefined;
    const abort = new AbortController();
    const cancel = token.onCancellationRequested(() => abort.abort(new vscode.CancellationError()));
    try {
      const connection = await needConnection(this.store, target, abort.signal);
      return await laidOut((await connection.readSpec(target.id, abort.signal)).text);
    } finally {
      cancel.dispose();
    }
  }

  dispose(): void {
    this.#own.dispose();
  }
}

/** What is no JSON is shown as it is: the editor's own error marks tell more than a refusal. */
async function laidOut(text: string): Promise<string> {
  try {
    return await runInTurns(layingOut(text), breathe);
  } catch {
    return text;
  }
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

function uriOf(connection: RuntimeConnection, id: string): vscode.Uri {
  const { sandbox, container } = findById(connection.snapshot, id);
  const names = [sandbox?.name, container?.name].filter((name) => name !== undefined);
  const path = (names.length > 0 ? names : [id.slice(0, 13)]).map(pathPart).join('/');
  const query = targetQuery(connection, id);
  return vscode.Uri.from({ scheme, authority, path: `/${path}/config.json`, query });
}
