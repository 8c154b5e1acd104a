import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { delay } from '../../src/util/async.js';
import { labPaths, labPrefix, type LabPaths } from './config.js';

const run = promisify(execFile);

interface ProcessStat {
  readonly ppid: number;
  /** Pid and start time in ticks: cannot be mistaken for a later process with the same number. */
  readonly stamp: string;
}

/** proc_pid_stat(5) fields 4 and 22; undefined for what is gone or a zombie. */
function processStat(pid: number): ProcessStat | undefined {
  const text = read(`/proc/${pid}/stat`);
  const [state, ppid, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (!state || state === 'Z') return undefined;
  return { ppid: Number(ppid), stamp: `${pid} ${fields[17]}` };
}

/** What {@link LabPaths.owner} holds for a process. */
export function processStamp(pid: number): string | undefined {
  return processStat(pid)?.stamp;
}

/** Cleans after labs whose owner is gone, known by the folder's prefix and the pid file in it. */
export async function cleanLeftovers(progress: (line: string) => void): Promise<void> {
  const parent = dirname(labPrefix);
  for (const name of await readdir(parent)) {
    const folder = join(parent, name);
    if (!folder.startsWith(labPrefix) || !(await isAbandoned(labPaths(folder)))) continue;
    progress(`cleaning what an earlier lab left: ${folder}`);
    await removeLab(labPaths(folder));
  }
}

async function isAbandoned(paths: LabPaths): Promise<boolean> {
  const owner = await readFile(paths.owner, 'utf8').catch(() => undefined);
  if (owner) return processStamp(Number.parseInt(owner, 10)) !== owner;
  // Without an owner it is either about to be born or a very early death.
  const { mtimeMs } = await stat(paths.folder).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs > 60_000;
}

/**
 * Ends and removes all that belongs to a lab, whether its containerd still runs or not: processes, mounts, the
 * runtime's state, cgroups, bridge, folder. Only what names the lab's own folder is touched.
 */
export async function removeLab(paths: LabPaths): Promise<void> {
  const ids = await readdir(join(paths.state, 'io.containerd.runtime.v2.task/k8s.io')).catch(() => []);
  const shimSockets = await Promise.all(ids.map((id) => readShimAddress(paths, id)));
  await endProcesses(paths);
  await unmountAll(paths.folder);
  for (const id of ids) await rm(`/run/containerd/runc/k8s.io/${id}`, { recursive: true, force: true });
  for (const socket of shimSockets) if (socket) await rm(socket, { force: true });
  await removeCgroups(paths.name);
  await removeCniResults(paths.bridge);
  await run('/usr/sbin/ip', ['link', 'delete', paths.bridge]).catch(() => undefined);
  await rm(paths.folder, { recursive: true, force: true, maxRetries: 5 });
}

/** `unix:///run/containerd/s/HASH`, in a file of the bundle: `address` of containerd 1.x, `bootstrap.json` of 2.x. */
async function readShimAddress(paths: LabPaths, id: string): Promise<string | undefined> {
  const bundle = join(paths.state, 'io.containerd.runtime.v2.task/k8s.io', id);
  const read = (name: string): Promise<string> => readFile(join(bundle, name), 'utf8').catch(() => '');
  const text = (await read('address')) || (await read('bootstrap.json'));
  return /unix:\/\/(\/run\/containerd\/s\/[0-9a-f]+)\b/.exec(text)?.[1];
}

/** Kills until none is left: while some end, others may still be on their way. */
async function endProcesses(paths: LabPaths): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const stamps = await processesOf(paths);
    if (stamps.size === 0) return;
    if (Date.now() > deadline)
      throw new Error(`processes of ${paths.folder} do not end: ${[...stamps.keys()].join()}`);
    for (const [pid, stamp] of stamps) kill(pid, stamp);
    await delay(20);
  }
}

/** containerd, its shims, whatever descends from them, and whatever is in the lab's cgroups. pid to stamp. */
async function processesOf(paths: LabPaths): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  const rest = new Map<number, ProcessStat>();
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)) {
    const process = processStat(pid);
    if (!process) continue;
    if (names(pid, paths) || inCgroup(pid, paths.name)) found.set(pid, process.stamp);
    else rest.set(pid, process);
  }
  // Grows while it is walked: children of children follow.
  for (const parent of found.keys()) {
    for (const [pid, { ppid, stamp }] of rest) if (ppid === parent) found.set(pid, stamp);
  }
  return found;
}

/** Is it this lab's containerd or one of its shims? Both name a path of the lab in their arguments. */
function names(pid: number, paths: LabPaths): boolean {
  const [program, ...args] = read(`/proc/${pid}/cmdline`).split('\0');
  return (
    program !== undefined &&
    program.includes('containerd') &&
    args.some((arg) => arg.startsWith(`${paths.folder}/`))
  );
}

function inCgroup(pid: number, cgroup: string): boolean {
  return read(`/proc/${pid}/cgroup`).includes(`:/${cgroup}/`);
}

function kill(pid: number, stamp: string): void {
  if (processStamp(pid) !== stamp) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

async function unmountAll(folder: string): Promise<void> {
  const mounted = read('/proc/self/mountinfo')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((target) => target.startsWith(`${folder}/`));
  for (const target of mounted.reverse()) await run('umount', ['--lazy', target]).catch(() => undefined);
  if (mounted.length > 0 && read('/proc/self/mountinfo').includes(` ${folder}/`)) {
    throw new Error(`some mounts below ${folder} can't be removed`);
  }
}

/** In every hierarchy of cgroup v1, or the one of v2. A cgroup goes only after its children. */
async function removeCgroups(name: string): Promise<void> {
  const hierarchies = [
    '/sys/fs/cgroup',
    ...(await readdir('/sys/fs/cgroup')).map((at) => `/sys/fs/cgroup/${at}`),
  ];
  for (const hierarchy of hierarchies) await removeCgroup(join(hierarchy, name));
}

async function removeCgroup(path: string): Promise<void> {
  const children = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const child of children) if (child.isDirectory()) await removeCgroup(join(path, child.name));
  await rmdir(path).catch(() => undefined);
}

/** libcni keeps what it answered as `NETWORK-ID-INTERFACE`. */
async function removeCniResults(network: string): Promise<void> {
  const folder = '/var/lib/cni/results';
  for (const name of await readdir(folder).catch(() => [])) {
    if (name.startsWith(`${network}-`)) await rm(join(folder, name), { force: true });
  }
}
