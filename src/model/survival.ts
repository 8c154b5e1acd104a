import type { ProcessTable } from './process.js';
import type { Container, RuntimeSnapshot, Sandbox } from './snapshot.js';

/** Names a process for good, since the kernel uses pids again: proc_pid_stat(5) fields 1 and 22. */
export interface ProcessKey {
  readonly pid: number;
  /** Clock ticks after boot. */
  readonly startTicks: number;
}

/** The process that serves a CRI socket. */
export interface Daemon extends ProcessKey {
  /** Milliseconds since the epoch, by the node's clock. */
  readonly startedAt: number;
}

/**
 * What became of a sandbox or container that ran when its runtime was last seen.
 * survived: its first process went on all the while, and the runtime that came back lists it as running.
 * adopted: the runtime lists it as running now and did not before, though its first process is older than the daemon: it was
 * started after the last look at the old daemon, and the new one took it over.
 * replaced: its process is gone, and another one runs under the same name: a new attempt, a new id, or a new first process.
 * abandoned: its process goes on, but the runtime that came back doesn't list it as running.
 * died: its process is gone, and nothing runs in its place.
 * unknown: no process of it was known before, so nothing can be said.
 */
export type Fate = 'survived' | 'adopted' | 'replaced' | 'abandoned' | 'died' | 'unknown';

export interface SurvivalEntry {
  readonly role: 'sandbox' | 'container';
  /** As it was listed before; of an adopted one, as it is listed now. */
  readonly id: string;
  /** What runs in its place, of a replaced one. */
  readonly replacedBy?: string;
  readonly namespace: string;
  /** Empty when the runtime didn't list the container's sandbox. */
  readonly pod: string;
  /** Of a container. */
  readonly container?: string;
  /** Its first process: of an adopted one the present, else the one before. */
  readonly pid?: number;
  readonly fate: Fate;
  /** When its process was first seen gone, if that was while the runtime was away. Milliseconds since the epoch. */
  readonly goneAt?: number;
}

/** How sandboxes and containers came through an absence of their runtime. Times are this machine's, in ms since the epoch. */
export interface Survival {
  /** CRI VersionResponse.runtime_name. */
  readonly runtimeName: string;
  /** The last answer before. */
  readonly lastSeenAt: number;
  /** When it was first asked in vain; absent when it was away between two looks only. */
  readonly lostAt?: number;
  /** The first answer after. */
  readonly backAt: number;
  /** Who served before and after, as far as it could be seen. */
  readonly oldDaemon?: Daemon;
  readonly newDaemon?: Daemon;
  readonly entries: readonly SurvivalEntry[];
  /** A person has seen it. */
  readonly dismissed: boolean;
}

/** A runtime's lists at one moment, with the first process of each id as far as it is known. */
export interface Moment {
  readonly snapshot: RuntimeSnapshot;
  readonly processes: ReadonlyMap<string, Partial<ProcessKey>>;
  readonly daemon?: Daemon;
}

export function lives({ pid, startTicks }: ProcessKey, { processes }: ProcessTable): boolean {
  const process = processes.get(pid);
  // A zombie, or one on its way out (proc_pid_stat(5) field 3), has ended.
  return process?.startTicks === startTicks && process.state !== 'Z' && process.state !== 'X';
}

/** Something that is listed as running or ready. */
type Subject = Pick<SurvivalEntry, 'role' | 'id' | 'namespace' | 'pod' | 'container'> & {
  readonly process?: ProcessKey;
};

/** What runs at a moment, by id. Sandboxes without a process of their own (CRI-O's drop_infra_ctr) are left out. */
export function running({ snapshot, processes }: Moment): ReadonlyMap<string, Subject> {
  const found = new Map<string, Subject>();
  const add = (subject: Subject): void => {
    const { pid, startTicks } = processes.get(subject.id) ?? {};
    const known = pid !== undefined && startTicks !== undefined;
    if (known) found.set(subject.id, { ...subject, process: { pid, startTicks } });
    else if (subject.role === 'container') found.set(subject.id, subject);
  };
  for (const sandbox of snapshot.sandboxes) {
    if (sandbox.state === 'ready') add(sandboxSubject(sandbox));
    for (const container of sandbox.containers) {
      if (container.state === 'running') add(containerSubject(container, sandbox));
    }
  }
  for (const orphan of snapshot.orphans) {
    if (orphan.state === 'running') add(containerSubject(orphan));
  }
  return found;
}

const sandboxSubject = ({ id, namespace, name }: Sandbox): Subject => ({
  role: 'sandbox',
  id,
  namespace,
  pod: name,
});

const containerSubject = ({ id, name }: Container, sandbox?: Sandbox): Subject => ({
  ...{ role: 'container', id, container: name },
  ...{ namespace: sandbox?.namespace ?? '', pod: sandbox?.name ?? '' },
});

/** What people mean by the same pod or container, whatever its id. NUL is in no name. */
const nameOf = ({ role, namespace, pod, container = '' }: Subject): string =>
  [role, namespace, pod, container].join('\0');

/**
 * What became of all that ran before, and what was adopted.
 * @param table read after the runtime answered again
 * @param gone when processes were first seen gone, by id
 */
export function fatesOf(
  before: Moment,
  after: Moment,
  table: ProcessTable,
  gone: ReadonlyMap<string, number>,
): readonly SurvivalEntry[] {
  const then = running(before);
  const now = running(after);
  const byName = new Map([...now.values()].map((subject) => [nameOf(subject), subject]));
  const entries = [...then.values()].map((was) => entryOf(was, now, byName, table, gone.get(was.id)));
  const told = new Set(entries.map(({ replacedBy }) => replacedBy));
  for (const { process, ...subject } of now.values()) {
    const isOlder = process && after.daemon && process.startTicks < after.daemon.startTicks;
    if (!isOlder || then.has(subject.id) || told.has(subject.id)) continue;
    entries.push({ ...subject, pid: process.pid, fate: 'adopted' });
  }
  return entries;
}

function entryOf(
  { process, ...subject }: Subject,
  now: ReadonlyMap<string, Subject>,
  byName: ReadonlyMap<string, Subject>,
  table: ProcessTable,
  goneAt: number | undefined,
): SurvivalEntry {
  if (!process) return { ...subject, fate: 'unknown' };
  const entry = { ...subject, pid: process.pid };
  if (lives(process, table)) return { ...entry, fate: now.has(subject.id) ? 'survived' : 'abandoned' };
  const ended = goneAt === undefined ? entry : { ...entry, goneAt };
  const instead = byName.get(nameOf(subject));
  const isNew = instead && (instead.id !== subject.id || (instead.process && lives(instead.process, table)));
  return isNew ? { ...ended, fate: 'replaced', replacedBy: instead.id } : { ...ended, fate: 'died' };
}

/**
 * The fates after a second look, some time after the return: what wasn't well may have been listed late or been made anew
 * by the kubelet. What survived stays so, whatever became of it since.
 */
export function settledFates(
  first: readonly SurvivalEntry[],
  again: readonly SurvivalEntry[],
): readonly SurvivalEntry[] {
  const later = new Map(again.map((entry) => [entry.id, entry]));
  const known = new Set(first.map(({ id }) => id));
  const entries = first.map((entry) => {
    const now = later.get(entry.id);
    const better = now && (entry.fate === 'died' || entry.fate === 'abandoned') && now.fate !== entry.fate;
    return better ? now : entry;
  });
  const replacing = new Set(entries.map(({ replacedBy }) => replacedBy));
  const more = again.filter(({ id, fate }) => fate === 'adopted' && !known.has(id) && !replacing.has(id));
  const same = more.length === 0 && entries.every((entry, index) => entry === first[index]);
  return same ? first : [...entries, ...more];
}

/** Containers that ran before, and those of them that survived. */
export function survivors({ entries }: Pick<Survival, 'entries'>): {
  readonly survived: number;
  readonly total: number;
} {
  const before = entries.filter(({ role, fate }) => role === 'container' && fate !== 'adopted');
  return { survived: before.filter(({ fate }) => fate === 'survived').length, total: before.length };
}

/** What became of a sandbox or container, by its id before or now. */
export function fateOf(survival: Survival | undefined, id: string): SurvivalEntry | undefined {
  return survival?.entries.find((entry) => entry.id === id || entry.replacedBy === id);
}
