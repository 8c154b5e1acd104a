import type { ProcessTable } from '../model/process.js';
import type { Node } from '../node/node.js';
import type { SudoMode } from '../node/sudo.js';
import { messageOf } from '../util/async.js';
import { Coalesced } from '../util/coalesce.js';
import { DisposableStore, type Disposable } from '../util/dispose.js';
import { Emitter } from '../util/event.js';
import type { Logger } from '../util/logger.js';
import { CriRuntime } from './criRuntime.js';
import { discover, type BadCandidate, type Candidate, type Discovery } from './discovery.js';
import { parseEndpoint } from './endpoint.js';
import { monitorPrograms } from '../model/runtimes/index.js';
import type { EndpointStatus, NodeConnection, NodeLink, NodeState } from './nodes.js';

/** Candidates are looked for anew after this long. */
const rediscoverMs = 60_000;
/** A socket that is absent or shut is tried again after this long; over SSH each try is a command on the node. */
const retryMs = { local: 10_000, ssh: 60_000 };

/** A machine, opened, and what is special about reaching it. */
export interface OpenedNode {
  readonly node: Node;
  /** Where there is one, nothing is read before someone connects. */
  readonly link?: NodeLink;
  readonly sudo?: SudoMode;
  /** Forgets that the person declined to give sudo's password. */
  readonly askAgain?: () => void;
  /** What its questions call it from now on. */
  readonly rename?: (name: string) => void;
}

export interface NodeOptions extends OpenedNode {
  readonly id: string;
  readonly label: string;
  /** The only endpoint to use; without one they are looked for. */
  readonly endpoint?: string;
  readonly logger: Logger;
}

interface Slot {
  candidate: Candidate;
  readonly runtime: CriRuntime;
  triedAt: number;
  /** The read under way. */
  reading: Promise<void> | undefined;
}

/** One node: finds its CRI endpoints, keeps a {@link CriRuntime} for each, and shares one /proc sweep between them. */
export class RuntimesOfNode implements NodeConnection, Disposable {
  readonly id: string;
  readonly label: string;
  readonly kind: 'local' | 'ssh';
  readonly node: Node;
  readonly #options: NodeOptions;
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #disposables = new DisposableStore();
  readonly #end = new AbortController();
  readonly #sweep: Coalesced<ProcessTable>;
  #lastSweep: { readonly begun: number; readonly table: Promise<ProcessTable> } | undefined;
  /** When the last reading of something began: a process table that was begun before is too old for it. */
  #roundBegun = 0;
  readonly #discovery: Coalesced<void>;
  #slots: readonly Slot[] = [];
  #bad: readonly BadCandidate[] = [];
  #discoveredAt = -Infinity;
  #failure: string | undefined;
  #processes: ProcessTable | undefined;
  /** What a link that became ready set off. */
  #reading: Promise<void> | undefined;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.id = options.id;
    this.label = options.label;
    this.node = options.node;
    this.kind = options.node.kind;
    this.#sweep = new Coalesced(() => this.#readProcesses());
    this.#discovery = new Coalesced(() => this.#discover());
    this.#disposables.add(this.#changed);
    if (options.link) this.#disposables.add(options.link.onDidChangeState(() => this.#linkChanged()));
  }

  get processes(): ProcessTable | undefined {
    return this.#processes;
  }

  get runtimes(): readonly CriRuntime[] {
    return this.#slots.map((slot) => slot.runtime).filter((runtime) => runtime.snapshot !== undefined);
  }

  get endpoints(): readonly EndpointStatus[] {
    const found = this.#slots.map(({ candidate, runtime }) => ({
      endpoint: candidate.uri,
      sources: candidate.sources,
      configured: candidate.configured,
      state: runtime.endpointState,
      ...(runtime.reason === undefined ? {} : { reason: runtime.reason }),
    }));
    const bad = this.#bad.map(({ text, source, reason }) => ({
      endpoint: text,
      sources: [source],
      configured: true,
      state: 'failed' as const,
      reason,
    }));
    return [...found, ...bad];
  }

  get sudo(): SudoMode {
    return this.#options.sudo ?? 'never';
  }

  get connected(): boolean {
    return (this.#options.link?.state.name ?? 'ready') === 'ready';
  }

  get retryAt(): number | undefined {
    const state = this.#options.link?.state;
    return state?.name === 'lost' ? state.retryAt : undefined;
  }

  get state(): NodeState {
    const link = this.#options.link?.state.name ?? 'ready';
    if (link !== 'ready') return link;
    if (this.#slots.some((slot) => slot.runtime.state === 'ready')) return 'ready';
    if (this.#slots.some((slot) => slot.runtime.state === 'lost')) return 'lost';
    if (this.#failure !== undefined) return 'failed';
    const waiting =
      this.#discoveredAt === -Infinity || this.#slots.some((slot) => slot.runtime.state === 'connecting');
    return waiting ? 'connecting' : 'failed';
  }

  get reason(): string | undefined {
    const link = this.#options.link?.state;
    if (link && 'reason' in link) return link.reason;
    if (this.#failure !== undefined) return this.#failure;
    if (this.state === 'ready' || this.state === 'connecting' || this.state === 'idle') return undefined;
    const worst = this.#slots.find((slot) => slot.runtime.state === 'lost') ?? this.#slots.find(isPresent);
    return worst?.runtime.reason ?? this.#bad[0]?.reason ?? 'No container runtime was found on this node.';
  }

  connect(): void {
    const { link, askAgain } = this.#options;
    askAgain?.();
    if (!link) void this.refresh();
    else if (link.state.name === 'idle') link.connect();
    else link.reconnect();
  }

  disconnect(): void {
    this.#options.link?.disconnect();
  }

  /** A link that is ready again has everything read anew; one that is not leaves the last pictures, marked. */
  #linkChanged(): void {
    const state = this.#options.link?.state;
    if (state?.name === 'ready') void (this.#reading = this.#readAll());
    else if (state) {
      const reason = 'reason' in state ? state.reason : 'This node is not connected.';
      for (const { runtime } of this.#slots) runtime.cutOff(reason);
    }
    this.#changed.fire();
  }

  /** Reads what is due; what is under way already is left to end by itself. */
  async poll(): Promise<void> {
    if (!this.connected) return;
    const now = Date.now();
    if (now - this.#discoveredAt >= rediscoverMs) await this.#discovery.join();
    const due = this.#slots.filter(
      (slot) => slot.runtime.state !== 'failed' || now - slot.triedAt >= retryMs[this.kind],
    );
    this.#begin(
      due.filter(({ reading }) => !reading),
      (runtime) => runtime.poll(),
    );
    await readingsOf(due);
  }

  async refresh(): Promise<void> {
    const { link } = this.#options;
    if (link && link.state.name !== 'ready') await this.#connected(link);
    else await this.#readAll();
  }

  /** Resolves when a try to connect has ended, and what it then can read is read. */
  async #connected(link: NodeLink): Promise<void> {
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        if (link.state.name !== 'connecting') done();
      };
      const listening = link.onDidChangeState(settle);
      const done = (): void => {
        listening.dispose();
        this.#end.signal.removeEventListener('abort', done);
        resolve();
      };
      this.#end.signal.addEventListener('abort', done, { once: true });
      if (link.state.name !== 'connecting') link.connect();
    });
    if (link.state.name === 'ready') await this.#reading;
  }

  /** What is known already is read while candidates are looked for; what is found is read at once. */
  async #readAll(): Promise<void> {
    this.#begin(this.#slots, (runtime) => runtime.refresh());
    await this.#discovery.fresh();
    await readingsOf(this.#slots);
  }

  #begin(slots: readonly Slot[], read: (runtime: CriRuntime) => Promise<void>): void {
    if (slots.length > 0) this.#roundBegun = performance.now();
    for (const slot of slots) begin(slot, read);
  }

  #readProcesses(): Promise<ProcessTable> {
    const begun = performance.now();
    const read = async (): Promise<ProcessTable> => {
      const table = await this.node.sweep({ cwdOf: monitorPrograms, signal: this.#end.signal });
      this.#processes = table;
      return table;
    };
    const table = read();
    this.#lastSweep = { begun, table };
    return table;
  }

  /** The process table of this round of reading, whoever asked for it first. */
  #recentProcesses(): Promise<ProcessTable> {
    const last = this.#lastSweep;
    return last && last.begun >= this.#roundBegun ? last.table : this.#sweep.fresh();
  }

  async #discover(): Promise<void> {
    this.#roundBegun = performance.now();
    try {
      const found = await this.#candidates();
      this.#failure = undefined;
      this.#bad = found.bad;
      this.#replaceSlots(found.candidates);
      this.#discoveredAt = Date.now();
    } catch (error) {
      if (this.#end.signal.aborted) return;
      this.#failure = messageOf(error);
      this.#options.logger.warn(`${this.label}: looking for endpoints failed: ${this.#failure}`);
    }
    this.#changed.fire();
  }

  async #candidates(): Promise<Discovery> {
    const { endpoint } = this.#options;
    const source = 'setting criExplorer.nodes';
    if (endpoint !== undefined) {
      try {
        return { candidates: [{ ...parseEndpoint(endpoint), sources: [source], configured: true }], bad: [] };
      } catch (error) {
        return { candidates: [], bad: [{ text: endpoint, source, reason: messageOf(error) }] };
      }
    }
    // Without a process table only the kubelet's flags are missed; the runtimes say why it can't be read.
    const processes = this.#recentProcesses().then(
      (table) => table.processes.values(),
      () => [],
    );
    const early = ({ candidates }: Discovery): void => this.#addSlots(candidates);
    return discover(this.node, processes, { early, signal: this.#end.signal });
  }

  #addSlots(candidates: readonly Candidate[]): void {
    const known = new Set(this.#slots.map(({ candidate }) => candidate.uri));
    const found = candidates.filter(({ uri }) => !known.has(uri));
    this.#slots = [...this.#slots, ...found.map((candidate) => this.#newSlot(candidate))];
    this.#changed.fire();
  }

  /** Keeps the connections of candidates found again, and of those that answered once; ends the others. */
  #replaceSlots(candidates: readonly Candidate[]): void {
    const old = new Map(this.#slots.map((slot) => [slot.candidate.uri, slot]));
    const slots = candidates.map((candidate): Slot => {
      const known = old.get(candidate.uri);
      old.delete(candidate.uri);
      if (!known) return this.#newSlot(candidate);
      known.candidate = candidate;
      return known;
    });
    for (const slot of old.values()) {
      if (slot.runtime.snapshot === undefined) this.#disposables.delete(slot.runtime);
      else slots.push(slot);
    }
    this.#slots = slots;
  }

  /** One whose read has begun. */
  #newSlot(candidate: Candidate): Slot {
    const runtime = new CriRuntime({
      nodeId: this.id,
      nodeLabel: this.label,
      node: this.node,
      endpoint: candidate,
      recentProcesses: () => this.#recentProcesses(),
      newerProcesses: () => this.#sweep.fresh(),
      logger: this.#options.logger,
    });
    this.#disposables.add(runtime);
    runtime.onDidChange(() => this.#changed.fire());
    const slot: Slot = { candidate, runtime, triedAt: 0, reading: undefined };
    begin(slot, () => runtime.poll());
    return slot;
  }

  dispose(): void {
    this.#end.abort(new Error('the node was closed'));
    this.#disposables.dispose();
  }
}

/** Failures show in the runtime's state. */
function begin(slot: Slot, read: (runtime: CriRuntime) => Promise<void>): void {
  slot.triedAt = Date.now();
  const reading = read(slot.runtime)
    .catch(() => undefined)
    .finally(() => {
      if (slot.reading === reading) slot.reading = undefined;
    });
  slot.reading = reading;
}

async function readingsOf(slots: readonly Slot[]): Promise<void> {
  await Promise.all(slots.flatMap(({ reading }) => reading ?? []));
}

/** A candidate that is more than a name: its socket exists, or somebody configured it. */
function isPresent({ candidate, runtime }: Slot): boolean {
  return runtime.endpointState !== 'absent' || candidate.configured;
}
