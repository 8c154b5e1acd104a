import type { FindingKind } from '../../model/doctor/finding.js';
import type { FolderEntry, Look, Told, Wants, WatchedFolder } from '../../model/doctor/look.js';
import { indexingProcesses } from '../../model/doctor/processIndex.js';
import { runInTurns } from '../../model/steps.js';
import { breathe, orAborted } from '../../util/async.js';
import type { RuntimeConnection } from '../connection.js';
import type { NodeConnection } from '../nodes.js';
import type { Answers, Question } from './answers.js';
import { probe, readMounts, readWanted } from './askNode.js';
import { askRuntimes, askStatuses } from './askRuntimes.js';
import { addRuntimeGaps, type Gaps } from './gaps.js';

export interface GatherOptions {
  readonly settleMs: number;
  readonly signal: AbortSignal;
}

/** Statuses asked for because of what the first look suspected. */
const statusesAtMost = 32;
const filesAtMost = 1000;
const namespacesAtMost = 128;

/** Reads all that the rules look at, in a handful of round trips however many containers there are. */
export async function gather(
  connection: NodeConnection,
  gaps: Gaps,
  { settleMs, signal }: GatherOptions,
  second?: { readonly before: Look; readonly wants: readonly Wants[] },
): Promise<Look> {
  await orAborted(connection.refresh(), signal);
  if (!connection.connected) {
    throw new Error(
      connection.reason ?? `${connection.label} is not connected. Connect it and diagnose again.`,
    );
  }
  const { node } = connection;
  const table = connection.processes;
  if (!table) {
    throw new Error(
      `The process table of ${connection.label} can't be read. ${connection.reason ?? 'Use sudo on this node.'}`,
    );
  }
  addRuntimeGaps(gaps, connection);
  const ready = connection.runtimes.filter(({ state }) => state === 'ready');
  const processes = await runInTurns(indexingProcesses(table), breathe);
  const [runtimes, mountpoints] = await askRuntimes(ready, processes, gaps, signal);
  const folders = runtimes.flatMap((runtime) => runtime.folders);
  const wants = mergedWants(second?.wants ?? []);
  const questions: Question[] = [
    ...folders.map(({ path }) => ({ kind: 'folder' as const, path })),
    ...mountpoints.map(({ mountpoint }) => ({ kind: 'disk' as const, path: mountpoint })),
    ...wants.pids.map((pid) => ({ kind: 'mnt' as const, pid })),
  ];
  const [{ answers, clock }, mounts, files, statuses] = await Promise.all([
    probe(node, questions, gaps, signal),
    readMounts(node, gaps, signal),
    readWanted(node, wants.files, signal),
    askStatuses(ready, wants.statuses, signal),
  ]);
  addFolderGaps(gaps, folders, answers);
  return {
    now: answers.clock ?? Date.now(),
    ...{ settleMs, table, processes, runtimes, mounts },
    listed: listedIn(connection.runtimes),
    entries: entriesOf(folders, answers),
    cgroups: answers.cgroups ?? [],
    netNamespaces: answers.netNamespaces ?? new Set(),
    disks: mountpoints.flatMap((one, index) => {
      const disk = answers.disks.get(folders.length + index);
      return disk ? { ...one, ...disk } : [];
    }),
    ...(clock && connection.kind === 'ssh' ? { clock } : {}),
    ...(second
      ? {
          before: second.before,
          told: { files, statuses, mountNamespaces: namespacesOf(questions, answers) },
        }
      : {}),
  };
}

function mergedWants(wants: readonly Wants[]): {
  readonly files: readonly string[];
  readonly statuses: NonNullable<Wants['statuses']>;
  readonly pids: readonly number[];
} {
  const statuses = new Map(wants.flatMap((one) => one.statuses ?? []).map((one) => [one.id, one]));
  return {
    files: [...new Set(wants.flatMap((one) => one.files ?? []))].slice(0, filesAtMost),
    statuses: [...statuses.values()].slice(0, statusesAtMost),
    pids: [...new Set(wants.flatMap((one) => one.mountNamespacesOf ?? []))].slice(0, namespacesAtMost),
  };
}

const ofFolder: Readonly<Record<WatchedFolder['kind'], readonly FindingKind[]>> = {
  bundle: ['leftoverBundle', 'leftoverState'],
  sandbox: [],
  state: ['leftoverState'],
  netns: ['leftoverNetns'],
};

function addFolderGaps(gaps: Gaps, folders: readonly WatchedFolder[], answers: Answers): void {
  folders.forEach(({ kind, path }, index) => {
    if (answers.folders.get(index) !== 'denied') return;
    gaps.add(ofFolder[kind], `${path} can’t be read: permission denied. Use sudo on this node.`);
  });
}

function entriesOf(folders: readonly WatchedFolder[], answers: Answers): FolderEntry[] {
  return folders.flatMap((folder, index) =>
    (answers.entries.get(index) ?? []).map((entry) => ({
      folder,
      ...entry,
      path: `${folder.path}/${entry.name}`,
    })),
  );
}

function namespacesOf(questions: readonly Question[], answers: Answers): Told['mountNamespaces'] {
  return new Map(
    questions.flatMap((question, index) => {
      const namespace = answers.mountNamespaces.get(index);
      return question.kind === 'mnt' && namespace !== undefined ? [[question.pid, namespace]] : [];
    }),
  );
}

/** Also what a lost runtime listed last, and sandboxes that only their containers name. */
function listedIn(runtimes: readonly RuntimeConnection[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { snapshot } of runtimes) {
    for (const sandbox of snapshot?.sandboxes ?? []) {
      ids.add(sandbox.id);
      for (const { id } of sandbox.containers) ids.add(id);
    }
    for (const orphan of snapshot?.orphans ?? []) ids.add(orphan.id).add(orphan.sandboxId);
  }
  return ids;
}
