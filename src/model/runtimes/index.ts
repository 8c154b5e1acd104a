import type { ProcessRecord } from '../process.js';
import { conmon } from './conmon.js';
import { containerdShim } from './containerdShim.js';
import { dockerShim } from './docker.js';
import type { MonitorFamily } from './family.js';

export type { MonitorFamily };

/** The first that recognises a process has it: the particular before the general. */
export const monitorFamilies: readonly MonitorFamily[] = [dockerShim, containerdShim, conmon];

/** What the comm of a monitor may start with: for {@link SweepOptions.cwdOf}, since its cwd is the bundle. */
export const monitorPrograms: readonly string[] = [
  ...new Set(monitorFamilies.flatMap((family) => family.comms)),
];

/** What stands before an id in cgroup names that belong to monitors. */
export const monitorCgroups: readonly string[] = monitorFamilies.flatMap((family) => family.ownCgroups ?? []);

/** The family of a process that monitors containers, by comm and then by program; undefined for any other. */
export function familyOf(process: ProcessRecord): MonitorFamily | undefined {
  return monitorFamilies.find(
    (family) => family.comms.some((comm) => process.comm.startsWith(comm)) && family.recognises(process),
  );
}
