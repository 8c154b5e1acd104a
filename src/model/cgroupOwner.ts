import type { ProcessRecord } from './process.js';
import { monitorCgroups } from './runtimes/index.js';

/** Tells by the cgroups of a process which of the known ids it belongs to. */
export interface CgroupOwners {
  ownerOf(process: Pick<ProcessRecord, 'cgroups'>): string | undefined;
}

/** @param ids of the sandboxes and containers of one runtime */
export function cgroupOwners(ids: ReadonlySet<string>): CgroupOwners {
  const lengths = [...new Set([...ids].map((id) => id.length))].sort((a, b) => b - a);
  // The processes of a container share their paths, and most others are in a few groups of the system.
  const known = new Map<string, string | undefined>();
  const ownerOfPath = (path: string): string | undefined => {
    let id = known.get(path);
    if (id === undefined && !known.has(path)) {
      id = idInPath(path, ids, lengths);
      known.set(path, id);
    }
    return id;
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
 * The id that a cgroup path names, by whatever driver and prefix. The outermost wins: what is below was made from
 * inside the container, by a nested runtime or by somebody who wants to pass for another container.
 */
function idInPath(path: string, ids: ReadonlySet<string>, lengths: readonly number[]): string | undefined {
  for (const name of path.split('/')) {
    const id = idInName(name, ids, lengths);
    if (id !== undefined) return id;
  }
  return undefined;
}

/**
 * `ID`, `crio-ID`, `cri-containerd-ID.scope`, `docker-ID.scope`, `kata_ID`, and `…slice:cri-containerd:ID`, which runc
 * without the systemd driver makes of a path meant for it.
 * @param lengths of the ids, longest first
 */
function idInName(name: string, ids: ReadonlySet<string>, lengths: readonly number[]): string | undefined {
  const bare = bareName(name);
  for (const length of lengths) {
    const at = bare.length - length;
    if (at < 0 || (at > 0 && !SEPARATORS.includes(bare.charAt(at - 1)))) continue;
    const id = bare.slice(at);
    if (ids.has(id)) return monitorCgroups.some((own) => bare.endsWith(own + id)) ? undefined : id;
  }
  return undefined;
}

const SEPARATORS = '-:_';

/** Without the unit type of systemd, and without what the kernel adds to a removed group (proc_cgroup_show). */
function bareName(name: string): string {
  const present = name.endsWith(' (deleted)') ? name.slice(0, -' (deleted)'.length) : name;
  return present.endsWith('.scope') ? present.slice(0, -'.scope'.length) : present;
}
