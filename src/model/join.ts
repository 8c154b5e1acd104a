import { ancestryOf, isEnclosed, keepAncestry, orderMembers, parentOf } from './ancestry.js';
import { cgroupOwners, type CgroupOwners } from './cgroupOwner.js';
import type { Ancestry, ProcessRecord, ProcessTable } from './process.js';
import { familyOf, helperOf } from './runtimes/index.js';
import type { Steps } from './steps.js';
import { ToldProcesses } from './toldProcesses.js';

/** A sandbox or container whose processes are looked for. */
export interface JoinTarget {
  readonly id: string;
  readonly role: 'sandbox' | 'container';
  /** A ready sandbox or a running container. */
  readonly running: boolean;
  /** Of a container. */
  readonly sandboxId?: string;
}

export interface JoinInput {
  readonly table: ProcessTable;
  /** All sandboxes and containers of one runtime. */
  readonly targets: readonly JoinTarget[];
  /**
   * First pids that the runtime itself just told (verbose status), by id: for what a join left unplaced. What was told
   * once need not be passed again: `previous` remembers it while that process lives.
   */
  readonly knownPids?: ReadonlyMap<string, number>;
  /** The join before; what did not change is the same object again. */
  readonly previous?: Join;
}

/** Where a sandbox or container is in the process table. */
export interface Placement {
  /** Its first process. */
  readonly pid?: number;
  /** When that one started, in ticks after boot; with the pid it names the process for good. */
  readonly startTicks?: number;
  /** How it was found: by the name of its cgroup, or by the pid that the runtime told. */
  readonly by?: 'cgroup' | 'status';
  /** All its processes, the first one first, in the order of the ancestry. */
  readonly members: readonly number[];
  readonly ancestry: Ancestry;
}

export interface Join {
  /** One for each target. */
  readonly placements: ReadonlyMap<string, Placement>;
  /**
   * Running targets without a process: their verbose status may tell a pid. Ask once for each, since some never have one
   * (CRI-O's sandboxes without an infra container, virtual machines).
   */
  readonly unplaced: readonly string[];
  /** For the next join: the records that each placement was made of. */
  readonly made: ReadonlyMap<string, Made>;
}

interface Made {
  readonly processes: readonly ProcessRecord[];
  /** What stands above the first process in the ancestry. */
  readonly above: readonly ProcessRecord[];
}

const nowhere = (reason: string): Placement => ({ members: [], ancestry: { links: [], reason } });

const notRunning = nowhere('It is not running, so it has no process.');
const unfound = {
  container: nowhere(
    'No process of the node is in a cgroup named after it, and the runtime told no pid. It may run in a virtual ' +
      'machine, or /proc hides its processes from this user.',
  ),
  sandbox: nowhere(
    'No process of the node is in a cgroup named after it, and the runtime told no pid. Some runtimes keep no ' +
      'process for a sandbox (CRI-O’s drop_infra_ctr); else /proc hides it from this user.',
  ),
};

/** Joins all sandboxes and containers of a runtime with the node's processes, in one pass over each. */
export function* joining(input: JoinInput): Steps<Join> {
  const owners = cgroupOwners(new Set(input.targets.map((target) => target.id)));
  const members = yield* membersByOwner(input.table, owners);
  const told = new ToldProcesses(input, owners);
  const placements = new Map<string, Placement>();
  const made = new Map<string, Made>();
  const unplaced: string[] = [];
  for (const target of input.targets) {
    yield;
    const own = members.get(target.id) ?? [];
    const found = unchanged(target, own, input) ?? placeAnew(target, own, told, input);
    placements.set(target.id, found?.placement ?? (target.running ? unfound[target.role] : notRunning));
    if (found) made.set(target.id, found.made);
    else if (target.running) unplaced.push(target.id);
  }
  return { placements, unplaced, made };
}

interface Found {
  readonly placement: Placement;
  readonly made: Made;
}

/** What was found before, where it would be made of the same again. */
function unchanged({ id }: JoinTarget, own: readonly ProcessRecord[], input: JoinInput): Found | undefined {
  const placement = input.previous?.placements.get(id);
  const made = input.previous?.made.get(id);
  if (!placement || !made || placement.by !== 'cgroup') return undefined;
  // Without process 1 or an adopter above, something may have come to light since.
  const same =
    made.above.length > 0 &&
    made.processes.length === own.length &&
    made.processes.every((process, index) => sameButState(process, own[index])) &&
    made.above.every((process) => sameButState(process, input.table.processes.get(process.pid)));
  return same ? { placement, made } : undefined;
}

function sameButState(a: ProcessRecord, b: ProcessRecord | undefined): boolean {
  if (a === b) return true;
  return (
    a.pid === b?.pid &&
    a.ppid === b.ppid &&
    a.startTicks === b.startTicks &&
    a.startedAt === b.startedAt &&
    a.argv === b.argv &&
    a.comm === b.comm &&
    a.cwd === b.cwd
  );
}

function placeAnew(
  target: JoinTarget,
  own: readonly ProcessRecord[],
  told: ToldProcesses,
  input: JoinInput,
): Found | undefined {
  const before = input.previous?.placements.get(target.id);
  const inside = insidersOf(target, own, input.table);
  const [by, members] = inside.every(helperOf)
    ? (['status', told.membersOf(target, before)] as const)
    : (['cgroup', inside] as const);
  const [first, ...rest] = orderMembers(members, input.table);
  if (!first) return undefined;
  const apart = told.monitorApart(first, target);
  const ancestry = ancestryOf(target, [first, ...rest], input.table, apart);
  const placement: Placement = {
    pid: first.pid,
    startTicks: first.startTicks,
    by,
    members: [first.pid, ...rest.map(({ pid }) => pid)],
    ancestry: before ? keepAncestry(before.ancestry, ancestry) : ancestry,
  };
  return {
    placement: before && samePlacement(before, placement) ? before : placement,
    made: { processes: own, above: aboveOf(placement, input.table) },
  };
}

/** The records above the first process, if the ancestry begins where it should. */
function aboveOf({ ancestry, pid }: Placement, table: ProcessTable): ProcessRecord[] {
  if (ancestry.links[0]?.role !== 'init') return [];
  const links = ancestry.links.slice(
    0,
    ancestry.links.findIndex((link) => link.pid === pid),
  );
  return links.flatMap((link) => table.processes.get(link.pid) ?? []);
}

function* membersByOwner(table: ProcessTable, owners: CgroupOwners): Steps<Map<string, ProcessRecord[]>> {
  const members = new Map<string, ProcessRecord[]>();
  for (const process of table.processes.values()) {
    yield;
    const id = owners.ownerOf(process);
    if (id === undefined) continue;
    const own = members.get(id);
    if (own) own.push(process);
    else members.set(id, [process]);
  }
  return members;
}

/**
 * Those in the cgroup of a target that are of it. Not gVisor's helpers of the pod's containers in the sandbox's, and not
 * Kata's shim, which may sit in the cgroup of its own sandbox (sandbox_cgroup_only), above what it made. A process inside
 * a container can't pass for such a shim: its parent is of the container too, or a shim.
 */
function insidersOf(
  { id }: JoinTarget,
  processes: readonly ProcessRecord[],
  table: ProcessTable,
): readonly ProcessRecord[] {
  const enclosed = processes.some(helperOf) && isEnclosed(processes);
  const isOutsider = (process: ProcessRecord): boolean => {
    if (enclosed && (helperOf(process)?.servedBy?.(process) ?? id) !== id) return true;
    if (familyOf(process)?.idOf(process) !== id) return false;
    const parent = parentOf(process, table);
    return !parent || (!processes.includes(parent) && !familyOf(parent));
  };
  return processes.some(isOutsider) ? processes.filter((process) => !isOutsider(process)) : processes;
}

function samePlacement(a: Placement, b: Placement): boolean {
  return (
    a.ancestry === b.ancestry &&
    a.pid === b.pid &&
    a.startTicks === b.startTicks &&
    a.by === b.by &&
    a.members.length === b.members.length &&
    a.members.every((pid, index) => pid === b.members[index])
  );
}
