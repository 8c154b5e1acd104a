import type { CriClient } from '../cri/client.js';
import { CriError } from '../cri/errors.js';
import { joining, type Join, type JoinInput, type JoinTarget, type Placement } from '../model/join.js';
import type { Place } from '../model/picture.js';
import { parseFibTrie, parseIfInet6 } from '../model/procNet.js';
import type { ProcessTable } from '../model/process.js';
import type { ListedContainer, ListedSandbox } from '../model/snapshot.js';
import { runInTurns } from '../model/steps.js';
import type { Node, NodeError } from '../node/node.js';
import { breathe, delay, mapLimit, messageOf } from '../util/async.js';
import type { Logger } from '../util/logger.js';
import { ShimOptions } from './shimOptions.js';

/** What a runtime lists. */
export interface Lists {
  readonly sandboxes: readonly ListedSandbox[];
  readonly containers: readonly ListedContainer[];
}

/** Verbose statuses asked for in one refresh, of those that no cgroup places; the others wait for the next. */
const askAtMost = 32;
const askAtOnce = 4;
/** An unplaced id is asked about again after this long: its process may have come back in another form. */
const askAgainMs = 60_000;
/** How long a picture waits for the options of shims, in milliseconds. */
const patienceMs = 50;
/** Network files read in one refresh. */
const addressesAtMost = 200;

/** A process table older than this is read anew, in milliseconds: the lists took long to come. */
const oldMs = 2_000;

export interface Tables {
  /** Begun before the lists came, or not. */
  readonly recent: ProcessTable;
  /** Reads one now. */
  readonly newer: () => Promise<ProcessTable>;
}

interface Address {
  /** The process whose network namespace was read. */
  readonly pid: number;
  /** Absent on the node's own network, or when there are several to choose from. */
  readonly ip?: string;
}

/** Joins what a runtime lists with the node's processes, and remembers the join for the next time. */
export class Placer {
  readonly #node: Node;
  readonly #logger: Logger;
  #join: Join | undefined;
  /** One object, so that a refresh without a process table finds nothing changed. */
  #nowhere: Place = nowhere('The process table was not read yet.');
  /** What ran at the last join, and of that what had no process. */
  #running: ReadonlySet<string> | undefined;
  #unplaced: ReadonlySet<string> = new Set();
  readonly #asked = new Map<string, number>();
  readonly #addresses = new Map<string, Address>();
  readonly #options: ShimOptions;
  #readingOptions: Promise<void> | undefined;

  constructor(node: Node, logger: Logger) {
    this.#node = node;
    this.#options = new ShimOptions(node);
    this.#logger = logger;
  }

  /** By id; empty while the process table can't be read. */
  get placements(): ReadonlyMap<string, Placement> {
    return this.#join?.placements ?? new Map<string, Placement>();
  }

  placeOf(id: string): Place {
    const placement = this.#join?.placements.get(id);
    if (placement) {
      const { pid } = placement;
      const ancestry = this.#options.refine(id, placement.ancestry);
      return pid === undefined ? { ancestry } : { pid, ancestry };
    }
    return this.#nowhere;
  }

  ipOf(sandboxId: string): string | undefined {
    return this.#addresses.get(sandboxId)?.ip;
  }

  /** Drops what is known of processes, since they can't be read now. */
  forget(reason: string): void {
    this.#join = undefined;
    if (this.#nowhere.ancestry.reason !== reason) this.#nowhere = nowhere(reason);
  }

  /**
   * @param client to ask for the pids that no cgroup tells; without one they stay unknown
   * @returns the process table that was joined
   */
  async place(
    lists: Lists,
    tables: Tables,
    client: CriClient | undefined,
    signal: AbortSignal,
  ): Promise<ProcessTable> {
    const targets = targetsOf(lists);
    const { join, table } = await this.#joinNewEnough(targets, tables);
    this.#join = join;
    this.#running = runningOf(targets);
    this.#unplaced = new Set(join.unplaced);
    const knownPids = client
      ? await this.#askPids(join.unplaced, lists, client, signal)
      : new Map<string, number>();
    if (knownPids.size > 0) this.#join = await this.#joined({ table, targets, knownPids });
    await Promise.all([this.#readOptions(signal), this.#readAddresses(lists, signal)]);
    return table;
  }

  /** What began to run while lists and processes were read may be in the lists only: then the processes are read again. */
  async #joinNewEnough(
    targets: readonly JoinTarget[],
    { recent, newer }: Tables,
  ): Promise<{ readonly join: Join; readonly table: ProcessTable }> {
    const before = this.#running;
    const isOld = Date.now() - recent.takenAt > oldMs;
    if (!isOld && !(before && [...runningOf(targets)].some((id) => !before.has(id)))) {
      const join = await this.#joined({ table: recent, targets });
      if (join.unplaced.every((id) => this.#unplaced.has(id))) return { join, table: recent };
    }
    const table = await newer();
    return { join: await this.#joined({ table, targets }), table };
  }

  #joined(input: JoinInput): Promise<Join> {
    return runInTurns(joining(this.#join ? { ...input, previous: this.#join } : input), breathe);
  }

  async #askPids(
    unplaced: readonly string[],
    lists: Lists,
    client: CriClient,
    signal: AbortSignal,
  ): Promise<Map<string, number>> {
    const now = Date.now();
    for (const [id, at] of this.#asked) if (now - at > askAgainMs) this.#asked.delete(id);
    const due = unplaced.filter((id) => !this.#asked.has(id)).slice(0, askAtMost);
    if (due.length === 0) return new Map();
    const sandboxIds = new Set(lists.sandboxes.map((sandbox) => sandbox.id));
    const pids = new Map<string, number>();
    let hangs = false;
    await mapLimit(due, askAtOnce, async (id) => {
      // The picture waits for this, so for one deadline at most: the others are asked about at the next refresh.
      if (hangs) return;
      this.#asked.set(id, now);
      try {
        const status = sandboxIds.has(id)
          ? await client.podSandboxStatus(id, true, { signal })
          : await client.containerStatus(id, true, { signal });
        if (status.pid !== undefined) pids.set(id, status.pid);
      } catch (error) {
        hangs ||= error instanceof CriError && error.kind === 'hung';
        this.#logger.debug(`status of ${id}: ${messageOf(error)}`);
      }
    });
    return pids;
  }

  /** Waits for a moment only: a node over SSH may take seconds for hundreds of files, and the next picture does as well. */
  async #readOptions(signal: AbortSignal): Promise<void> {
    const placements = [...(this.#join?.placements.values() ?? [])];
    this.#readingOptions ??= this.#options
      .read(
        placements.map(({ ancestry }) => ancestry),
        signal,
      )
      .catch((error: unknown) => this.#logger.debug(`options of the shims: ${messageOf(error)}`))
      .finally(() => (this.#readingOptions = undefined));
    const enough = new AbortController();
    await Promise.race([this.#readingOptions, delay(patienceMs, enough.signal).catch(() => undefined)]);
    enough.abort();
  }

  /**
   * The addresses of sandboxes, from /proc/PID/net of one of their processes: read once for each, in one round trip,
   * where PodSandboxStatus would be a call for each.
   */
  async #readAddresses({ sandboxes, containers }: Lists, signal: AbortSignal): Promise<void> {
    const wanted = new Map<string, number>();
    const seen = new Set<string>();
    const want = (sandboxId: string, id: string): void => {
      const pid = this.#join?.placements.get(id)?.pid;
      if (pid === undefined || seen.has(sandboxId)) return;
      seen.add(sandboxId);
      if (this.#addresses.get(sandboxId)?.pid !== pid && wanted.size < addressesAtMost)
        wanted.set(sandboxId, pid);
    };
    for (const sandbox of sandboxes) if (sandbox.state === 'ready') want(sandbox.id, sandbox.id);
    // Without a pause process (CRI-O's drop_infra_ctr) any container of the pod shares its network.
    for (const container of containers)
      if (container.state === 'running') want(container.sandboxId, container.id);
    for (const id of this.#addresses.keys()) if (!seen.has(id)) this.#addresses.delete(id);
    if (wanted.size === 0) return;
    const files = await this.#node.readFiles(['/proc/1', ...pathsOf(wanted)].flatMap(netFiles), signal);
    const hostFib = textOf(files.get('/proc/1/net/fib_trie'));
    for (const [sandboxId, pid] of wanted) {
      const ip = onlyAddress(files, `/proc/${pid}`, hostFib);
      this.#addresses.set(sandboxId, { pid, ...(ip === undefined ? {} : { ip }) });
    }
  }
}

function nowhere(reason: string): Place {
  return { ancestry: { links: [], reason } };
}

type Files = ReadonlyMap<string, Buffer | NodeError>;

const pathsOf = (wanted: ReadonlyMap<string, number>): string[] =>
  [...wanted.values()].map((pid) => `/proc/${pid}`);
const netFiles = (folder: string): string[] => [`${folder}/net/fib_trie`, `${folder}/net/if_inet6`];

function bytesOf(file: Buffer | NodeError | undefined): Buffer {
  return file instanceof Buffer ? file : Buffer.alloc(0);
}

function textOf(file: Buffer | NodeError | undefined): string {
  return bytesOf(file).toString('latin1');
}

/** The one address of a process's network, IPv4 before IPv6. None for process 1's own network: that's the node's. */
function onlyAddress(files: Files, folder: string, hostFib: string): string | undefined {
  const fib = files.get(`${folder}/net/fib_trie`);
  if (hostFib !== '' && textOf(fib) === hostFib) return undefined;
  const v4 = parseFibTrie(bytesOf(fib));
  if (v4.length > 0) return v4.length === 1 ? v4[0] : undefined;
  const v6 = parseIfInet6(bytesOf(files.get(`${folder}/net/if_inet6`)));
  return v6.length === 1 ? v6[0] : undefined;
}

function runningOf(targets: readonly JoinTarget[]): Set<string> {
  return new Set(targets.filter(({ running }) => running).map(({ id }) => id));
}

function targetsOf({ sandboxes, containers }: Lists): JoinTarget[] {
  return [
    ...sandboxes.map(({ id, state }) => ({ id, role: 'sandbox' as const, running: state === 'ready' })),
    ...containers.map(({ id, sandboxId, state }) => ({
      ...{ id, sandboxId, role: 'container' as const, running: state === 'running' },
    })),
  ];
}
