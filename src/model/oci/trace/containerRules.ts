import type { JsonPath } from '../json.js';
import { traceAnnotations } from './annotations.js';
import { traceCgroup, traceDevices, traceHugepages, traceSwap, traceUnified } from './devices.js';
import { traceMappings, traceNamespaces } from './namespaces.js';
import { traceMounts, traceRootfsPropagation } from './mounts.js';
import { traceArgs, traceCwd, traceEnv, traceOomScore } from './process.js';
import { scalar, untraced, type Rule } from './rule.js';
import { traceAppArmor, traceCapabilities, tracePaths, traceSeccomp, traceSelinux } from './security.js';
import { changers, type Tracing } from './tracing.js';
import { traceGid, traceGroups, traceUid } from './user.js';
import { membersOf, textOf } from './values.js';

const security = (last: string): string => `linux.security_context.${last}`;
const resource = (last: string, to: string): Rule =>
  scalar(`linux.resources.${last}`, `linux.resources.${to}`, 'As it is.', changers.resources);

/** containerd: what becomes of each field of runtime.v1.ContainerConfig (containerd's CRI plugin, 1.6 to 2.1). */
export const containerRules: readonly Rule[] = [
  { fields: ['command', 'args'], to: 'process.args', trace: traceArgs },
  { fields: ['working_dir'], to: 'process.cwd', trace: traceCwd },
  { fields: ['envs'], to: 'process.env', trace: traceEnv },
  scalar('tty', 'process.terminal', 'As it is; a terminal also sets TERM=xterm.'),
  untraced('stdin', 'Leaves nothing in the spec: the shim opens the pipe.'),
  untraced('stdin_once', 'Leaves nothing in the spec: the shim closes the pipe after the first attach.'),
  untraced(
    'log_path',
    'Leaves nothing in the spec: containerd writes the log there, below the pod’s log_directory.',
  ),
  untraced('labels', 'Leaves nothing in the spec: containerd keeps them itself.'),
  untraced('stop_signal', 'Leaves nothing in the spec: containerd keeps it and sends it in StopContainer.'),
  untraced('metadata.attempt', 'Leaves nothing in the spec.'),
  { fields: ['metadata.name', 'image', 'annotations'], to: 'annotations', trace: traceAnnotations },
  untraced('image.image', 'Chooses the snapshot that is mounted as the root; the spec only has the name.'),
  { fields: ['mounts'], to: 'mounts', trace: traceMounts },
  { fields: ['mounts.propagation'], to: 'linux.rootfsPropagation', trace: traceRootfsPropagation },
  { fields: ['devices'], to: 'linux.devices, linux.resources.devices', trace: traceDevices },

  resource('cpu_period', 'cpu.period'),
  resource('cpu_quota', 'cpu.quota'),
  resource('cpu_shares', 'cpu.shares'),
  resource('cpuset_cpus', 'cpu.cpus'),
  resource('cpuset_mems', 'cpu.mems'),
  resource('memory_limit_in_bytes', 'memory.limit'),
  {
    fields: ['linux.resources.memory_swap_limit_in_bytes'],
    to: 'linux.resources.memory.swap',
    trace: traceSwap,
  },
  {
    fields: ['linux.resources.hugepage_limits'],
    to: 'linux.resources.hugepageLimits',
    trace: traceHugepages,
  },
  { fields: ['linux.resources.unified'], to: 'linux.resources.unified', trace: traceUnified },
  { fields: ['linux.resources.oom_score_adj'], to: 'process.oomScoreAdj', trace: traceOomScore },

  { fields: [security('capabilities')], to: 'process.capabilities', trace: traceCapabilities },
  { fields: [security('run_as_user'), security('run_as_username')], to: 'process.user.uid', trace: traceUid },
  { fields: [security('run_as_group')], to: 'process.user.gid', trace: traceGid },
  { fields: [security('supplemental_groups')], to: 'process.user.additionalGids', trace: traceGroups },
  scalar(security('no_new_privs'), 'process.noNewPrivileges', 'As it is.'),
  scalar(
    security('readonly_rootfs'),
    'root.readonly',
    'As it is; the pod’s own files are mounted read-only too.',
  ),
  {
    fields: [security('masked_paths')],
    to: 'linux.maskedPaths',
    trace: tracePaths('masked_paths', 'maskedPaths'),
  },
  {
    fields: [security('readonly_paths')],
    to: 'linux.readonlyPaths',
    trace: tracePaths('readonly_paths', 'readonlyPaths'),
  },
  {
    fields: [security('seccomp'), security('seccomp_profile_path')],
    to: 'linux.seccomp',
    trace: traceSeccomp,
  },
  {
    fields: [security('apparmor'), security('apparmor_profile')],
    to: 'process.apparmorProfile',
    trace: traceAppArmor,
  },
  {
    fields: [security('selinux_options')],
    to: 'process.selinuxLabel, linux.mountLabel',
    trace: traceSelinux,
  },
  { fields: [security('namespace_options')], to: 'linux.namespaces', trace: traceNamespaces },
  {
    fields: [security('namespace_options.userns_options')],
    to: 'linux.uidMappings, linux.gidMappings',
    trace: traceMappings,
  },

  { fields: ['PodSandboxConfig.linux.cgroup_parent'], to: 'linux.cgroupsPath', trace: traceCgroup },
  classes('rdt.resources.beta.kubernetes.io/', ['linux', 'intelRdt']),
  classes('blockio.resources.beta.kubernetes.io/', ['linux', 'resources', 'blockIO']),
  { fields: ['windows'], to: 'windows', trace: traceWindows },
  { fields: [], to: 'root.path', trace: traceRoot },
  { fields: [], to: 'ociVersion', trace: traceVersion },
];

/** A class named by an annotation of the container or its pod; what it holds is in the runtime's configuration. */
function classes(prefix: string, path: JsonPath): Rule {
  const trace = (tracing: Tracing): void => {
    if (!tracing.has(...path)) return;
    const sources = [
      [tracing.name('annotations'), tracing.wants('annotations')],
      ['PodSandboxConfig.annotations', tracing.podWants('annotations')],
    ] as const;
    for (const [field, annotations] of sources) {
      for (const [key, value] of membersOf(annotations)) {
        if (!key.startsWith(prefix)) continue;
        const fields = [`${field}[${JSON.stringify(key)}]`];
        const how = 'A class, looked up in the configuration of the runtime.';
        tracing.claim({ path, kind: 'cri', fields, value, how });
      }
    }
  };
  return { fields: [`annotations["${prefix}…"]`], to: path.join('.'), trace };
}

/** Not compared: the runtimes here are Linux ones. */
function traceWindows(tracing: Tracing): void {
  const value = tracing.wants('windows');
  if (!value || !tracing.has('windows')) return;
  const how = 'The resources and the credentials of the request; they aren’t compared.';
  tracing.claim({ path: ['windows'], kind: 'cri', fields: [tracing.name('windows')], value, how });
}

export function traceRoot(tracing: Tracing): void {
  const path = ['root', 'path'];
  if (textOf(tracing.has(...path)) !== 'rootfs') return;
  const how = 'Below the bundle, where containerd mounts the snapshot of the image.';
  tracing.claim({ path, kind: 'default', how, fits: true });
}

export function traceVersion(tracing: Tracing): void {
  const how = 'The version of the runtime specification that containerd was built with.';
  if (tracing.has('ociVersion')) tracing.claim({ path: ['ociVersion'], kind: 'default', how });
}
