import type { Container, Sandbox } from '../model/snapshot.js';
import { crictlCommand, nsenterCommand } from '../model/shell.js';
import { inert } from '../model/visible.js';
import type { RuntimeConnection } from '../runtime/connection.js';
import type { EndpointStatus, NodeConnection } from '../runtime/nodes.js';
import type { Translate } from '../util/translate.js';
import { stateName } from '../views/pods.js';
import { endpointState } from '../views/machines.js';

/** A container as a command acts on it. */
export interface ContainerTarget {
  readonly runtime: RuntimeConnection;
  readonly container: Container;
  /** Absent when the runtime doesn't list it any more. */
  readonly sandbox?: Sandbox;
}

/** An item of a quick pick, with inert texts. */
export interface Choice<T> {
  readonly label: string;
  readonly description: string;
  readonly detail?: string;
  readonly value: T;
}

/** Every container of every node that a command can use, running ones first. */
export function containerChoices(
  nodes: readonly NodeConnection[],
  accepts: (container: Container) => boolean,
  t: Translate,
): readonly Choice<ContainerTarget>[] {
  const targets = nodes.flatMap(({ runtimes }) => runtimes.flatMap(containersOf));
  const usable = targets.filter(({ container }) => accepts(container));
  const running = usable.filter(({ container }) => container.state === 'running');
  const others = usable.filter(({ container }) => container.state !== 'running');
  return [...running, ...others].map((target) => containerChoice(target, nodes.length > 1, t));
}

function containersOf(runtime: RuntimeConnection): readonly ContainerTarget[] {
  const { sandboxes = [], orphans = [] } = runtime.snapshot ?? {};
  return [
    ...sandboxes.flatMap((sandbox) =>
      sandbox.containers.map((container): ContainerTarget => ({ runtime, container, sandbox })),
    ),
    ...orphans.map((container): ContainerTarget => ({ runtime, container })),
  ];
}

function containerChoice(target: ContainerTarget, nameNode: boolean, t: Translate): Choice<ContainerTarget> {
  const { runtime, container, sandbox } = target;
  const attempt = container.attempt > 0 ? t('attempt {0}', container.attempt) : '';
  const words = [stateName(container.state, t), attempt, container.id.slice(0, 13), container.image];
  if (nameNode) words.push(runtime.nodeLabel);
  return {
    label: inert(container.name === '' ? container.id : container.name),
    description: inert(sandbox ? `${sandbox.namespace}/${sandbox.name}` : t('without a sandbox')),
    detail: words
      .filter((word) => word !== '')
      .map((word) => inert(word))
      .join(' · '),
    value: target,
  };
}

/** What people call a container: `web-0/main`. */
export const nameOf = ({ container, sandbox }: ContainerTarget): string =>
  sandbox ? `${sandbox.name}/${container.name}` : container.name;

/** The crictl commands about a container. */
export function crictlChoices(
  { runtime, container }: ContainerTarget,
  t: Translate,
): readonly Choice<string>[] {
  const line = (label: string, action: 'inspect' | 'logs' | 'exec' | 'stats'): Choice<string> =>
    lineChoice(label, crictlCommand(runtime.endpoint, action, container.id));
  const always = [line(t('Inspect'), 'inspect'), line(t('Follow the log'), 'logs')];
  if (container.state !== 'running') return always;
  return [...always, line(t('Open a shell'), 'exec'), line(t('CPU and memory'), 'stats')];
}

/** The crictl commands about a sandbox. */
export function crictlSandboxChoices(
  runtime: RuntimeConnection,
  sandbox: Sandbox,
  t: Translate,
): readonly Choice<string>[] {
  return [
    lineChoice(t('Inspect'), crictlCommand(runtime.endpoint, 'inspectp', sandbox.id)),
    lineChoice(t('List its containers'), crictlCommand(runtime.endpoint, 'ps', sandbox.id)),
  ];
}

/** Ways into the namespaces of a process. */
export function nsenterChoices(pid: number, t: Translate): readonly Choice<string>[] {
  return [
    lineChoice(t('All namespaces, with the container’s files'), nsenterCommand(pid, 'all')),
    lineChoice(t('All but files, with the node’s own tools'), nsenterCommand(pid, 'withoutFiles')),
    lineChoice(t('Network only, with the node’s own tools'), nsenterCommand(pid, 'network')),
  ];
}

const lineChoice = (label: string, line: string): Choice<string> => ({
  label,
  description: '',
  detail: inert(line, 500),
  value: line,
});

export interface EndpointChoice {
  readonly node: NodeConnection;
  readonly endpoint: EndpointStatus;
}

/** Every place that was searched on a node, in the order of the search. */
export function endpointChoices(node: NodeConnection, t: Translate): readonly Choice<EndpointChoice>[] {
  return node.endpoints.map((endpoint) => ({
    label: inert(endpoint.endpoint),
    description: `${endpointState(endpoint.state, t)} · ${inert(endpoint.sources.join(', '))}`,
    // That nothing is there needs no second line; most candidates of a search are of that kind.
    ...(endpoint.reason === undefined || endpoint.state === 'absent'
      ? {}
      : { detail: inert(endpoint.reason, 500) }),
    value: { node, endpoint },
  }));
}
