import type { Steps } from '../../steps.js';
import type { JsonPath } from '../json.js';
import type { Claim, Tracing } from './tracing.js';
import { askedText, at, membersOf, textOf } from './values.js';

const prefix = 'io.kubernetes.cri.';

/** Annotations that containerd writes of the request, and the fields that they are of. */
const fields: ReadonlyMap<string, string> = new Map([
  ['container-name', 'ContainerConfig.metadata.name'],
  ['sandbox-name', 'PodSandboxConfig.metadata.name'],
  ['sandbox-namespace', 'PodSandboxConfig.metadata.namespace'],
  ['sandbox-uid', 'PodSandboxConfig.metadata.uid'],
  ['sandbox-log-directory', 'PodSandboxConfig.log_directory'],
  ['sandbox-cpu-period', 'PodSandboxConfig.linux.resources.cpu_period'],
  ['sandbox-cpu-quota', 'PodSandboxConfig.linux.resources.cpu_quota'],
  ['sandbox-cpu-shares', 'PodSandboxConfig.linux.resources.cpu_shares'],
  ['sandbox-memory', 'PodSandboxConfig.linux.resources.memory_limit_in_bytes'],
]);

/** annotations: containerd's own, and those of the request that the runtime handler lets through. */
export function* traceAnnotations(tracing: Tracing): Steps<void> {
  for (const [key, node] of membersOf(tracing.has('annotations'))) {
    yield;
    const path = ['annotations', key];
    const have = textOf(node) ?? '';
    if (key.startsWith(prefix)) claimOwn(tracing, path, key.slice(prefix.length), have);
    claimPassed(tracing, path, key, have);
  }
  const own = tracing.name('annotations');
  const glob = tracing.context.role === 'sandbox' ? 'pod_annotations' : 'container_annotations';
  for (const [key] of membersOf(tracing.wants('annotations'))) {
    yield;
    if (tracing.has('annotations', key)) continue;
    tracing.say(
      `${own}[${JSON.stringify(key)}]`,
      `Kept by containerd; only keys that ${glob} of the runtime handler lets through go into the spec.`,
    );
  }
}

function claimOwn(tracing: Tracing, path: JsonPath, name: string, have: string): void {
  const claim = (claim: Omit<Claim, 'path'>): void => tracing.claim({ path, ...claim });
  const { role, id, sandboxId } = tracing.context;
  const field = fields.get(name);
  if (field !== undefined) claimField(tracing, path, field, have);
  else if (name === 'container-type' && have === role) {
    claim({ kind: 'default', how: 'What containerd made it as.', fits: true });
  } else if (name === 'sandbox-id' && have === (role === 'sandbox' ? id : sandboxId)) {
    claim({ kind: 'default', how: 'The id that containerd gave the pod.', fits: true });
  } else if (name === 'image-name') claimImage(tracing, path, have);
  else if (name === 'podsandbox.image-name') {
    claim({ kind: 'default', how: 'The pause image of containerd’s own configuration.' });
  }
}

function claimField(tracing: Tracing, path: JsonPath, field: string, have: string): void {
  const [message, ...way] = field.split('.');
  const node = message === 'PodSandboxConfig' ? tracing.podWants(...way) : tracing.wants(...way);
  const known = message === 'ContainerConfig' || tracing.podWants('metadata') !== undefined;
  const want = textOf(node) ?? (known ? defaultOf(way) : undefined);
  if (want === undefined) {
    if (!known)
      tracing.claim({ path, kind: 'cri', fields: [field], how: 'The pod’s request isn’t to be had.' });
  } else if (want === have) {
    tracing.claim({ path, kind: 'cri', fields: [field], value: want, how: 'As it is.', fits: true });
  } else tracing.mismatch(path, field, want);
}

/** Go leaves zero and nothing out of the JSON, and containerd writes them all the same. */
const defaultOf = (way: readonly string[]): string => (way.includes('resources') ? '0' : '');

function claimImage(tracing: Tracing, path: JsonPath, have: string): void {
  const image = tracing.wants('image');
  const keys = ['user_specified_image', 'image'] as const;
  const key = keys.find((one) => askedText(at(image, one)) === have) ?? 'image';
  const value = textOf(at(image, key)) ?? '';
  const claim = { path, kind: 'cri' as const, fields: [tracing.name(`image.${key}`)], value };
  if (value === have) tracing.claim({ ...claim, how: 'As it is.', fits: true });
  else if (tracing.context.imageNames?.includes(have)) {
    tracing.claim({ ...claim, how: 'A name of this image in containerd’s store.', fits: true });
  } else tracing.claim({ ...claim, how: 'A name that containerd’s store had of this image.' });
}

/** Keys that the runtime handler's container_annotations or pod_annotations let through. */
function claimPassed(tracing: Tracing, path: JsonPath, key: string, have: string): void {
  const name = JSON.stringify(key);
  const sources = [
    [tracing.name('annotations'), tracing.wants('annotations', key)],
    ['PodSandboxConfig.annotations', tracing.podWants('annotations', key)],
  ] as const;
  for (const [field, node] of sources) {
    if (!node || tracing.isClaimed(path)) continue;
    const fieldName = `${field}[${name}]`;
    if (textOf(node) === have) {
      const how = 'As it is: the runtime handler lets this key through.';
      tracing.claim({ path, kind: 'cri', fields: [fieldName], value: node, how, fits: true });
    } else tracing.mismatch(path, fieldName, node);
  }
}
