import type { CriClient } from '../cri/client.js';
import { differences, type Difference } from '../model/oci/difference.js';
import { parsing } from '../model/oci/json.js';
import { findingText } from '../model/oci/jsonText.js';
import { findById } from '../model/picture.js';
import type { RuntimeSnapshot } from '../model/snapshot.js';
import { runInTurns, type Steps } from '../model/steps.js';
import type { Node } from '../node/node.js';
import { breathe, messageOf } from '../util/async.js';
import type { RuntimeConnection, SpecText } from './connection.js';

/** A config.json beyond this is no spec that runc would have read. */
const maxBytes = 16 * 1024 * 1024;

export interface SpecRequest {
  /** Absent while the runtime can't be reached; then only the bundle is left. */
  readonly client: CriClient | undefined;
  readonly node: Node;
  readonly snapshot: RuntimeSnapshot | undefined;
  /** Of a container or a sandbox. */
  readonly id: string;
  readonly signal?: AbortSignal;
}

/**
 * The OCI config.json: `runtimeSpec` of the verbose CRI status where the runtime gives one (containerd, CRI-O), else
 * the bundle's file as long as there is a bundle. Rejects with all the reasons when there is neither.
 */
export async function readSpec(request: SpecRequest): Promise<SpecText> {
  const reasons: string[] = [];
  for (const read of [fromStatus, fromBundle]) {
    try {
      return await read(request);
    } catch (error) {
      request.signal?.throwIfAborted();
      reasons.push(messageOf(error));
    }
  }
  throw new Error(`The OCI spec can't be read. ${reasons.join(' ')}`);
}

/** Where the verbose info of a status is to be had. */
type ReadInfo = (isSandbox: boolean) => Promise<{ readonly info: Readonly<Record<string, string>> }>;

/** Both texts of one spec, as far as they are to be had. */
export interface SpecSources {
  /** `runtimeSpec` of the verbose status: what the runtime knows. */
  readonly status?: SpecText;
  /** The bundle's file: what the low-level runtime was given. */
  readonly bundle?: SpecText;
  /** Why there is no `status` or no `bundle`; sentences for people. */
  readonly missing: { readonly status?: string; readonly bundle?: string };
  /** Where the two differ (left: status, right: bundle). Absent unless both are there and JSON. */
  readonly differences?: readonly Difference[];
}

/** Reads both, at the same time. Rejects only when the signal aborts. */
export async function readSpecSources(
  connection: Pick<RuntimeConnection, 'node' | 'snapshot' | 'containerDetails' | 'sandboxDetails'>,
  id: string,
  signal?: AbortSignal,
): Promise<SpecSources> {
  const { node, snapshot } = connection;
  const readInfo: ReadInfo = (isSandbox) =>
    isSandbox ? connection.sandboxDetails(id, signal) : connection.containerDetails(id, signal);
  const [status, bundle] = await Promise.allSettled([
    fromInfo(snapshot, id, readInfo),
    fromBundle({ node, snapshot, id, ...(signal ? { signal } : {}) }),
  ]);
  signal?.throwIfAborted();
  const reasons = { status: reasonOf(status), bundle: reasonOf(bundle) };
  const missing = {
    ...(reasons.status === undefined ? {} : { status: reasons.status }),
    ...(reasons.bundle === undefined ? {} : { bundle: reasons.bundle }),
  };
  if (status.status === 'rejected' || bundle.status === 'rejected') {
    return {
      ...(status.status === 'fulfilled' ? { status: status.value } : {}),
      ...(bundle.status === 'fulfilled' ? { bundle: bundle.value } : {}),
      missing,
    };
  }
  const found = await differencesOf(status.value.text, bundle.value.text, signal);
  const texts = { status: status.value, bundle: bundle.value };
  return { ...texts, missing, ...(found ? { differences: found } : {}) };
}

const reasonOf = (result: PromiseSettledResult<unknown>): string | undefined =>
  result.status === 'rejected' ? messageOf(result.reason) : undefined;

/** In turns; undefined where one of them is no JSON, which reading the spec says better. */
async function differencesOf(
  left: string,
  right: string,
  signal: AbortSignal | undefined,
): Promise<readonly Difference[] | undefined> {
  if (left === right) return [];
  try {
    return await runInTurns(comparing(left, right), async () => {
      signal?.throwIfAborted();
      await breathe();
    });
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

function* comparing(left: string, right: string): Steps<Difference[]> {
  return yield* differences(yield* parsing(left), yield* parsing(right));
}

async function fromStatus({ client, snapshot, id, signal }: SpecRequest): Promise<SpecText> {
  if (!client) throw new Error('The runtime does not answer.');
  const options = signal ? { signal } : {};
  return fromInfo(snapshot, id, (isSandbox) =>
    isSandbox ? client.podSandboxStatus(id, true, options) : client.containerStatus(id, true, options),
  );
}

async function fromInfo(
  snapshot: RuntimeSnapshot | undefined,
  id: string,
  read: ReadInfo,
): Promise<SpecText> {
  const { sandbox, container } = findById(snapshot, id);
  const { info } = await read(sandbox !== undefined && !container);
  const text = await specOf(info.info ?? '');
  if (text === undefined || text === 'null') {
    throw new Error(`The runtime${snapshot ? ` ${snapshot.name}` : ''} does not give it in its status.`);
  }
  return { text, source: 'runtimeSpec' };
}

/** The text as the runtime wrote it: parsing and printing it again would round 64-bit numbers. */
async function specOf(info: string): Promise<string | undefined> {
  try {
    return await runInTurns(findingText(info, ['runtimeSpec']), breathe);
  } catch {
    return undefined;
  }
}

async function fromBundle({ node, snapshot, id, signal }: Omit<SpecRequest, 'client'>): Promise<SpecText> {
  const { sandbox, container } = findById(snapshot, id);
  const bundle = (container ?? sandbox)?.ancestry.lowLevel?.bundle;
  if (bundle === undefined) {
    const gone =
      container?.state === 'exited' ? ' It has exited, and most runtimes remove the bundle then.' : '';
    throw new Error(
      `Its bundle is not known: the bundle is found through the running shim or conmon.${gone}`,
    );
  }
  const path = `${bundle}/config.json`;
  const bytes = await node.readFile(path, { length: maxBytes + 1, ...(signal ? { signal } : {}) });
  if (bytes.length > maxBytes) throw new Error(`${path} is larger than ${maxBytes / 1024 / 1024} MiB.`);
  return { text: bytes.toString('utf8'), source: 'bundle', path };
}
