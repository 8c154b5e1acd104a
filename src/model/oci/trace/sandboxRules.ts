import type { Steps } from '../../steps.js';
import { traceAnnotations } from './annotations.js';
import { traceRoot, traceVersion } from './containerRules.js';
import { traceCgroup, traceDevices } from './devices.js';
import { traceMappings, traceSandboxNamespaces } from './namespaces.js';
import { traceMounts } from './mounts.js';
import { claimRestricted, traceArgs, traceCwd, traceEnv } from './process.js';
import { scalar, untraced, type Rule } from './rule.js';
import { defaultPaths, traceCapabilities, traceSeccomp, traceSelinux } from './security.js';
import { changers, type Tracing } from './tracing.js';
import { traceGid, traceGroups, traceUid } from './user.js';
import { askedText, itemsOf, membersOf, textOf } from './values.js';

const security = (last: string): string => `linux.security_context.${last}`;

/** containerd: what becomes of each field of runtime.v1.PodSandboxConfig in the spec of the sandbox's own process. */
export const sandboxRules: readonly Rule[] = [
  scalar('hostname', 'hostname', 'As it is.'),
  { fields: [], to: 'process.args', trace: traceArgs },
  { fields: [], to: 'process.cwd', trace: traceCwd },
  { fields: [], to: 'process.env', trace: traceEnv },
  { fields: [], to: 'mounts', trace: traceMounts },
  { fields: [], to: 'linux.resources.devices', trace: traceDevices },
  {
    fields: ['metadata', 'log_directory', 'annotations', 'linux.resources'],
    to: 'annotations',
    trace: traceAnnotations,
  },
  untraced('metadata.attempt', 'Leaves nothing in the spec.'),
  untraced('labels', 'Leaves nothing in the spec: containerd keeps them itself.'),
  untraced('port_mappings', 'Leaves nothing in the spec: they go to CNI.'),
  untraced('dns_config', 'Written to the pod’s resolv.conf, which its containers mount.'),
  untraced('linux.overhead', 'Leaves nothing in the spec: it goes to plugins (NRI).'),
  { fields: ['linux.cgroup_parent'], to: 'linux.cgroupsPath', trace: traceCgroup },
  { fields: ['linux.sysctls'], to: 'linux.sysctl', trace: traceSysctls },
  { fields: [security('namespace_options')], to: 'linux.namespaces', trace: traceSandboxNamespaces },
  {
    fields: [security('namespace_options.userns_options')],
    to: 'linux.uidMappings, linux.gidMappings',
    trace: traceMappings,
  },
  { fields: [security('run_as_user')], to: 'process.user.uid', trace: traceUid },
  { fields: [security('run_as_group')], to: 'process.user.gid', trace: traceGid },
  { fields: [security('supplemental_groups')], to: 'process.user.additionalGids', trace: traceGroups },
  {
    fields: [security('seccomp'), security('seccomp_profile_path')],
    to: 'linux.seccomp',
    trace: traceSeccomp,
  },
  {
    fields: [security('selinux_options')],
    to: 'process.selinuxLabel, linux.mountLabel',
    trace: traceSelinux,
  },
  untraced(security('readonly_rootfs'), 'Void: the root of the sandbox is always read-only.'),
  untraced(
    security('privileged'),
    'Leaves nothing in the sandbox’s own spec; it allows its containers to be privileged.',
  ),
  { fields: [], to: 'process.capabilities', trace: traceCapabilities },
  { fields: [], to: 'process.oomScoreAdj, linux.resources.cpu.shares, …', trace: tracePause },
  { fields: [], to: 'root.path', trace: traceRoot },
  { fields: [], to: 'ociVersion', trace: traceVersion },
];

const icmp = 'net.ipv4.ping_group_range';

/** sysctls as given; containerd 2 adds two of its own unless the pod has the node's network. */
function* traceSysctls(tracing: Tracing): Steps<void> {
  for (const [key, node] of membersOf(tracing.wants('linux', 'sysctls'))) {
    yield;
    const field = `${tracing.name('linux.sysctls')}[${JSON.stringify(key)}]`;
    const path = ['linux', 'sysctl', key];
    const found = tracing.has(...path);
    if (!found) tracing.say(field, `The spec has none: ${changers.any}.`);
    else if (textOf(found) === textOf(node)) {
      tracing.claim({ path, kind: 'cri', fields: [field], value: node, how: 'As it is.', fits: true });
    } else tracing.mismatch(path, field, node);
  }
  const own = [
    ['net.ipv4.ip_unprivileged_port_start', '0', 'enable_unprivileged_ports'],
    [icmp, '0 2147483647', 'enable_unprivileged_icmp'],
  ] as const;
  for (const [key, value, setting] of own) {
    const path = ['linux', 'sysctl', key];
    if (textOf(tracing.has(...path)) !== value) continue;
    tracing.claim({
      path,
      kind: 'default',
      how: `containerd’s ${setting}, on by default from 2.0 on.`,
      fits: true,
    });
  }
}

/** What the sandbox's process gets whatever is asked for. */
function* tracePause(tracing: Tracing): Steps<void> {
  const own = [
    [['linux', 'resources', 'cpu', 'shares'], '2', 'The least that there is: the process only sleeps.'],
    [
      ['process', 'noNewPrivileges'],
      'true',
      'Go’s oci package sets it, and for a sandbox containerd leaves it so.',
    ],
    [['root', 'readonly'], 'true', 'The root of a sandbox is always read-only.'],
    [['process', 'oomScoreAdj'], '-998', 'The sandbox is to be among the last to be killed for memory.'],
  ] as const;
  for (const [path, value, how] of own) {
    if (textOf(tracing.has(...path)) === value) tracing.claim({ path, kind: 'default', how, fits: true });
  }
  const score = textOf(tracing.has('process', 'oomScoreAdj'));
  if (score !== undefined && score !== '-998') claimRestricted(tracing, -998, Number(score), undefined);
  for (const key of ['maskedPaths', 'readonlyPaths'] as const) {
    for (const [index, item] of itemsOf(tracing.has('linux', key)).entries()) {
      yield;
      const known = defaultPaths[key].includes(textOf(item) ?? '');
      const how = 'One of Go’s oci package, which a sandbox keeps.';
      if (known) tracing.claim({ path: ['linux', key, index], kind: 'default', how, fits: true });
    }
  }
  if (askedText(tracing.wants('hostname')) === undefined && tracing.has('hostname')) {
    tracing.claim({
      path: ['hostname'],
      kind: 'default',
      how: 'The node’s host name: the request has none.',
    });
  }
}
