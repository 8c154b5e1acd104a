import type { StoryStep } from '../model/chain/graph.js';
import { partsOf } from '../model/chain/parts.js';
import { tellStory, type BundleTimes, type Looked, type StoryFacts } from '../model/chain/story.js';
import { findById } from '../model/picture.js';
import { flagOf } from '../model/runtimes/family.js';
import type { Container, Sandbox } from '../model/snapshot.js';
import type { Node } from '../node/node.js';
import { messageOf } from '../util/async.js';
import type { RuntimeConnection } from './connection.js';

/**
 * How a sandbox or container came to be, with its own times as far as the runtime and the node's files tell them. What
 * can't be known is a step without a time. Rejects when the runtime lists no such id, or when `signal` aborts.
 */
export async function readStory(
  connection: Pick<RuntimeConnection, 'snapshot' | 'node' | 'containerDetails' | 'readSpec'>,
  id: string,
  signal?: AbortSignal,
): Promise<readonly StoryStep[]> {
  const { snapshot, node } = connection;
  const { sandbox, container } = findById(snapshot, id);
  if (!snapshot || (!sandbox && !container)) throw new Error('The runtime does not list it any more.');
  const [network, status, sandboxTimes, containerTimes] = await Promise.all([
    sandbox ? networkOf(connection, sandbox, signal) : undefined,
    container ? statusOf(connection, container, signal) : {},
    sandbox ? timesOf(node, sandbox, signal) : undefined,
    container ? timesOf(node, container, signal) : undefined,
  ]);
  return tellStory({
    runtime: snapshot.name,
    ...(sandbox ? { sandbox } : {}),
    ...(container ? { container } : {}),
    ...(network ? { network } : {}),
    ...(sandboxTimes ? { sandboxTimes } : {}),
    ...(containerTimes ? { containerTimes } : {}),
    ...status,
  });
}

type Status = Pick<StoryFacts, 'status' | 'statusReason'>;

async function statusOf(
  connection: Pick<RuntimeConnection, 'containerDetails'>,
  { id }: Container,
  signal: AbortSignal | undefined,
): Promise<Status> {
  try {
    return { status: await connection.containerDetails(id, signal) };
  } catch (error) {
    signal?.throwIfAborted();
    return { statusReason: messageOf(error) };
  }
}

/** The file that holds the pod's network namespace; none where the pod uses the node's. */
async function networkOf(
  connection: Pick<RuntimeConnection, 'node' | 'readSpec'>,
  { id }: Sandbox,
  signal: AbortSignal | undefined,
): Promise<Looked | undefined> {
  try {
    const { text } = await connection.readSpec(id, signal);
    const own = networkNamespace(text);
    if (own === undefined) return undefined;
    if (own === '')
      return { source: 'The sandbox’s spec names no file of it, so nothing tells when it was made.' };
    return await fileTime(connection.node, own, signal);
  } catch (error) {
    signal?.throwIfAborted();
    return { source: messageOf(error) };
  }
}

/** The path of the network namespace of an OCI spec; empty for a new one, undefined for the node's (runtime-spec config-linux.md). */
function networkNamespace(spec: string): string | undefined {
  const { linux } = JSON.parse(spec) as {
    readonly linux?: {
      readonly namespaces?: readonly { readonly type?: unknown; readonly path?: unknown }[];
    };
  };
  const found = linux?.namespaces?.find(({ type }) => type === 'network');
  return found && (typeof found.path === 'string' ? found.path : '');
}

async function timesOf(
  node: Node,
  { ancestry }: Sandbox | Container,
  signal: AbortSignal | undefined,
): Promise<BundleTimes | undefined> {
  const { monitor, first } = partsOf(ancestry);
  if (!first) return undefined;
  const { bundle, statePath } = ancestry.lowLevel ?? {};
  const told = monitor?.role === 'monitor' ? flagOf(monitor.command, 'p', 'container-pidfile') : undefined;
  const pidFile =
    told ?? (bundle === undefined || monitor?.role === 'monitor' ? undefined : `${bundle}/init.pid`);
  const [config, pid, state] = await Promise.all([
    fileTime(node, bundle === undefined ? undefined : `${bundle}/config.json`, signal),
    fileTime(node, pidFile, signal),
    stateTime(node, statePath, signal),
  ]);
  return { config, pidFile: pid, state };
}

async function fileTime(
  node: Node,
  path: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Looked> {
  if (path === undefined) return { source: 'It is not known where that file is.' };
  try {
    const { modifiedAt } = await node.stat(path, signal);
    // Over SSH and with sudo it comes without fractions.
    const exact = modifiedAt % 1000 === 0 ? ', to the second' : '';
    return { path, at: modifiedAt, source: `modification time of ${path}${exact}` };
  } catch (error) {
    signal?.throwIfAborted();
    return { path, source: messageOf(error) };
  }
}

/** A state file is written anew with each change, but says when the container was made: `created` of runc, crun and youki. */
async function stateTime(
  node: Node,
  path: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Looked> {
  if (path === undefined) return { source: 'It is not known where the low-level runtime keeps its state.' };
  try {
    const bytes = await node.readFile(path, signal ? { signal } : {});
    const { created } = JSON.parse(bytes.toString('utf8')) as { readonly created?: unknown };
    const at = typeof created === 'string' ? Date.parse(created) : NaN;
    if (Number.isNaN(at)) return { path, source: `${path} tells no time.` };
    return { path, at, source: `“created” in ${path}` };
  } catch (error) {
    signal?.throwIfAborted();
    return { path, source: error instanceof SyntaxError ? `${path} is no JSON.` : messageOf(error) };
  }
}
