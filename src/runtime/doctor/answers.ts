import { containerIdIn } from '../../model/doctor/containerId.js';
import type { CgroupFolder, Disk } from '../../model/doctor/look.js';
import type { Steps } from '../../model/steps.js';

/** What can be asked of the probe script. */
export type Question =
  | { readonly kind: 'disk' | 'folder'; readonly path: string }
  | { readonly kind: 'mnt'; readonly pid: number };

export type FolderState = 'ok' | 'denied' | 'missing';

export interface Entry {
  readonly name: string;
  readonly identity: string;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/** The probe script's output, by the index of the question. */
export interface Answers {
  /** The node's clock, milliseconds since the epoch. */
  readonly clock?: number;
  readonly folders: ReadonlyMap<number, FolderState>;
  readonly entries: ReadonlyMap<number, readonly Entry[]>;
  readonly disks: ReadonlyMap<number, Pick<Disk, 'bytes' | 'inodes'>>;
  readonly mountNamespaces: ReadonlyMap<number, string>;
  /** Undefined when the node's cgroups can't be seen. */
  readonly cgroups?: readonly CgroupFolder[];
  /** Undefined when others' namespaces can't be seen; that process 1 has the node's own is known anyway. */
  readonly netNamespaces?: ReadonlySet<number>;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export function argumentsOf(questions: readonly Question[]): string[] {
  return questions.flatMap((one) => (one.kind === 'mnt' ? ['mnt', String(one.pid)] : [one.kind, one.path]));
}

/** Lines of no known form are left out: names on the node are strangers' words. */
export function* readingAnswers(output: string, questions: readonly Question[]): Steps<Answers> {
  const folders = new Map<number, FolderState>();
  const entries = new Map<number, Entry[]>();
  const disks = new Map<number, Pick<Disk, 'bytes' | 'inodes'>>();
  const mountNamespaces = new Map<number, string>();
  const identities = new Map<string, string>();
  const pids = new Map<string, number[]>();
  const netNamespaces = new Set<number>();
  const hidden = new Set<number>();
  const sections = new Set<string>();
  const answers: Writable<Answers> = { folders, entries, disks, mountNamespaces };
  const read: Readonly<Record<string, (line: string) => void>> = {
    C: (line) => {
      const clock = clockOf(line);
      if (clock !== undefined) answers.clock = clock;
    },
    S: (line) => sections.add(line),
    R: (line) => {
      const [, index, state] = /^(\d+) (ok|denied|missing)$/.exec(line) ?? [];
      if (index !== undefined) folders.set(Number(index) - 1, state as FolderState);
    },
    D: (line) => {
      const [, number, identity = '', seconds, path = ''] =
        /^(\d+) (\d+:\d+) (-?\d+) (\/.*)$/.exec(line) ?? [];
      const index = Number(number) - 1;
      const question = questions[index];
      if (question?.kind !== 'folder' || !path.startsWith(`${question.path}/./`)) return;
      const entry = {
        name: path.slice(question.path.length + 3),
        identity,
        modifiedAt: Number(seconds) * 1000,
      };
      const others = entries.get(index);
      if (others) others.push(entry);
      else entries.set(index, [entry]);
    },
    F: (line) => {
      if (!/^\d+( \d+){5}$/.test(line)) return;
      const [number = 0, available = 0, total = 0, size = 0, inodes = 0, free = 0] = line
        .split(' ')
        .map(Number);
      const bytes = { total: total * size, available: available * size };
      disks.set(number - 1, { bytes, inodes: { total: inodes, available: free } });
    },
    M: (line) => {
      const [, index, namespace] = /^(\d+) (mnt:\[\d+\])$/.exec(line) ?? [];
      if (namespace !== undefined) mountNamespaces.set(Number(index) - 1, namespace);
    },
    G: (line) => {
      const [, identity, path] = /^(\d+:\d+) (\/.*)$/.exec(line) ?? [];
      if (identity !== undefined && path !== undefined) identities.set(path, identity);
    },
    P: (line) => {
      const [, path, pid] = /^(\/.*)\/cgroup\.procs:(\d+)$/.exec(line) ?? [];
      if (path === undefined) return;
      const others = pids.get(path);
      if (others) others.push(Number(pid));
      else pids.set(path, [Number(pid)]);
    },
    U: (line) => netNamespaces.add(Number(line)),
    X: (line) => hidden.add(Number(line)),
  };
  for (let from = 0; from < output.length;) {
    yield;
    const newline = output.indexOf('\n', from);
    const end = newline < 0 ? output.length : newline;
    if (output[from + 1] === ' ') read[output[from] ?? '']?.(output.slice(from + 2, end));
    from = end + 1;
  }
  if (sections.has('cgroups')) answers.cgroups = cgroupFolders(identities, pids);
  if (sections.has('netns') && netNamespaces.size > 0 && [...hidden].every((pid) => pid === 1))
    answers.netNamespaces = netNamespaces;
  return answers;
}

/** Only the cgroup of a container itself, none that was made inside of it. */
function cgroupFolders(
  identities: ReadonlyMap<string, string>,
  pids: ReadonlyMap<string, readonly number[]>,
): CgroupFolder[] {
  return [...identities].flatMap(([path, identity]) => {
    const parent = path.slice(0, path.lastIndexOf('/'));
    const id = containerIdIn(path);
    if (id === undefined || containerIdIn(parent) !== undefined) return [];
    return { path, id, identity, pids: pids.get(path) ?? [] };
  });
}

/** Where date(1) doesn't know %N it prints it as it is, or nothing. */
function clockOf(line: string): number | undefined {
  const [, seconds, nanos] = /^(\d+)\.?(\d{9})?/.exec(line) ?? [];
  if (seconds === undefined) return undefined;
  return Number(seconds) * 1000 + (nanos === undefined ? 500 : Math.round(Number(nanos) / 1e6));
}
