import type { Command } from './context.js';
import { t } from './pick.js';

/** Only in the menu of the item. */
const dismissSurvival: Command = (argument, { view }) => {
  const subject = view.subjectOf(argument);
  if (subject?.kind === 'survival') subject.runtime.dismissSurvival();
};

/** A click on what survived, or not. */
const revealSurvivor: Command = async (argument, { view }) => {
  const subject = view.subjectOf(argument);
  if (subject?.kind !== 'survivor') return;
  const { nodeId, endpoint } = subject.runtime;
  if (!(await view.reveal({ nodeId, endpoint, id: subject.id }, { expand: true }))) {
    throw new Error(t('The runtime doesn’t list it any more.'));
  }
};

export const survivalCommands: Readonly<Record<string, Command>> = { dismissSurvival, revealSurvivor };
