import type { ProcessInfo } from '../process.js';
import type { Container, Sandbox } from '../snapshot.js';
import { fact } from './builder.js';
import type { Daemon, Stage } from './daemons.js';
import * as evidence from './evidence.js';
import type { ChainFact } from './graph.js';
import { partsOf, programIn } from './parts.js';

/** Children of a first process that are drawn one by one. */
const childrenAtMost = 12;

/** Where pods are drawn: on what stage, below whom. */
export interface PodStage extends Stage {
  readonly endpoint: string;
  /** Who starts the monitors. */
  readonly daemon: Daemon;
  /** Whether one monitor makes all containers of a pod: containerd's, not Docker's shims and conmon, which have one each. */
  readonly shared: boolean;
}

type Member =
  { readonly kind: 'sandbox'; readonly of: Sandbox } | { readonly kind: 'container'; readonly of: Container };

/** A sandbox as a member of its chain. */
export const asSandbox = (of: Sandbox): Member => ({ kind: 'sandbox', of });
export const asContainer = (of: Container): Member => ({ kind: 'container', of });

function factsOf(member: Member): readonly ChainFact[] {
  const { id, state } = member.of;
  const image = member.kind === 'container' ? member.of.image : undefined;
  return [...fact('id', id), ...fact('image', image), ...fact('state', state)];
}

const titleOf = (member: Member): string =>
  member.kind === 'container' ? member.of.name : `${member.of.namespace}/${member.of.name}`;

/** A sandbox in outline: its monitor and its first process, which stands for the whole pod. */
export function drawOutline(stage: PodStage, sandbox: Sandbox): void {
  const { builder, endpoint } = stage;
  const member = asSandbox(sandbox);
  const ancestry = [sandbox, ...sandbox.containers]
    .map((one) => one.ancestry)
    .find((one) => one.links.length > 0);
  const { monitor, above } = partsOf(ancestry ?? { links: [] });
  const { first } = partsOf(sandbox.ancestry);
  const subject = { endpoint, id: sandbox.id };
  const facts = [...factsOf(member), ...fact('count', sandbox.containers.length)];
  const parts = { kind: 'sandbox' as const, title: titleOf(member), facts, subject };
  const from = drawMonitor(stage, monitor, subject) ?? stage.daemon.id;
  const id = first ? builder.process(first, parts) : builder.box(`sandbox:${sandbox.id}`, parts);
  drawLines(stage, [...above, ...(first ? [first] : [])]);
  if (first && first.ppid === monitor?.pid) return;
  const known = monitor ? programIn(monitor) : stage.daemon.title;
  builder.edge({ from, to: id, kind: 'forkExec', proof: 'inferred', evidence: evidence.ofPod(known) });
}

/** A sandbox or container in full. `pod`: the monitor box that other members of the pod hang below. */
export function drawMember(stage: PodStage, member: Member, pod?: string): string | undefined {
  const { builder, endpoint } = stage;
  const { monitor, first, above, children } = partsOf(member.of.ancestry);
  const subject = { endpoint, id: member.of.id };
  const monitorBox = drawMonitor(stage, monitor, subject);
  const box = drawFirst(stage, member, first);
  if (!first) {
    const gone = evidence.ofGone(member.of.ancestry.reason);
    builder.edge({
      from: (stage.shared ? pod : undefined) ?? stage.daemon.id,
      to: box,
      kind: 'forkExec',
      proof: 'inferred',
      evidence: gone,
    });
    return undefined;
  }
  drawLowLevel(stage, member, monitorBox && monitor ? { id: monitorBox, monitor } : undefined, box);
  for (const child of children.slice(0, childrenAtMost)) {
    builder.process(child, { kind: 'child', title: programIn(child), subject });
  }
  drawLines(stage, [...above, first, ...children.slice(0, childrenAtMost)]);
  const rest = children.length - childrenAtMost;
  if (rest > 0) drawMore(stage, box, member.of.id, rest);
  return monitorBox;
}

/** The first process; where it is the pod's too (gVisor, Kata), the container is a box of its own inside of that one. */
function drawFirst({ builder, endpoint }: PodStage, member: Member, first: ProcessInfo | undefined): string {
  const { id } = member.of;
  const parts = {
    kind: member.kind,
    title: titleOf(member),
    facts: factsOf(member),
    subject: { endpoint, id },
  };
  if (!first) return builder.box(`${member.kind}:${id}`, { ...parts, absent: true });
  const drawn = member.kind === 'container' ? builder.drawn(first.pid) : undefined;
  if (drawn === undefined) return builder.process(first, parts);
  const box = builder.box(`container:${id}`, parts);
  const inside = evidence.ofInside(programIn(first));
  builder.edge({ from: drawn, to: box, kind: 'forkExec', proof: 'inferred', evidence: inside });
  return box;
}

function drawMonitor(
  { builder, daemon, sockets }: PodStage,
  monitor: ProcessInfo | undefined,
  subject: { readonly endpoint: string; readonly id: string },
): string | undefined {
  if (!monitor) return undefined;
  const kind = monitor.role === 'monitor' ? 'monitor' : 'shim';
  const id = builder.process(monitor, { kind, title: programIn(monitor), subject });
  const connected =
    kind === 'shim' && daemon.process ? sockets.areConnected(daemon.process.pid, monitor.pid) : undefined;
  builder.edge({
    ...{ from: daemon.id, to: id, kind: kind === 'shim' ? 'ttrpc' : 'starts' },
    proof: connected ? 'proved' : 'inferred',
    evidence: evidence.ofMonitor(daemon, monitor, kind, connected),
  });
  return id;
}

/** The low-level runtime between the monitor and what it made. */
function drawLowLevel(
  { builder, endpoint }: PodStage,
  { of: { id, ancestry } }: Member,
  by: { readonly id: string; readonly monitor: ProcessInfo } | undefined,
  made: string,
): void {
  const { lowLevel } = ancestry;
  if (!lowLevel) return;
  const { name, bundle, statePath, source } = lowLevel;
  const box = builder.box(`lowLevel:${id}`, {
    ...{ kind: 'lowLevel', title: name, absent: true, subject: { endpoint, id } },
    facts: [...fact('bundle', bundle), ...fact('statePath', statePath), ...fact('source', source)],
  });
  if (by) {
    const ran = evidence.ofLowLevel(name, programIn(by.monitor), source);
    builder.edge({ from: by.id, to: box, kind: 'oci', proof: 'inferred', evidence: ran });
  }
  builder.edge({
    from: box,
    to: made,
    kind: 'forkExec',
    proof: 'inferred',
    evidence: evidence.ofFirst(name),
  });
}

/** Parent and child, of all that an ancestry names and of what else stands between (an exec's runc). */
function drawLines({ builder }: PodStage, links: readonly ProcessInfo[]): void {
  const boxes = new Map<number, string>();
  for (const link of links) {
    const box = builder.process(link, { kind: 'init', title: programIn(link) });
    const parent = boxes.get(link.ppid);
    if (parent !== undefined) builder.parent(parent, box, link);
    else builder.above(link.pid);
    boxes.set(link.pid, box);
  }
}

function drawMore({ builder }: PodStage, from: string, of: string, count: number): void {
  const to = builder.box(`more:${of}`, { kind: 'more', title: 'processes', facts: fact('count', count) });
  const text = evidence.ofMore(count);
  builder.edge({ from, to, kind: 'parent', proof: 'proved', evidence: text });
}
