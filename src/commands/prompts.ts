import * as vscode from 'vscode';
import type { Prompt } from '../runtime/nodes.js';

/** Asks what ssh and sudo ask in VS Code's input boxes. @param label the node, as a person named it */
export function promptInWindow(label: string): Prompt {
  return async ({ text, secret }) =>
    vscode.window.showInputBox({ title: label, prompt: text, password: secret, ignoreFocusOut: true });
}
