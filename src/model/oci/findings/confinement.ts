import type { JsonNode, JsonPath } from '../json.js';
import { isSetAt, itemsAt, textAt, textsAt } from '../values.js';
import type { FindingContext } from './context.js';
import { isReadonly } from './hostMounts.js';
import { missing, type Found, type Rule } from './rule.js';

const kinds: readonly {
  readonly type: string;
  readonly severity: Found['severity'];
  readonly reason: string;
}[] = [
  { type: 'mount', severity: 'high', reason: 'It sees and changes the mounts of the node.' },
  {
    type: 'pid',
    severity: 'high',
    reason:
      'It sees all processes of the node, with their environment as far as its user allows, and may signal them.',
  },
  {
    type: 'network',
    severity: 'medium',
    reason:
      'It is on the node’s network: it reaches what listens on localhost, and network policies don’t hold.',
  },
  { type: 'ipc', severity: 'medium', reason: 'It shares memory and semaphores with processes of the node.' },
  { type: 'uts', severity: 'low', reason: 'With the right capability it could rename the node.' },
];

export const hostNamespaces: Rule = (spec, context) =>
  kinds.flatMap(({ type, severity, reason }): Found[] => {
    const shared = sharedWithNode(spec, type, context);
    if (!shared) return [];
    // The name comes with the network: no news.
    if (type === 'uts' && sharedWithNode(spec, 'network', context)) return [];
    return [{ kind: 'hostNamespace', severity, title: `The node’s ${type} namespace`, reason, ...shared }];
  });

/** The types of namespaces that a sandbox's spec leaves to the node. */
export function nodeNamespaces(sandbox: JsonNode): string[] {
  return kinds.flatMap(({ type }) => (sharedWithNode(sandbox, type, { kind: 'sandbox' }) ? [type] : []));
}

interface Place {
  readonly path: JsonPath;
  readonly value: string;
}

function sharedWithNode(spec: JsonNode, type: string, context: FindingContext): Place | undefined {
  const path = ['linux', 'namespaces'];
  // Without a linux section, or of a virtual machine, there is nothing to share.
  if (!isSetAt(spec, ['linux'])) return undefined;
  const index = itemsAt(spec, path).findIndex((item) => textAt(item, ['type']) === type);
  if (index < 0) return { path, value: 'not listed: the runtime’s own' };
  const file = textAt(spec, [...path, index, 'path']) ?? '';
  const place = { path: [...path, index], value: file };
  const pid = /^\/proc\/(\d+)\/(?:task\/\d+\/)?ns\/\w+$/.exec(file)?.[1];
  if (pid === '1') return place;
  const joined = pid !== undefined && Number(pid) === context.sandbox?.pid;
  return joined && context.sandbox.shares.includes(type) ? place : undefined;
}

export const seccompOff: Rule = (spec, _, all) => {
  const path = ['linux', 'seccomp'];
  if (isSetAt(spec, path) || all || !isSetAt(spec, ['linux'])) return [];
  return [
    {
      kind: 'seccompOff',
      severity: 'medium',
      title: 'No seccomp',
      reason:
        'Every system call is open to it, also those that no usual program needs and that kernel bugs are reached by.',
      path,
      value: missing,
    },
  ];
};

/** Without AppArmor on the node a missing profile says nothing. */
export const apparmorOff: Rule = (spec, { apparmor }, all) => {
  const path = ['process', 'apparmorProfile'];
  const profile = textAt(spec, path) ?? '';
  const off = profile === 'unconfined' || (profile === '' && apparmor === true);
  if (!off || (textAt(spec, ['process', 'selinuxLabel']) ?? '') !== '' || all) return [];
  return [
    {
      kind: 'apparmorOff',
      severity: 'low',
      title: 'No AppArmor profile',
      reason: 'No profile keeps it from files and operations that the container itself leaves open.',
      path,
      value: profile === '' ? missing : profile,
    },
  ];
};

export const procAndSys: Rule = (spec, _, all) => {
  if (!isSetAt(spec, ['linux'])) return [];
  const found = itemsAt(spec, ['mounts']).flatMap((item, index) =>
    writableKernelMount(item, ['mounts', index]),
  );
  if (all) return found;
  const open = (key: 'maskedPaths' | 'readonlyPaths', title: string, reason: string): Found[] => {
    const path = ['linux', key];
    if (itemsAt(spec, path).length > 0) return [];
    return [
      {
        kind: 'procOrSys',
        severity: 'medium',
        title,
        reason,
        path,
        value: isSetAt(spec, path) ? 'empty' : missing,
      },
    ];
  };
  return [
    ...found,
    ...open(
      'maskedPaths',
      'No hidden paths',
      'Files of /proc and /sys that tell of the node’s kernel and memory are there to read.',
    ),
    ...open(
      'readonlyPaths',
      'No read-only paths',
      'Root may write to /proc/sys and /proc/sysrq-trigger, which are the node’s kernel’s.',
    ),
  ];
};

/** sysfs and cgroups are the node's; a container's own procfs is writable by custom, with read-only paths in it. */
function writableKernelMount(item: JsonNode, path: JsonPath): Found[] {
  const type = textAt(item, ['type']) ?? '';
  if ((type !== 'sysfs' && !type.startsWith('cgroup')) || isReadonly(textsAt(item, ['options']))) return [];
  const [title, reason, severity] =
    type === 'sysfs'
      ? (['Writable /sys', 'Devices and the kernel’s settings can be changed through it.', 'high'] as const)
      : ([
          'Writable cgroups',
          'Its own limits, and on cgroup v1 a release agent of the node, can be changed through it.',
          'medium',
        ] as const);
  return [{ kind: 'procOrSys', severity, title, reason, path, value: textAt(item, ['destination']) ?? type }];
}
