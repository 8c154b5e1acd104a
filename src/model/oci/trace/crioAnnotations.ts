import type { Source } from './byRule.js';
import type { Tracing } from './tracing.js';
import { textOf } from './values.js';

const crio = 'io.kubernetes.cri-o.';

/** Fields of ContainerConfig (or, marked /, of PodSandboxConfig) that CRI-O's own annotations are copies of. */
const fields: ReadonlyMap<string, string> = new Map([
  ['Metadata', 'metadata'],
  ['Name', 'metadata'],
  ['ContainerName', '/metadata'],
  ['KubeName', '/metadata.name'],
  ['Namespace', '/metadata.namespace'],
  ['SandboxName', '/metadata'],
  ['Labels', 'labels'],
  ['Annotations', 'annotations'],
  ['Image', 'image'],
  ['ImageName', 'image'],
  ['ImageRef', 'image'],
  ['ImageRepoDigests', 'image'],
  ['LogPath', 'log_path'],
  ['Stdin', 'stdin'],
  ['StdinOnce', 'stdin_once'],
  ['TTY', 'tty'],
  ['Volumes', 'mounts'],
  ['SeccompProfilePath', 'linux.security_context.seccomp'],
  ['CgroupParent', '/linux.cgroup_parent'],
  ['HostName', '/hostname'],
  ['HostNetwork', '/linux.security_context.namespace_options.network'],
  ['NamespaceOptions', '/linux.security_context.namespace_options'],
  ['PortMappings', '/port_mappings'],
  ['PrivilegedRuntime', '/linux.security_context.privileged'],
]);

const others: ReadonlyMap<string, Source> = new Map<string, Source>([
  [
    `${crio}RuntimeHandler`,
    { kind: 'cri', fields: ['RunPodSandboxRequest.runtime_handler'], how: 'As it is.' },
  ],
  [
    'pod-linux-overhead.crio.io',
    { kind: 'cri', fields: ['PodSandboxConfig.linux.overhead'], how: 'As JSON.' },
  ],
  [
    'pod-linux-resources.crio.io',
    { kind: 'cri', fields: ['PodSandboxConfig.linux.resources'], how: 'As JSON.' },
  ],
  [
    'org.opencontainers.image.stopSignal',
    { kind: 'cri', fields: ['ContainerConfig.stop_signal'], how: 'The request’s signal, else the image’s.' },
  ],
]);

const containerd: ReadonlyMap<string, string> = new Map([
  ['container-name', 'ContainerConfig.metadata.name'],
  ['image-name', 'ContainerConfig.image'],
  ['sandbox-name', 'PodSandboxConfig.metadata.name'],
  ['sandbox-namespace', 'PodSandboxConfig.metadata.namespace'],
  ['sandbox-uid', 'PodSandboxConfig.metadata.uid'],
  ['sandbox-log-directory', 'PodSandboxConfig.log_directory'],
]);

/** An annotation of a spec whose request isn't to be had: the runtime's own notes of the request tell most. */
export function annotationSource(tracing: Tracing, notes: CrioNotes, key = ''): Source {
  const known = others.get(key);
  if (known) return known;
  if (key.startsWith(crio)) return crioSource(tracing, key.slice(crio.length));
  if (key.startsWith('io.kubernetes.cri.')) {
    const field = containerd.get(key.slice('io.kubernetes.cri.'.length));
    const how = 'containerd’s own note.';
    return field === undefined ? { kind: 'default', how } : { kind: 'cri', fields: [field], how };
  }
  if (/^(io\.container\.manager|org\.systemd\.property\.\w+|platform-runtime-path\.crio\.io)$/.test(key)) {
    return { kind: 'default', how: 'Written by CRI-O itself.' };
  }
  if (key === 'io.kubernetes.container.name' && tracing.context.role === 'sandbox') {
    return { kind: 'default', how: 'Written by CRI-O itself, to mark the sandbox.' };
  }
  return copied(tracing, notes, key) ?? unexplained(tracing, key);
}

const how = 'CRI-O’s own note of the request.';

function crioSource({ context }: Tracing, name: string): Source {
  const field = fields.get(name);
  if (field === undefined) return { kind: 'default', how: 'CRI-O’s own note of what it made or found.' };
  const sandbox = field.startsWith('/') || context.role === 'sandbox';
  const message = sandbox ? 'PodSandboxConfig' : 'ContainerConfig';
  return { kind: 'cri', fields: [`${message}.${field.replace('/', '')}`], how };
}

/** A label or annotation that CRI-O copied, by its JSON note of all of them. */
function copied({ context }: Tracing, notes: CrioNotes, key: string): Source | undefined {
  const message = context.role === 'sandbox' ? 'PodSandboxConfig' : 'ContainerConfig';
  for (const field of ['annotations', 'labels'] as const) {
    if (!notes[field].has(key)) continue;
    const fields = [`${message}.${field}[${JSON.stringify(key)}]`];
    return { kind: 'cri', fields, how: `CRI-O copies each of them; its note of all ${field} has it.` };
  }
  return undefined;
}

/** The keys of the request's annotations and labels, as CRI-O noted them. */
export interface CrioNotes {
  readonly annotations: ReadonlySet<string>;
  readonly labels: ReadonlySet<string>;
}

export function notesOf(tracing: Tracing): CrioNotes {
  const note = (name: string) => namesIn(textOf(tracing.has('annotations', `${crio}${name}`)));
  return { annotations: note('Annotations'), labels: note('Labels') };
}

function unexplained({ context }: Tracing, key: string): Source {
  if (context.role === 'container' && context.runtime === 'cri-o') {
    const fields = [`PodSandboxConfig.annotations[${JSON.stringify(key)}]`];
    return {
      kind: 'cri',
      fields,
      how: 'CRI-O copies the pod’s annotations to its containers; this one isn’t in its note of the container’s.',
    };
  }
  return { kind: 'unknown', how: 'The request isn’t to be had, and no rule is known for it.' };
}

/** A note is a stranger's text too. */
function namesIn(json: string | undefined): ReadonlySet<string> {
  try {
    const value: unknown = JSON.parse(json ?? '{}');
    return new Set(typeof value === 'object' && value !== null ? Object.keys(value) : []);
  } catch {
    return new Set();
  }
}
