import type { Reality } from '../insight.js';
import type { JsonNode, JsonPath } from '../json.js';
import { itemsAt, textAt } from '../values.js';
import { compared, judged, notesOf, unreadable, type About, type KernelView } from './fact.js';

/** As a spec names them, and as /proc/PID/ns does (runtime-spec config-linux.md, "Namespaces"; namespaces(7)). */
export const namespaceFiles = {
  pid: 'pid',
  network: 'net',
  mount: 'mnt',
  ipc: 'ipc',
  uts: 'uts',
  user: 'user',
  cgroup: 'cgroup',
  time: 'time',
} as const;

type Kind = keyof typeof namespaceFiles;
const kinds = Object.keys(namespaceFiles) as Kind[];

export const namespaceFile = (pid: number, kind: Kind): string => `/proc/${pid}/ns/${namespaceFiles[kind]}`;

/** Files whose identities {@link namespaceFacts} wants of one process. */
export const namespaceFilesOf = (pid: number): string[] => kinds.map((kind) => namespaceFile(pid, kind));

/** Files that the spec's namespaces are joined by; those that can't be one line of text are left out. */
export function joinedFiles(spec: JsonNode): string[] {
  return itemsAt(spec, ['linux', 'namespaces']).flatMap((item) => {
    const path = textAt(item, ['path']) ?? '';
    return isPlainPath(path) ? [path] : [];
  });
}

/** Absolute and without control characters, so that it is one word and one line to the programs of a node. */
export function isPlainPath(path: string): boolean {
  // eslint-disable-next-line no-control-regex -- finding them is the purpose
  return path.startsWith('/') && !/[\u0000-\u001f\u007f]/.test(path) && path.length < 4096;
}

/** `linux.namespaces` against the identities of /proc/PID/ns. */
export function namespaceFacts(spec: JsonNode, kernel: KernelView): Reality[] {
  const listed = new Map<string, { readonly path: JsonPath; readonly file: string }>();
  for (const [index, item] of itemsAt(spec, ['linux', 'namespaces']).entries()) {
    const type = textAt(item, ['type']);
    const path: JsonPath = ['linux', 'namespaces', index];
    if (type !== undefined) listed.set(type, { path, file: textAt(item, ['path']) ?? '' });
  }
  return kinds.flatMap((kind) => {
    const entry = listed.get(kind);
    return factOf(kind, entry?.path ?? ['linux', 'namespaces'], entry?.file, kernel) ?? [];
  });
}

/** @param file undefined where the spec doesn't list the kind, empty where it wants a new namespace */
function factOf(
  kind: Kind,
  path: JsonPath,
  file: string | undefined,
  kernel: KernelView,
): Reality | undefined {
  const source = namespaceFile(kernel.pid, kind);
  const about: About = { path, name: `${kind} namespace`, source };
  const own = kernel.identity(source);
  const wanted = wantedOf(kind, file, kernel);
  if (own === undefined) {
    // An older kernel has no time or cgroup namespaces, and a spec that doesn't want them is right about that.
    if (file === undefined && kernel.identity(namespaceFile(1, kind)) === undefined) return undefined;
    const why = 'The process has ended, or its namespaces are only for root to see: read the node with sudo.';
    return unreadable(about, wanted.words, why);
  }
  const found = wordsOf(kind, own, kernel);
  if (wanted.identity === undefined) return unreadable(about, wanted.words, wanted.why ?? '');
  if (wanted.identity === 'new') {
    return compared(about, wanted.words, found, { drift: 'It was to have a namespace of its own.' });
  }
  return wanted.identity === own
    ? judged(about, wanted.words, wanted.words, 'same')
    : judged(
        about,
        wanted.words,
        found,
        'drift',
        notesOf(wanted.why, 'A process may enter another one itself (setns, unshare).'),
      );
}

interface Wanted {
  readonly words: string;
  /** `new` for one that nobody else has; undefined when it can't be told, then `why` says why. */
  readonly identity: string | undefined;
  readonly why?: string;
}

function wantedOf(kind: Kind, file: string | undefined, kernel: KernelView): Wanted {
  if (!kernel.first) return ofFirst(kind, kernel);
  if (file === '') return { words: ownWords, identity: 'new' };
  // What isn't listed is the runtime's own, which is the node's unless the runtime runs in a container itself.
  const from = file ?? namespaceFile(kernel.monitorPid ?? 1, kind);
  const identity =
    kernel.identity(from) ?? (file === undefined ? kernel.identity(namespaceFile(1, kind)) : undefined);
  if (identity === undefined) {
    const words = file === undefined ? nodeWords : `that of ${file}`;
    return { words, identity, why: `${from} is not there any more, or only root may see it.` };
  }
  const shared = wordsOf(kind, identity, kernel);
  const words = shared === ownWords && file !== undefined ? `that of ${file}` : shared;
  const pid = /^\/proc\/(\d+)\//.exec(from)?.[1];
  const known = [1, kernel.sandboxPid, kernel.monitorPid, kernel.firstPid].map(String);
  if (
    pid === undefined ||
    known.includes(pid) ||
    identity === kernel.identity(namespaceFile(kernel.pid, kind))
  ) {
    return { words, identity };
  }
  // A process of a pod that was restarted may have left its number to a stranger.
  return {
    words: `that of ${from}`,
    identity: undefined,
    why: `Process ${pid} may be another one than when this container was made.`,
  };
}

/** The container's other processes are where its first one is. */
function ofFirst(kind: Kind, kernel: KernelView): Wanted {
  const from = namespaceFile(kernel.firstPid, kind);
  const identity = kernel.identity(from);
  return identity === undefined
    ? { words: 'the container’s', identity, why: `${from} can’t be read.` }
    : { words: wordsOf(kind, identity, kernel), identity };
}

const ownWords = 'its own';
const nodeWords = 'the node’s';

/** Whom a namespace is shared with. */
function wordsOf(kind: Kind, identity: string, kernel: KernelView): string {
  const isOf = (pid: number | undefined): boolean =>
    pid !== undefined && kernel.identity(namespaceFile(pid, kind)) === identity;
  if (isOf(1)) return nodeWords;
  if (isOf(kernel.monitorPid)) return 'the runtime’s';
  if (kernel.sandboxPid !== kernel.firstPid && isOf(kernel.sandboxPid)) return 'the pod’s';
  if (isOf(kernel.firstPid)) return kernel.first ? ownWords : 'the container’s';
  return kernel.first ? 'another container’s' : 'one of its own';
}
