import { nodeTarget, targetOf } from '../panels/targets.js';
import type { Command } from './context.js';
import { chooseContainerOrSandbox, t } from './pick.js';

const showChain: Command = async (argument, context) => {
  const subject = context.view.subjectOf(argument);
  if (subject?.kind === 'node') {
    context.chains.show(nodeTarget(subject.node.id));
    return;
  }
  const chosen = await chooseContainerOrSandbox(argument, context, { title: t('Show Runtime Chain') });
  const { id } = 'container' in chosen ? chosen.container : chosen.sandbox;
  context.chains.show(targetOf(chosen.runtime, id));
};

export const chainCommands: Readonly<Record<string, Command>> = { showChain };
