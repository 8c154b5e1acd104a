import type { Container, RuntimeCondition, RuntimeSnapshot } from '../model/snapshot.js';
import type { RuntimeConnection } from '../runtime/connection.js';
import type { NodeConnection } from '../runtime/nodes.js';
import type { Translate } from '../util/translate.js';
import { filterOrphan, filterPod, type Pod } from './filter.js';
import { reasonIcon, runtimeIcon } from './icons.js';
import { machineNode } from './machines.js';
import type { TooltipLine } from './markdown.js';
import { containerNodes, sandboxNode, type Scope } from './pods.js';
import { survivalNodes } from './survival.js';
import { clock } from './times.js';
import { viewNode, type ViewContext, type ViewNode } from './viewNode.js';

/** Namespaces start open on a runtime with at most this many pods, and filtered pods with at most this many hits. */
const unfolded = 40;

/** What a filter left of a runtime, and how much there was. */
interface Part {
  readonly runtime: RuntimeConnection;
  readonly pods: readonly Pod[];
  readonly orphans: readonly Container[];
}

export interface Tree {
  readonly roots: readonly ViewNode[];
  /** Containers that the filter left, of how many. */
  readonly shown: number;
  readonly total: number;
}

/** The whole tree; what lies below the runtimes is built when it is asked for. */
export function buildTree(nodes: readonly NodeConnection[], context: ViewContext): Tree {
  const filtered = context.filter !== undefined;
  const parts = nodes.map((node) => ({ node, parts: node.runtimes.map((each) => partOf(each, context)) }));
  const shown = count(parts.flatMap((entry) => entry.parts));
  return {
    roots: parts.flatMap(({ node, parts: own }) => {
      const left = filtered ? own.filter(({ pods, orphans }) => pods.length + orphans.length > 0) : own;
      return filtered && left.length === 0 ? [] : [nodeNode(node, left, context, shown)];
    }),
    shown,
    total: nodes
      .flatMap(({ runtimes }) => runtimes)
      .reduce((sum, { snapshot }) => sum + containersOf(snapshot), 0),
  };
}

function partOf(runtime: RuntimeConnection, { filter }: ViewContext): Part {
  const { sandboxes = [], orphans = [] } = runtime.snapshot ?? {};
  return {
    runtime,
    pods: sandboxes.flatMap((sandbox) => filterPod(sandbox, filter) ?? []),
    orphans: filter === undefined ? orphans : orphans.filter((each) => filterOrphan(each, filter)),
  };
}

const count = (parts: readonly Part[]): number =>
  parts.reduce(
    (sum, { pods, orphans }) =>
      sum + orphans.length + pods.reduce((within, pod) => within + pod.containers.length, 0),
    0,
  );

const containersOf = (snapshot: RuntimeSnapshot | undefined): number =>
  snapshot === undefined
    ? 0
    : snapshot.orphans.length +
      snapshot.sandboxes.reduce((sum, { containers }) => sum + containers.length, 0);

function nodeNode(
  node: NodeConnection,
  parts: readonly Part[],
  context: ViewContext,
  shown: number,
): ViewNode {
  const id = `${context.filter === undefined ? '' : '~'}n:${node.id}`;
  return machineNode(id, node, context, () =>
    parts.map((part) => runtimeNode(id, node, part, context, shown)),
  );
}

function runtimeNode(
  nodeId: string,
  node: NodeConnection,
  part: Part,
  context: ViewContext,
  shown: number,
): ViewNode {
  const { runtime } = part;
  const { snapshot } = runtime;
  const { t } = context;
  const id = `${nodeId}/r:${runtime.endpoint}`;
  const containers = count([part]);
  const unmet = snapshot?.conditions.filter(isUnmet) ?? [];
  const scope: Scope = {
    id,
    runtime,
    stale: runtime.state === 'lost',
    context,
    unfold: context.filter !== undefined && shown <= unfolded,
  };
  return viewNode({
    id,
    label: snapshot ? `${snapshot.name} ${snapshot.version}`.trim() : runtime.endpoint,
    description: [
      runtimeState(runtime, context),
      ...unmet.map(({ type }) => t('not {0}', type.replace(/Ready$/, ' ready').toLowerCase())),
      podCount(part.pods.length, t),
      containers === 1 ? t('1 container') : t('{0} containers', containers),
      // Last, since it is long and a sidebar narrow.
      snapshot ? runtime.endpoint : runtime.reason,
    ],
    icon: runtimeIcon(runtime.state, unmet.length === 0),
    contextValue: 'runtime',
    expand: 'expanded',
    role: t('container runtime'),
    subject: { kind: 'runtime', node, runtime },
    tooltip: () => runtimeTooltip(runtime, context),
    children: () => runtimeChildren(scope, part),
  });
}

const podCount = (pods: number, t: Translate): string => (pods === 1 ? t('1 pod') : t('{0} pods', pods));

/** RuntimeReady and NetworkReady; other conditions are remarks (ContainerdHasNoDeprecationWarnings). */
const isUnmet = ({ type, status }: RuntimeCondition): boolean => !status && type.endsWith('Ready');

function runtimeState({ state, snapshot }: RuntimeConnection, { t, now }: ViewContext): string | undefined {
  switch (state) {
    case 'ready':
      return undefined;
    case 'connecting':
      return t('connecting…');
    case 'failed':
      return t('failed');
    case 'lost':
      return snapshot ? `${t('lost')} · ${t('last seen {0}', clock(snapshot.takenAt, now))}` : t('lost');
  }
}

function runtimeTooltip(runtime: RuntimeConnection, { t }: ViewContext): readonly TooltipLine[] {
  const { snapshot } = runtime;
  return [
    { value: runtime.reason ?? '' },
    { name: t('Endpoint'), value: runtime.endpoint },
    { name: t('CRI version'), value: snapshot?.apiVersion ?? '' },
    ...(snapshot?.conditions ?? []).map(({ type, status, reason, message }) => ({
      name: type,
      value: [status ? t('yes') : t('no'), reason, message].filter((part) => part !== '').join(' · '),
    })),
    { name: t('Processes'), value: snapshot?.processesReason ?? '' },
  ];
}

function runtimeChildren(scope: Scope, { pods, orphans, runtime }: Part): readonly ViewNode[] {
  const { t, groupByNamespace, filter } = scope.context;
  const reason = runtime.snapshot?.processesReason;
  return [
    ...(filter === undefined ? survivalNodes(scope.id, runtime, scope.context) : []),
    ...(reason === undefined ? [] : [processesNode(scope, reason)]),
    ...(groupByNamespace ? namespaceNodes(scope, pods) : pods.map((pod) => sandboxNode(scope, pod))),
    ...(orphans.length === 0
      ? []
      : [
          viewNode({
            id: `${scope.id}/orphans`,
            label: t('Without a sandbox'),
            description: [String(orphans.length)],
            icon: { id: 'debug-disconnect' },
            expand: scope.unfold ? 'expanded' : 'collapsed',
            role: t('group'),
            tooltip: () => [
              { value: t('The runtime doesn’t list the sandbox of these containers any more.') },
            ],
            children: () => containerNodes(scope, orphans),
          }),
        ]),
  ];
}

function processesNode({ id, context: { t } }: Scope, reason: string): ViewNode {
  return viewNode({
    id: `${id}/processes`,
    label: t('Processes are unknown'),
    description: [reason],
    icon: reasonIcon,
    contextValue: 'reason',
    expand: 'leaf',
    role: t('note'),
    tooltip: () => [{ value: reason }],
  });
}

function namespaceNodes(scope: Scope, pods: readonly Pod[]): readonly ViewNode[] {
  const { t } = scope.context;
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    const group = groups.get(pod.sandbox.namespace);
    if (group) group.push(pod);
    else groups.set(pod.sandbox.namespace, [pod]);
  }
  return [...groups].map(([namespace, own]) =>
    viewNode({
      id: `${scope.id}/ns:${namespace}`,
      label: namespace === '' ? t('(no namespace)') : namespace,
      description: [String(own.length)],
      icon: { id: 'symbol-namespace' },
      contextValue: 'namespace',
      expand: scope.unfold || pods.length <= unfolded ? 'expanded' : 'collapsed',
      role: t('namespace'),
      tooltip: () => [{ value: podCount(own.length, t) }],
      children: () => own.map((pod) => sandboxNode(scope, pod)),
    }),
  );
}
