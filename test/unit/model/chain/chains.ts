import { makingChain, type ChainInput } from '../../../../src/model/chain/chainGraph.js';
import type { ChainGraph } from '../../../../src/model/chain/graph.js';
import { joining, type JoinTarget } from '../../../../src/model/join.js';
import { makingSnapshot } from '../../../../src/model/picture.js';
import type { ProcessTable } from '../../../../src/model/process.js';
import type { ListedContainer, ListedSandbox, RuntimeSnapshot } from '../../../../src/model/snapshot.js';
import { runNow } from '../../../../src/model/steps.js';

export interface SnapshotOptions {
  /** CRI's runtime_name. */
  readonly name: string;
  readonly endpoint: string;
  readonly table: ProcessTable;
  readonly targets: readonly JoinTarget[];
  /** What the verbose status says, by id. */
  readonly pids?: ReadonlyMap<string, number>;
}

/** A snapshot of listed ids, joined with a process table as a connection does it. Names are first digits of the ids. */
export function snapshotOf({ name, endpoint, table, targets, pids }: SnapshotOptions): RuntimeSnapshot {
  const first = runNow(joining({ table, targets }));
  const told = new Map([...(pids ?? [])].filter(([id]) => first.unplaced.includes(id)));
  const { placements } = runNow(joining({ table, targets, knownPids: told, previous: first }));
  const common = { attempt: 0, createdAt: 1000, labels: {}, annotations: {} };
  const sandboxes = targets.flatMap(({ id, role, running }): ListedSandbox[] =>
    role === 'sandbox'
      ? [
          {
            ...common,
            ...{ id, name: id.slice(0, 3), namespace: 'default', uid: id, runtimeHandler: '' },
            state: running ? 'ready' : 'notready',
          },
        ]
      : [],
  );
  const containers = targets.flatMap(({ id, role, running, sandboxId = '' }): ListedContainer[] =>
    role === 'container'
      ? [
          {
            ...common,
            ...{ id, sandboxId, name: id.slice(0, 3), image: 'image', imageRef: 'ref' },
            state: running ? 'running' : 'exited',
          },
        ]
      : [],
  );
  const place = (id: string) => {
    const { pid, ancestry } = placements.get(id)!;
    return pid === undefined ? { ancestry } : { pid, ancestry };
  };
  const header = { endpoint, name, version: '1.2.3', apiVersion: 'v1' as const, takenAt: 2000 };
  const parts = { header, conditions: [], sandboxes, containers, place, ip: () => undefined };
  return runNow(makingSnapshot(parts, undefined));
}

/** The chain of one snapshot. */
export function chainOf(
  snapshot: RuntimeSnapshot,
  input: Pick<ChainInput, 'table' | 'scope' | 'sockets'> & { readonly away?: boolean },
): ChainGraph {
  const { away = false, ...rest } = input;
  return runNow(makingChain({ ...rest, runtimes: [{ snapshot, away }] }));
}

/**
 * A line an edge, in the order of drawing: `kind: from -> to`, with `!` where it is proved. Boxes are named by kind, title
 * and pid; absent ones stand in parentheses.
 */
export function drawing({ boxes, edges }: ChainGraph): string[] {
  const names = new Map(
    boxes.map((box) => {
      const pid = box.facts.find(({ name }) => name === 'pid')?.value;
      const text = [box.kind, box.title, ...(pid === undefined ? [] : [pid])].join(' ');
      return [box.id, box.absent ? `(${text})` : text];
    }),
  );
  return edges.map(
    ({ kind, proof, from, to }) =>
      `${kind}${proof === 'proved' ? '!' : ''}: ${names.get(from) ?? '?'} -> ${names.get(to) ?? '?'}`,
  );
}
