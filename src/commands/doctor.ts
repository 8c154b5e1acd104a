import { nodeTarget } from '../panels/targets.js';
import type { Command } from './context.js';
import { chooseNode } from './nodes.js';
import { t } from './pick.js';

const diagnoseNode: Command = async (argument, context) => {
  const node = await chooseNode(argument, context, {
    title: t('Diagnose Node'),
    fits: () => true,
    none: t('There is no node to diagnose.'),
  });
  context.doctor.show(nodeTarget(node.id));
};

export const doctorCommands: Readonly<Record<string, Command>> = { diagnoseNode };
