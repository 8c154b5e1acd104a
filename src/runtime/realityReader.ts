import { parseMountinfo, type Mount } from '../model/mountinfo.js';
import type { ProcessReality } from '../model/oci/insight.js';
import { parsing, type JsonNode } from '../model/oci/json.js';
import type { KernelText, KernelView } from '../model/oci/reality/fact.js';
import { mountinfoFile } from '../model/oci/reality/mounts.js';
import { identityPaths, processFiles, realityOf, secondFiles } from '../model/oci/reality/reality.js';
import { findById } from '../model/picture.js';
import { parseCmdline } from '../model/proc.js';
import type { Ancestry, ProcessInfo } from '../model/process.js';
import { textOf } from '../model/procText.js';
import { boundaryOf } from '../model/runtimes/index.js';
import { runInTurns } from '../model/steps.js';
import { NodeError, type Node } from '../node/node.js';
import { asError, breathe } from '../util/async.js';
import type { RuntimeConnection } from './connection.js';

/** What the kernel says of a container's processes, beside its spec. */
export interface ContainerReality {
  readonly first: ProcessReality;
  /** Those asked for, in the order asked for. */
  readonly others: readonly ProcessReality[];
}

/** Additional processes in one reading; callers ask again for more. */
export const mostProcesses = 16;

/** A mount table of a node with thousands of containers has megabytes. */
const longestMountinfo = 8 * 1024 * 1024;
/** A namespace's file may be on a file system that doesn't answer. */
const identityDeadlineMs = 10_000;

/**
 * Compares a running container's (or sandbox's) spec with the kernel, in two round trips.
 * @param pids additional processes of it, children or exec'd ones; the first {@link mostProcesses} are read
 * @param given the spec, where the caller has it; else it is read
 * Rejects with a reason for people when it isn't running or there is no spec.
 */
export async function readReality(
  connection: RuntimeConnection,
  id: string,
  pids: readonly number[],
  signal?: AbortSignal,
  given?: JsonNode,
): Promise<ContainerReality> {
  const target = targetOf(connection, id);
  if (target.boundary !== undefined) return { first: unknowable(target, target.boundary), others: [] };
  const spec = given ?? (await readSpecNode(connection, id, signal));
  const others = [...new Set(pids)].filter((pid) => pid !== target.pid && pid > 0).slice(0, mostProcesses);
  const reading = new Reading(connection.node, target, signal);
  await reading.readFirst(spec, others);
  await reading.readSecond(spec);
  const realities: ProcessReality[] = [];
  for (const pid of [target.pid, ...others]) {
    realities.push({ pid, command: reading.commandOf(pid), facts: realityOf(spec, reading.view(pid)) });
    await breathe();
  }
  const [first, ...rest] = realities;
  if (!first) throw new Error('There is no process to compare with.');
  return { first, others: rest };
}

async function readSpecNode(
  connection: RuntimeConnection,
  id: string,
  signal?: AbortSignal,
): Promise<JsonNode> {
  const { text } = await connection.readSpec(id, signal);
  try {
    return await runInTurns(parsing(text), breathe);
  } catch (error) {
    throw new Error('The spec is not valid JSON; it may be cut short.', { cause: error });
  }
}

interface Target {
  readonly pid: number;
  readonly links: readonly ProcessInfo[];
  readonly sandboxPid?: number;
  readonly monitorPid?: number;
  /** What keeps the container's processes from being the node's. */
  readonly boundary?: string;
}

function targetOf(connection: RuntimeConnection, id: string): Target {
  const { sandbox, container } = findById(connection.snapshot, id);
  const found = container ?? sandbox;
  if (!found) throw new Error('The runtime doesn’t list it any more. Refresh to see what is there.');
  const { pid, ancestry } = found;
  if (pid === undefined) {
    const why = ancestry.reason ?? 'It isn’t running.';
    throw new Error(`There is no process to compare the spec with. ${why}`);
  }
  const at = ancestry.links.findIndex((link) => link.pid === pid);
  const above = ancestry.links[at - 1];
  const monitorPid = above?.role === 'shim' || above?.role === 'monitor' ? above.pid : undefined;
  const boundary = boundaryIn(ancestry, pid, container ? sandbox?.pid : pid);
  return {
    pid,
    links: ancestry.links.slice(Math.max(at, 0)),
    ...(sandbox?.pid === undefined ? {} : { sandboxPid: sandbox.pid }),
    ...(monitorPid === undefined ? {} : { monitorPid }),
    ...(boundary === undefined ? {} : { boundary }),
  };
}

/** Its shim's word, or a process that is the pod's too: a container's own process may call itself anything. */
function boundaryIn(
  { links, lowLevel }: Ancestry,
  pid: number,
  sandboxPid: number | undefined,
): string | undefined {
  const first = links.find((link) => link.pid === pid);
  const shim = links.findLast(({ role }) => role === 'shim' || role === 'monitor')?.command[0] ?? '';
  if (shim.includes('containerd-shim-kata')) return 'Kata Containers';
  if (shim.includes('containerd-shim-runsc')) return 'gVisor';
  if (!first || sandboxPid !== pid) return undefined;
  const { command, ppid, startedAt } = first;
  const record = { pid, ppid, state: '', comm: '', argv: command, cgroups: [], startTicks: 0, startedAt };
  return boundaryOf(record)?.name ?? (lowLevel?.name === 'runsc' ? 'gVisor' : undefined);
}

function unknowable({ pid, links }: Target, boundary: string): ProcessReality {
  return {
    pid,
    command: links[0]?.command ?? [],
    facts: [
      {
        path: [],
        name: 'processes',
        spec: 'as listed',
        verdict: 'unreadable',
        source: `/proc/${pid}`,
        note:
          `${boundary} runs the pod behind a kernel of its own: process ${pid} of the node is all of the pod, and none is the ` +
          'container’s alone. Look at /proc from inside, with a shell in the container.',
      },
    ],
  };
}

/** What two round trips brought. */
class Reading {
  readonly #files = new Map<string, Buffer | NodeError>();
  readonly #identities = new Map<string, string>();
  #readerMounts: readonly Mount[] = [];
  #runtimeMounts: readonly Mount[] = [];

  constructor(
    private readonly node: Node,
    private readonly target: Target,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async readFirst(spec: JsonNode, others: readonly number[]): Promise<void> {
    const { pid, sandboxPid, monitorPid } = this.target;
    const runtime = mountinfoFile(monitorPid ?? 1);
    const reader = '/proc/self/mountinfo';
    const processes = [pid, ...others];
    const named = [...processes, 1, sandboxPid, monitorPid].filter((one) => one !== undefined);
    await Promise.all([
      this.#readFiles([...processes.flatMap(processFiles), ...others.map(cmdlineFile)]),
      ...[mountinfoFile(pid), runtime, reader].map((path) => this.#readLong(path)),
      this.#identify(identityPaths(spec, [...new Set(named)])),
    ]);
    this.#readerMounts = this.#mountsOf(reader);
    this.#runtimeMounts = this.#mountsOf(runtime);
  }

  async readSecond(spec: JsonNode): Promise<void> {
    await this.#readFiles(secondFiles(spec, this.view(this.target.pid)));
  }

  view(pid: number): KernelView {
    const { pid: firstPid, sandboxPid, monitorPid } = this.target;
    return {
      pid,
      firstPid,
      first: pid === firstPid,
      readerMounts: this.#readerMounts,
      runtimeMounts: this.#runtimeMounts,
      read: (path) => this.#read(path),
      identity: (path) => this.#identities.get(path),
      ...(sandboxPid === undefined ? {} : { sandboxPid }),
      ...(monitorPid === undefined ? {} : { monitorPid }),
    };
  }

  commandOf(pid: number): readonly string[] {
    const link = this.target.links.find((one) => one.pid === pid);
    if (link) return link.command;
    const file = this.#files.get(cmdlineFile(pid));
    return file instanceof Buffer ? parseCmdline(file) : [];
  }

  #read(path: string): KernelText {
    const file = this.#files.get(path);
    if (file instanceof Buffer) return { text: textOf(file) };
    if (!(file instanceof NodeError)) return { reason: `${path} was not read.` };
    const ended = file.kind === 'missing' && path.startsWith('/proc/');
    return { reason: ended ? `${file.message} The process may have ended; refresh to see.` : file.message };
  }

  #mountsOf(path: string): readonly Mount[] {
    const read = this.#read(path);
    return 'text' in read ? parseMountinfo(read.text) : [];
  }

  async #readFiles(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    for (const [path, file] of await this.node.readFiles(paths, this.signal)) this.#files.set(path, file);
  }

  async #readLong(path: string): Promise<void> {
    const options = { length: longestMountinfo, ...(this.signal ? { signal: this.signal } : {}) };
    try {
      this.#files.set(path, await this.node.readFile(path, options));
    } catch (error) {
      this.signal?.throwIfAborted();
      this.#files.set(
        path,
        error instanceof NodeError ? error : new NodeError('failed', asError(error).message),
      );
    }
  }

  /** Links followed, in the words of GNU's and busybox's stat. Those that can't be followed are left out. */
  async #identify(paths: readonly string[]): Promise<void> {
    const deadline = AbortSignal.timeout(identityDeadlineMs);
    const signal = this.signal ? AbortSignal.any([this.signal, deadline]) : deadline;
    const asked = new Set(paths);
    try {
      const { stdout } = await this.node.run(['stat', '-L', '-c', '%d:%i %n', '--', ...paths], { signal });
      for (const line of textOf(stdout).split('\n')) {
        const [, identity, path] = /^(\d+:\d+) (\/.*)$/.exec(line) ?? [];
        if (identity !== undefined && path !== undefined && asked.has(path))
          this.#identities.set(path, identity);
      }
    } catch {
      // Without stat(1), or in time: each namespace says that it couldn't be read.
      this.signal?.throwIfAborted();
    }
  }
}

const cmdlineFile = (pid: number): string => `/proc/${pid}/cmdline`;
