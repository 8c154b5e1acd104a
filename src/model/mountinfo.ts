import { runNow, type Steps } from './steps.js';

/** One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
export interface Mount {
  /** Names the mount until it is unmounted; the kernel gives numbers anew. */
  readonly id: number;
  readonly parentId: number;
  /** `major:minor` of the filesystem. */
  readonly device: string;
  /** What of the filesystem is mounted: a path, and of a namespace's file `net:[4026532281]`. */
  readonly root: string;
  /** Where, as the process sees it. */
  readonly mountPoint: string;
  readonly options: readonly string[];
  /** `shared:N`, `master:N`, … */
  readonly propagation: readonly string[];
  readonly fsType: string;
  readonly source: string;
  readonly superOptions: readonly string[];
}

/** Parses mountinfo; lines that are not of its form are left out. */
export function parseMountinfo(text: string): Mount[] {
  return runNow(parsingMountinfo(text));
}

/** The same in steps: a crowded node has tens of thousands of mounts. */
export function* parsingMountinfo(text: string): Steps<Mount[]> {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    yield;
    const mount = parseMount(line);
    if (mount) mounts.push(mount);
  }
  return mounts;
}

function parseMount(line: string): Mount | undefined {
  const fields = line.split(' ');
  // Optional fields end with a single hyphen, however many there are.
  const hyphen = fields.indexOf('-', 6);
  const [id, parentId, device, root, mountPoint, options] = fields;
  const [fsType, source, superOptions] = hyphen < 0 ? [] : fields.slice(hyphen + 1);
  if (device === undefined || root === undefined || mountPoint === undefined || fsType === undefined) {
    return undefined;
  }
  return {
    id: Number(id),
    parentId: Number(parentId),
    device,
    root: unescaped(root),
    mountPoint: unescaped(mountPoint),
    options: options?.split(',') ?? [],
    propagation: fields.slice(6, hyphen),
    fsType: unescaped(fsType),
    source: unescaped(source ?? ''),
    superOptions: superOptions?.split(',').map(unescaped) ?? [],
  };
}

/** The kernel writes space, tab, newline, backslash and `#` as three octal digits (mangle_path, fs/seq_file.c). */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
