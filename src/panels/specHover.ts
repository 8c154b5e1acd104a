import * as vscode from 'vscode';
import { fieldDoc, sectionUrl } from '../model/oci/fieldDocs/fieldDocs.js';
import { pathText } from '../model/oci/json.js';
import { findingPath } from '../model/oci/jsonText.js';
import { runInTurns } from '../model/steps.js';
import { breathe } from '../util/async.js';

/** Says what each field of an OCI spec's JSON document is for, with its jq path and the section of the specification. */
export const specHover: vscode.HoverProvider = {
  async provideHover(document, position, token) {
    const path = await runInTurns(findingPath(document.getText(), document.offsetAt(position)), async () => {
      await breathe();
      if (token.isCancellationRequested) throw new vscode.CancellationError();
    }).catch(() => undefined);
    const doc = path && fieldDoc(path);
    if (!doc) return undefined;
    const text = new vscode.MarkdownString();
    // The path holds the document's own words; as code nothing in it is Markdown.
    text.appendCodeblock(pathText(path), 'jq');
    text.appendText(doc.text);
    text.appendMarkdown(
      `\n\n[${vscode.l10n.t('OCI runtime specification: {0}', doc.section)}](${sectionUrl(doc.section)})`,
    );
    return new vscode.Hover(text);
  },
};
