import type { FindingKind } from '../../model/doctor/finding.js';
import type { Look, RuntimeLook, Told, Wants } from '../../model/doctor/look.js';
import { placesOf } from '../../model/doctor/places.js';
import type { ProcessIndex } from '../../model/doctor/processIndex.js';
import { mapLimit, messageOf } from '../../util/async.js';
import type { RuntimeConnection } from '../connection.js';
import type { Gaps } from './gaps.js';

/** Where a filesystem of ImageFsInfo is. */
export type DiskPlace = Pick<Look['disks'][number], 'endpoint' | 'mountpoint'>;

/** Two calls for each runtime: its verbose status, and where its images are. */
export async function askRuntimes(
  ready: readonly RuntimeConnection[],
  processes: ProcessIndex,
  gaps: Gaps,
  signal: AbortSignal,
): Promise<readonly [readonly RuntimeLook[], readonly DiskPlace[]]> {
  const disks: DiskPlace[] = [];
  const looks = await Promise.all(
    ready.map(async (runtime): Promise<RuntimeLook[]> => {
      const { snapshot, endpoint } = runtime;
      if (!snapshot) return [];
      const [info, mountpoints] = await Promise.all([
        runtime.status(signal).then(
          (status) => status.info,
          (error: unknown) => missed(['network', 'deprecation'], `Status of ${endpoint}`, error, {}),
        ),
        runtime.filesystems(signal).then(
          (all) => all.map(({ mountpoint }) => mountpoint),
          (error: unknown) => missed(['imageFilesystem'], `ImageFsInfo of ${endpoint}`, error, []),
        ),
      ]);
      for (const mountpoint of new Set(mountpoints))
        if (mountpoint !== '') disks.push({ endpoint, mountpoint });
      return [{ snapshot, info, ...placesOf(snapshot, info, processes.monitors) }];
    }),
  );
  function missed<T>(kinds: readonly FindingKind[], what: string, error: unknown, instead: T): T {
    signal.throwIfAborted();
    gaps.add(kinds, `${what}: ${messageOf(error)}`);
    return instead;
  }
  return [looks.flat(), disks];
}

/** Verbose statuses of the few that the first look suspected. */
export async function askStatuses(
  ready: readonly RuntimeConnection[],
  wanted: NonNullable<Wants['statuses']>,
  signal: AbortSignal,
): Promise<Told['statuses']> {
  const told = await mapLimit(wanted, 4, async ({ endpoint, id, sandbox }) => {
    const runtime = ready.find((one) => one.endpoint === endpoint);
    if (!runtime) return undefined;
    try {
      const status = sandbox
        ? await runtime.sandboxDetails(id, signal)
        : await runtime.containerDetails(id, signal);
      const info = Object.values(status.info).join('\n');
      return [id, { info, ...(status.pid === undefined ? {} : { pid: status.pid }) }] as const;
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  });
  return new Map(told.filter((one) => one !== undefined));
}
