import type { Mount } from '../mountinfo.js';
import type { ProcessTable } from '../process.js';
import type { RuntimeSnapshot } from '../snapshot.js';
import type { Steps } from '../steps.js';
import type { Finding } from './finding.js';
import type { ProcessIndex } from './processIndex.js';

/** A folder in which a runtime keeps one entry for each sandbox or container, or for each network namespace. */
export interface WatchedFolder {
  /**
   * bundle: OCI bundles, by id. sandbox: the CRI server's own files of sandboxes, by id. state: what the low-level
   * runtime wrote, by id. netns: network namespaces that CNI works on.
   */
  readonly kind: 'bundle' | 'sandbox' | 'state' | 'netns';
  readonly endpoint: string;
  readonly path: string;
  /** What follows an entry's name on the way to the bundle itself: CRI-O's `/userdata`. */
  readonly within?: string;
}

export interface FolderEntry {
  readonly folder: WatchedFolder;
  readonly name: string;
  readonly path: string;
  /** `device:inode`. */
  readonly identity: string;
  /** Milliseconds since the epoch, by the node's clock. */
  readonly modifiedAt: number;
}

/** A cgroup that is named after a container, in one hierarchy. */
export interface CgroupFolder {
  /** On the node: `/sys/fs/cgroup/…`. */
  readonly path: string;
  readonly id: string;
  readonly identity: string;
  /** Its cgroup.procs, read anew: a process that was moved shows here at once. */
  readonly pids: readonly number[];
}

/** A filesystem that ImageFsInfo named, by statfs(2). */
export interface Disk {
  readonly endpoint: string;
  readonly mountpoint: string;
  readonly bytes: { readonly total: number; readonly available: number };
  /** Total 0: a filesystem without a fixed number of inodes. */
  readonly inodes: { readonly total: number; readonly available: number };
}

/** A runtime that answered just now, so that its lists are whole. */
export interface RuntimeLook {
  readonly snapshot: RuntimeSnapshot;
  /** CRI Status, verbose; empty where the runtime doesn't give it. */
  readonly info: Readonly<Record<string, string>>;
  /** Addresses by which its shims know the daemon, without `unix://`. */
  readonly addresses: readonly string[];
  readonly folders: readonly WatchedFolder[];
  /** Where a conmon of CRI-O tells the end of its container (`--exit-dir`). */
  readonly exitDir?: string;
}

/** What the runtime said of one sandbox or container that was suspected. */
export interface ToldStatus {
  /** Only while it is ready or running, for the runtime. */
  readonly pid?: number;
  /** All of the verbose info. */
  readonly info: string;
}

/** What was read because a first look wanted it. Whatever could not be read is absent. */
export interface Told {
  /** Undefined for what is not there. */
  readonly files: ReadonlyMap<string, string | undefined>;
  readonly statuses: ReadonlyMap<string, ToldStatus>;
  /** Mount namespaces by pid: `mnt:[4026531841]`. */
  readonly mountNamespaces: ReadonlyMap<number, string>;
}

/** All that the rules look at: the node at one moment. Plain data. */
export interface Look {
  /** The node's clock, milliseconds since the epoch. */
  readonly now: number;
  /** What is younger may still be on its way in or out. Milliseconds. */
  readonly settleMs: number;
  readonly table: ProcessTable;
  readonly processes: ProcessIndex;
  readonly runtimes: readonly RuntimeLook[];
  /** All ids that any runtime of the node lists. */
  readonly listed: ReadonlySet<string>;
  readonly entries: readonly FolderEntry[];
  readonly mounts: readonly Mount[];
  readonly cgroups: readonly CgroupFolder[];
  /** Inodes of the network namespaces that processes are in. */
  readonly netNamespaces: ReadonlySet<number>;
  readonly disks: readonly Disk[];
  /** The node's clock minus this machine's, known to `within` either way; milliseconds. Absent on this machine. */
  readonly clock?: { readonly skew: number; readonly within: number };
  /** Only at the second look. */
  readonly before?: Look;
  readonly told?: Told;
}

/** What a rule must know at the second look to be sure. */
export interface Wants {
  readonly files?: readonly string[];
  readonly statuses?: readonly {
    readonly endpoint: string;
    readonly id: string;
    readonly sandbox: boolean;
  }[];
  readonly mountNamespacesOf?: readonly number[];
}

/** Something that looks like trouble. Only what the second look says again, under the same id, is a finding. */
export interface Suspicion {
  readonly finding: Finding;
  readonly wants?: Wants;
}

/**
 * Looks for one kind of trouble. At the first look it says all that might be; at the second (`told` is there) it leaves
 * out what it can't confirm. One that takes long on a large node does so in steps.
 */
export type Rule = (look: Look) => readonly Suspicion[] | Steps<readonly Suspicion[]>;

/** Whether something is left that belongs to a container: a monitor, or a process in its cgroup. */
export function isAlive(look: Look, id: string): boolean {
  return look.processes.monitorsOf.has(id) || look.processes.byContainer.has(id);
}

/** What all leftovers have in common: nobody lists the id, nothing of it runs, and it isn't brand new. */
export function isOwnerless(look: Look, id: string, modifiedAt = -Infinity): boolean {
  return !look.listed.has(id) && !isAlive(look, id) && look.now - modifiedAt >= look.settleMs;
}
