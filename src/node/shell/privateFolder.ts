import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readlinkSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Disposable } from '../../util/dispose.js';
import { NodeError } from '../node.js';
import { removeAbandoned } from './abandoned.js';

/**
 * ssh(1) puts 17 characters behind a ControlPath before it binds it, and sun_path holds 104 bytes on macOS, 108 on Linux
 * (unix(7)): below this there is room for the name of a socket.
 */
const maxLength = 70;

/**
 * A short folder of mode 0700 for sockets of ours. Its name tells the process that made it, so that the next one can clean
 * up after a crash. Everything in it goes with it.
 */
export class PrivateFolder implements Disposable {
  readonly path: string;
  readonly #parent: string;
  readonly #onExit = (): void => this.dispose();

  constructor(bases: readonly string[] = privateBases(process.env, process.platform)) {
    this.#parent = parentFolder(bases);
    for (const folder of abandonedFolders(this.#parent)) void removeAbandoned(folder);
    this.path = join(this.#parent, `${ownerName(process.pid)}-${randomBytes(3).toString('hex')}`);
    mkdirSync(this.path, { mode: 0o700 });
    process.once('exit', this.#onExit);
  }

  join(name: string): string {
    return join(this.path, name);
  }

  dispose(): void {
    process.off('exit', this.#onExit);
    rmSync(this.path, { recursive: true, force: true });
    try {
      rmdirSync(this.#parent);
    } catch {
      // Another folder is in use there.
    }
  }
}

/**
 * Where the folder may be, best first: XDG_RUNTIME_DIR is the user's own; TMPDIR of macOS is too long. On Windows sockets
 * are pipes and the profile's own temporary folder will do.
 */
export function privateBases(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string[] {
  if (platform === 'win32') return [environment.TEMP ?? environment.TMP ?? 'C:\\Windows\\Temp'];
  const runtime = environment.XDG_RUNTIME_DIR;
  return runtime?.startsWith('/') && runtime.length <= 40 ? [runtime, '/tmp'] : ['/tmp'];
}

function parentFolder(bases: readonly string[]): string {
  const reasons: string[] = [];
  for (const base of bases) {
    const path = join(base, `cri-explorer-${userId()}`);
    try {
      mkdirSync(path, { mode: 0o700, recursive: false });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        reasons.push(`${path}: ${(error as Error).message}`);
        continue;
      }
    }
    const reason = whyUnsafe(path);
    if (reason === undefined) return path;
    reasons.push(`${path} ${reason}`);
  }
  throw new NodeError('failed', `There is no safe place for sockets: ${reasons.join('; ')}.`);
}

/** Why strangers could get at what is in a folder; undefined when they can't. */
export function whyUnsafe(path: string): string | undefined {
  const { uid, mode, isFolder } = describe(path);
  if (!isFolder) return 'is not a folder';
  if (process.platform === 'win32') return undefined; // It has neither; the profile is the user's.
  if (uid !== userId()) return `belongs to another user (${uid})`;
  if ((mode & 0o077) !== 0) return 'is open to others; remove it';
  return path.length > maxLength ? 'has too long a path for a socket' : undefined;
}

/** lstat: a link that another user planted must not be followed. */
function describe(path: string): { uid: number; mode: number; isFolder: boolean } {
  const info = lstatSync(path);
  return { uid: info.uid, mode: info.mode, isFolder: info.isDirectory() };
}

function userId(): number {
  return process.getuid?.() ?? 0;
}

/** A pid means something within its namespace only: containers that share /tmp must not clean each other's. */
function ownerName(pid: number): string {
  return `${pid}-${pidNamespace()}`;
}

function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}

/** Those whose process is dead. */
function abandonedFolders(parent: string): string[] {
  const namespace = pidNamespace();
  const isAbandoned = (name: string): boolean => {
    const [pid, space] = name.split('-');
    return space === namespace && !isAlive(Number(pid));
  };
  return readdirSync(parent)
    .filter(isAbandoned)
    .map((name) => join(parent, name));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether a path names anything, a socket included. */
export function existsNow(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
