import type { Match } from '../model/find/matches.js';
import { inert } from '../model/visible.js';
import type { Findings } from '../runtime/finder.js';
import type { Translate } from '../util/translate.js';
import { stateName } from '../views/pods.js';
import type { Choice } from './choices.js';

/** What an item of the search does when it is taken. */
export type FindChoice =
  | { readonly kind: 'show'; readonly match: Match }
  /** Looks for this text. */
  | { readonly kind: 'try'; readonly text: string }
  /** Looks for what is in the clipboard. */
  | { readonly kind: 'paste' }
  /** Nothing: it only says something. */
  | { readonly kind: 'note' };

const note: FindChoice = { kind: 'note' };

/** The clipboard's text if it is worth looking for; `ask` where a person has to want it read first. */
export type Clipboard = { readonly text: string | undefined } | 'ask';

/** The texts that are worth looking for, offered before anything is typed. */
export function offers(
  selection: string | undefined,
  clipboard: Clipboard,
  t: Translate,
): readonly Choice<FindChoice>[] {
  const offer = (text: string | undefined, from: string): readonly Choice<FindChoice>[] =>
    text === undefined ? [] : [{ label: inert(text, 120), description: from, value: { kind: 'try', text } }];
  const selected = offer(selection, t('from the selection'));
  if (clipboard === 'ask')
    return [...selected, { label: t('Paste from the clipboard'), description: '', value: { kind: 'paste' } }];
  const same = clipboard.text === selection;
  return [...selected, ...offer(same ? undefined : clipboard.text, t('from the clipboard'))];
}

/** @param nodeLabels by the node's id; named where there are several */
export function findChoices(
  findings: Findings,
  nodeLabels: ReadonlyMap<string, string>,
  t: Translate,
): readonly Choice<FindChoice>[] {
  const { matches, busy } = findings;
  if (matches.length > 0) return matches.map((match) => matchChoice(match, nodeLabels, t));
  return busy ? [] : nothingFound(findings, t);
}

function matchChoice(
  match: Match,
  nodeLabels: ReadonlyMap<string, string>,
  t: Translate,
): Choice<FindChoice> {
  const node = nodeLabels.size > 1 ? [nodeLabels.get(match.nodeId) ?? ''] : [];
  return {
    ...(match.process ? processWords(match.process) : subjectWords(match, t)),
    detail: [match.why.join('; '), ...node].map((part) => inert(part, 300)).join(' · '),
    value: { kind: 'show', match },
  };
}

const processWords = ({ pid, title, what }: NonNullable<Match['process']>) => ({
  label: `$(gear) ${inert(title)} (${pid})`,
  description: inert(what, 300),
});

function subjectWords({ subject }: Match, t: Translate): { label: string; description: string } {
  const { sandbox, container, id = '' } = subject ?? {};
  const name = [sandbox?.name, container?.name].filter(Boolean).join('/');
  const state = container ? stateName(container.state, t) : t('pod sandbox');
  const attempt = container && container.attempt > 0 ? t('attempt {0}', container.attempt) : '';
  const words = [sandbox?.namespace ?? t('without a sandbox'), state, attempt, id.slice(0, 13)];
  return {
    label: `$(${container ? 'play-circle' : 'layers'}) ${inert(name === '' ? id : name)}`,
    description: words
      .filter((word) => word !== '')
      .map((word) => inert(word))
      .join(' · '),
  };
}

function nothingFound({ looked, unread }: Findings, t: Translate): readonly Choice<FindChoice>[] {
  const line = (icon: string, label: string, detail: string): Choice<FindChoice> => ({
    ...{ label: `$(${icon}) ${label}`, description: '', detail: inert(detail, 500), value: note },
  });
  const lines = (icon: string, label: string, details: readonly string[]): Choice<FindChoice>[] =>
    details.map((detail) => line(icon, label, detail));
  return [
    ...(looked.length > 0
      ? lines(
          'circle-slash',
          t('Nothing found'),
          looked.map((each) => t('Looked at {0}', each)),
        )
      : [line('circle-slash', t('Nothing found'), t('There is no node to look at.'))]),
    ...lines('warning', t('Not read'), unread),
  ];
}

/** What a process is, for a message and for the clipboard. */
export function accountText({ what, lines }: NonNullable<Match['process']>): string {
  return [
    what,
    ...lines.filter(({ value }) => value !== '').map(({ name, value }) => `${name}: ${value}`),
  ].join('\n');
}
