import type { Mount } from '../../mountinfo.js';
import { shortId } from '../containerId.js';
import { isOwnerless, type Look, type RuntimeLook, type Suspicion, type WatchedFolder } from '../look.js';
import { groupIn } from '../processIndex.js';
import { criBundle, mayBeCri } from './criBundle.js';
import { some } from './words.js';

interface Owned {
  readonly runtime: RuntimeLook;
  readonly id: string;
}

/** Mounts in a CRI runtime's own folders for an id that nobody lists and nothing of which runs. */
export function leftoverMount(look: Look): readonly Suspicion[] {
  const owners = new Map<string, Owned>();
  const mounts = new Map<string, Mount[]>();
  for (const mount of look.mounts) {
    const owned = ownerOf(look, mount.mountPoint);
    if (!owned || look.listed.has(owned.id)) continue;
    owners.set(owned.id, owned);
    groupIn(mounts, owned.id).push(mount);
  }
  return [...owners.values()].flatMap((owned) => suspicion(look, owned, mounts.get(owned.id) ?? []) ?? []);
}

const kinds: readonly WatchedFolder['kind'][] = ['bundle', 'sandbox'];

function ownerOf({ runtimes }: Look, mountPoint: string): Owned | undefined {
  for (const runtime of runtimes) {
    for (const { kind, path } of runtime.folders) {
      if (!kinds.includes(kind) || !mountPoint.startsWith(`${path}/`)) continue;
      const [id = ''] = mountPoint.slice(path.length + 1).split('/');
      return { runtime, id };
    }
  }
  return undefined;
}

function suspicion(look: Look, { runtime, id }: Owned, mounts: readonly Mount[]): Suspicion | undefined {
  const changed = look.entries.filter(({ name, folder }) => name === id && kinds.includes(folder.kind));
  if (!isOwnerless(look, id, Math.max(...changed.map(({ modifiedAt }) => modifiedAt)))) return undefined;
  const bundle = criBundle(look, runtime, id);
  const { verdict, evidence, wants } = bundle;
  const [first] = mounts;
  // Podman mounts beside CRI-O, in folders without a bundle.
  const podmans = verdict === 'gone' && runtime.snapshot.name !== 'containerd';
  if (!first || !mayBeCri(look, bundle) || podmans) return undefined;
  return {
    finding: {
      id: `leftoverMount:${first.mountPoint}:${first.id}`,
      kind: 'leftoverMount',
      severity: 'warning',
      certainty: verdict === 'cri' ? 'certain' : 'likely',
      title: `${mounts.length === 1 ? 'A mount' : `${mounts.length} mounts`} of ${shortId(id)} ${mounts.length === 1 ? 'was' : 'were'} left behind`,
      explanation:
        'The runtime mounts a container’s root filesystem and a sandbox’s shared memory, and unmounts them at the end. ' +
        'What is mounted here belongs to an id that no runtime lists and that has no process. It keeps its snapshot from ' +
        'being removed (“device or resource busy”) and holds memory or disk space.',
      evidence: [
        ...mounts.slice(0, 20).map(({ mountPoint, fsType, source, id: mountId }) => ({
          label: 'mount',
          value: `${mountPoint} (${fsType}, ${source}, mount ${mountId})`,
          source: '/proc/1/mountinfo',
        })),
        ...(mounts.length > 20
          ? [
              {
                label: 'and more',
                value: some(mounts.slice(20).map((one) => one.mountPoint)),
                source: '/proc/1/mountinfo',
              },
            ]
          : []),
        {
          label: 'listed by',
          value: 'no runtime',
          source: `ListPodSandbox and ListContainers of ${runtime.snapshot.endpoint}`,
        },
        ...evidence,
      ],
      advice:
        'Make sure that no process has files open there (fuser -m, lsof), then unmount just that path with umount. Don’t ' +
        'remove anything below it while it is mounted. If it is busy, something in another mount namespace holds it.',
    },
    wants: { files: wants },
  };
}
