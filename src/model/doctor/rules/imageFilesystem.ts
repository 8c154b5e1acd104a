import type { Evidence } from '../finding.js';
import type { Disk, Look, Suspicion } from '../look.js';
import { bytes } from './words.js';

/**
 * The kubelet's own limits (KubeletConfiguration): it begins to remove images at 85 % (imageGCHighThresholdPercent) and
 * to evict pods with less than 15 % of imagefs or 5 % of inodes available (evictionHard).
 */
const low = { bytes: 0.15, inodes: 0.05 };
const critical = { bytes: 0.05, inodes: 0.02 };

/** The filesystem of images or of writable layers is nearly full, in bytes or inodes. */
export function imageFilesystem(look: Look): readonly Suspicion[] {
  return look.disks.flatMap((disk) => {
    const shares = { bytes: share(disk.bytes), inodes: share(disk.inodes) };
    const short = (['bytes', 'inodes'] as const).filter((what) => shares[what] < low[what]);
    if (short.length === 0) return [];
    const error = short.some((what) => shares[what] < critical[what]);
    const [first = 'bytes'] = short;
    return {
      finding: {
        id: `imageFilesystem:${disk.endpoint}:${disk.mountpoint}`,
        kind: 'imageFilesystem',
        severity: error ? 'error' : 'warning',
        certainty: 'certain',
        title: `Only ${percent(shares[first])} of ${first === 'bytes' ? 'the space' : 'the inodes'} of the image filesystem ${disk.mountpoint} is available`,
        explanation:
          'The runtime keeps images and the writable layers of containers there. When it is full, no image can be pulled and no ' +
          'container started, and running ones fail at writing. With less than 15 % of the space or 5 % of the inodes ' +
          'available, a kubelet with the usual settings removes unused images and then evicts pods.',
        evidence: evidenceOf(disk),
        advice:
          'Find what fills it: unused images (crictl images), writable layers of containers (crictl stats), or something that ' +
          'is not the runtime’s at all. Let the kubelet remove images, or crictl rmi --prune, which removes those that no ' +
          'container uses. Never delete below the runtime’s folder by hand.',
      },
    };
  });
}

type Amount = Disk['bytes'];

/** 1 where a filesystem has no fixed number. */
function share({ total, available }: Amount): number {
  return total > 0 ? available / total : 1;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

function evidenceOf({ endpoint, mountpoint, bytes: space, inodes }: Disk): Evidence[] {
  const source = `statfs(2) of ${mountpoint}`;
  return [
    { label: 'folder', value: mountpoint, source: `ImageFsInfo of ${endpoint}` },
    {
      label: 'space',
      value: `${bytes(space.available)} of ${bytes(space.total)} available (${percent(share(space))})`,
      source,
    },
    ...(inodes.total > 0
      ? [
          {
            label: 'inodes',
            value: `${inodes.available} of ${inodes.total} free (${percent(share(inodes))})`,
            source,
          },
        ]
      : []),
  ];
}
