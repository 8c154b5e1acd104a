import type { ProcessInfo, ProcessTable } from '../process.js';
import type { Container, RuntimeSnapshot, Sandbox } from '../snapshot.js';

/** All that is known of a node, as far as finding needs it. */
export interface FindNode {
  readonly nodeId: string;
  readonly label: string;
  readonly runtimes: readonly {
    readonly endpoint: string;
    readonly snapshot: RuntimeSnapshot | undefined;
    /** Who serves the endpoint, if it is known. */
    readonly daemonPid?: number;
  }[];
  readonly processes: ProcessTable | undefined;
}

/** A sandbox, or a container with its sandbox where the runtime lists it. */
export interface Subject {
  readonly endpoint: string;
  readonly id: string;
  readonly sandbox?: Sandbox;
  /** Absent when it is the sandbox itself. */
  readonly container?: Container;
}

interface Membership {
  readonly subject: Subject;
  readonly link: ProcessInfo;
}

/** The sandboxes and containers of a node, by what finds them. */
export class Subjects {
  readonly all: readonly Subject[];
  readonly #byPid = new Map<number, Membership>();

  constructor({ runtimes }: FindNode) {
    this.all = runtimes.flatMap(({ endpoint, snapshot }) => subjectsOf(endpoint, snapshot));
    // A shim of a whole pod is in the ancestries of its containers too: sandboxes come first.
    for (const subject of this.all) if (!subject.container) this.#addProcesses(subject);
    for (const subject of this.all) if (subject.container) this.#addProcesses(subject);
  }

  /** What a process belongs to, as a process of it or as its monitor. */
  ofPid(pid: number): Membership | undefined {
    return this.#byPid.get(pid);
  }

  /** A process of each network namespace, as far as there are several: a sandbox's, or one of its containers'. */
  networkPids(): readonly number[] {
    const pids = new Map<string, number>();
    for (const { id, sandbox, container } of this.all) {
      const key = sandbox?.id ?? container?.sandboxId ?? id;
      const pid = container?.pid ?? (container ? undefined : sandbox?.pid);
      if (pid !== undefined && !pids.has(key)) pids.set(key, pid);
    }
    return [...pids.values()];
  }

  /** Every process of the pod that a process belongs to, monitors left out. */
  podPids(pid: number): readonly number[] {
    const sandbox = this.#byPid.get(pid)?.subject.sandbox;
    if (!sandbox) return [pid];
    const ancestries = [sandbox.ancestry, ...sandbox.containers.map(({ ancestry }) => ancestry)];
    return ancestries.flatMap(({ links }) => links.filter(isInside).map((link) => link.pid));
  }

  #addProcesses(subject: Subject): void {
    const { ancestry } = subject.container ?? subject.sandbox ?? {};
    for (const link of ancestry?.links ?? []) {
      if (link.role !== 'init' && !this.#byPid.has(link.pid)) this.#byPid.set(link.pid, { subject, link });
    }
  }
}

/** Rather than a monitor, or what stands above it. */
export const isInside = ({ role }: ProcessInfo): boolean =>
  role === 'sandbox' || role === 'container' || role === 'child';

function subjectsOf(endpoint: string, snapshot: RuntimeSnapshot | undefined): readonly Subject[] {
  const { sandboxes = [], orphans = [] } = snapshot ?? {};
  return [
    ...sandboxes.flatMap((sandbox) => [
      { endpoint, id: sandbox.id, sandbox },
      ...sandbox.containers.map((container) => ({ endpoint, id: container.id, sandbox, container })),
    ]),
    ...orphans.map((container) => ({ endpoint, id: container.id, container })),
  ];
}
