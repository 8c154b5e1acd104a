import type { Sandbox } from '../../snapshot.js';
import type { FolderEntry, Look, Suspicion, Wants } from '../look.js';
import { iso } from './words.js';

/** CNI may take minutes to set a network up, and all that time no sandbox is listed and no process is in it. */
const slowNetwork = 5;
/** Beyond this many sandboxes without a process it can't be known cheaply which namespaces they hold. */
const askAtMost = 32;

/** containerd's names (pkg/netns). */
const name = /^cni-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A network namespace made for a sandbox, in which no process is, and which no listed sandbox names. */
export function leftoverNetns(look: Look): readonly Suspicion[] {
  const inodes = new Map<string, number>();
  for (const { fsType, root, mountPoint } of look.mounts) {
    const inode = fsType === 'nsfs' ? /^net:\[(\d+)\]$/.exec(root)?.[1] : undefined;
    if (inode !== undefined) inodes.set(mountPoint, Number(inode));
  }
  const asked = holders(look);
  if (asked.length > askAtMost) return [];
  const told = look.told && asked.map(({ id }) => look.told?.statuses.get(id)?.info);
  if (told?.includes(undefined)) return [];
  const seen = new Set<string>();
  return look.entries.flatMap((entry) => {
    const inode = inodes.get(entry.path);
    if (entry.folder.kind !== 'netns' || !name.test(entry.name) || inode === undefined) return [];
    if (look.netNamespaces.has(inode) || seen.has(entry.path)) return [];
    if (look.now - entry.modifiedAt < slowNetwork * look.settleMs) return [];
    if (told?.some((info) => info?.includes(entry.name))) return [];
    seen.add(entry.path);
    return suspicion(entry, inode, asked);
  });
}

interface Holder {
  readonly endpoint: string;
  readonly id: string;
  readonly sandbox: true;
}

/** Sandboxes without a process: their network namespace may be empty and yet theirs. */
function holders({ runtimes }: Look): Holder[] {
  const idle = ({ pid, containers }: Sandbox): boolean =>
    pid === undefined && containers.every((container) => container.pid === undefined);
  return runtimes.flatMap(({ snapshot: { endpoint, sandboxes } }) =>
    sandboxes.filter(idle).map(({ id }) => ({ endpoint, id, sandbox: true as const })),
  );
}

function suspicion(
  { path, modifiedAt, folder }: FolderEntry,
  inode: number,
  statuses: NonNullable<Wants['statuses']>,
): Suspicion {
  return {
    finding: {
      id: `leftoverNetns:${path}:${inode}`,
      kind: 'leftoverNetns',
      severity: 'warning',
      certainty: 'likely',
      title: `The network namespace ${path.slice(path.lastIndexOf('/') + 1)} was left behind`,
      explanation:
        'The runtime makes a network namespace for each sandbox and removes it when the sandbox is stopped. No process is ' +
        'in this one and no listed sandbox names it. It holds interfaces, and mostly an address that the network plugin ' +
        'will not give to another pod: with many of them a node runs out of pod addresses.',
      evidence: [
        { label: 'file', value: path, source: folder.path },
        { label: 'namespace', value: `net:[${inode}]`, source: '/proc/1/mountinfo' },
        { label: 'made', value: iso(modifiedAt), source: 'stat(2)' },
        { label: 'processes', value: 'none', source: '/proc/PID/ns/net' },
      ],
      advice:
        'Look inside (nsenter --net=FILE ip address) to see which address it holds. The network plugin should be told first ' +
        '(CNI DEL) so that it frees the address; removing the namespace alone leaves that behind. Draining and rebooting the ' +
        'node clears it all.',
    },
    wants: { statuses },
  };
}
