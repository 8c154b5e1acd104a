import {
  fateOf,
  survivors,
  type Daemon,
  type Fate,
  type Survival,
  type SurvivalEntry,
} from '../model/survival.js';
import type { RuntimeConnection } from '../runtime/connection.js';
import type { Translate } from '../util/translate.js';
import type { TooltipLine } from './markdown.js';
import { clock, timestamp } from './times.js';
import { viewNode, type Icon, type ViewContext, type ViewNode } from './viewNode.js';

/** The worst first. */
const order: readonly Fate[] = ['died', 'abandoned', 'replaced', 'unknown', 'adopted', 'survived'];

/** What became of all that ran, below the runtime, until a person dismisses it. */
export function survivalNodes(
  runtimeId: string,
  runtime: RuntimeConnection,
  context: ViewContext,
): readonly ViewNode[] {
  const { survival } = runtime;
  if (!survival || survival.dismissed || survival.entries.length === 0) return [];
  const { t } = context;
  const id = `${runtimeId}/survival`;
  const { survived, total } = survivors(survival);
  const present = order.filter((fate) => survival.entries.some((entry) => entry.fate === fate));
  return [
    viewNode({
      id,
      label: t('Survived the restart: {0} of {1}', survived, total),
      description: [awayText(survival, t)],
      icon: survived === total ? icons.survived : icons.died,
      contextValue: 'survival',
      expand: survived === total ? 'collapsed' : 'expanded',
      role: t('summary'),
      subject: { kind: 'survival', runtime },
      tooltip: () => survivalTooltip(survival, t),
      children: () => present.map((fate) => groupNode(id, runtime, survival, fate, context)),
    }),
  ];
}

const icons: Readonly<Record<Fate, Icon>> = {
  survived: { id: 'pass', color: 'testing.iconPassed' },
  adopted: { id: 'person-add', color: 'testing.iconPassed' },
  replaced: { id: 'arrow-swap', color: 'list.warningForeground' },
  abandoned: { id: 'debug-disconnect', color: 'list.warningForeground' },
  died: { id: 'error', color: 'list.errorForeground' },
  unknown: { id: 'question', color: 'disabledForeground' },
};

function groupNode(
  parent: string,
  runtime: RuntimeConnection,
  survival: Survival,
  fate: Fate,
  context: ViewContext,
): ViewNode {
  const { t } = context;
  const entries = survival.entries.filter((entry) => entry.fate === fate);
  const id = `${parent}/${fate}`;
  return viewNode({
    id,
    label: fateName(fate, t),
    description: countsOf(entries, t),
    icon: icons[fate],
    expand: fate === 'survived' ? 'collapsed' : 'expanded',
    role: t('group'),
    tooltip: () => [{ value: fateMeaning(fate, t) }],
    children: () => entries.map((entry) => entryNode(id, runtime, entry, context)),
  });
}

function countsOf(entries: readonly SurvivalEntry[], t: Translate): readonly string[] {
  const containers = entries.filter(({ role }) => role === 'container').length;
  const sandboxes = entries.length - containers;
  return [
    ...(containers === 0 ? [] : [containers === 1 ? t('1 container') : t('{0} containers', containers)]),
    ...(sandboxes === 0 ? [] : [sandboxes === 1 ? t('1 sandbox') : t('{0} sandboxes', sandboxes)]),
  ];
}

function entryNode(
  parent: string,
  runtime: RuntimeConnection,
  entry: SurvivalEntry,
  { t, now }: ViewContext,
): ViewNode {
  const { role, id, namespace, pod, container, pid, fate, goneAt } = entry;
  return viewNode({
    id: `${parent}/${id}`,
    label: [pod, container].filter((name) => name !== undefined && name !== '').join('/') || id,
    description: [
      role === 'sandbox' ? t('pod sandbox') : undefined,
      namespace,
      pid === undefined ? undefined : t('pid {0}', pid),
      goneAt === undefined ? undefined : t('gone since {0}', clock(goneAt, now)),
    ],
    icon: icons[fate],
    contextValue: 'survivor',
    expand: 'leaf',
    role: role === 'sandbox' ? t('pod sandbox') : t('container'),
    subject: { kind: 'survivor', runtime, id: entry.replacedBy ?? id },
    command: 'revealSurvivor',
    tooltip: () => [
      { value: fateMeaning(fate, t) },
      { name: t('ID'), value: id },
      { name: t('Replaced by'), value: entry.replacedBy ?? '' },
      { name: t('Seen gone'), value: goneAt === undefined ? '' : timestamp(goneAt) },
    ],
  });
}

function fateName(fate: Fate, t: Translate): string {
  return {
    survived: t('Survived'),
    adopted: t('Adopted'),
    replaced: t('Replaced'),
    abandoned: t('Left behind'),
    died: t('Died'),
    unknown: t('Unknown'),
  }[fate];
}

function fateMeaning(fate: Fate, t: Translate): string {
  return {
    survived: t('The first process went on, and the runtime lists it as running again.'),
    adopted: t('Started after the last look at the old daemon; the new one took it over.'),
    replaced: t('The first process is gone, and another one runs under the same name.'),
    abandoned: t('The first process goes on, but the runtime doesn’t list it as running any more.'),
    died: t('The first process is gone, and nothing runs in its place.'),
    unknown: t('None of its processes was known before.'),
  }[fate];
}

function survivalTooltip(survival: Survival, t: Translate): readonly TooltipLine[] {
  const { lastSeenAt, lostAt, backAt, oldDaemon, newDaemon } = survival;
  return [
    { value: t('What went on without its runtime is what the shims and monitors are for.') },
    { name: t('Last seen'), value: timestamp(lastSeenAt) },
    { name: t('Lost'), value: lostAt === undefined ? t('not seen') : timestamp(lostAt) },
    { name: t('Back'), value: timestamp(backAt) },
    { name: t('Daemon before'), value: daemonText(oldDaemon, t) },
    { name: t('Daemon now'), value: daemonText(newDaemon, t) },
  ];
}

function daemonText(daemon: Daemon | undefined, t: Translate): string {
  return daemon === undefined
    ? t('unknown: the open sockets of processes can’t be seen')
    : t('pid {0}, started {1}', daemon.pid, timestamp(daemon.startedAt));
}

/** `containerd was away for 12 s`. */
export function awayText({ runtimeName, lostAt, backAt }: Survival, t: Translate): string {
  return lostAt === undefined
    ? t('{0} was restarted', runtimeName)
    : t('{0} was away for {1}', runtimeName, spanText(backAt - lostAt, t));
}

/** Of some time that went by, in milliseconds. */
function spanText(span: number, t: Translate): string {
  const seconds = Math.max(1, Math.round(span / 1000));
  if (seconds < 120) return t('{0} s', seconds);
  return seconds < 7200 ? t('{0} min', Math.round(seconds / 60)) : t('{0} h', Math.round(seconds / 3600));
}

/** `containerd was away for 12 s: 20 of 20 containers survived`. */
export function survivalText(survival: Survival, t: Translate): string {
  const { survived, total } = survivors(survival);
  return t('{0}: {1} of {2} containers survived', awayText(survival, t), survived, total);
}

/** A line for the tooltip of a sandbox or container; none for one that has nothing to tell. */
export function fateLines(runtime: RuntimeConnection, id: string, t: Translate): readonly TooltipLine[] {
  const { survival } = runtime;
  const entry = fateOf(survival, id);
  if (!survival || !entry) return [];
  const [name, at] = [survival.runtimeName, timestamp(survival.backAt)];
  const text = {
    survived: t('survived the restart of {0} at {1}', name, at),
    adopted: t('adopted at the restart of {0} at {1}', name, at),
    replaced: t('replaced at the restart of {0} at {1}', name, at),
    abandoned: t('left behind at the restart of {0} at {1}', name, at),
    died: t('died while {0} was away, before {1}', name, at),
    unknown: '',
  }[entry.fate];
  return [{ name: t('Survival'), value: text }];
}
