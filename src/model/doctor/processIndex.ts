import { parentOf } from '../ancestry.js';
import type { ProcessRecord, ProcessTable } from '../process.js';
import { familyOf, type MonitorFamily } from '../runtimes/index.js';
import type { Steps } from '../steps.js';
import { containerIdIn } from './containerId.js';

/** A shim or conmon, and the id that its command line names. */
export interface Monitor {
  readonly process: ProcessRecord;
  readonly family: MonitorFamily;
  readonly id: string;
}

/** What the rules ask of a process table, found in one pass over it. */
export interface ProcessIndex {
  readonly monitors: readonly Monitor[];
  /** Monitors by the id that they were started for. */
  readonly monitorsOf: ReadonlyMap<string, readonly Monitor[]>;
  /** Processes by the container whose cgroup they are in, zombies left out. */
  readonly byContainer: ReadonlyMap<string, readonly ProcessRecord[]>;
  readonly zombies: readonly ProcessRecord[];
}

export function* indexingProcesses(table: ProcessTable): Steps<ProcessIndex> {
  const monitors: Monitor[] = [];
  const byContainer = new Map<string, ProcessRecord[]>();
  const zombies: ProcessRecord[] = [];
  // The processes of a container share their paths.
  const idOfPath = new Map<string, string | undefined>();
  for (const process of table.processes.values()) {
    yield;
    if (process.state === 'Z') {
      zombies.push(process);
      continue;
    }
    const family = familyOf(process);
    const monitored = family?.idOf(process);
    if (family && monitored !== undefined) monitors.push({ process, family, id: monitored });
    const id = idOf(process, idOfPath);
    if (id !== undefined) groupIn(byContainer, id).push(process);
  }
  const monitorsOf = new Map<string, Monitor[]>();
  for (const monitor of monitors) groupIn(monitorsOf, monitor.id).push(monitor);
  return { monitors, monitorsOf, byContainer, zombies };
}

function idOf({ cgroups }: ProcessRecord, known: Map<string, string | undefined>): string | undefined {
  for (const path of cgroups) {
    if (!known.has(path)) known.set(path, containerIdIn(path));
    const id = known.get(path);
    if (id !== undefined) return id;
  }
  return undefined;
}

export function groupIn<T>(groups: Map<string, T[]>, key: string): T[] {
  let group = groups.get(key);
  if (!group) groups.set(key, (group = []));
  return group;
}

/** Whether a process or one above it fits. */
export function descendsFrom(
  process: ProcessRecord,
  table: ProcessTable,
  fits: (ancestor: ProcessRecord) => boolean,
): boolean {
  const seen = new Set<number>();
  for (
    let next: ProcessRecord | undefined = process;
    next && !seen.has(next.pid);
    next = parentOf(next, table)
  ) {
    if (fits(next)) return true;
    seen.add(next.pid);
  }
  return false;
}
