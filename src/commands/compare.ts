import { nameOf, type ContainerTarget } from './choices.js';
import type { Command, CommandContext } from './context.js';
import { chooseContainer, t } from './pick.js';

const compareSpecs: Command = async (argument, context) => {
  const left = await chooseContainer(argument, context, { title: t('Compare OCI Spec') });
  const right = await chooseOther(left, context);
  const [one, other] = [left, right].map(({ runtime, container }) => ({
    connection: runtime,
    id: container.id,
  }));
  if (one && other) await context.specDocuments.compare(one, other, 'comparable');
};

/** Those of the same image first: how the same thing runs elsewhere is what people ask most. */
function chooseOther(left: ContainerTarget, context: CommandContext): Promise<ContainerTarget> {
  const { id, imageRef } = left.container;
  return chooseContainer(undefined, context, {
    title: t('Compare the Spec of {0} With…', nameOf(left)),
    accepts: (container) => container.id !== id,
    prefers: { fits: (container) => container.imageRef === imageRef, because: t('same image') },
  });
}

const compareSpecsRaw: Command = (_argument, context) => context.specDocuments.switchForm();

export const compareCommands: Readonly<Record<string, Command>> = { compareSpecs, compareSpecsRaw };
