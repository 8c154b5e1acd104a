import { cgroupLine, type CgroupFolder, type CgroupLine } from '../../cgroupFiles.js';
import type { JsonNode } from '../json.js';
import { cgroupEnd, ownGroup } from './cgroupPath.js';
import type { KernelView } from './fact.js';

export const cgroupFile = (pid: number): string => `/proc/${pid}/cgroup`;

/** A container's groups by one controller, and what their files say. */
export interface LimitGroups {
  readonly version: 1 | 2;
  /** The container's own. */
  readonly own: CgroupFolder;
  /** From the inside out; the container's own isn't among them. */
  readonly above: readonly CgroupFolder[];
}

/** Files by controller and version: of the container's own group, and of each above it too. */
const files = {
  memory: {
    1: ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes', 'memory.soft_limit_in_bytes'],
    2: ['memory.max', 'memory.swap.max', 'memory.low'],
    above: { 1: ['memory.limit_in_bytes'], 2: ['memory.max'] },
  },
  cpu: {
    1: ['cpu.cfs_quota_us', 'cpu.cfs_period_us', 'cpu.shares'],
    2: ['cpu.max', 'cpu.weight'],
    above: { 1: ['cpu.cfs_quota_us', 'cpu.cfs_period_us'], 2: ['cpu.max'] },
  },
  cpuset: {
    1: ['cpuset.cpus', 'cpuset.mems'],
    2: ['cpuset.cpus', 'cpuset.cpus.effective', 'cpuset.mems'],
    above: { 1: [], 2: [] },
  },
  pids: { 1: ['pids.max'], 2: ['pids.max'], above: { 1: ['pids.max'], 2: ['pids.max'] } },
  hugetlb: { 1: [], 2: [], above: { 1: [], 2: [] } },
} as const;

export type Controller = keyof typeof files;

/** The groups of a container by a controller; undefined where none is mounted that the process is in. */
export function limitGroups(
  spec: JsonNode,
  kernel: KernelView,
  controller: Controller,
): LimitGroups | undefined {
  const read = kernel.read(cgroupFile(kernel.firstPid));
  if ('reason' in read) return undefined;
  const end = cgroupEnd(spec);
  const line: CgroupLine | undefined = cgroupLine(read.text, kernel.readerMounts, controller, (path) =>
    ownGroup(path, end),
  );
  const [own, ...above] = line?.groups ?? [];
  return line && own && { version: line.version, own, above };
}

/** The files that the comparison of limits wants, once /proc/PID/cgroup has been read. */
export function limitFiles(spec: JsonNode, kernel: KernelView, extra: ExtraFiles): string[] {
  return (Object.keys(files) as Controller[]).flatMap((controller) => {
    const groups = limitGroups(spec, kernel, controller);
    if (!groups) return [];
    const { version, own, above } = groups;
    const { [version]: names, above: namesAbove } = files[controller];
    return [
      ...[...names, ...extra(controller, version)].map((name) => `${own.folder}/${name}`),
      ...above.flatMap(({ folder }) => namesAbove[version].map((name) => `${folder}/${name}`)),
    ];
  });
}

/** Files that only this spec makes worth reading. */
export type ExtraFiles = (controller: Controller, version: 1 | 2) => readonly string[];
