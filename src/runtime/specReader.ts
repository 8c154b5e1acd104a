import type { CriClient } from '../cri/client.js';
import { findingText } from '../model/oci/jsonText.js';
import { findById } from '../model/picture.js';
import type { RuntimeSnapshot } from '../model/snapshot.js';
import { runInTurns } from '../model/steps.js';
import type { Node } from '../node/node.js';
import { breathe, messageOf } from '../util/async.js';
import type { SpecText } from './connection.js';

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

async function fromStatus({ client, snapshot, id, signal }: SpecRequest): Promise<SpecText> {
  if (!client) throw new Error('The runtime does not answer.');
  const options = signal ? { signal } : {};
  const { sandbox, container } = findById(snapshot, id);
  const { info } =
    sandbox && !container
      ? await client.podSandboxStatus(id, true, options)
      : await client.containerStatus(id, true, options);
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

async function fromBundle({ node, snapshot, id, signal }: SpecRequest): Promise<SpecText> {
  const { sandbox, container } = findById(snapshot, id);
  const bundle = (container ?? sandbox)?.ancestry.lowLevel?.bundle;
  if (bundle === undefined) {
    throw new Error('Its bundle is not known: the bundle is found through the running shim or conmon.');
  }
  const path = `${bundle}/config.json`;
  const bytes = await node.readFile(path, { length: maxBytes + 1, ...(signal ? { signal } : {}) });
  if (bytes.length > maxBytes) throw new Error(`${path} is larger than ${maxBytes / 1024 / 1024} MiB.`);
  return { text: bytes.toString('utf8'), source: 'bundle', path };
}
