import { monitorCgroups } from '../runtimes/index.js';

/** How a runtime names a container's cgroup: `ID`, `cri-containerd-ID.scope`, `crio-ID`, `…slice:cri-containerd:ID`. */
const named = /(?:^|[-:_])([0-9a-f]{64})(?:\.scope)?(?: \(deleted\))?$/;

/**
 * The container or sandbox whose cgroup a path is of or below. The outermost id: what is below was made from inside,
 * by a nested runtime. None for the cgroups of monitors (`crio-conmon-ID`).
 */
export function containerIdIn(path: string): string | undefined {
  for (const name of path.split('/')) {
    const id = named.exec(name)?.[1];
    if (id !== undefined) return monitorCgroups.some((own) => name.includes(own + id)) ? undefined : id;
  }
  return undefined;
}

/** An id as people write it: CRI's are of 64 digits, of which 12 tell them apart. */
export function shortId(id: string): string {
  return id.length === 64 ? id.slice(0, 12) : id;
}
