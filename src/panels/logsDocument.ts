import * as vscode from 'vscode';
import { findById } from '../model/picture.js';
import type { RuntimeConnection } from '../runtime/connection.js';
import { readLogDocument, type LogDocument } from '../runtime/logDocument.js';
import type { NodeStore } from '../runtime/nodes.js';
import { DisposableStore, type Disposable } from '../util/dispose.js';
import { needConnection, pathPart, queriedTarget, targetQuery } from './targets.js';

const scheme = 'cri-log';
/** Bytes of the file's end that a document shows at most. */
const limit = 5 * 1024 * 1024;
const deadline = 60_000;

/**
 * The ends of logs as read-only documents: their first line says what was left out.
 * URIs: `cri-log:/<pod>/<container>.log?node=…&endpoint=…&id=…`; only the query counts.
 */
export class LogDocuments implements Disposable, vscode.TextDocumentContentProvider {
  readonly #own = new DisposableStore();
  readonly #changed = this.#own.add(new vscode.EventEmitter<vscode.Uri>());
  readonly onDidChange = this.#changed.event;

  constructor(private readonly store: NodeStore) {
    this.#own.add(vscode.workspace.registerTextDocumentContentProvider(scheme, this));
  }

  /** Opens the end of a container's log, read anew. */
  async open(connection: RuntimeConnection, containerId: string): Promise<void> {
    const uri = uriOf(connection, containerId);
    const already = vscode.workspace.textDocuments.some((open) => open.uri.toString() === uri.toString());
    if (already) this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: false });
  }

  /** VS Code's. Rejects with the reason when there is nothing to read. */
  async provideTextDocumentContent(
    uri: vscode.Uri,
    token: vscode.CancellationToken,
  ): Promise<string | undefined> {
    const target = queriedTarget(uri.query);
    if (!target) return undefined;
    const abort = new AbortController();
    const cancel = token.onCancellationRequested(() => abort.abort(new vscode.CancellationError()));
    const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(deadline)]);
    try {
      const connection = await needConnection(this.store, target, signal);
      const { logPath } = await connection.containerDetails(target.id, signal);
      if (logPath === '') throw new Error(vscode.l10n.t('The runtime keeps no log file of this container.'));
      const document = await readLogDocument(connection.node, logPath, limit, signal);
      return [firstLine(document, logPath), ...document.lines, ''].join('\n');
    } finally {
      cancel.dispose();
    }
  }

  dispose(): void {
    this.#own.dispose();
  }
}

function firstLine({ size, omitted }: LogDocument, path: string): string {
  const bytes = (count: number): string => count.toLocaleString(vscode.env.language);
  return omitted === 0
    ? vscode.l10n.t('# {0}: the whole file, {1} bytes', path, bytes(size))
    : vscode.l10n.t(
        '# {0}: the last {1} of {2} bytes; what is before was left out',
        path,
        bytes(size - omitted),
        bytes(size),
      );
}

function uriOf(connection: RuntimeConnection, id: string): vscode.Uri {
  const { sandbox, container } = findById(connection.snapshot, id);
  const names = [sandbox?.name ?? id.slice(0, 13), container?.name ?? 'container'];
  const query = targetQuery(connection, id);
  return vscode.Uri.from({ scheme, path: `/${names.map(pathPart).join('/')}.log`, query });
}
