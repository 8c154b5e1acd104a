import type { JsonNode, JsonPath } from '../json.js';
import { integerAt, itemsAt, nodeText, textAt } from '../values.js';
import { allowsAllDevices } from './privileges.js';
import { missing, type Found, type Rule } from './rule.js';

const limits: readonly {
  readonly path: JsonPath;
  readonly unified: string;
  readonly what: string;
  readonly severity: Found['severity'];
  readonly reason: string;
}[] = [
  {
    path: ['linux', 'resources', 'memory', 'limit'],
    unified: 'memory.max',
    what: 'memory',
    severity: 'medium',
    reason: 'It may use all memory of the node, unless its pod or another group above is limited.',
  },
  {
    path: ['linux', 'resources', 'cpu', 'quota'],
    unified: 'cpu.max',
    what: 'CPU',
    severity: 'low',
    reason:
      'It may use all CPUs of the node when others leave them idle; how much under load is decided by its shares.',
  },
  {
    path: ['linux', 'resources', 'pids', 'limit'],
    unified: 'pids.max',
    what: 'process',
    severity: 'low',
    reason:
      'It may start processes until its pod’s limit (podPidsLimit of the kubelet) or the node’s is reached.',
  },
];

export const noLimit: Rule = (spec) =>
  limits.flatMap(({ path, unified, what, severity, reason }): Found[] => {
    const limit = integerAt(spec, path) ?? 0n;
    if (limit > 0n || textAt(spec, ['linux', 'resources', 'unified', unified]) !== undefined) return [];
    return [
      {
        kind: 'noLimit',
        severity,
        title: `No ${what} limit`,
        reason,
        path,
        value: nodeText(spec, path) ?? missing,
      },
    ];
  });

/** Devices that give little away, by their names. */
const harmless = /^\/dev\/(null|zero|full|random|urandom|tty|ptmx|pts(\/.*)?|console|rtc0?|termination-log)$/;
const powerful =
  /^\/dev\/(mem|kmem|port|kvm|sd[a-z]+\d*|hd[a-z]+\d*|vd[a-z]+\d*|xvd[a-z]+\d*|nvme\d.*|dm-\d+|mapper\/.*|loop.*|raw\/.*|cpu\/.*|vfio\/.*|vhost.*)$/;
const mostDevices = 20;

export const devices: Rule = (spec, _, privileged) => {
  const all = allowsAllDevices(spec);
  const rule: Found[] =
    all === undefined
      ? []
      : [
          {
            kind: 'device',
            severity: 'high',
            title: 'All devices',
            reason: 'With MKNOD, which containers mostly have, it can open the node’s disks and memory.',
            path: ['linux', 'resources', 'devices', all],
            value: 'allow a *:* rwm',
          },
        ];
  // A privileged container has all of the node's, a finding for each would hide the others.
  if (privileged) return rule;
  return [...rule, ...deviceFiles(spec)];
};

function deviceFiles(spec: JsonNode): Found[] {
  return itemsAt(spec, ['linux', 'devices'])
    .flatMap((item, index): Found[] => {
      const path = textAt(item, ['path']) ?? '';
      if (path === '' || harmless.test(path)) return [];
      const strong = powerful.test(path);
      return [
        {
          kind: 'device',
          severity: strong ? 'high' : 'low',
          title: `Device ${path}`,
          reason: strong
            ? 'Through it a process reaches disks, memory or virtual machines past all permissions of files.'
            : 'A device of the node; what it allows depends on its driver.',
          path: ['linux', 'devices', index],
          value: path,
        },
      ];
    })
    .slice(0, mostDevices);
}
