import type { Mount } from '../../mountinfo.js';
import { below } from '../paths.js';

/** A mount of the node through which something can be found, and where. */
export interface NodePlace {
  readonly mount: Mount;
  readonly path: string;
}

/** Where on the node what a mount shows can be found: through each mount of the node of the same filesystem. */
export function placesOnNode({ device, root }: Mount, node: readonly Mount[]): NodePlace[] {
  const shown = withoutDeleted(root);
  return node.flatMap((mount) => {
    const rest = mount.device === device ? below(shown, mount.root) : undefined;
    return rest === undefined ? [] : [{ mount, path: joined(mount.mountPoint, rest) }];
  });
}

/** The mount of the node that a path is in: of those whose mount point contains it the deepest, of these the topmost. */
export function mountOfPath(path: string, mounts: readonly Mount[]): Mount | undefined {
  let found: Mount | undefined;
  for (const mount of mounts) {
    if (below(path, mount.mountPoint) === undefined) continue;
    if (!found || mount.mountPoint.length >= found.mountPoint.length) found = mount;
  }
  return found;
}

function joined(folder: string, rest: string): string {
  if (rest === '') return folder;
  return folder === '/' ? `/${rest}` : `${folder}/${rest}`;
}

/** What the kernel appends to the root of a bind mount whose source was removed (path_with_deleted, fs/d_path.c). */
const deleted = '//deleted';

export const isDeleted = (root: string): boolean => root.endsWith(deleted);

function withoutDeleted(root: string): string {
  return isDeleted(root) ? root.slice(0, -deleted.length) : root;
}

/** How many steps two paths share at their ends. */
export function sharedEnd(a: string, b: string): number {
  const [one, other] = [a.split('/').reverse(), b.split('/').reverse()];
  let count = 0;
  while (count < one.length && one[count] !== '' && one[count] === other[count]) count++;
  return count;
}
