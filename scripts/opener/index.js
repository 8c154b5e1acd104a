// Only for `npm start`: the sidebar is CRI Explorer's from the first moment.
import { commands } from 'vscode';

export async function activate() {
  await commands.executeCommand('workbench.view.extension.criExplorer');
}
