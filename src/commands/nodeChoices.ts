import { inert } from '../model/visible.js';
import { hostProblem, type SshHost } from '../runtime/sshHosts.js';
import type { NodeConnection, SudoMode } from '../runtime/nodes.js';
import type { Translate } from '../util/translate.js';
import type { Choice } from './choices.js';

/** A host to add, or why what was typed is none. */
export type HostChoice = { readonly host: string } | { readonly problem: string };

/** What was typed, unless it is an alias, then the hosts of the ssh configuration. */
export function hostChoices(
  typed: string,
  hosts: readonly SshHost[],
  t: Translate,
): readonly Choice<HostChoice>[] {
  const text = typed.trim();
  const known = hosts.map((host) => hostChoice(host));
  return text === '' || hosts.some(({ alias }) => alias === text) ? known : [typedChoice(text, t), ...known];
}

function typedChoice(text: string, t: Translate): Choice<HostChoice> {
  const problem = hostProblem(text);
  return problem === undefined
    ? { label: inert(text), description: t('as typed'), value: { host: text } }
    : { label: inert(text), description: '', detail: inert(problem, 500), value: { problem } };
}

function hostChoice({ alias, hostName, user, port }: SshHost): Choice<HostChoice> {
  const place = `${user === undefined ? '' : `${user}@`}${hostName ?? ''}${port === undefined ? '' : `:${port}`}`;
  return { label: inert(alias), description: inert(place), value: { host: alias } };
}

/** The ways to use sudo, in the order in which to try them; the present one is marked. */
export function sudoChoices(t: Translate, present?: SudoMode): readonly Choice<SudoMode>[] {
  const choice = (value: SudoMode, label: string, detail: string): Choice<SudoMode> => ({
    ...{ label, detail, value },
    description: value === present ? t('as it is now') : '',
  });
  return [
    choice('never', t('Never'), t('Sockets, files and processes are reached as the user who logs in.')),
    choice(
      'without password',
      t('Without a password'),
      t('Runs sudo -n: for root, and for users whose sudo asks nothing.'),
    ),
    choice(
      'ask',
      t('Ask for the password'),
      t('It is asked for when it is needed, and kept in this window’s memory only.'),
    ),
  ];
}

/** The nodes that a command fits, to pick one of. */
export function nodeChoices(
  nodes: readonly NodeConnection[],
  fits: (node: NodeConnection) => boolean,
  t: Translate,
): readonly Choice<NodeConnection>[] {
  return nodes.filter(fits).map((node) => ({
    label: inert(node.label),
    description: node.kind === 'ssh' ? t('over SSH') : t('this machine'),
    value: node,
  }));
}
