import type { FolderEntry, Look, RuntimeLook, Told, Wants, WatchedFolder } from '../../model/doctor/look.js';
import type { FindingKind } from '../../model/doctor/finding.js';
import { placesOf } from '../../model/doctor/places.js';
import { indexingProcesses, type ProcessIndex } from '../../model/doctor/processIndex.js';
import { parseMountinfo, type Mount } from '../../model/mountinfo.js';
import { runInTurns } from '../../model/steps.js';
import { NodeError, type Node } from '../../node/node.js';
import { breathe, mapLimit, messageOf } from '../../util/async.js';
import type { RuntimeConnection } from '../connection.js';
import type { NodeConnection } from '../nodes.js';
import { argumentsOf, readingAnswers, type Answers, type Question } from './answers.js';
import { addRuntimeGaps, type Gaps } from './gaps.js';
import { mountinfoScript, probeScript } from './script.js';

export interface GatherOptions {
  readonly settleMs: number;
  readonly signal: AbortSignal;
}

const mebibyte = 1024 * 1024;
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
  await orAbort(connection.refresh(), signal);
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

type DiskPlace = Pick<Look['disks'][number], 'endpoint' | 'mountpoint'>;

async function askRuntimes(
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

interface Probed {
  readonly answers: Answers;
  readonly clock?: NonNullable<Look['clock']>;
}

async function probe(
  node: Node,
  questions: readonly Question[],
  gaps: Gaps,
  signal: AbortSignal,
): Promise<Probed> {
  const command = ['sh', '-c', probeScript, 'sh', ...argumentsOf(questions)] as const;
  const asked = node.kind === 'ssh' ? readClock(node, signal) : undefined;
  try {
    const { stdout } = await node.run(command, { maxBytes: 64 * mebibyte, signal });
    const answers = await runInTurns(readingAnswers(stdout.toString('utf8'), questions), breathe);
    if (!answers.cgroups) {
      const reason = 'The node’s cgroups (/sys/fs/cgroup) can’t be seen. Use sudo on this node.';
      gaps.add(['leftoverCgroup'], reason, true);
    }
    if (!answers.netNamespaces) {
      const reason =
        'Which network namespaces are in use can’t be seen: only root may. Use sudo on this node.';
      gaps.add(['leftoverNetns'], reason, true);
    }
    const clock = await asked;
    if (node.kind === 'ssh' && !clock)
      gaps.add(['clockSkew'], 'The node’s clock could not be read with date(1).', true);
    return { answers, ...(clock ? { clock } : {}) };
  } catch (error) {
    signal.throwIfAborted();
    const reason = `Looking at folders, cgroups and namespaces on the node failed: ${messageOf(error)}`;
    gaps.add(
      ['leftoverBundle', 'leftoverState', 'leftoverCgroup', 'leftoverNetns', 'imageFilesystem'],
      reason,
      true,
    );
    if (node.kind === 'ssh') gaps.add(['clockSkew'], reason, true);
    return {
      answers: { folders: new Map(), entries: new Map(), disks: new Map(), mountNamespaces: new Map() },
    };
  }
}

/** A command of its own, since its answer is the nearer to its time the less it does. */
async function readClock(node: Node, signal: AbortSignal): Promise<Look['clock']> {
  const before = Date.now();
  try {
    const { stdout } = await node.run(['sh', '-c', 'echo "C $(date +%s.%N)"'], { signal });
    const within = (Date.now() - before) / 2;
    const { clock } = await runInTurns(readingAnswers(stdout.toString('utf8'), []), breathe);
    return clock === undefined ? undefined : { skew: clock - (before + within), within: within + 500 };
  } catch {
    return undefined;
  }
}

async function readMounts(node: Node, gaps: Gaps, signal: AbortSignal): Promise<readonly Mount[]> {
  try {
    const { stdout } = await node.run(['sh', '-c', mountinfoScript], { maxBytes: 64 * mebibyte, signal });
    return parseMountinfo(stdout.toString('utf8'));
  } catch (error) {
    signal.throwIfAborted();
    gaps.add(
      ['leftoverMount', 'leftoverNetns'],
      `The node’s mounts can’t be read: ${messageOf(error)}`,
      true,
    );
    return [];
  }
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

async function readWanted(node: Node, paths: readonly string[], signal: AbortSignal): Promise<Told['files']> {
  if (paths.length === 0) return new Map();
  const files = await node.readFiles(paths, signal);
  const read = new Map<string, string | undefined>();
  for (const [path, file] of files) {
    if (!(file instanceof NodeError)) read.set(path, file.toString('utf8'));
    else if (file.kind === 'missing') read.set(path, undefined);
  }
  return read;
}

async function askStatuses(
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

/** What can't be aborted itself goes on, unheard. */
export function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
