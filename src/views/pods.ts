import type { Container, Sandbox } from '../model/snapshot.js';
import type { RuntimeConnection } from '../runtime/connection.js';
import { ancestryNodes } from './chain.js';
import type { Pod } from './filter.js';
import { containerIcon, sandboxIcon } from './icons.js';
import type { TooltipLine } from './markdown.js';
import { fateLines } from './survival.js';
import { timestamp } from './times.js';
import { viewNode, type ViewContext, type ViewNode } from './viewNode.js';

/** What the items below a runtime have in common. */
export interface Scope {
  /** Prefix of the ids. */
  readonly id: string;
  readonly runtime: RuntimeConnection;
  /** The runtime is lost: what it said last is shown dimmed. */
  readonly stale: boolean;
  readonly context: ViewContext;
  /** Open the way down to what a filter left. */
  readonly unfold: boolean;
}

export function sandboxNode(scope: Scope, pod: Pod): ViewNode {
  const { memo, filter, groupByNamespace } = scope.context;
  const make = (): ViewNode => makeSandboxNode(scope, pod);
  // A filter may leave a part of it only.
  if (memo === undefined || filter !== undefined) return make();
  return memo.of(pod.sandbox, `${scope.id} ${scope.stale} ${groupByNamespace}`, make);
}

function makeSandboxNode(scope: Scope, pod: Pod): ViewNode {
  const { sandbox } = pod;
  const { t, groupByNamespace } = scope.context;
  const newest = newestAttempts(sandbox.containers);
  const running = newest.filter(({ state }) => state === 'running').length;
  const id = `${scope.id}/s:${sandbox.id}`;
  return viewNode({
    id,
    label: sandbox.name === '' ? sandbox.id : sandbox.name,
    description: [
      groupByNamespace ? undefined : sandbox.namespace,
      `${running}/${newest.length}`,
      sandbox.state === 'ready' ? undefined : t('not ready'),
      sandbox.attempt > 0 ? t('attempt {0}', sandbox.attempt) : undefined,
      sandbox.ip,
    ],
    since: sandbox.createdAt,
    icon: sandboxIcon(sandbox, running === newest.length, scope.stale),
    contextValue: tags('sandbox', sandbox.state, sandbox.pid),
    expand: scope.unfold && pod.containers.length > 0 ? 'expanded' : 'collapsed',
    role: t('pod sandbox'),
    subject: { kind: 'sandbox', runtime: scope.runtime, sandbox },
    tooltip: () => [...sandboxTooltip(sandbox, scope.context), ...fateLines(scope.runtime, sandbox.id, t)],
    children: () => [sandboxProcess(scope, id, sandbox), ...containerNodes(scope, pod.containers, sandbox)],
  });
}

function sandboxProcess({ runtime, context }: Scope, sandboxId: string, sandbox: Sandbox): ViewNode {
  const id = `${sandboxId}/process`;
  return viewNode({
    id,
    label: context.t('Sandbox process'),
    description: [sandbox.pid === undefined ? undefined : context.t('pid {0}', sandbox.pid)],
    icon: { id: 'type-hierarchy-sub' },
    expand: 'collapsed',
    role: context.t('process ancestry'),
    children: () => ancestryNodes(id, runtime, sandbox.ancestry, context),
  });
}

/** The newest attempt of each container; older ones are folded under it, so that a crash loop doesn't flood. */
export function containerNodes(
  scope: Scope,
  containers: readonly Container[],
  sandbox?: Sandbox,
): readonly ViewNode[] {
  return attemptsByName(containers).map(([newest, ...older]) => containerNode(scope, newest, older, sandbox));
}

type Attempts = readonly [Container, ...Container[]];

/** Containers of one sandbox and name, newest attempt first. */
function attemptsByName(containers: readonly Container[]): readonly Attempts[] {
  const groups = new Map<string, [Container, ...Container[]]>();
  for (const container of containers) {
    const key = `${container.sandboxId}/${container.name}`;
    const group = groups.get(key);
    if (group) group.push(container);
    else groups.set(key, [container]);
  }
  for (const group of groups.values())
    group.sort((a, b) => b.attempt - a.attempt || b.createdAt - a.createdAt);
  return [...groups.values()];
}

const newestAttempts = (containers: readonly Container[]): readonly Container[] =>
  attemptsByName(containers).map(([newest]) => newest);

function containerNode(
  scope: Scope,
  container: Container,
  older: readonly Container[] | undefined,
  sandbox: Sandbox | undefined,
): ViewNode {
  const { runtime, context } = scope;
  const id = `${scope.id}/c:${container.id}`;
  return viewNode({
    id,
    label: container.name === '' ? container.id : container.name,
    description: stateWords(container, context),
    since: container.createdAt,
    icon: containerIcon(container, older !== undefined, scope.stale),
    contextValue: tags('container', container.state, container.pid),
    expand: 'collapsed',
    role: context.t('container'),
    subject: { kind: 'container', runtime, container, ...(sandbox ? { sandbox } : {}) },
    tooltip: () => [...containerTooltip(container, context), ...fateLines(runtime, container.id, context.t)],
    children: () => [
      ...ancestryNodes(id, runtime, container.ancestry, context),
      ...(older && older.length > 0 ? [previousAttempts(scope, id, older, sandbox)] : []),
    ],
  });
}

function previousAttempts(
  scope: Scope,
  containerId: string,
  older: readonly Container[],
  sandbox: Sandbox | undefined,
): ViewNode {
  const { t } = scope.context;
  return viewNode({
    id: `${containerId}/previous`,
    label: t('Previous attempts'),
    description: [String(older.length)],
    icon: { id: 'history' },
    expand: 'collapsed',
    role: t('group'),
    children: () => older.map((container) => containerNode(scope, container, undefined, sandbox)),
  });
}

function stateWords({ state, attempt }: Container, { t }: ViewContext): readonly string[] {
  if (attempt === 0) return [stateName(state, t)];
  if (state === 'exited') return [t('exited (attempt {0})', attempt)];
  return [stateName(state, t), attempt === 1 ? t('1 restart') : t('{0} restarts', attempt)];
}

/** A container's state as a word. */
export function stateName(state: Container['state'], t: ViewContext['t']): string {
  return { created: t('created'), running: t('running'), exited: t('exited'), unknown: t('unknown') }[state];
}

const tags = (kind: string, state: string, pid: number | undefined): string =>
  pid === undefined ? `${kind}+${state}` : `${kind}+${state}+pid`;

function sandboxTooltip(sandbox: Sandbox, { t }: ViewContext): readonly TooltipLine[] {
  return [
    { name: t('Namespace'), value: sandbox.namespace },
    { name: t('State'), value: sandbox.state === 'ready' ? t('ready') : t('not ready') },
    { name: t('ID'), value: sandbox.id },
    { name: t('Pod UID'), value: sandbox.uid },
    { name: t('IP'), value: sandbox.ip ?? '' },
    { name: t('Runtime handler'), value: sandbox.runtimeHandler },
    { name: t('Created'), value: timestamp(sandbox.createdAt) },
    { name: t('Labels'), value: pairs(sandbox.labels) },
    { name: t('Annotations'), value: pairs(sandbox.annotations) },
  ];
}

function containerTooltip(container: Container, { t }: ViewContext): readonly TooltipLine[] {
  return [
    { name: t('State'), value: stateName(container.state, t) },
    { name: t('Image'), value: container.image },
    { name: t('ID'), value: container.id },
    { name: t('PID'), value: container.pid === undefined ? '' : String(container.pid) },
    { name: t('Attempt'), value: String(container.attempt) },
    { name: t('Created'), value: timestamp(container.createdAt) },
    { name: t('Labels'), value: pairs(container.labels) },
    { name: t('Annotations'), value: pairs(container.annotations) },
  ];
}

const pairs = (words: Readonly<Record<string, string>>): string =>
  Object.entries(words)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
