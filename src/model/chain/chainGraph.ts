import { findById } from '../picture.js';
import type { Ancestry, ProcessTable } from '../process.js';
import type { Container, RuntimeSnapshot, Sandbox } from '../snapshot.js';
import type { Steps } from '../steps.js';
import { ChainBuilder, fact } from './builder.js';
import { everyone, findingCast } from './cast.js';
import { candidatesFor, drawDaemons, pathOf, type ChainRuntime } from './daemons.js';
import * as evidence from './evidence.js';
import type { ChainGraph, ChainScope } from './graph.js';
import { asContainer, asSandbox, drawMember, drawOutline, type PodStage } from './pods.js';
import { Sockets, type SocketEvidence } from './sockets.js';

export type { ChainRuntime } from './daemons.js';
export type { SocketEvidence } from './sockets.js';

export interface ChainInput {
  /** Absent when /proc couldn't be read; the snapshots say why. */
  readonly table: ProcessTable | undefined;
  readonly runtimes: readonly ChainRuntime[];
  readonly scope: ChainScope;
  /** Without it all about sockets is inferred. */
  readonly sockets?: SocketEvidence;
  /** To be shown with the others. */
  readonly notes?: readonly string[];
}

/** Pods of a node that are drawn one by one, and containers of a pod. */
const podsAtMost = 50;
const containersAtMost = 30;

/** Draws the chain: in outline for a node, in full for a sandbox or a container. */
export function* makingChain(input: ChainInput): Steps<ChainGraph> {
  const { table, scope } = input;
  const builder = new ChainBuilder(table);
  const sockets = new Sockets(input.sockets);
  const stage = { builder, table, sockets, cast: yield* findingCast(table) };
  for (const note of input.notes ?? []) builder.note(note);
  const runtimes = runtimesOf(input);
  const stages = runtimes.map((runtime): [ChainRuntime, PodStage] => {
    const daemon = drawDaemons(stage, runtime);
    return [
      runtime,
      {
        ...stage,
        daemon,
        endpoint: runtime.snapshot.endpoint,
        shared: runtime.snapshot.name === 'containerd',
      },
    ];
  });
  // After all of them, so that k3s above containerd is the kubelet, and dockerd above its own what it is.
  for (const { pid } of everyone(stage.cast)) if (builder.drawn(pid) !== undefined) builder.above(pid);
  for (const [{ snapshot }, pods] of stages) {
    if (snapshot.processesReason !== undefined) builder.note(snapshot.processesReason);
    if (scope.kind === 'node') yield* drawNode(pods, snapshot);
    else drawScope(pods, snapshot, scope.id);
  }
  return builder.finish();
}

/** The runtimes that a scope is about. */
function runtimesOf({ runtimes, scope }: Pick<ChainInput, 'runtimes' | 'scope'>): readonly ChainRuntime[] {
  if (scope.kind === 'node') return runtimes;
  return runtimes.filter(({ snapshot }) => snapshot.endpoint === scope.endpoint);
}

function* drawNode(stage: PodStage, { sandboxes, endpoint }: RuntimeSnapshot): Steps<void> {
  const drawn = outlined(sandboxes);
  for (const sandbox of drawn) {
    yield;
    drawOutline(stage, sandbox);
  }
  const count = sandboxes.length - drawn.length;
  if (count === 0) return;
  const { builder, daemon } = stage;
  const to = builder.box(`more:${endpoint}`, { kind: 'more', title: 'pods', facts: fact('count', count) });
  builder.edge({
    from: daemon.id,
    to,
    kind: 'starts',
    proof: 'inferred',
    evidence: evidence.ofMorePods(count),
  });
}

/** The pods of a node that are drawn: those that are ready. */
function outlined(sandboxes: readonly Sandbox[]): readonly Sandbox[] {
  return sandboxes.filter(({ state }) => state === 'ready').slice(0, podsAtMost);
}

/** Whose sockets to look at for a chain. */
export interface SocketInterest {
  readonly daemons: readonly number[];
  /** The shims of what is drawn. */
  readonly shims: readonly number[];
  /** CRI sockets that no process is known by its name to serve. */
  readonly unserved: readonly string[];
}

export function* findingInterest(
  input: Pick<ChainInput, 'table' | 'runtimes' | 'scope'>,
): Steps<SocketInterest> {
  const cast = yield* findingCast(input.table);
  const shims = new Set<number>();
  const unserved: string[] = [];
  for (const { snapshot } of runtimesOf(input)) {
    if (candidatesFor(snapshot, cast).length === 0) unserved.push(pathOf(snapshot));
    for (const ancestry of ancestriesIn(snapshot, input.scope)) {
      for (const { role, pid } of ancestry.links) if (role === 'shim') shims.add(pid);
    }
  }
  return { daemons: everyone(cast).map(({ pid }) => pid), shims: [...shims], unserved };
}

function ancestriesIn(snapshot: RuntimeSnapshot, scope: ChainScope): readonly Ancestry[] {
  if (scope.kind === 'node') return outlined(snapshot.sandboxes).map(({ ancestry }) => ancestry);
  const { sandbox, container } = findById(snapshot, scope.id);
  const containers = container ? [container] : (sandbox?.containers ?? []);
  return [...(sandbox ? [sandbox] : []), ...containers].map(({ ancestry }) => ancestry);
}

function drawScope(stage: PodStage, snapshot: RuntimeSnapshot, id: string): void {
  const { sandbox, container } = findById(snapshot, id);
  if (!sandbox && !container) stage.builder.note(`The runtime does not list ${id} any more.`);
  const pod = sandbox && drawMember(stage, asSandbox(sandbox));
  const containers = container ? [container] : current(sandbox?.containers ?? []);
  for (const one of containers.slice(0, containersAtMost)) drawMember(stage, asContainer(one), pod);
  const count = containers.length - containersAtMost;
  if (count <= 0) return;
  const to = stage.builder.box(`more:${id}`, {
    kind: 'more',
    title: 'containers',
    facts: fact('count', count),
  });
  const text = `${count} more containers of the pod, which are not drawn one by one.`;
  stage.builder.edge({
    from: pod ?? stage.daemon.id,
    to,
    kind: 'forkExec',
    proof: 'inferred',
    evidence: text,
  });
}

/** What runs, and the newest attempt of each other name; they come newest first. */
function current(containers: readonly Container[]): readonly Container[] {
  const names = new Set<string>();
  return containers.filter(({ name, state }) => {
    const newest = !names.has(name);
    names.add(name);
    return newest || state === 'running' || state === 'created';
  });
}
