import * as vscode from 'vscode';
import { inert } from '../model/visible.js';
import type { Subject } from '../views/viewNode.js';
import { crictlChoices, crictlSandboxChoices, nsenterChoices } from './choices.js';
import type { Command, CommandContext } from './context.js';
import { chooseContainer, chooseContainerOrSandbox, pickOne, t } from './pick.js';

async function copy(text: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(t('Copied: {0}', inert(text, 80)), 3000);
}

const copyId: Command = async (argument, context) => {
  const target = await chooseContainerOrSandbox(argument, context, { title: t('Copy ID') });
  await copy('container' in target ? target.container.id : target.sandbox.id);
};

const copyPid: Command = async (argument, context) => {
  await copy(String(await pidOf(argument, context, t('Copy PID'))));
};

const copyCrictl: Command = async (argument, context) => {
  const title = t('Copy crictl Command');
  const target = await chooseContainerOrSandbox(argument, context, { title });
  const choices =
    'container' in target
      ? crictlChoices(target, t)
      : crictlSandboxChoices(target.runtime, target.sandbox, t);
  await copy(await pickOne(title, choices));
};

const copyNsenter: Command = async (argument, context) => {
  const title = t('Copy nsenter Command');
  const pid = await pidOf(argument, context, title);
  await copy(await pickOne(title, nsenterChoices(pid, t)));
};

async function pidOf(argument: unknown, context: CommandContext, title: string): Promise<number> {
  const subject = context.view.subjectOf(argument);
  const known = subject && knownPid(subject);
  if (known !== undefined) return known;
  const accepts = ({ pid }: { readonly pid?: number }): boolean => pid !== undefined;
  const refusal = t('No process of this container is known; it may not be running.');
  const { container } = await chooseContainer(argument, context, { title, accepts, refusal });
  if (container.pid === undefined) throw new Error(refusal);
  return container.pid;
}

function knownPid(subject: Subject): number | undefined {
  switch (subject.kind) {
    case 'process':
      return subject.process.pid;
    case 'sandbox':
      return subject.sandbox.pid;
    case 'container':
      return subject.container.pid;
    default:
      return undefined;
  }
}

/** Only in the menu of the low-level runtime's item. */
const copyPath =
  (which: 'bundle' | 'statePath'): Command =>
  async (argument, { view }) => {
    const subject = view.subjectOf(argument);
    const path = subject?.kind === 'lowLevel' ? subject[which] : undefined;
    if (path === undefined) throw new Error(t('This path is not known.'));
    await copy(path);
  };

export const copyCommands: Readonly<Record<string, Command>> = {
  copyId,
  copyPid,
  copyCrictl,
  copyNsenter,
  copyBundlePath: copyPath('bundle'),
  copyStatePath: copyPath('statePath'),
};
