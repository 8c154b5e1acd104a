import { sameStrings } from '../../proc.js';
import type { Steps } from '../../steps.js';
import type { JsonNode } from '../json.js';
import { annotationSource, notesOf, type CrioNotes } from './crioAnnotations.js';
import { defaultMounts, mountOf } from './mounts.js';
import type { PlaceOfSpec } from './places.js';
import { defaultPath } from './process.js';
import { defaultCapabilities, defaultPaths } from './security.js';
import type { Claim, Tracing } from './tracing.js';
import { at, sameSet, textOf, textsOf } from './values.js';

/** Where a value comes from when only the runtime's way of working is known. */
export type Source = Pick<Claim, 'kind' | 'fields' | 'how'>;

/** Looked up once for the whole spec. */
interface Lookups {
  readonly imageEnv: ReadonlySet<string>;
  readonly notes: CrioNotes;
}

type FindSource = (tracing: Tracing, node: JsonNode, lookups: Lookups) => Source | undefined;

const config = 'ContainerConfig.';
const security = `${config}linux.security_context.`;
const resources = `${config}linux.resources.`;

const cri = (field: string, how = 'As it is.'): FindSource => {
  return () => ({ kind: 'cri', fields: [field], how });
};
const own = (how: string): FindSource => {
  return () => ({ kind: 'default', how });
};

/**
 * Without a request (CRI-O and cri-dockerd give none) the same table as `containerRules.ts`, read from the spec's side.
 * Keys are paths without indices; `*` stands for any key.
 */
const sources: ReadonlyMap<string, FindSource> = new Map<string, FindSource>([
  ['ociVersion', own('The version of the runtime specification that the runtime was built with.')],
  ['root.path', own('Where the runtime mounts the image’s layers.')],
  ['root.readonly', readonlySource],
  ['hostname', cri('PodSandboxConfig.hostname', 'The pod’s host name; the node’s where it has none.')],
  ['process.args', argsSource],
  ['process.cwd', cwdSource],
  ['process.env', envSource],
  ['process.terminal', cri(`${config}tty`)],
  ['process.user.uid', cri(`${security}run_as_user`, 'The request’s user, else the image’s, else root.')],
  [
    'process.user.gid',
    cri(`${security}run_as_group`, 'The request’s group, else the user’s in the image’s /etc/passwd.'),
  ],
  [
    'process.user.additionalGids',
    cri(
      `${security}supplemental_groups`,
      'The user’s own group, the supplemental ones and, with the policy Merge, those of the image’s /etc/group.',
    ),
  ],
  ['process.user.umask', cri(`${config}annotations["umask.crio.io"]`)],
  ['process.capabilities.bounding', capabilitySource],
  ['process.capabilities.effective', capabilitySource],
  ['process.capabilities.permitted', capabilitySource],
  ['process.capabilities.inheritable', own('Only where CRI-O’s add_inheritable_capabilities is set.')],
  [
    'process.rlimits',
    own('The runtime’s own configuration (CRI-O: default_ulimits; dockerd: default-ulimits).'),
  ],
  ['process.noNewPrivileges', cri(`${security}no_new_privs`)],
  ['process.oomScoreAdj', oomSource],
  [
    'process.apparmorProfile',
    cri(`${security}apparmor`, 'RuntimeDefault becomes the runtime’s own profile.'),
  ],
  [
    'process.selinuxLabel',
    cri(`${security}selinux_options`, 'As user:role:type:level; without them the pod’s label.'),
  ],
  [
    'linux.mountLabel',
    cri(`${security}selinux_options`, 'The label for files that goes with the process’s.'),
  ],
  ['mounts', mountSource],
  ['linux.namespaces', namespaceSource],
  ['linux.uidMappings', cri(`${security}namespace_options.userns_options.uids`)],
  ['linux.gidMappings', cri(`${security}namespace_options.userns_options.gids`)],
  [
    'linux.cgroupsPath',
    cri(
      'PodSandboxConfig.linux.cgroup_parent',
      'The pod’s parent and this one’s id; the runtime’s own place without a parent.',
    ),
  ],
  ['linux.resources.cpu.period', cri(`${resources}cpu_period`)],
  ['linux.resources.cpu.quota', cri(`${resources}cpu_quota`)],
  ['linux.resources.cpu.shares', sharesSource],
  ['linux.resources.cpu.cpus', cri(`${resources}cpuset_cpus`)],
  ['linux.resources.cpu.mems', cri(`${resources}cpuset_mems`)],
  ['linux.resources.memory.limit', cri(`${resources}memory_limit_in_bytes`)],
  [
    'linux.resources.memory.swap',
    cri(`${resources}memory_swap_limit_in_bytes`, 'The memory limit again where only that was given.'),
  ],
  ['linux.resources.memory.disableOOMKiller', own('dockerd writes it always.')],
  ['linux.resources.hugepageLimits', cri(`${resources}hugepage_limits`)],
  ['linux.resources.unified.*', cri(`${resources}unified`)],
  [
    'linux.resources.pids.limit',
    own('CRI-O’s pids_limit, dockerd’s default-pids-limit; CRI has no field for it.'),
  ],
  ['linux.resources.devices', deviceRuleSource],
  [
    'linux.devices',
    cri(
      `${config}devices`,
      'One that was asked for, or every device of the node where privileged; CRI-O adds its additional_devices.',
    ),
  ],
  [
    'linux.seccomp',
    cri(
      `${security}seccomp`,
      'RuntimeDefault is the profile built into the runtime, Localhost a file of the node.',
    ),
  ],
  ['linux.maskedPaths', pathSource('maskedPaths', 'masked_paths')],
  ['linux.readonlyPaths', pathSource('readonlyPaths', 'readonly_paths')],
  ['linux.rootfsPropagation', cri(`${config}mounts`, 'What the mounts’ propagation needs.')],
  ['linux.sysctl.*', cri('PodSandboxConfig.linux.sysctls', 'Or the runtime’s own (CRI-O: default_sysctls).')],
  [
    'linux.intelRdt',
    cri(
      `${config}annotations`,
      'A class of rdt.resources.beta.kubernetes.io, looked up in the runtime’s configuration.',
    ),
  ],
  [
    'linux.resources.blockIO',
    cri(
      `${config}annotations`,
      'A class of blockio.resources.beta.kubernetes.io, looked up in the runtime’s configuration.',
    ),
  ],
  ['windows', cri(`${config}windows`)],
]);

/** Claims what is there by how the runtime works; the proof is the rule alone. */
export function* claimByRule(tracing: Tracing, places: readonly PlaceOfSpec[]): Steps<void> {
  const lookups = { imageEnv: new Set(textsOf(tracing.imageHas('Env'))), notes: notesOf(tracing) };
  for (const { path, node } of places) {
    yield;
    const keys = path.filter((step) => typeof step === 'string');
    const find = sources.get(keys.join('.')) ?? sources.get([...keys.slice(0, -1), '*'].join('.'));
    const source =
      keys[0] === 'annotations'
        ? annotationSource(tracing, lookups.notes, keys[1])
        : find?.(tracing, node, lookups);
    const known = source ?? nothingKnown(keys[0]);
    tracing.claim({ path, ...(tracing.context.role === 'sandbox' ? ofSandbox(known) : known) });
  }
  if (tracing.has('linux') && !tracing.has('linux', 'seccomp')) {
    const how = 'None: Unconfined, a privileged container, or no profile asked for.';
    const fields = [tracing.name('linux.security_context.seccomp')];
    tracing.claim({ path: ['linux', 'seccomp'], kind: 'cri', fields, how });
  }
  const how = 'A namespace that isn’t listed is the node’s.';
  if (tracing.has('linux', 'namespaces'))
    tracing.claim({ path: ['linux', 'namespaces'], kind: 'default', how });
}

function nothingKnown(section: string | undefined): Source {
  if (section !== 'hooks')
    return { kind: 'unknown', how: 'The request isn’t to be had, and no rule is known for it.' };
  return {
    kind: 'plugin',
    how: 'CRI knows no hooks: CDI, NRI, a hooks folder of the runtime or a wrapper added it.',
  };
}

function argsSource(tracing: Tracing, node: JsonNode): Source {
  const image = [...textsOf(tracing.imageHas('Entrypoint')), ...textsOf(tracing.imageHas('Cmd'))];
  const fields = [`${config}command`, `${config}args`];
  if (!tracing.image) {
    return {
      kind: 'unknown',
      fields,
      how: 'Of the request’s command and args, or of the image’s Entrypoint and Cmd; neither is to be had.',
    };
  }
  return sameStrings(textsOf(node), image)
    ? {
        kind: 'image',
        fields: ['config.Entrypoint', 'config.Cmd'],
        how: 'What the image has; the request may say the same.',
      }
    : { kind: 'cri', fields, how: 'Not what the image has, so the request says it, or a part of it.' };
}

function cwdSource(tracing: Tracing, node: JsonNode): Source {
  const field = `${config}working_dir`;
  const image = textOf(tracing.imageHas('WorkingDir')) ?? '';
  if (image !== '' && textOf(node) === image) {
    return {
      kind: 'image',
      fields: ['config.WorkingDir'],
      how: 'What the image has; the request may say the same.',
    };
  }
  if (textOf(node) === '/')
    return { kind: 'default', how: 'The root, where neither the request nor the image says more.' };
  return tracing.image
    ? { kind: 'cri', fields: [field], how: 'Not what the image has, so the request says it.' }
    : {
        kind: 'unknown',
        fields: [field],
        how: 'Of the request’s working_dir or the image’s WorkingDir; neither is to be had.',
      };
}

function envSource(tracing: Tracing, node: JsonNode, { imageEnv }: Lookups): Source {
  const text = textOf(node) ?? '';
  if (imageEnv.has(text)) {
    return {
      kind: 'image',
      fields: ['config.Env'],
      how: 'As the image has it; the request may say the same.',
    };
  }
  if (text.startsWith('HOSTNAME=')) {
    return {
      kind: 'cri',
      fields: ['PodSandboxConfig.hostname'],
      how: 'The pod’s host name; the node’s where it has none.',
    };
  }
  if (text === 'TERM=xterm')
    return { kind: 'default', how: 'What the runtime’s spec generator or a terminal sets.' };
  if (text === defaultPath)
    return { kind: 'default', how: 'The path that the runtime’s spec generator sets.' };
  return tracing.image
    ? {
        kind: 'cri',
        fields: [`${config}envs`],
        how: 'Not of the image, so of the request, of CRI-O’s default_env, or of CDI.',
      }
    : {
        kind: 'unknown',
        fields: [`${config}envs`],
        how: 'Of the request or of the image; neither is to be had.',
      };
}

/** CRI-O's default_capabilities as it ships; dockerd's and containerd's are Go's 14. */
const crioCapabilities = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'KILL',
];

function capabilitySource({ context }: Tracing, node: JsonNode): Source {
  const known =
    context.runtime === 'cri-o' ? crioCapabilities.map((name) => `CAP_${name}`) : defaultCapabilities;
  return sameSet(textsOf(node), known)
    ? { kind: 'default', how: 'The runtime’s default set.' }
    : {
        kind: 'cri',
        fields: [`${security}capabilities`],
        how: 'The default set, plus the added, minus the dropped ones; all where privileged.',
      };
}

function oomSource({ context }: Tracing): Source {
  if (context.role === 'sandbox')
    return { kind: 'default', how: 'The runtime’s own for the process of a sandbox.' };
  return { kind: 'cri', fields: [`${resources}oom_score_adj`], how: 'As it is.' };
}

function readonlySource({ context }: Tracing): Source {
  if (context.role === 'sandbox')
    return { kind: 'default', how: 'The root of a sandbox is always read-only.' };
  return { kind: 'cri', fields: [`${security}readonly_rootfs`], how: 'As it is.' };
}

function sharesSource({ context }: Tracing): Source {
  if (context.role === 'sandbox')
    return { kind: 'default', how: 'The least that there is: the process only sleeps.' };
  return { kind: 'cri', fields: [`${resources}cpu_shares`], how: 'As it is.' };
}

const podFiles = ['/etc/hostname', '/etc/resolv.conf', '/dev/shm', '/run/.containerenv', '/etc/hosts'];

function mountSource(_tracing: Tracing, node: JsonNode): Source {
  const have = mountOf(node);
  const destination = textOf(at(node, 'destination')) ?? '';
  if (have.source === defaultMounts.get(destination)?.source)
    return { kind: 'default', how: 'Every container gets it.' };
  if (destination === '/etc/hosts' && have.source.endsWith('/etc-hosts')) {
    return {
      kind: 'cri',
      fields: [`${config}mounts["/etc/hosts"]`],
      how: 'The kubelet’s own hosts file of the pod.',
    };
  }
  if (podFiles.includes(destination))
    return { kind: 'default', how: 'A file that the runtime keeps for the pod.' };
  const fields = [`${config}mounts[${JSON.stringify(destination)}]`];
  return {
    kind: 'cri',
    fields,
    how: 'A mount of the request, unless a plugin (CDI, NRI) or the runtime’s own configuration added it.',
  };
}

function namespaceSource(_tracing: Tracing, node: JsonNode): Source {
  const type = textOf(at(node, 'type')) ?? '';
  if (type === 'mount') return { kind: 'default', how: 'Every container has its own.' };
  if (type === 'cgroup')
    return { kind: 'default', how: 'Containers that aren’t privileged have their own on cgroup v2.' };
  const option = ['network', 'pid', 'ipc'].includes(type)
    ? type
    : type === 'user'
      ? 'userns_options'
      : undefined;
  if (option === undefined) return { kind: 'default', how: 'The pod’s.' };
  const joined = (textOf(at(node, 'path')) ?? '') !== '';
  return {
    kind: 'cri',
    fields: [`${security}namespace_options.${option}`],
    how: joined ? 'One that exists is joined: the pod’s or another container’s.' : 'A new one.',
  };
}

function deviceRuleSource(_tracing: Tracing, node: JsonNode): Source {
  const allow = textOf(at(node, 'allow')) === 'true';
  const any = textOf(at(node, 'major')) === undefined;
  if (allow && any)
    return {
      kind: 'cri',
      fields: [`${security}privileged`],
      how: 'A privileged container may use every device.',
    };
  if (allow && !isStandard(node)) {
    return {
      kind: 'cri',
      fields: [`${config}devices`],
      how: 'A device that was asked for, or every one of the node where privileged.',
    };
  }
  return {
    kind: 'default',
    how: allow
      ? 'One of the harmless devices that every container gets.'
      : 'Refused, whatever comes before or after.',
  };
}

/** /dev/null, zero, full, random, urandom, tty, console (Documentation/admin-guide/devices.txt). */
function isStandard(node: JsonNode): boolean {
  const number = ['major', 'minor'].map((key) => textOf(at(node, key)) ?? '').join(':');
  return (
    textOf(at(node, 'type')) === 'c' && ['1:3', '1:5', '1:7', '1:8', '1:9', '5:0', '5:1'].includes(number)
  );
}

/** dockerd has a list of its own where none is asked for; the others mask nothing then. */
function pathSource(key: 'maskedPaths' | 'readonlyPaths', last: string): FindSource {
  return ({ context }, node) => {
    const known = defaultPaths[key].includes(textOf(node) ?? '');
    if (context.role === 'sandbox' || (known && context.runtime === 'docker')) {
      return { kind: 'default', how: 'One of the runtime’s own list; the request may say the same.' };
    }
    return {
      kind: 'cri',
      fields: [`${security}${last}`],
      how: 'As it is; CRI-O adds a list of its own to it.',
    };
  };
}

/** The sandbox has no ContainerConfig: its process is the runtime's own but for what the pod's security asks for. */
function ofSandbox(source: Source): Source {
  const fields = source.fields?.filter((field) => field.startsWith(security) || !field.startsWith(config));
  const renamed = fields?.map((field) => field.replace(config, 'PodSandboxConfig.'));
  if (renamed && renamed.length > 0) return { ...source, fields: renamed };
  if (source.fields === undefined) return source;
  return { kind: 'default', how: 'The runtime’s own for the process of a sandbox.' };
}
