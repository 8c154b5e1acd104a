import { sameRecord, sameStrings } from '../model/proc.js';
import type { ProcessRecord } from '../model/process.js';
import type { SweepChanges } from './sweepProtocol.js';

type Processes = ReadonlyMap<number, ProcessRecord>;

/**
 * The process table after a sweep. A process that did not change stays the same object, and so do the arrays of one
 * that changed elsewhere; with no change at all it is the same map.
 * @param whole whether the changes are all there is, from a new worker that knows nothing of `before`
 */
export function mergeSweep(before: Processes, changes: SweepChanges, whole: boolean): Processes {
  const { changed, states, gone } = changes;
  if (!whole && changed.length === 0 && states.length === 0 && gone.length === 0) return before;
  const after = new Map(whole ? [] : before);
  for (const pid of gone) after.delete(pid);
  for (const record of changed) after.set(record.pid, keep(before.get(record.pid), record));
  for (const [pid, state] of states) {
    const record = after.get(pid);
    if (record) after.set(pid, { ...record, state });
  }
  return after;
}

function keep(old: ProcessRecord | undefined, record: ProcessRecord): ProcessRecord {
  if (old === undefined) return record;
  if (sameRecord(old, record)) return old;
  return {
    ...record,
    argv: sameStrings(old.argv, record.argv) ? old.argv : record.argv,
    cgroups: sameStrings(old.cgroups, record.cgroups) ? old.cgroups : record.cgroups,
  };
}
