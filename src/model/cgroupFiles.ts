import type { Mount } from './mountinfo.js';

/** A cgroup, and the folder where its files are. */
export interface CgroupFolder {
  /** As /proc/PID/cgroup names it. */
  readonly path: string;
  /** On the node, without a slash at its end. */
  readonly folder: string;
}

/** The groups that limit a process by one controller, its own first, then those above but the top, which limits nothing. */
export interface CgroupLine {
  readonly version: 1 | 2;
  readonly groups: readonly CgroupFolder[];
}

/** Deeper groups are left out: a container that may write its cgroups can nest thousands. */
const deepest = 24;

/**
 * Where a controller's files for a process are: in its v1 hierarchy where there is one, else in the unified one, so also on
 * a hybrid node (cgroups(7)). Undefined when no such hierarchy is mounted, or the group is outside of what is mounted.
 * @param cgroups the text of /proc/PID/cgroup
 * @param mounts of the one who will read the files
 * @param own makes a container's group of one of its processes', which may be in a group below
 */
export function cgroupLine(
  cgroups: string,
  mounts: readonly Mount[],
  controller: string,
  own: (path: string) => string = (path) => path,
): CgroupLine | undefined {
  const v1 = pathOf(cgroups, (id, names) => id !== '0' && names.includes(controller));
  if (v1 !== undefined) {
    const mounted = mounts.filter(
      ({ fsType, superOptions }) => fsType === 'cgroup' && superOptions.includes(controller),
    );
    const groups = foldersOf(own(v1), mounted);
    if (groups) return { version: 1, groups };
  }
  const v2 = pathOf(cgroups, (id) => id === '0');
  if (v2 === undefined) return undefined;
  const groups = foldersOf(
    own(v2),
    mounts.filter(({ fsType }) => fsType === 'cgroup2'),
  );
  return groups && { version: 2, groups };
}

/** The paths of /proc/PID/cgroup by what is mounted there: `memory`, `cpu,cpuacct`, `name=systemd`, and `` for v2. */
export function cgroupPaths(
  cgroups: string,
): readonly { readonly controllers: string; readonly path: string }[] {
  return cgroups.split('\n').flatMap((line) => {
    const [, , controllers, path] = parts(line) ?? [];
    return controllers === undefined || path === undefined ? [] : [{ controllers, path }];
  });
}

function pathOf(
  cgroups: string,
  wanted: (id: string, names: readonly string[]) => boolean,
): string | undefined {
  for (const line of cgroups.split('\n')) {
    const [, id, controllers, path] = parts(line) ?? [];
    if (id !== undefined && wanted(id, controllers?.split(',') ?? [])) return path;
  }
  return undefined;
}

const parts = (line: string): RegExpExecArray | null => /^(\d+):([^:]*):(\/.*)$/.exec(line);

function foldersOf(path: string, mounts: readonly Mount[]): readonly CgroupFolder[] | undefined {
  // A group outside of the reader's cgroup namespace is named by `/..`.
  const steps = path.split('/').filter((step) => step !== '');
  if (steps.includes('..')) return undefined;
  const mount = mounts
    .filter(({ root }) => root === '/' || path === root || path.startsWith(`${root}/`))
    .sort((a, b) => a.mountPoint.length - b.mountPoint.length)[0];
  if (!mount) return undefined;
  const above = mount.root.split('/').filter((step) => step !== '').length;
  const groups: CgroupFolder[] = [];
  for (let length = Math.min(steps.length, above + deepest); length > above; length--) {
    groups.push({
      path: `/${steps.slice(0, length).join('/')}`,
      folder: [mount.mountPoint.replace(/\/$/, ''), ...steps.slice(above, length)].join('/'),
    });
  }
  return groups;
}
