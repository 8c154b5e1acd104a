import { expectedOf, type FindingContext } from '../model/oci/findings/context.js';
import { nodeNamespaces } from '../model/oci/findings/confinement.js';
import { findingsIn, specFindings } from '../model/oci/findings/findings.js';
import type { SpecFinding } from '../model/oci/insight.js';
import { parseJson, parsing, type JsonNode } from '../model/oci/json.js';
import { findById } from '../model/picture.js';
import { runInTurns, type Steps } from '../model/steps.js';
import { NodeError } from '../node/node.js';
import { breathe, mapLimit, messageOf } from '../util/async.js';
import type { RuntimeConnection } from './connection.js';
import { bundleFile, idOf, nameOf, runningIn, type Target } from './specTargets.js';

/** What is to be known of one container's or sandbox's spec. */
export interface ContainerFindings {
  readonly id: string;
  readonly kind: 'container' | 'sandbox';
  /** The sandbox, also of a sandbox itself. */
  readonly sandboxId: string;
  readonly namespace: string;
  readonly podName: string;
  /** Absent of a sandbox. */
  readonly containerName?: string;
  /** Why the platform would make it like this; as in each finding, and also where there is none. */
  readonly expected?: string;
  readonly source: 'bundle' | 'runtimeSpec';
  readonly findings: readonly SpecFinding[];
}

export interface NodeFindings {
  /** Ready sandboxes first, then running containers; those without findings too. */
  readonly read: readonly ContainerFindings[];
  readonly unread: readonly { readonly id: string; readonly name: string; readonly reason: string }[];
  /** For people: how many the runtime had to be asked for one by one. */
  readonly notes: readonly string[];
}

export interface FindingsOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, all: number) => void;
}

/** Bundles read in one round trip. */
const batch = 100;
/** Node.readFiles cuts files here. */
const smallFile = 256 * 1024;
const largestSpec = 16 * 1024 * 1024;
const askAtOnce = 4;
const turnMs = 10;
const apparmorFile = '/sys/module/apparmor/parameters/enabled';

/**
 * Findings of everything that runs by one runtime. Reads the bundles' config.json files in batches; only of what has no
 * readable bundle the runtime is asked, a few at a time. Never rejects for a single spec.
 */
export async function nodeFindings(
  connection: RuntimeConnection,
  options: FindingsOptions = {},
): Promise<NodeFindings> {
  const { sandboxes, containers } = runningIn(connection.snapshot);
  const survey = new Survey(connection, options, sandboxes.length + containers.length);
  await survey.readNode();
  // Sandboxes first: a container's namespaces are what its sandbox's are.
  await survey.examine(sandboxes);
  await survey.examine(containers);
  return survey.result([...sandboxes, ...containers]);
}

/** Findings of one container or sandbox whose spec is at hand; reads what else they depend on. */
export async function findingsOf(
  connection: RuntimeConnection,
  id: string,
  spec: JsonNode,
  signal?: AbortSignal,
): Promise<SpecFinding[]> {
  const { sandbox, container } = findById(connection.snapshot, id);
  const survey = new Survey(connection, signal ? { signal } : {}, 0);
  await survey.readNode();
  if (sandbox && container) await survey.examine([{ sandbox }]);
  return specFindings(
    spec,
    survey.contextOf({ ...(sandbox ? { sandbox } : {}), ...(container ? { container } : {}) }),
  );
}

class Survey {
  readonly #read: ContainerFindings[] = [];
  readonly #unread: { readonly id: string; readonly name: string; readonly reason: string }[] = [];
  readonly #shares = new Map<string, readonly string[]>();
  #apparmor: boolean | undefined;
  #asked = 0;
  #done = 0;

  constructor(
    private readonly connection: RuntimeConnection,
    private readonly options: FindingsOptions,
    private readonly all: number,
  ) {}

  /** In the order of the targets, whichever came first. */
  result(targets: readonly Target[]): NodeFindings {
    const rank = new Map(targets.map((target, index) => [idOf(target), index]));
    const byRank = (a: { readonly id: string }, b: { readonly id: string }): number =>
      (rank.get(a.id) ?? 0) - (rank.get(b.id) ?? 0);
    const notes =
      this.#asked === 0
        ? []
        : [
            `${this.#asked} of ${this.all} specs have no readable bundle, so the runtime was asked for each of them.`,
          ];
    return { read: this.#read.toSorted(byRank), unread: this.#unread.toSorted(byRank), notes };
  }

  async readNode(): Promise<void> {
    const files = await this.connection.node.readFiles([apparmorFile], this.options.signal);
    const file = files.get(apparmorFile);
    if (file instanceof Buffer) this.#apparmor = file.toString('latin1').startsWith('Y');
    else if (file instanceof NodeError && file.kind === 'missing') this.#apparmor = false;
  }

  async examine(targets: readonly Target[]): Promise<void> {
    for (let from = 0; from < targets.length; from += batch) {
      await this.#examineBatch(targets.slice(from, from + batch));
      this.options.onProgress?.(this.#done, this.all);
    }
  }

  async #examineBatch(targets: readonly Target[]): Promise<void> {
    const { signal } = this.options;
    const paths = targets.flatMap((target) => bundleFile(target) ?? []);
    const files =
      paths.length > 0 ? await this.connection.node.readFiles(paths, signal) : new Map<string, never>();
    const rest: Target[] = [];
    let since = performance.now();
    for (const target of targets) {
      if (performance.now() - since > turnMs) {
        await breathe();
        signal?.throwIfAborted();
        since = performance.now();
      }
      const file = files.get(bundleFile(target) ?? '');
      const complete = file instanceof Buffer && file.length > 0 && file.length < smallFile;
      const spec = complete ? parsed(file.toString('utf8')) : undefined;
      if (spec) this.#take(target, 'bundle', specFindings(spec, this.#contextIn(target, spec)));
      else rest.push(target);
    }
    await mapLimit(rest, askAtOnce, (target) => this.#ask(target));
  }

  /** Of a spec that isn't small, and of one that has no bundle to be read. */
  async #ask(target: Target): Promise<void> {
    const { signal } = this.options;
    const path = bundleFile(target);
    try {
      const bytes = path === undefined ? undefined : await this.#readLong(path);
      const fromBundle = bytes && (await this.#parseLong(bytes.toString('utf8')));
      if (fromBundle) {
        this.#take(target, 'bundle', await this.#findLong(target, fromBundle));
        return;
      }
      this.#asked++;
      const { text, source } = await this.connection.readSpec(idOf(target), signal);
      const spec = await this.#parseLong(text);
      if (!spec) throw new Error('Its spec is no JSON object; it may be cut short.');
      this.#take(target, source, await this.#findLong(target, spec));
    } catch (error) {
      signal?.throwIfAborted();
      this.#unread.push({ id: idOf(target), name: nameOf(target), reason: messageOf(error) });
      this.#done++;
    }
  }

  async #readLong(path: string): Promise<Buffer | undefined> {
    const { signal } = this.options;
    try {
      return await this.connection.node.readFile(path, {
        length: largestSpec,
        ...(signal ? { signal } : {}),
      });
    } catch (error) {
      if (error instanceof NodeError) return undefined;
      throw error;
    }
  }

  async #parseLong(text: string): Promise<JsonNode | undefined> {
    try {
      const spec = await this.#inTurns(parsing(text));
      return spec.type === 'object' ? spec : undefined;
    } catch {
      this.options.signal?.throwIfAborted();
      return undefined;
    }
  }

  #findLong(target: Target, spec: JsonNode): Promise<SpecFinding[]> {
    return this.#inTurns(findingsIn(spec, this.#contextIn(target, spec)));
  }

  #inTurns<T>(steps: Steps<T>): Promise<T> {
    return runInTurns(steps, async () => {
      this.options.signal?.throwIfAborted();
      await breathe();
    });
  }

  /** Of a sandbox it is noted what its containers will share. */
  #contextIn(target: Target, spec: JsonNode): FindingContext {
    const { sandbox, container } = target;
    if (sandbox && !container) this.#shares.set(sandbox.id, nodeNamespaces(spec));
    return this.contextOf(target);
  }

  #take(target: Target, source: ContainerFindings['source'], findings: readonly SpecFinding[]): void {
    const { sandbox, container } = target;
    const context = this.contextOf(target);
    const expected = expectedOf(context);
    this.#read.push({
      id: idOf(target),
      kind: context.kind,
      sandboxId: sandbox?.id ?? container?.sandboxId ?? '',
      namespace: context.namespace ?? '',
      podName: context.podName ?? '',
      ...(container ? { containerName: container.name } : {}),
      ...(expected === undefined ? {} : { expected }),
      source,
      findings,
    });
    this.#done++;
  }

  contextOf({ sandbox, container }: Target): FindingContext {
    const shares = sandbox && this.#shares.get(sandbox.id);
    const socket = this.connection.endpoint.replace(/^unix:\/\//, '');
    return {
      kind: container ? 'container' : 'sandbox',
      namespace: sandbox?.namespace ?? container?.labels['io.kubernetes.pod.namespace'] ?? '',
      podName: sandbox?.name ?? container?.labels['io.kubernetes.pod.name'] ?? '',
      sockets: socket.startsWith('/') ? [socket] : [],
      ...(container ? { containerName: container.name, image: container.image } : {}),
      ...(sandbox?.pid === undefined || !shares ? {} : { sandbox: { pid: sandbox.pid, shares } }),
      ...(this.#apparmor === undefined ? {} : { apparmor: this.#apparmor }),
    };
  }
}

/** A spec of at most 256 KiB; undefined when the text is none. */
function parsed(text: string): JsonNode | undefined {
  try {
    const spec = parseJson(text);
    return spec.type === 'object' ? spec : undefined;
  } catch {
    return undefined;
  }
}
