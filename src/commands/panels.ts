import type { Command, CommandContext } from './context.js';
import { chooseContainer, chooseContainerOrSandbox, t } from './pick.js';
import { targetOf } from '../panels/targets.js';
import type { RuntimeConnection } from '../runtime/connection.js';

interface Place {
  readonly runtime: RuntimeConnection;
  readonly id: string;
}

async function specPlace(argument: unknown, context: CommandContext, title: string): Promise<Place> {
  const target = await chooseContainerOrSandbox(argument, context, { title });
  const { id } = 'container' in target ? target.container : target.sandbox;
  return { runtime: target.runtime, id };
}

const openSpec: Command = async (argument, context) => {
  const { runtime, id } = await specPlace(argument, context, t('Open OCI Spec'));
  context.specs.show(targetOf(runtime, id));
};

const openSpecJson: Command = async (argument, context) => {
  const { runtime, id } = await specPlace(argument, context, t('Open OCI Spec as JSON'));
  await context.specDocuments.open(runtime, id);
};

const openLogs: Command = async (argument, context) => {
  const { runtime, container } = await chooseContainer(argument, context, { title: t('Open Logs') });
  context.logs.show(targetOf(runtime, container.id));
};

export const panelCommands: Readonly<Record<string, Command>> = { openSpec, openSpecJson, openLogs };
