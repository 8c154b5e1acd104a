import { shortId } from '../containerId.js';
import type { CgroupFolder, Look, Suspicion } from '../look.js';
import { groupIn } from '../processIndex.js';
import { some } from './words.js';

/** A container's cgroup where the kubelet's are, of an id that nobody lists and that has no monitor. */
export function leftoverCgroup(look: Look): readonly Suspicion[] {
  const homes = homesOf(look);
  const hierarchies = hierarchiesOf(look);
  const byId = new Map<string, CgroupFolder[]>();
  for (const cgroup of look.cgroups) {
    const { id, path } = cgroup;
    if (look.listed.has(id) || look.processes.monitorsOf.has(id) || !isAt(homes, hierarchies, path)) continue;
    groupIn(byId, id).push(cgroup);
  }
  return [...byId].map(([id, cgroups]) => suspicion(look, id, cgroups));
}

const kubelets = /^.*?\/kubepods(?:[-.][^/]*)?(?=\/)/;

/**
 * Where the runtimes' containers are, relative to a hierarchy: what the kubelet made, known by its name, or beside the
 * containers that we see. A nested kubelet's is below another container or machine and not among them.
 */
function homesOf(look: Look): ReadonlySet<string> {
  const homes = new Set(['/kubepods', '/kubepods.slice']);
  for (const id of look.listed) {
    for (const process of look.processes.byContainer.get(id)?.slice(0, 1) ?? []) {
      for (const path of process.cgroups) {
        if (!path.includes(id)) continue;
        const home = kubelets.exec(path)?.[0] ?? path.slice(0, path.lastIndexOf('/', path.indexOf(id)));
        if (home !== '') homes.add(home);
      }
    }
  }
  return homes;
}

/** Where cgroup filesystems are mounted, the longest path first: v2 at /sys/fs/cgroup itself, hierarchies of v1 below. */
function hierarchiesOf({ mounts }: Look): readonly string[] {
  const points = mounts
    .filter(({ fsType }) => fsType.startsWith('cgroup'))
    .map(({ mountPoint }) => mountPoint);
  return [...new Set([...points, '/sys/fs/cgroup'])].sort((a, b) => b.length - a.length);
}

function isAt(homes: ReadonlySet<string>, hierarchies: readonly string[], path: string): boolean {
  const hierarchy = hierarchies.find((one) => path.startsWith(`${one}/`)) ?? '';
  const within = path.slice(hierarchy.length);
  return [...homes].some((home) => within.startsWith(`${home}/`));
}

function suspicion(look: Look, id: string, cgroups: readonly CgroupFolder[]): Suspicion {
  const pids = [...new Set(cgroups.flatMap((one) => one.pids))];
  const [first] = [...cgroups].sort((a, b) => (a.path < b.path ? -1 : 1));
  const processes = pids.map((pid) => `${pid} (${look.table.processes.get(pid)?.comm ?? '?'})`);
  const empty = pids.length === 0;
  return {
    finding: {
      id: `leftoverCgroup:${first?.path ?? id}:${first?.identity ?? ''}`,
      kind: 'leftoverCgroup',
      severity: empty ? 'info' : 'warning',
      certainty: 'certain',
      title: empty
        ? `The cgroup of ${shortId(id)} was left behind`
        : `The cgroup of ${shortId(id)} has processes that belong to nobody`,
      explanation: empty
        ? 'Its container is not listed by any runtime, has no shim or conmon, and no process is in it. Each cgroup takes some ' +
          'kernel memory; thousands of them make the kubelet and the kernel slow.'
        : 'No runtime lists the container, and no shim or conmon waits for it, so nobody will stop these processes or take ' +
          'their exit status. A monitor that was killed leaves them behind.',
      evidence: [
        ...cgroups.slice(0, 12).map(({ path, pids: own }) => ({
          label: 'cgroup',
          value: own.length === 0 ? path : `${path} (${own.length} processes)`,
          source: '/sys/fs/cgroup',
        })),
        ...(empty ? [] : [{ label: 'processes', value: some(processes), source: 'cgroup.procs' }]),
        { label: 'listed by', value: 'no runtime', source: 'ListPodSandbox and ListContainers' },
      ],
      advice: empty
        ? 'The kubelet removes the cgroups of pods that are gone by itself, within minutes. If it stays, see what the kubelet’s ' +
          'log says of it; an empty cgroup can be removed with rmdir, which fails harmlessly when it is not empty.'
        : 'Find out what the processes do and whether anybody needs them, then end them one by one. Draining and rebooting the ' +
          'node is the safest way.',
      ...(pids[0] === undefined ? {} : { pid: pids[0] }),
    },
  };
}
