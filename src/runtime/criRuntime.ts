import { CriClient } from '../cri/client.js';
import { CriError } from '../cri/errors.js';
import { openExec } from '../cri/streaming.js';
import { makingSnapshot } from '../model/picture.js';
import type { ProcessTable } from '../model/process.js';
import type { RuntimeSnapshot } from '../model/snapshot.js';
import { runInTurns } from '../model/steps.js';
import { survivors, type Daemon, type Survival } from '../model/survival.js';
import { NodeError, type Node, type ReachableSocket } from '../node/node.js';
import { breathe, messageOf } from '../util/async.js';
import { Coalesced } from '../util/coalesce.js';
import { DisposableStore, type Disposable } from '../util/dispose.js';
import { Emitter } from '../util/event.js';
import type { Logger } from '../util/logger.js';
import type {
  ContainerDetails,
  ExecRequest,
  ExecSession,
  Filesystem,
  ImageDetails,
  RuntimeConnection,
  RuntimeState,
  RuntimeStatus,
  SandboxDetails,
  SpecText,
} from './connection.js';
import { findDaemon } from './daemonFinder.js';
import type { Endpoint } from './endpoint.js';
import type { EndpointState } from './nodes.js';
import { Placer, type Lists } from './placer.js';
import { readSpec } from './specReader.js';
import { SurvivalWatch } from './survivalWatch.js';

export interface CriRuntimeOptions {
  readonly nodeId: string;
  readonly nodeLabel: string;
  readonly node: Node;
  readonly endpoint: Endpoint;
  /** A process table of the present round of reading, which others may have set off a moment ago. */
  readonly recentProcesses: () => Promise<ProcessTable>;
  /** A process table read after the call. */
  readonly newerProcesses: () => Promise<ProcessTable>;
  readonly logger: Logger;
}

/** What the runtime said at its last good refresh. */
interface Answer extends Lists {
  readonly header: Pick<RuntimeSnapshot, 'endpoint' | 'name' | 'version' | 'apiVersion' | 'takenAt'>;
  readonly conditions: RuntimeSnapshot['conditions'];
}

/** Keeps the picture of one CRI server: connects when it can, and says why when it can't. */
export class CriRuntime implements RuntimeConnection, Disposable {
  readonly nodeId: string;
  readonly nodeLabel: string;
  readonly node: Node;
  readonly endpoint: string;
  readonly #options: CriRuntimeOptions;
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #disposables = new DisposableStore();
  readonly #end = new AbortController();
  readonly #refresh: Coalesced<void>;
  readonly #placer: Placer;
  readonly #watch: SurvivalWatch;
  #link: { readonly client: CriClient; readonly owned: DisposableStore } | undefined;
  #answer: Answer | undefined;
  #snapshot: RuntimeSnapshot | undefined;
  #sweepFailed = false;
  /** How often it was cut off. */
  #cuts = 0;
  #endpointState: EndpointState = 'connecting';
  #reason: string | undefined;

  constructor(options: CriRuntimeOptions) {
    this.#options = options;
    this.nodeId = options.nodeId;
    this.nodeLabel = options.nodeLabel;
    this.node = options.node;
    this.endpoint = options.endpoint.uri;
    this.#refresh = new Coalesced(() => this.#run());
    this.#placer = new Placer(options.node, options.logger);
    const { node, endpoint } = options;
    this.#watch = new SurvivalWatch({
      findDaemon: (table) => findDaemon(node, endpoint.path, table, this.#end.signal),
    });
    this.#disposables.add(this.#changed);
  }

  get endpointState(): EndpointState {
    return this.#endpointState;
  }

  get state(): RuntimeState {
    const state = this.#endpointState;
    return state === 'ready' || state === 'lost' || state === 'connecting' ? state : 'failed';
  }

  get reason(): string | undefined {
    return this.#reason;
  }

  get snapshot(): RuntimeSnapshot | undefined {
    return this.#snapshot;
  }

  get daemon(): Daemon | undefined {
    return this.#watch.daemon;
  }

  get survival(): Survival | undefined {
    return this.#watch.survival;
  }

  dismissSurvival(): void {
    this.#watch.dismiss();
    this.#changed.fire();
  }

  /** RPCs sent over the present connection. */
  get rpcCount(): number {
    return this.#link?.client.rpcCount ?? 0;
  }

  /** Refreshes unless that is under way. Failures show in the state. */
  poll(): Promise<void> {
    return this.#refresh.join();
  }

  /** Refreshes with answers that are newer than this call. Failures show in the state. */
  refresh(): Promise<void> {
    return this.#refresh.fresh();
  }

  /** Marks the last picture: the node itself can't be reached, so neither runtime nor processes can be asked. */
  cutOff(reason: string): void {
    if (this.#answer) this.#report('lost', reason);
    else this.#report('connecting', undefined); // Whatever was known of it is out of date.
    this.#cuts++;
    this.#watch.cut();
    this.#changed.fire();
  }

  async #run(): Promise<void> {
    const cuts = this.#cuts;
    let processes: Promise<ProcessTable> | undefined;
    let failure: { readonly state: EndpointState; readonly reason: string } | undefined;
    try {
      const client = await this.#connect();
      // Beside the lists, which over SSH saves a round trip; but not while a server is awaited that just comes back.
      if (this.#endpointState !== 'lost') processes = this.#options.recentProcesses();
      processes?.catch(() => undefined); // It is awaited later.
      this.#answer = await this.#ask(client);
    } catch (error) {
      if (this.#end.signal.aborted) return;
      const state = failedState(error);
      failure = { state: this.#answer ? 'lost' : state, reason: messageOf(error) };
      this.#watch.failed(state === 'refused' || state === 'absent');
    }
    // The processes are on the node whether the runtime answers or not.
    const client = failure ? undefined : this.#link?.client;
    processes ??= this.#answer && this.#options.newerProcesses();
    const table = this.#answer && processes && (await this.#picture(this.#answer, processes, client));
    if (this.#end.signal.aborted) return;
    // What was cut off meanwhile is not ready, whatever it said before.
    if (cuts === this.#cuts) this.#report(failure?.state ?? 'ready', failure?.reason);
    this.#changed.fire();
    if (table && failure) this.#watch.away(table);
    else if (table) await this.#compare(table);
  }

  /** After the picture is shown: it may take looks at the node. */
  async #compare(table: ProcessTable): Promise<void> {
    const before = this.survival;
    const snapshot = this.#snapshot;
    if (!snapshot) return;
    try {
      await this.#watch.answered({ snapshot, processes: this.#placer.placements }, table);
    } catch (error) {
      if (this.#end.signal.aborted) return;
      this.#options.logger.warn(`${this.nodeLabel}: ${this.endpoint}: comparing failed: ${messageOf(error)}`);
    }
    const { survival } = this;
    if (survival === undefined || survival === before) return;
    const { survived, total } = survivors(survival);
    this.#options.logger.info(
      `${this.nodeLabel}: ${this.endpoint}: back: ${survived} of ${total} containers survived`,
    );
    this.#changed.fire();
  }

  #report(state: EndpointState, reason: string | undefined): void {
    if (state !== this.#endpointState || reason !== this.#reason) {
      const line = `${this.nodeLabel}: ${this.endpoint}: ${state}${reason === undefined ? '' : `: ${reason}`}`;
      if (state === 'ready' || state === 'absent') this.#options.logger.info(line);
      else this.#options.logger.warn(line);
    }
    this.#endpointState = state;
    this.#reason = reason;
  }

  /** The client, over a socket that the node makes reachable. Made once: gRPC finds a restarted server by itself. */
  async #connect(): Promise<CriClient> {
    if (this.#link) return this.#link.client;
    const { node, endpoint } = this.#options;
    const socket: ReachableSocket = await node.socket(endpoint.path, this.#end.signal);
    const owned = new DisposableStore();
    owned.add(socket);
    const client = owned.add(new CriClient(socket.path));
    try {
      await client.version({ signal: this.#end.signal });
    } catch (error) {
      owned.dispose();
      throw error;
    }
    this.#link = { client, owned };
    this.#disposables.add(owned);
    return client;
  }

  async #ask(client: CriClient): Promise<Answer> {
    const options = { signal: this.#end.signal };
    const [version, status, sandboxes, containers] = await Promise.all([
      client.version(options),
      client.status(false, options),
      client.listPodSandboxes(options),
      client.listContainers(options),
    ]);
    return {
      header: { endpoint: this.endpoint, ...version, takenAt: Date.now() },
      conditions: status.conditions,
      sandboxes,
      containers,
    };
  }

  /**
   * @param client absent while it does not answer: to wait for it again would only hold the picture up
   * @returns the process table that it was made with, if one could be had
   */
  async #picture(
    answer: Answer,
    processes: Promise<ProcessTable>,
    client: CriClient | undefined,
  ): Promise<ProcessTable | undefined> {
    let processesReason: string | undefined;
    let table: ProcessTable | undefined;
    try {
      const tables = { recent: await processes, newer: this.#options.newerProcesses };
      table = await this.#placer.place(answer, tables, client, this.#end.signal);
      this.#sweepFailed = false;
    } catch (error) {
      // The first time after a whole picture: the way to the machine may be breaking, and the picture is to stay whole.
      const keep = this.#snapshot?.processesReason === undefined && !this.#sweepFailed;
      this.#sweepFailed = true;
      if (this.#snapshot && keep) return undefined;
      table = undefined;
      processesReason = messageOf(error);
      this.#placer.forget(processesReason);
    }
    const parts = {
      ...answer,
      place: (id: string) => this.#placer.placeOf(id),
      ip: (id: string) => this.#placer.ipOf(id),
      ...(processesReason === undefined ? {} : { processesReason }),
    };
    this.#snapshot = await runInTurns(makingSnapshot(parts, this.#snapshot), breathe);
    return table;
  }

  async containerDetails(id: string, signal?: AbortSignal): Promise<ContainerDetails> {
    const client = await this.#connect();
    return client.containerStatus(id, true, signal ? { signal } : {});
  }

  async sandboxDetails(id: string, signal?: AbortSignal): Promise<SandboxDetails> {
    const client = await this.#connect();
    return client.podSandboxStatus(id, true, signal ? { signal } : {});
  }

  async imageDetails(image: string, signal?: AbortSignal): Promise<ImageDetails> {
    const client = await this.#connect();
    return client.imageStatus(image, true, signal ? { signal } : {});
  }

  async status(signal?: AbortSignal): Promise<RuntimeStatus> {
    const client = await this.#connect();
    return client.status(true, signal ? { signal } : {});
  }

  async filesystems(signal?: AbortSignal): Promise<readonly Filesystem[]> {
    const client = await this.#connect();
    return client.imageFilesystems(signal ? { signal } : {});
  }

  async readSpec(id: string, signal?: AbortSignal): Promise<SpecText> {
    const client = await this.#connect().catch(() => undefined);
    return readSpec({ client, node: this.node, snapshot: this.#snapshot, id, ...(signal ? { signal } : {}) });
  }

  async exec(containerId: string, request: ExecRequest, signal?: AbortSignal): Promise<ExecSession> {
    const client = await this.#connect();
    const url = await client.exec(containerId, request, signal ? { signal } : {});
    return openExec(url, {
      dial: (host, port) => this.node.dial(host, port, signal),
      tty: request.tty,
      stdin: request.stdin,
      ...(request.size ? { size: request.size } : {}),
      ...(signal ? { signal } : {}),
    });
  }

  dispose(): void {
    this.#end.abort(new Error('the connection was closed'));
    this.#disposables.dispose();
  }
}

function failedState(error: unknown): EndpointState {
  const kind = error instanceof CriError || error instanceof NodeError ? error.kind : 'failed';
  switch (kind) {
    case 'missing':
      return 'absent';
    case 'denied':
    case 'refused':
    case 'hung':
    case 'notCri':
      return kind;
    default:
      return 'failed';
  }
}
