import type { ProcessRecord } from './process.js';
import { monitorCgroups } from './runtimes/index.js';

/** Tells by the cgroups of a process which of the known ids it belongs to. */
export interface CgroupOwners {
  ownerOf(process: ProcessRecord): string | undefined;
}

/** @param ids of the sandboxes and containers of one runtime */
export function cgroupOwners(ids: { has(id: string): boolean }): CgroupOwners {
  // The processes of a container share their paths, and most others are in a few groups of the system.
  const known = new Map<string, string | undefined>();
  const ownerOfPath = (path: string): string | undefined => {
    if (!known.has(path)) known.set(path, idInPath(path, ids));
    return known.get(path);
  };
  return {
    ownerOf({ cgroups }) {
      // Any hierarchy may be the one that names it: the unified one of a hybrid node is often just `/`.
      for (const path of cgroups) {
        const id = ownerOfPath(path);
        if (id !== undefined) return id;
      }
      return undefined;
    },
  };
}

/**
 * The id that a cgroup path names, by whatever driver and prefix. The outermost wins: what is below was made from inside the
 * container, by a nested runtime or by somebody who wants to pass for another container.
 */
export function idInPath(path: string, ids: { has(id: string): boolean }): string | undefined {
  for (const name of path.split('/')) {
    const id = idInName(name, ids);
    if (id !== undefined) return id;
  }
  return undefined;
}

/**
 * `ID`, `crio-ID`, `cri-containerd-ID.scope`, `docker-ID.scope`, `kata_ID`, and `…slice:cri-containerd:ID`, which runc without the systemd
 * driver makes of a path meant for it. ` (deleted)` is what the kernel adds to a removed group (proc_cgroup_show).
 */
function idInName(name: string, ids: { has(id: string): boolean }): string | undefined {
  const bare = name.replace(/ \(deleted\)$/, '').replace(/\.(scope|service|slice)$/, '');
  if (ids.has(bare)) return bare;
  for (const separator of bare.matchAll(/[-:_]/g)) {
    const at = separator.index + 1;
    const id = bare.slice(at);
    if (!ids.has(id)) continue;
    const prefix = bare.slice(0, at);
    return monitorCgroups.some((own) => prefix.endsWith(own)) ? undefined : id;
  }
  return undefined;
}
