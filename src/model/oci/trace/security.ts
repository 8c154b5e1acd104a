import type { Steps } from '../../steps.js';
import { changers, type Tracing } from './tracing.js';
import { askedText, at, itemsOf, sameSet, textOf, textsOf } from './values.js';

const context = ['linux', 'security_context'] as const;
const field = (tracing: Tracing, last: string): string => tracing.name([...context, last].join('.'));

/** Go's oci package, which containerd makes every spec with. */
export const defaultCapabilities = [
  ...[
    'CHOWN',
    'DAC_OVERRIDE',
    'FSETID',
    'FOWNER',
    'MKNOD',
    'NET_RAW',
    'SETGID',
    'SETUID',
    'SETFCAP',
    'SETPCAP',
  ],
  ...['NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE'],
].map((name) => `CAP_${name}`);

const isAll = (name: string): boolean => name.toUpperCase() === 'ALL';

/** The defaults, plus what was added, minus what was dropped; ALL is taken first. */
export function traceCapabilities(tracing: Tracing): void {
  const add = textsOf(tracing.wants(...context, 'capabilities', 'add_capabilities'));
  const drop = textsOf(tracing.wants(...context, 'capabilities', 'drop_capabilities'));
  const all = add.some(isAll) && !drop.some(isAll);
  const wanted = drop.some(isAll) ? new Set<string>() : new Set(defaultCapabilities);
  for (const name of add) if (!isAll(name)) wanted.add(capability(name));
  for (const name of drop) wanted.delete(capability(name));
  for (const set of ['bounding', 'effective', 'permitted']) {
    const path = ['process', 'capabilities', set];
    const found = tracing.has(...path);
    if (privileged(tracing)) claimPrivileged(tracing, path);
    else if (all) claimAll(tracing, path, add, drop);
    else if (sameSet(textsOf(found), [...wanted]))
      claimCapabilities(tracing, path, add.length + drop.length > 0);
    else if (found) mismatchCapabilities(tracing, path, [...wanted]);
  }
  const ambient = tracing.wants(...context, 'capabilities', 'add_ambient_capabilities');
  if (ambient) {
    tracing.say(
      field(tracing, 'capabilities.add_ambient_capabilities'),
      'Not applied: containerd always clears the ambient set.',
    );
  }
}

/** A privileged sandbox only allows its containers to be so. */
const privileged = ({ privileged, context: { role } }: Tracing): boolean =>
  privileged && role === 'container';

/** Without the prefix in CRI, with it in OCI; containerd writes CRI's in capitals. */
const capability = (name: string): string => `CAP_${name.toUpperCase()}`;

function claimCapabilities(tracing: Tracing, path: readonly string[], changed: boolean): void {
  const asked = tracing.wants(...context, 'capabilities');
  const fields = ['add_capabilities', 'drop_capabilities'].map((last) =>
    field(tracing, `capabilities.${last}`),
  );
  if (changed && asked) {
    const how = 'The runtime’s default set, plus the added, minus the dropped ones.';
    const used = fields.filter((_, index) =>
      at(asked, index === 0 ? 'add_capabilities' : 'drop_capabilities'),
    );
    tracing.claim({ path, kind: 'cri', fields: used, value: asked, how, fits: true });
  } else if (tracing.has(...path)) {
    tracing.claim({ path, kind: 'default', how: 'The runtime’s default set of 14.', fits: true });
  }
}

/** What containerd's own process has: the request alone doesn't tell what that is. */
function claimPrivileged(tracing: Tracing, path: readonly string[]): void {
  if (!tracing.has(...path)) return;
  const how =
    'Every capability that containerd’s own process has; what was added or dropped by name is void.';
  tracing.claim({ path, kind: 'cri', fields: [field(tracing, 'privileged')], value: 'true', how });
}

/** ALL is what containerd's own process has, too; only the names beside it can be checked. */
function claimAll(
  tracing: Tracing,
  path: readonly string[],
  add: readonly string[],
  drop: readonly string[],
): void {
  const have = new Set(textsOf(tracing.has(...path)));
  const named = (list: readonly string[]) => list.filter((name) => !isAll(name)).map(capability);
  const dropped = new Set(named(drop));
  const fits =
    named(add).every((name) => have.has(name) || dropped.has(name)) &&
    [...dropped].every((name) => !have.has(name));
  const name = field(tracing, 'capabilities.add_capabilities');
  const value = tracing.wants(...context, 'capabilities') ?? '';
  if (have.size === 0) return;
  if (!fits) tracing.mismatch(path, name, value);
  else {
    const how = 'Every capability that containerd’s own process has, plus the added, minus the dropped ones.';
    const fields = drop.length > 0 ? [name, field(tracing, 'capabilities.drop_capabilities')] : [name];
    tracing.claim({ path, kind: 'cri', fields, value, how });
  }
}

function mismatchCapabilities(tracing: Tracing, path: readonly string[], wanted: readonly string[]): void {
  const name = field(tracing, 'capabilities');
  const have = textsOf(tracing.has(...path));
  const more = have.filter((one) => !wanted.includes(one));
  const less = wanted.filter((one) => !have.includes(one));
  const said = [
    more.length > 0 ? `more: ${more.slice(0, 8).join(', ')}` : '',
    less.length > 0 ? `missing: ${less.slice(0, 8).join(', ')}` : '',
  ];
  const how = `Not what the request makes of the default set (${said.filter(Boolean).join('; ')}): ${changers.any}.`;
  tracing.claim({ path, kind: 'unknown', fields: [name], how, fits: false });
}

/** The paths of Go's oci package, which a pod's sandbox keeps and a container loses. */
export const defaultPaths: Readonly<Record<'maskedPaths' | 'readonlyPaths', readonly string[]>> = {
  maskedPaths: [
    ...['/proc/acpi', '/proc/asound', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list'],
    ...[
      '/proc/timer_stats',
      '/proc/sched_debug',
      '/sys/firmware',
      '/sys/devices/virtual/powercap',
      '/proc/scsi',
    ],
  ],
  readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
};

/** masked_paths and readonly_paths as given; without them nothing is masked, unless disable_proc_mount is set. */
export function tracePaths(last: 'masked_paths' | 'readonly_paths', key: 'maskedPaths' | 'readonlyPaths') {
  return function* (tracing: Tracing): Steps<void> {
    const wanted = tracing.wants(...context, last);
    const asked = new Set(textsOf(wanted));
    const name = field(tracing, last);
    for (const [index, item] of itemsOf(tracing.has('linux', key)).entries()) {
      yield;
      const text = textOf(item) ?? '';
      const path = ['linux', key, index];
      if (asked.delete(text)) {
        tracing.claim({ path, kind: 'cri', fields: [name], value: text, how: 'As it is.', fits: true });
      } else if (
        !wanted &&
        textOf(at(tracing.context.settings, 'disableProcMount')) === 'true' &&
        defaultPaths[key].includes(text)
      ) {
        tracing.claim({
          path,
          kind: 'default',
          how: 'disable_proc_mount keeps the runtime’s own list.',
          fits: true,
        });
      }
    }
    if (tracing.privileged) tracing.say(name, 'Void: a privileged container has none.');
    else if (asked.size > 0) tracing.say(name, `Not all of them are in the spec: ${changers.any}.`);
  };
}

/** SecurityProfile.ProfileType; Go leaves RuntimeDefault out, since it is 0. */
type ProfileType = '0' | '1' | '2';

/** A profile as asked for in `profile`, or in the older string form `oldField`. */
function profileOf(tracing: Tracing, last: string, oldLast: string) {
  const message = tracing.wants(...context, last);
  const reference = textOf(at(message, 'localhost_ref')) ?? '';
  if (message) {
    return {
      type: (textOf(at(message, 'profile_type')) ?? '0') as ProfileType,
      name: field(tracing, last),
      value: message,
      reference,
    };
  }
  const old = askedText(tracing.wants(...context, oldLast));
  if (old === undefined) return undefined;
  const localhost = old.startsWith('localhost/');
  const type: ProfileType = localhost ? '2' : old.endsWith('unconfined') ? '1' : '0';
  return { type, name: field(tracing, oldLast), value: old, reference: old.replace('localhost/', '') };
}

/** RuntimeDefault: the built-in profile; Localhost: a file of the node; Unconfined, privileged, nothing: none. */
export function traceSeccomp(tracing: Tracing): void {
  const path = ['linux', 'seccomp'];
  const found = tracing.has(...path);
  const profile = profileOf(tracing, 'seccomp', 'seccomp_profile_path');
  const none = tracing.privileged || profile?.type === '1';
  if (!profile) claimNoSeccomp(tracing, path);
  else if (none !== !found) tracing.mismatch(path, profile.name, profile.value);
  else if (none) {
    const [fields, how] = tracing.privileged
      ? [
          [field(tracing, 'privileged'), profile.name],
          'A privileged container has none, whatever profile is asked for.',
        ]
      : [[profile.name], 'Unconfined: no system call is filtered.'];
    tracing.claim({ path, kind: 'cri', fields, value: profile.value, how, fits: true });
  } else {
    const how =
      profile.type === '0'
        ? 'RuntimeDefault: the profile built into containerd, less what the capabilities allow. That there is one fits; its rules aren’t compared.'
        : 'Localhost: the profile in this file of the node. That there is one fits; its rules aren’t compared.';
    tracing.claim({ path, kind: 'cri', fields: [profile.name], value: profile.value, how });
  }
}

function claimNoSeccomp(tracing: Tracing, path: readonly string[]): void {
  const unset = askedText(at(tracing.context.settings, 'unsetSeccompProfile'));
  if (!tracing.has(...path)) {
    const how = 'No profile was asked for, so none is applied.';
    tracing.claim({ path, kind: 'default', how, fits: true });
  } else if (unset !== undefined && !tracing.privileged) {
    const how = 'No profile was asked for; containerd’s unset_seccomp_profile is for that case.';
    tracing.claim({ path, kind: 'default', value: unset, how });
  }
}

/** RuntimeDefault is containerd's own profile, Localhost a loaded one; none on nodes without AppArmor. */
export function traceAppArmor(tracing: Tracing): void {
  const path = ['process', 'apparmorProfile'];
  const have = askedText(tracing.has(...path));
  const profile = profileOf(tracing, 'apparmor', 'apparmor_profile');
  if (!profile) {
    if (have === 'cri-containerd.apparmor.d') {
      tracing.claim({
        path,
        kind: 'default',
        how: 'containerd’s own profile, where none is asked for.',
        fits: true,
      });
    }
    return;
  }
  const wanted = { 0: 'cri-containerd.apparmor.d', 1: undefined, 2: profile.reference }[profile.type];
  if (have === undefined) {
    const why =
      tracing.privileged || wanted === undefined
        ? 'No profile applies.'
        : 'The spec has none: AppArmor is off on this node.';
    tracing.say(profile.name, why);
  } else if (have === wanted) {
    tracing.claim({
      path,
      kind: 'cri',
      fields: [profile.name],
      value: profile.value,
      how: 'The profile of that kind.',
      fits: true,
    });
  } else tracing.mismatch(path, profile.name, profile.value);
}

/** selinux_options as `user:role:type:level`; without them the pod's own label. */
export function traceSelinux(tracing: Tracing): void {
  const options = tracing.wants(...context, 'selinux_options');
  const parts = ['user', 'role', 'type', 'level'].map((key) => askedText(at(options, key)));
  const name = field(tracing, 'selinux_options');
  const places = [
    ['process', 'selinuxLabel'],
    ['linux', 'mountLabel'],
  ];
  for (const path of places) {
    const have = askedText(tracing.has(...path));
    if (have === undefined) continue;
    const isProcess = path[0] === 'process';
    if (!options) {
      tracing.claim({ path, kind: 'default', how: 'The pod’s label, since the container asks for none.' });
    } else if (isProcess && parts.every((part) => part !== undefined) && have === parts.join(':')) {
      tracing.claim({
        path,
        kind: 'cri',
        fields: [name],
        value: options,
        how: 'As user:role:type:level.',
        fits: true,
      });
    } else if (!isProcess || fitsLabel(have, parts)) {
      const how = isProcess
        ? 'What isn’t asked for is the policy’s default.'
        : 'The label for files that goes with it.';
      tracing.claim({ path, kind: 'cri', fields: [name], value: options, how });
    } else tracing.mismatch(path, name, options);
  }
  if (options && !tracing.has('process', 'selinuxLabel')) {
    tracing.say(
      name,
      'The spec has no label: SELinux is off on this node, or containerd’s enable_selinux is.',
    );
  }
}

/** A level has colons of its own: `system_u:system_r:container_t:s0:c1,c2`. */
function fitsLabel(label: string, parts: readonly (string | undefined)[]): boolean {
  const [user, role, type, ...level] = label.split(':');
  const have = [user, role, type, level.join(':')];
  return parts.every((part, index) => part === undefined || part === have[index]);
}
