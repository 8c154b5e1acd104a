import { integerAt, isSetAt, isTrueAt, itemsAt, textAt, textsAt } from '../values.js';
import { bareName, capabilityNames } from '../reality/capabilityBits.js';
import type { JsonNode } from '../json.js';
import { missing, type Found, type Rule } from './rule.js';

/** A kernel may know fewer than this table does, so nearly all is all. */
const nearlyAll = capabilityNames.length - 6;

const sets = ['effective', 'permitted', 'bounding', 'ambient', 'inheritable'];

/** What a capability lets a process do to the node; those that runtimes give to every container aren't here. */
const dangerous: ReadonlyMap<string, { readonly severity: Found['severity']; readonly allows: string }> =
  new Map(
    Object.entries({
      SYS_ADMIN: {
        severity: 'high',
        allows: 'mount, enter namespaces, and most of what root may: a way out of the container',
      },
      SYS_MODULE: { severity: 'high', allows: 'load code into the kernel' },
      SYS_RAWIO: { severity: 'high', allows: 'reach memory and devices past the kernel' },
      SYS_PTRACE: { severity: 'high', allows: 'read and change the memory of any process that it can see' },
      DAC_READ_SEARCH: {
        severity: 'high',
        allows: 'open any file by its handle, also outside of the container',
      },
      BPF: { severity: 'high', allows: 'load BPF programs into the kernel' },
      NET_ADMIN: {
        severity: 'medium',
        allows: 'change interfaces, routes and packet filters of its network',
      },
      PERFMON: { severity: 'medium', allows: 'trace the kernel and other processes' },
      SYS_BOOT: { severity: 'medium', allows: 'restart the machine' },
      SYS_TIME: { severity: 'medium', allows: 'set the machine’s clock' },
      SYSLOG: { severity: 'medium', allows: 'read the kernel’s log and its addresses' },
      MAC_ADMIN: { severity: 'medium', allows: 'change the policy of security modules' },
      MAC_OVERRIDE: { severity: 'medium', allows: 'pass over the policy of security modules' },
      CHECKPOINT_RESTORE: {
        severity: 'medium',
        allows: 'read other processes’ state to freeze and restore them',
      },
      AUDIT_CONTROL: { severity: 'medium', allows: 'change or stop the kernel’s audit' },
      SYS_RESOURCE: { severity: 'low', allows: 'raise its own limits' },
      SYS_NICE: { severity: 'low', allows: 'take the CPU from others by priority' },
      IPC_OWNER: { severity: 'low', allows: 'use any IPC object of its namespace' },
      LINUX_IMMUTABLE: { severity: 'low', allows: 'make files that cannot be removed' },
      AUDIT_READ: { severity: 'low', allows: 'read the kernel’s audit' },
      SYS_TTY_CONFIG: { severity: 'low', allows: 'hang up terminals' },
      NET_BROADCAST: { severity: 'low', allows: 'send to everyone on its network' },
    } as const),
  );

/** Privileged, told by many signs together: a spec has no field for it. */
export function isPrivileged(spec: JsonNode): boolean {
  const all = new Set(textsAt(spec, ['process', 'capabilities', 'bounding']).map(bareName));
  if (all.size < nearlyAll || !all.has('SYS_ADMIN')) return false;
  const signs = [
    !isSetAt(spec, ['linux', 'seccomp']),
    itemsAt(spec, ['linux', 'maskedPaths']).length === 0,
    allowsAllDevices(spec) !== undefined,
    textAt(spec, ['annotations', 'io.kubernetes.cri-o.PrivilegedRuntime']) === 'true',
  ];
  return signs.filter(Boolean).length >= 2;
}

/** The index of the device rule that allows everything. */
export function allowsAllDevices(spec: JsonNode): number | undefined {
  const rules = itemsAt(spec, ['linux', 'resources', 'devices']);
  const index = rules.findLastIndex((rule) => {
    const any = (key: string): boolean => (integerAt(rule, [key]) ?? -1n) === -1n;
    const type = textAt(rule, ['type']) ?? 'a';
    return isTrueAt(rule, ['allow']) && (type === 'a' || type === '') && any('major') && any('minor');
  });
  return index < 0 ? undefined : index;
}

export const privileged: Rule = (spec, _, all) => {
  if (!all) return [];
  const path = ['process', 'capabilities', 'bounding'];
  const count = itemsAt(spec, path).length;
  return [
    {
      kind: 'privileged',
      severity: 'high',
      title: 'Privileged',
      reason:
        'All capabilities, with no seccomp, no hidden paths or all devices: what runs here is root on the node, container or not.',
      path,
      value: `${count} capabilities`,
    },
  ];
};

export const capabilities: Rule = (spec, _, all) => {
  if (all) return [];
  const seen = new Set<string>();
  return sets.flatMap((set) => {
    const path = ['process', 'capabilities', set];
    return itemsAt(spec, path).flatMap((item, index): Found[] => {
      const name = item.type === 'string' ? bareName(item.text) : '';
      const danger = dangerous.get(name);
      if (!danger || seen.has(name)) return [];
      seen.add(name);
      return [
        {
          kind: 'capability',
          severity: danger.severity,
          title: `Capability ${name}`,
          reason: `It allows a process to ${danger.allows}.`,
          path: [...path, index],
          value: item.type === 'string' ? item.text : name,
        },
      ];
    });
  });
};

export const root: Rule = (spec) => {
  const path = ['process', 'user', 'uid'];
  const uid = integerAt(spec, path) ?? 0n;
  const mapped = itemsAt(spec, ['linux', 'namespaces']).some((item) => textAt(item, ['type']) === 'user');
  if (uid !== 0n || mapped) return [];
  return [
    {
      kind: 'root',
      severity: 'medium',
      title: 'Runs as root',
      reason:
        'User 0 here is user 0 of the node, without a user namespace between: whatever leads out of the container leads to root.',
      path,
      value: '0',
    },
  ];
};

export const newPrivileges: Rule = (spec, _, all) => {
  const path = ['process', 'noNewPrivileges'];
  if (isTrueAt(spec, path) || all) return [];
  return [
    {
      kind: 'newPrivileges',
      severity: 'low',
      title: 'May gain privileges',
      reason:
        'Programs with set-user-ID or file capabilities work (allowPrivilegeEscalation in the pod’s manifest).',
      path,
      value: isSetAt(spec, path) ? 'false' : missing,
    },
  ];
};
