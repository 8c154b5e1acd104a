import type { EndpointState, EndpointStatus, NodeConnection } from '../runtime/nodes.js';
import { localNodeId } from '../runtime/nodeSettings.js';
import type { Translate } from '../util/translate.js';
import { endpointIcon, nodeIcon, reasonIcon } from './icons.js';
import { retryText } from './retry.js';
import { viewNode, type ViewContext, type ViewNode } from './viewNode.js';

/**
 * A machine, with what stands in its way, its runtimes, and the endpoints that can't be used.
 * @param runtimes makes the items of those runtimes that are to be shown
 */
export function machineNode(
  id: string,
  node: NodeConnection,
  context: ViewContext,
  runtimes: () => readonly ViewNode[],
): ViewNode {
  const { t, now } = context;
  const filtered = context.filter !== undefined;
  const endpoints = filtered || !node.connected ? [] : unusable(node);
  const notes = filtered ? [] : [...notesOf(id, node, t), ...sudoActions(id, node, endpoints, t)];
  const empty = node.runtimes.length + endpoints.length + notes.length === 0;
  return viewNode({
    id,
    label: node.label,
    description: [nodeState(node, t), retryOf(node, now, t), node.state === 'ready' ? '' : firstWords(node)],
    icon: nodeIcon(node),
    contextValue: tagsOf(node).join('+'),
    expand: expandOf(node, empty),
    role: t('node'),
    subject: { kind: 'node', node },
    tooltip: () => [
      { name: t('State'), value: nodeState(node, t) },
      { value: node.reason ?? '' },
      { name: t('Reached'), value: node.kind === 'ssh' ? t('over SSH') : t('locally') },
      { name: t('sudo'), value: sudoText(node, t) },
    ],
    children: () => [
      ...notes,
      ...runtimes(),
      ...endpoints.map((endpoint) => endpointNode(id, node, endpoint, t)),
    ],
  });
}

/** Opening an idle one connects it. One that is connecting keeps its twistie, since it was just opened. */
function expandOf({ kind, state, connected, runtimes }: NodeConnection, empty: boolean): ViewNode['expand'] {
  if (state === 'idle' && runtimes.length === 0) return 'collapsed';
  if (!empty) return 'expanded';
  return connected && (state !== 'connecting' || kind === 'local') ? 'leaf' : 'collapsed';
}

/** `node+ssh+lost+down+setting+sudo`: how it is reached, its state, and what can be done with it. */
function tagsOf({ id, kind, state, connected }: NodeConnection): readonly string[] {
  return [
    ...['node', kind, state],
    ...(connected ? [] : ['down']),
    ...(id === localNodeId ? [] : ['setting']),
    ...(sudoHelps(kind) ? ['sudo'] : []),
  ];
}

/** This machine may be one without sudo. */
const sudoHelps = (kind: NodeConnection['kind']): boolean => kind === 'ssh' || process.platform !== 'win32';

function sudoText({ sudo }: NodeConnection, t: Translate): string {
  return {
    never: t('not used'),
    'without password': t('used without a password'),
    ask: t('used with a password'),
  }[sudo];
}

/** Empty for a node without a runtime whose reason says so. */
export function nodeState({ state, reason }: NodeConnection, t: Translate): string {
  const failed = reason === undefined ? t('no usable runtime') : '';
  return {
    ...{ idle: t('not connected'), connecting: t('connecting…'), ready: t('ready'), lost: t('lost') },
    ...{ needsAuth: t('needs you to log in'), failed },
  }[state];
}

function retryOf({ retryAt }: NodeConnection, now: number, t: Translate): string | undefined {
  return retryAt === undefined ? undefined : retryText(retryAt, now, t);
}

/** The first line of the reason that says something; ssh frames some warnings with `@`. */
function firstWords({ reason = '' }: NodeConnection): string {
  const line = reason.split('\n').find((each) => /[\p{L}\p{N}]/u.test(each)) ?? '';
  return line.replace(/^[@\s]+|[@\s]+$/g, '');
}

/** Why there is no way to the machine, with the next step. */
function notesOf(id: string, node: NodeConnection, t: Translate): readonly ViewNode[] {
  if (node.connected || node.state === 'connecting') return [];
  if (node.state === 'idle') {
    return node.runtimes.length > 0 ? [] : [action(id, node, 'connectNode', t('Connect'), 'plug')];
  }
  // One that is tried again by itself, and has a picture to look at meanwhile.
  if (node.state === 'lost' && node.runtimes.length > 0) return [];
  return [
    viewNode({
      id: `${id}/reason`,
      label: firstWords(node),
      icon: reasonIcon,
      contextValue: 'reason',
      expand: 'leaf',
      role: t('note'),
      subject: { kind: 'node', node },
      command: 'showReason',
      tooltip: () => [{ value: node.reason ?? '' }],
    }),
    action(id, node, 'reconnectNode', t('Reconnect'), 'sync'),
  ];
}

/** Where sudo asked already, no password was given, or wrong ones, or the person has no right to use it. */
function sudoActions(
  id: string,
  node: NodeConnection,
  endpoints: readonly EndpointStatus[],
  t: Translate,
): readonly ViewNode[] {
  if (!sudoHelps(node.kind) || endpoints.every(({ state }) => state !== 'denied')) return [];
  return [
    node.sudo === 'ask'
      ? action(id, node, 'reconnectNode', t('Ask for sudo’s password again'), 'key')
      : action(id, node, 'useSudo', t('Use sudo on this node…'), 'shield'),
  ];
}

/** An item that does something when it is clicked. */
function action(id: string, node: NodeConnection, command: string, label: string, icon: string): ViewNode {
  return viewNode({
    id: `${id}/${command}`,
    label,
    icon: { id: icon },
    contextValue: 'action',
    expand: 'leaf',
    role: 'button',
    subject: { kind: 'node', node },
    command,
  });
}

/** Endpoints that someone named or that exist, but that can't be used. */
function unusable(node: NodeConnection): readonly EndpointStatus[] {
  const answered = new Set(node.runtimes.map(({ endpoint }) => endpoint));
  return node.endpoints.filter(({ endpoint, state, configured }) => {
    if (answered.has(endpoint) || state === 'ready') return false;
    return configured || (state !== 'absent' && state !== 'connecting');
  });
}

function endpointNode(
  nodeId: string,
  node: NodeConnection,
  endpoint: EndpointStatus,
  t: Translate,
): ViewNode {
  const denied = endpoint.state === 'denied' && sudoHelps(node.kind);
  return viewNode({
    id: `${nodeId}/e:${endpoint.endpoint}`,
    label: endpoint.endpoint,
    description: [endpointState(endpoint.state, t), endpoint.reason],
    icon: endpointIcon(endpoint.state),
    contextValue: `endpoint+${endpoint.state}${denied ? '+sudo' : ''}`,
    expand: 'leaf',
    role: t('endpoint'),
    subject: { kind: 'endpoint', node, endpoint },
    tooltip: () => [
      { name: t('State'), value: endpointState(endpoint.state, t) },
      { value: endpoint.reason ?? '' },
      { name: t('Named by'), value: endpoint.sources.join(', ') },
    ],
  });
}

/** An endpoint's state in words. */
export function endpointState(state: EndpointState, t: Translate): string {
  return {
    connecting: t('connecting…'),
    ready: t('ready'),
    lost: t('lost'),
    absent: t('no such socket'),
    denied: t('permission denied'),
    refused: t('connection refused'),
    hung: t('no answer'),
    notCri: t('not a CRI server'),
    failed: t('failed'),
  }[state];
}

/** What was there and is not: machines whose way is lost, and runtimes of the others. One that was left is not lost. */
export function lostNames(nodes: readonly NodeConnection[]): readonly string[] {
  return nodes.flatMap(({ label, state, connected, runtimes }) => {
    const lost = runtimes.filter((runtime) => runtime.state === 'lost');
    if (state === 'idle' || lost.length === 0) return [];
    return connected ? lost.map(({ snapshot, endpoint }) => snapshot?.name ?? endpoint) : [label];
  });
}
