import type { Steps } from '../../steps.js';
import type { JsonNode, JsonPath } from '../json.js';
import { cleanPath } from '../paths.js';
import { changers, type Claim, type Tracing } from './tracing.js';
import { askedText, at, itemsOf, membersOf, sameSet, textOf, textsOf } from './values.js';

/** A mount as it is, or as it should be. */
interface Mount {
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

const plain = ['nosuid', 'noexec', 'nodev'];

/** The mounts of Go's oci package without /run, and CRI's own of the cgroups. */
export const defaultMounts: ReadonlyMap<string, Mount> = new Map([
  ['/proc', { type: 'proc', source: 'proc', options: plain }],
  ['/dev', { type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] }],
  [
    '/dev/pts',
    {
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
  ],
  // Of a container replaced by the pod's; the sandbox of containerd 1.6 has both.
  ['/dev/shm', { type: 'tmpfs', source: 'shm', options: [...plain, 'mode=1777', 'size=65536k'] }],
  ['/dev/mqueue', { type: 'mqueue', source: 'mqueue', options: plain }],
  ['/sys', { type: 'sysfs', source: 'sysfs', options: [...plain, 'ro'] }],
  ['/sys/fs/cgroup', { type: 'cgroup', source: 'cgroup', options: [...plain, 'relatime', 'ro'] }],
]);

const propagations = ['rprivate', 'rslave', 'rshared'];

export const mountField = (destination: string): string =>
  `ContainerConfig.mounts[${JSON.stringify(destination)}]`;

/** mounts: the runtime's own, replaced by CRI's of the same destination; the pod's files; the image's volumes. */
export function* traceMounts(tracing: Tracing): Steps<void> {
  const wanted = new Map<string, JsonNode>();
  for (const mount of itemsOf(tracing.wants('mounts'))) {
    wanted.set(cleanPath(textOf(at(mount, 'container_path')) ?? ''), mount);
    yield;
  }
  const there = new Set<string>();
  for (const [index, node] of itemsOf(tracing.has('mounts')).entries()) {
    yield;
    const destination = cleanPath(textOf(at(node, 'destination')) ?? '');
    there.add(destination);
    const path = ['mounts', index];
    const request = wanted.get(destination);
    const have = mountOf(node);
    if (request) claimAsked(tracing, path, request, have, node);
    else if (!claimDefault(tracing, path, destination, have)) claimExtra(tracing, path, destination, have);
  }
  for (const [destination, request] of wanted) {
    if (!there.has(destination)) {
      const field = mountField(textOf(at(request, 'container_path')) ?? '');
      tracing.say(field, `The spec has no such mount: ${changers.any}.`);
    }
  }
}

export function mountOf(node: JsonNode): Mount {
  const text = (key: string): string => textOf(at(node, key)) ?? '';
  return { type: text('type'), source: text('source'), options: textsOf(at(node, 'options')) };
}

/** ContainerConfig.mounts[]: a bind with everything below it, by readonly, recursive_read_only and propagation. */
function claimAsked(tracing: Tracing, path: JsonPath, request: JsonNode, have: Mount, node: JsonNode): void {
  const text = (key: string): string | undefined => askedText(at(request, key));
  const field = mountField(textOf(at(request, 'container_path')) ?? '');
  const hostPath = text('host_path');
  const readonly = text('recursive_read_only') === 'true' ? 'rro' : text('readonly') === 'true' ? 'ro' : 'rw';
  const options = ['rbind', propagations[Number(text('propagation') ?? 0)] ?? 'rprivate', readonly];
  const claim: Claim = { path, kind: 'cri', fields: [field], value: request, how: '' };
  if (have.type !== 'bind' || !sameSet(have.options, options) || !sameMappings(request, node)) {
    tracing.mismatch(path, field, request);
  } else if (hostPath !== undefined && cleanPath(hostPath) === have.source) {
    const how = 'The source is host_path; the options are of readonly and propagation.';
    tracing.claim({ ...claim, how: `${how}${relabelled(request)}`, fits: true });
  } else if (at(request, 'image')) {
    tracing.claim({ ...claim, how: 'The source is where containerd mounted the image; the options fit.' });
  } else if (hostPath !== undefined) {
    const how =
      'The options fit. The source is not host_path as it was asked for: containerd follows symbolic links.';
    tracing.claim({ ...claim, how });
  } else tracing.mismatch(path, field, request);
}

const relabelled = (request: JsonNode): string =>
  textOf(at(request, 'selinux_relabel')) === 'true'
    ? ' The relabelling (selinux_relabel) leaves no trace here.'
    : '';

/** IDMapping {host_id, container_id, length} becomes {hostID, containerID, size}. */
export function sameMappings(request: JsonNode, node: JsonNode): boolean {
  return [
    ['uidMappings', 'uidMappings'],
    ['gidMappings', 'gidMappings'],
  ].every(([from = '', to = '']) => {
    const wanted = itemsOf(at(request, from));
    const have = itemsOf(at(node, to));
    return (
      wanted.length === have.length && wanted.every((mapping, index) => sameMapping(mapping, have[index]))
    );
  });
}

export function sameMapping(wanted: JsonNode | undefined, have: JsonNode | undefined): boolean {
  const keys = [
    ['host_id', 'hostID'],
    ['container_id', 'containerID'],
    ['length', 'size'],
  ] as const;
  return keys.every(([from, to]) => (textOf(at(wanted, from)) ?? '0') === (textOf(at(have, to)) ?? '0'));
}

function claimDefault(tracing: Tracing, path: JsonPath, destination: string, have: Mount): boolean {
  const known = defaultMounts.get(destination);
  if (known?.type !== have.type || known.source !== have.source) return false;
  const writable = known.options.map((option) => (option === 'ro' ? 'rw' : option));
  if (sameSet(have.options, known.options)) {
    tracing.claim({ path, kind: 'default', how: 'Every container gets it.', fits: true });
  } else if (tracing.privileged && sameSet(have.options, writable)) {
    const fields = [tracing.name('linux.security_context.privileged')];
    const how = 'Every container gets it; a privileged one may write to it.';
    tracing.claim({ path, kind: 'cri', fields, value: 'true', how, fits: true });
  } else return false;
  return true;
}

/** Files that the runtime keeps for the pod, by destination: what their names are, and who says what is in them. */
const podFiles: ReadonlyMap<
  string,
  { readonly name: string; readonly field?: string; readonly how: string }
> = new Map([
  [
    '/etc/hostname',
    {
      name: 'hostname',
      field: 'PodSandboxConfig.hostname',
      how: 'The pod’s own file, which holds its host name.',
    },
  ],
  ['/etc/hosts', { name: 'hosts', how: 'A copy of the node’s file, since the request mounts none.' }],
  [
    '/etc/resolv.conf',
    {
      name: 'resolv.conf',
      field: 'PodSandboxConfig.dns_config',
      how: 'The pod’s own file, written of its DNS configuration; a copy of the node’s without one.',
    },
  ],
]);

function claimExtra(tracing: Tracing, path: JsonPath, destination: string, have: Mount): void {
  if (destination === '/dev/shm') claimShm(tracing, path, have);
  else if (podFiles.has(destination)) claimPodFile(tracing, path, destination, have);
  else claimVolume(tracing, path, destination, have);
}

/** Where containerd keeps a pod's files: `.../sandboxes/ID/NAME`. */
function isPodFile(tracing: Tracing, source: string, name: string): boolean {
  const id = tracing.context.role === 'sandbox' ? tracing.context.id : tracing.context.sandboxId;
  return id !== undefined && source.endsWith(`/sandboxes/${id}/${name}`);
}

/** Options of a mount that isn't CRI's: those of a container, or of the sandbox itself. */
function hasExtraOptions(tracing: Tracing, have: Mount, access: 'ro' | 'rw'): boolean {
  if (tracing.context.role === 'sandbox') {
    return ['rbind', 'ro'].every((option) => have.options.includes(option));
  }
  return sameSet(have.options, ['rbind', 'rprivate', access]);
}

function claimPodFile(tracing: Tracing, path: JsonPath, destination: string, have: Mount): void {
  const file = podFiles.get(destination);
  const readonly = textOf(tracing.wants('linux', 'security_context', 'readonly_rootfs')) === 'true';
  if (!file || have.type !== 'bind' || !isPodFile(tracing, have.source, file.name)) return;
  if (!hasExtraOptions(tracing, have, readonly ? 'ro' : 'rw')) return;
  const value = file.field === undefined ? undefined : tracing.podWants(file.field.split('.')[1] ?? '');
  const how = readonly ? `${file.how} Read-only, as the root is.` : file.how;
  const fields = file.field !== undefined && value ? [file.field] : [];
  if (readonly) fields.push(tracing.name('linux.security_context.readonly_rootfs'));
  if (fields[0] !== undefined && fields[0] === file.field && value) {
    tracing.claim({ path, kind: 'cri', fields, value, how, fits: true });
  } else tracing.claim({ path, kind: 'default', how, fits: true });
}

function claimShm(tracing: Tracing, path: JsonPath, have: Mount): void {
  const ofNode = textOf(tracing.wants('linux', 'security_context', 'namespace_options', 'ipc')) === '2';
  const source = ofNode ? have.source === '/dev/shm' : isPodFile(tracing, have.source, 'shm');
  if (have.type !== 'bind' || !source || !hasExtraOptions(tracing, have, 'rw')) return;
  const fields = [tracing.name('linux.security_context.namespace_options.ipc')];
  if (ofNode) {
    const how = 'The node’s own, as its IPC namespace is.';
    tracing.claim({ path, kind: 'cri', fields, value: '2', how, fits: true });
  } else {
    const how = 'The shared memory of the pod, as its IPC namespace is: a tmpfs of 64 MiB.';
    tracing.claim({ path, kind: 'default', how, fits: true });
  }
}

/** The image's Volumes: folders that containerd made for this container. */
function claimVolume(tracing: Tracing, path: JsonPath, destination: string, have: Mount): void {
  const claim: Omit<Claim, 'how'> = { path, kind: 'image', fields: ['config.Volumes'] };
  const made = have.source.includes(`/${tracing.context.id}/volumes/`);
  if (have.type !== 'bind' || !made || !sameSet(have.options, ['rbind', 'rprivate', 'rw'])) return;
  for (const [volume] of membersOf(tracing.imageHas('Volumes'))) {
    if (cleanPath(volume) !== destination) continue;
    tracing.claim({
      ...claim,
      value: volume,
      how: 'A volume of the image; the folder was made for this container.',
      fits: true,
    });
  }
  if (!tracing.image)
    tracing.claim({ ...claim, how: 'A volume of the image, whose config isn’t to be had.' });
}

/** linux.rootfsPropagation: what the mounts' propagation needs. */
export function traceRootfsPropagation(tracing: Tracing): void {
  const path = ['linux', 'rootfsPropagation'];
  const have = textOf(tracing.has(...path));
  const mounts = itemsOf(tracing.wants('mounts')).filter(
    (mount) => askedText(at(mount, 'propagation')) !== undefined,
  );
  const shared = mounts.find((mount) => textOf(at(mount, 'propagation')) === '2');
  const first = shared ?? mounts[0];
  if (have === undefined || !first) return;
  const fields = [mountField(textOf(at(first, 'container_path')) ?? '')];
  const wanted = shared ? 'rshared' : 'rslave';
  if (have === wanted || (have === 'rslave' && shared)) {
    const how = 'A mount with this propagation needs a root with at least the same.';
    tracing.claim({ path, kind: 'cri', fields, value: first, how, fits: have === wanted });
  }
}
