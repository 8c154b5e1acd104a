import { joining, type Join, type JoinTarget } from '../../../../src/model/join.js';
import type { ProcessRecord } from '../../../../src/model/process.js';
import { runNow } from '../../../../src/model/steps.js';
import { tableOf } from '../recorded.js';

/** Ids as they stand in the tables below; they become ids of 64 digits, as runtimes give them. */
const ids = { SANDBOX: 'a'.repeat(64), ONE: '1'.repeat(64), TWO: '2'.repeat(64) };
export type Name = keyof typeof ids;

const full = (text: string): string => text.replace(/SANDBOX|ONE|TWO/g, (name) => ids[name as Name]);
const short = (text: string): string =>
  Object.entries(ids).reduce((rest, [name, id]) => rest.replaceAll(id, name), text);

/**
 * A process table made by hand, a line a process: `PID PPID CGROUP[,CGROUP] [cwd=FOLDER] COMMAND…`. The processes are
 * in the order of their start.
 */
export function processes(text: string): ProcessRecord[] {
  const lines = full(text).trim().split('\n');
  return lines.map((line, index) => {
    const [pid, ppid, cgroups = '', ...words] = line.trim().split(/ +/);
    const cwd = words[0]?.startsWith('cwd=') ? words.shift()!.slice('cwd='.length) : undefined;
    return {
      ...{ pid: Number(pid), ppid: Number(ppid), state: 'S', argv: words, cgroups: cgroups.split(',') },
      ...{ startTicks: index, startedAt: index * 10, ...(cwd === undefined ? {} : { cwd }) },
      comm: words[0]!.replace(/^.*\//, '').slice(0, 15),
    };
  });
}

export interface Pod {
  readonly table: string;
  /** Of the pod's containers; ONE alone unless said otherwise. */
  readonly containers?: readonly Name[];
  /** What the verbose status says. */
  readonly pids?: Partial<Record<Name, number>>;
}

/** Joins as a connection does: by cgroups, then with the pids of the verbose status for those left over. */
export function joinPod({ table, containers = ['ONE'], pids = {} }: Pod): Join {
  const targets: JoinTarget[] = [
    { id: ids.SANDBOX, role: 'sandbox', running: true },
    ...containers.map((name) => ({
      ...{ id: ids[name], role: 'container' as const, running: true, sandboxId: ids.SANDBOX },
    })),
  ];
  const input = { table: tableOf(processes(table)), targets };
  const previous = runNow(joining(input));
  const told = Object.entries(pids).filter(([name]) => previous.unplaced.includes(ids[name as Name]));
  const knownPids = new Map(told.map(([name, pid]) => [ids[name as Name], pid]));
  return runNow(joining({ ...input, knownPids, previous }));
}

/** `role pid program` of each link, then what is known of the low-level runtime. */
export function ancestries(pod: Pod): Partial<Record<Name, readonly string[]>> {
  const { placements } = joinPod(pod);
  const shown = (['SANDBOX', ...(pod.containers ?? ['ONE'])] as const).map((name) => {
    const { links, lowLevel, reason } = placements.get(ids[name])!.ancestry;
    const lines = links.map(({ role, pid, command }) => `${role} ${pid} ${command[0]!.replace(/^.*\//, '')}`);
    const { name: runtime, bundle = '?', statePath = '?', source } = lowLevel ?? {};
    const low = lowLevel ? [`${runtime}: ${bundle} ${statePath}`, `by ${source}`] : [];
    return [name, [...lines, ...low, ...(reason === undefined ? [] : [reason])].map(short)];
  });
  return Object.fromEntries(shown) as Partial<Record<Name, readonly string[]>>;
}

const ASSUMED = "runc assumed, as the bundle's options.json may name another";

/** What containerd's runc shims tell of the low-level runtime: the two last lines of {@link ancestries}. */
export function runcByShim(shim: number, id: Name, bundles: string, root: string, told = false): string[] {
  return [
    `runc: ${bundles}/${id} ${root}/${id}/state.json`,
    `by cwd of shim ${shim}; ${ASSUMED}${
      told ? '' : `; state path assumed from the default ${root.replace(/\/[^/]+$/, '')}`
    }`,
  ];
}
