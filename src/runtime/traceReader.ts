import { nodeAt, parsing, type JsonNode } from '../model/oci/json.js';
import type { Trace } from '../model/oci/insight.js';
import { traceSpec, type TraceContext } from '../model/oci/trace/traceSpec.js';
import { findById } from '../model/picture.js';
import { runInTurns, type Steps } from '../model/steps.js';
import { breathe, messageOf } from '../util/async.js';
import type { ImageDetails, RuntimeConnection } from './connection.js';

export type TraceConnection = Pick<
  RuntimeConnection,
  'snapshot' | 'containerDetails' | 'sandboxDetails' | 'imageDetails' | 'status'
>;

/** The image config of a container or sandbox, or why it can't be had. */
export interface ImageConfig {
  /** The OCI image config (`imageSpec` of the verbose ImageStatus). */
  readonly node?: JsonNode;
  /** The image as it was asked for. */
  readonly image?: string;
  readonly details?: ImageDetails;
  readonly reason?: string;
}

/** What a spec is traced to. */
export interface TraceSources {
  /** ContainerConfig or PodSandboxConfig (`config` of containerd's verbose status). */
  readonly request?: JsonNode;
  readonly image: ImageConfig;
  readonly context: TraceContext;
}

/** A trace, and the image's config that it was made with. */
export interface Traced {
  readonly trace: Trace;
  readonly image: ImageConfig;
}

/**
 * Where the values of a config.json came from. Rejects when `spec` is no JSON or the signal aborts; a source that can't
 * be read is a note in the trace.
 * @param spec the text of RuntimeConnection.readSpec, or what was parsed of it
 */
export async function readTraced(
  connection: TraceConnection,
  id: string,
  spec: string | JsonNode,
  signal?: AbortSignal,
): Promise<Traced> {
  const { request, image, context } = await readTraceSources(connection, id, signal);
  const run = async <T>(steps: Steps<T>): Promise<T> => inTurns(steps, signal);
  const node = typeof spec === 'string' ? await run(parsing(spec)) : spec;
  return { trace: await run(traceSpec(node, request, image.node, context)), image };
}

/** As {@link readTraced}, the trace alone. */
export async function readTrace(...what: Parameters<typeof readTraced>): Promise<Trace> {
  return (await readTraced(...what)).trace;
}

/** Reads the request, the pod's request, the image's config and the runtime's settings: at most four RPCs. */
export async function readTraceSources(
  connection: TraceConnection,
  id: string,
  signal?: AbortSignal,
): Promise<TraceSources> {
  const { sandbox, container } = findById(connection.snapshot, id);
  const isSandbox = sandbox !== undefined && container === undefined;
  const own = isSandbox ? readSandbox(connection, id, signal) : readContainer(connection, id, signal);
  const [status, settings] = await Promise.all([own, readSettings(connection, signal)]);
  const sandboxId = isSandbox ? undefined : (textAt(status.info, 'sandboxID') ?? sandbox?.id);
  const [pod, image] = await Promise.all([
    sandboxId === undefined ? undefined : readSandbox(connection, sandboxId, signal),
    readImage(connection, status.image, signal),
  ]);
  signal?.throwIfAborted();
  const request = partOf(status.info, 'config');
  const sandboxRequest = partOf(pod?.info, 'config');
  const podPid = Number(textAt(pod?.info, 'pid'));
  const handler = textAt(pod?.info ?? status.info, 'runtimeHandler') ?? sandbox?.runtimeHandler;
  const context: TraceContext = {
    role: isSandbox ? 'sandbox' : 'container',
    id,
    runtime: connection.snapshot?.name ?? '',
    ...(sandboxRequest ? { sandboxRequest } : {}),
    ...(sandboxId === undefined ? {} : { sandboxId }),
    ...(podPid > 0 ? { sandboxPid: podPid } : {}),
    ...(image.details ? { imageNames: [...image.details.repoTags, ...image.details.repoDigests] } : {}),
    ...(settings ? { settings } : {}),
    ...(handler === undefined ? {} : { handler }),
    notes: notesOf(connection, status, pod, image, request),
  };
  return { ...(request ? { request } : {}), image, context };
}

/** The config of the image that a container or a sandbox was made of. Rejects only when the signal aborts. */
export async function readImageConfig(
  connection: TraceConnection,
  id: string,
  signal?: AbortSignal,
): Promise<ImageConfig> {
  const { sandbox, container } = findById(connection.snapshot, id);
  const isSandbox = sandbox !== undefined && container === undefined;
  const status = await (isSandbox ? readSandbox : readContainer)(connection, id, signal);
  return readImage(connection, status.image, signal);
}

/** A verbose status as far as it was given. */
interface Status {
  readonly info?: JsonNode;
  readonly image?: string;
  readonly reason?: string;
}

async function readContainer(connection: TraceConnection, id: string, signal?: AbortSignal): Promise<Status> {
  try {
    const { info, imageRef } = await connection.containerDetails(id, signal);
    const node = await parsed(info.info, signal);
    return { ...(node ? { info: node } : {}), image: imageRef };
  } catch (error) {
    signal?.throwIfAborted();
    return { reason: messageOf(error) };
  }
}

async function readSandbox(connection: TraceConnection, id: string, signal?: AbortSignal): Promise<Status> {
  try {
    const { info } = await connection.sandboxDetails(id, signal);
    const node = await parsed(info.info, signal);
    const image = textAt(node, 'image');
    return { ...(node ? { info: node } : {}), ...(image === undefined ? {} : { image }) };
  } catch (error) {
    signal?.throwIfAborted();
    return { reason: messageOf(error) };
  }
}

async function readSettings(
  connection: TraceConnection,
  signal: AbortSignal | undefined,
): Promise<JsonNode | undefined> {
  try {
    return await parsed((await connection.status(signal)).info.config, signal);
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

async function readImage(
  connection: TraceConnection,
  image: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ImageConfig> {
  if (image === undefined || image === '') return { reason: 'The runtime does not tell which image it is.' };
  try {
    const details = await connection.imageDetails(image, signal);
    const node = asImage(nodeAtKey(await parsed(details.info.info, signal), 'imageSpec'));
    if (node) return { node, image, details };
    return { image, details, reason: 'The runtime does not give it in its status of the image.' };
  } catch (error) {
    signal?.throwIfAborted();
    return { image, reason: messageOf(error) };
  }
}

/** The OCI image config has `config` inside; a runtime may give only what is in there. */
function asImage(node: JsonNode | undefined): JsonNode | undefined {
  if (node?.type !== 'object' || node.members.has('config'))
    return node?.type === 'object' ? node : undefined;
  return { ...node, members: new Map([['config', node]]) };
}

function notesOf(
  { snapshot }: TraceConnection,
  status: Status,
  pod: Status | undefined,
  image: ImageConfig,
  request: JsonNode | undefined,
): string[] {
  const name = snapshot?.name ?? 'The runtime';
  const notes: string[] = [];
  if (!request) {
    const why = status.reason ?? `${name} does not tell it.`;
    notes.push(
      `The CRI request that this was made of isn’t to be had: ${why} Origins are by how the runtime works.`,
    );
  }
  if (request && pod?.reason !== undefined)
    notes.push(`The pod’s CRI request isn’t to be had: ${pod.reason}`);
  if (image.reason !== undefined) notes.push(`The image’s config isn’t to be had: ${image.reason}`);
  return notes;
}

/** JSON of the runtime; undefined where there is none, or what is there is none. */
async function parsed(
  text: string | undefined,
  signal: AbortSignal | undefined,
): Promise<JsonNode | undefined> {
  if (text === undefined || text === '') return undefined;
  try {
    return await inTurns(parsing(text), signal);
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

const inTurns = <T>(steps: Steps<T>, signal: AbortSignal | undefined): Promise<T> =>
  runInTurns(steps, async () => {
    signal?.throwIfAborted();
    await breathe();
  });

const nodeAtKey = (node: JsonNode | undefined, key: string): JsonNode | undefined =>
  node && nodeAt(node, [key]);

/** A message within the info; Go writes null where it has none. */
function partOf(info: JsonNode | undefined, key: string): JsonNode | undefined {
  const node = nodeAtKey(info, key);
  return node?.type === 'object' ? node : undefined;
}

function textAt(info: JsonNode | undefined, key: string): string | undefined {
  const node = nodeAtKey(info, key);
  return node?.type === 'string' || node?.type === 'number' ? node.text : undefined;
}
