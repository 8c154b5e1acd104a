import * as vscode from 'vscode';
import type { Container } from '../model/snapshot.js';
import { inert } from '../model/visible.js';
import type { ExecTarget } from '../terminal/execTerminals.js';
import { splitCommand } from '../terminal/splitCommand.js';
import { nameOf } from './choices.js';
import type { Command, CommandContext } from './context.js';
import { chooseContainer, t } from './pick.js';

/** @throws Error when the setting forbids it or the container doesn't run */
async function execTarget(argument: unknown, context: CommandContext, title: string): Promise<ExecTarget> {
  if (vscode.workspace.getConfiguration('criExplorer').get<boolean>('readOnly', false)) {
    throw new Error(
      t(
        'Running programs in containers is switched off by the setting criExplorer.readOnly. Change it to go on.',
      ),
    );
  }
  const accepts = ({ state }: Container): boolean => state === 'running';
  const refusal = t(
    'This container does not run, so nothing can be started in it. Its log and spec can still be read.',
  );
  const target = await chooseContainer(argument, context, { title, accepts, refusal });
  return { runtime: target.runtime, containerId: target.container.id, name: nameOf(target) };
}

const exec: Command = async (argument, context) => {
  context.terminals.openShell(await execTarget(argument, context, t('Open Shell in Container')));
};

const execCommand: Command = async (argument, context) => {
  const target = await execTarget(argument, context, t('Run Command in Container'));
  const line = await vscode.window.showInputBox({
    title: t('Run Command in {0}', inert(target.name)),
    prompt: t('The program and its arguments; quotes work as in a shell, but no shell expands anything.'),
    placeHolder: 'cat /etc/os-release',
    ignoreFocusOut: true,
    validateInput: (text) => problemOf(text),
  });
  if (line === undefined) throw new vscode.CancellationError();
  const split = splitCommand(line);
  if ('words' in split) context.terminals.runCommand(target, split.words);
};

function problemOf(text: string): string | undefined {
  const split = splitCommand(text);
  if ('words' in split) return undefined;
  return {
    empty: t('Type the program to run.'),
    'unclosed quote': t('A quote is not closed.'),
    'dangling backslash': t('The last backslash escapes nothing.'),
  }[split.problem];
}

export const execCommands: Readonly<Record<string, Command>> = { exec, execCommand };
