import type { ProcessRecord } from '../process.js';
import { conmon } from './conmon.js';
import { conmonRs } from './conmonRs.js';
import { containerdShim } from './containerdShim.js';
import { dockerShim, firstDockerShim } from './docker.js';
import type { BoundaryFamily, MonitorFamily } from './family.js';
import { gvisor } from './gvisor.js';
import { kata } from './kata.js';

export type { BoundaryFamily, MonitorFamily };

/** The first that recognises a process has it: the particular before the general. */
export const monitorFamilies: readonly MonitorFamily[] = [
  dockerShim,
  firstDockerShim,
  containerdShim,
  conmon,
  conmonRs,
];

export const boundaryFamilies: readonly BoundaryFamily[] = [gvisor, kata];

/** What the comm of a monitor may start with: for {@link SweepOptions.cwdOf}, since its cwd is the bundle. */
export const monitorPrograms: readonly string[] = [
  ...new Set(monitorFamilies.flatMap((family) => family.comms)),
];

/** What stands before an id in cgroup names that belong to monitors. */
export const monitorCgroups: readonly string[] = [
  ...new Set(monitorFamilies.flatMap((family) => family.ownCgroups ?? [])),
];

/** The family of a process that monitors containers, by comm and then by program; undefined for any other. */
export function familyOf(process: ProcessRecord): MonitorFamily | undefined {
  return monitorFamilies.find(
    (family) => family.comms.some((comm) => process.comm.startsWith(comm)) && family.recognises(process),
  );
}

/** The family of a process in which a pod runs; undefined for any other. */
export function boundaryOf(process: ProcessRecord): BoundaryFamily | undefined {
  return boundaryFamilies.find((family) => family.isBoundary(process));
}

/** The family of a process that serves a boundary; undefined for any other. */
export function helperOf(process: ProcessRecord): BoundaryFamily | undefined {
  return boundaryFamilies.find((family) => family.isHelper(process));
}
