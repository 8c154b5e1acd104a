import type {
  Ancestry,
  LowLevelRuntime,
  ProcessInfo,
  ProcessRecord,
  ProcessRole,
  ProcessTable,
} from './process.js';
import { sameStrings } from './proc.js';
import { boundaryOf, familyOf, helperOf } from './runtimes/index.js';

/**
 * The parent of a process, if it is in the table. A process that started after its supposed child got the pid of the real
 * parent, which ended while the table was read: every adopter is an ancestor, so older.
 */
export function parentOf(process: ProcessRecord, table: ProcessTable): ProcessRecord | undefined {
  const parent = table.processes.get(process.ppid);
  return parent !== undefined && parent !== process && parent.startTicks <= process.startTicks
    ? parent
    : undefined;
}

/**
 * Orders the processes of one container: depth-first by parentage, the oldest first among siblings. The oldest of
 * those whose parent is not of the container leads, which is the container's first process: what was executed into it
 * later also has the shim, or the runtime, for a parent. A child of a monitor leads strangers that somebody moved into the
 * cgroup, which may be older. A boundary (gVisor, Kata) leads its helpers, which are often older too.
 */
export function orderMembers(
  members: readonly ProcessRecord[],
  table: ProcessTable,
): readonly ProcessRecord[] {
  if (members.length < 2) return members;
  const rest = new Map([...members].sort(byAge).map((member) => [member.pid, member]));
  const children = new Map<number, ProcessRecord[]>();
  const roots: ProcessRecord[] = [];
  for (const member of rest.values()) {
    if (member.ppid === member.pid || !rest.has(member.ppid)) roots.push(member);
    else groupOf(children, member.ppid).push(member);
  }
  // Only if nothing else is there, since a process inside of a common container may call itself anything.
  if (roots.every(isEnclosing)) lead(roots, (root) => boundaryOf(root) !== undefined);
  else lead(roots, (root) => isMonitored(root, table));
  const ordered: ProcessRecord[] = [];
  const visit = (top: ProcessRecord): void => {
    // A stack instead of recursion, since a chain of parents may be as long as the node's pid limit allows.
    const stack = [top];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (!rest.delete(next.pid)) continue;
      ordered.push(next);
      stack.push(...(children.get(next.pid) ?? []).toReversed());
    }
  };
  roots.forEach(visit);
  // What is left are circles, which only a table read while pids were reused can hold.
  for (const member of [...rest.values()]) visit(member);
  return ordered;
}

function isEnclosing(process: ProcessRecord): boolean {
  return boundaryOf(process) !== undefined || helperOf(process) !== undefined;
}

/** Whether all is of a boundary and its helpers, or descends from them: then it is no common container. */
export function isEnclosed(members: readonly ProcessRecord[]): boolean {
  const pids = new Set(members.map(({ pid }) => pid));
  return members.every((member) => pids.has(member.ppid) || isEnclosing(member));
}

/** Puts the first that fits in front, if one does. */
function lead(roots: ProcessRecord[], fits: (root: ProcessRecord) => boolean): void {
  const at = roots.length > 1 ? roots.findIndex(fits) : 0;
  const [leader] = at > 0 ? roots.splice(at, 1) : [];
  if (leader) roots.unshift(leader);
}

function isMonitored(root: ProcessRecord, table: ProcessTable): boolean {
  const parent = parentOf(root, table);
  return parent !== undefined && familyOf(parent) !== undefined;
}

function byAge(a: ProcessRecord, b: ProcessRecord): number {
  return a.startTicks - b.startTicks || a.pid - b.pid;
}

function groupOf<K, V>(groups: Map<K, V[]>, key: K): V[] {
  let group = groups.get(key);
  if (!group) groups.set(key, (group = []));
  return group;
}

/** All processes by their parent's pid. */
export function childrenByParent(table: ProcessTable): ReadonlyMap<number, readonly ProcessRecord[]> {
  const children = new Map<number, ProcessRecord[]>();
  for (const process of table.processes.values()) groupOf(children, process.ppid).push(process);
  return children;
}

/** What stands above a process, process 1 first, as far as it is in the table. */
function ancestorsOf(process: ProcessRecord, table: ProcessTable): readonly ProcessRecord[] {
  const line = new Set<ProcessRecord>();
  let next = parentOf(process, table);
  for (; next !== undefined && !line.has(next); next = parentOf(next, table)) line.add(next);
  return [...line].reverse();
}

/**
 * How the processes of a sandbox or container descend from process 1. All that stands above its monitor has the role
 * `init`: process 1 alone most often, also a subreaper, k3s, or the containerd that is the parent of the first shim.
 * @param members in the order of {@link orderMembers}, one at least
 * @param apart the monitor, where it is not the parent of the first process
 */
export function ancestryOf(
  target: { readonly id: string; readonly role: 'sandbox' | 'container' },
  members: readonly [ProcessRecord, ...ProcessRecord[]],
  table: ProcessTable,
  apart?: ProcessRecord,
): Ancestry {
  const [first, ...rest] = members;
  const above = apart ? [...ancestorsOf(apart, table), apart] : ancestorsOf(first, table);
  const links = [
    ...above.map((process) => linkOf(process, familyOf(process)?.role ?? 'init')),
    linkOf(first, target.role),
    ...rest.map((member) => linkOf(member, 'child')),
  ];
  const lowLevel = lowLevelOf(target.id, first, above.at(-1));
  return lowLevel ? { links, lowLevel } : { links };
}

function linkOf(process: ProcessRecord, role: ProcessRole): ProcessInfo {
  const { pid, ppid, startedAt, argv, comm } = process;
  return { pid, ppid, role, command: argv.length > 0 ? argv : [`[${comm}]`], startedAt };
}

/** By the first process itself where it is a boundary that tells, else by what stands right above it. */
function lowLevelOf(
  id: string,
  first: ProcessRecord,
  above: ProcessRecord | undefined,
): LowLevelRuntime | undefined {
  const own = boundaryOf(first)?.lowLevel?.(first, id);
  const family = above && familyOf(above);
  if (!family) return own;
  const told = family.lowLevel(above, id);
  if (!own || told.bundle === undefined) return own ?? told;
  return { ...own, bundle: told.bundle, source: `bundle by ${family.role} ${above.pid}; ${own.source}` };
}

/** The ancestry before where it says the same, else the present one with those links of it that say the same. */
export function keepAncestry(before: Ancestry, now: Ancestry): Ancestry {
  const links = now.links.map((link, index) => {
    const old = before.links[index];
    return old !== undefined && sameLink(old, link) ? old : link;
  });
  const unchanged =
    links.length === before.links.length &&
    links.every((link, index) => link === before.links[index]) &&
    before.reason === now.reason &&
    sameLowLevel(before.lowLevel, now.lowLevel);
  return unchanged ? before : { ...now, links };
}

function sameLink(a: ProcessInfo, b: ProcessInfo): boolean {
  return (
    a.pid === b.pid &&
    a.ppid === b.ppid &&
    a.role === b.role &&
    a.startedAt === b.startedAt &&
    sameStrings(a.command, b.command)
  );
}

function sameLowLevel(a: LowLevelRuntime | undefined, b: LowLevelRuntime | undefined): boolean {
  return (
    a?.name === b?.name && a?.bundle === b?.bundle && a?.statePath === b?.statePath && a?.source === b?.source
  );
}
