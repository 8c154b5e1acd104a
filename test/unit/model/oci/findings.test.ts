import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeNamespaces } from '../../../../src/model/oci/findings/confinement.js';
import type { FindingContext } from '../../../../src/model/oci/findings/context.js';
import { specFindings } from '../../../../src/model/oci/findings/findings.js';
import { nodeAt, parseJson, pathText } from '../../../../src/model/oci/json.js';
import { capabilityNames } from '../../../../src/model/oci/reality/capabilityBits.js';
import { specOf } from './realitySupport.js';

const recordings = join(import.meta.dirname, '../../../fixtures/oci');
const container: FindingContext = {
  kind: 'container',
  namespace: 'shop',
  podName: 'web',
  containerName: 'web',
};

/** Nothing to find in it. */
const quiet = {
  process: {
    user: { uid: 1000 },
    noNewPrivileges: true,
    capabilities: { bounding: ['CAP_CHOWN', 'CAP_NET_RAW'], effective: [] },
  },
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid'] },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'ro'] },
    {
      destination: '/dev/shm',
      type: 'bind',
      source: '/run/containerd/io.containerd.grpc.v1.cri/sandboxes/x/shm',
      options: ['rbind'],
    },
    {
      destination: '/data',
      source:
        '/var/lib/kubelet/pods/753c5b08-b633-43ef-98a3-95372a233f24/volumes/kubernetes.io~empty-dir/data',
      options: ['rbind', 'rw'],
    },
    { destination: '/ro', source: '/etc/ssl', options: ['rbind', 'ro'] },
  ],
  linux: {
    namespaces: ['pid', 'network', 'mount', 'ipc', 'uts'].map((type) => ({ type })),
    seccomp: { defaultAction: 'SCMP_ACT_ERRNO' },
    maskedPaths: ['/proc/kcore'],
    readonlyPaths: ['/proc/sys'],
    resources: {
      memory: { limit: 1 },
      cpu: { quota: 1 },
      pids: { limit: 1 },
      devices: [{ allow: false, access: 'rwm' }],
    },
  },
};

type Quiet = typeof quiet;
const changed = (change: (spec: Quiet) => void): ReturnType<typeof specOf> => {
  const spec = structuredClone(quiet);
  change(spec);
  return specOf(spec);
};
const lines = (spec: ReturnType<typeof specOf>, context: FindingContext = container): string[] =>
  specFindings(spec, context).map((one) => `${one.severity} ${one.kind} ${pathText(one.path)} ${one.value}`);

test('a careful container has none', () => {
  expect(lines(specOf(quiet))).toEqual([]);
});

describe('one at a time', () => {
  const add = (mount: object) => (spec: Quiet) => void spec.mounts.push(mount as Quiet['mounts'][number]);
  const dropNamespace = (type: string) => (spec: Quiet) => {
    spec.linux.namespaces = spec.linux.namespaces.filter((one) => one.type !== type);
  };

  test.each<[string, (spec: Quiet) => void, string[]]>([
    [
      'host PID',
      dropNamespace('pid'),
      ['high hostNamespace .linux.namespaces not listed: the runtime’s own'],
    ],
    [
      'host IPC',
      dropNamespace('ipc'),
      ['medium hostNamespace .linux.namespaces not listed: the runtime’s own'],
    ],
    ['host UTS', dropNamespace('uts'), ['low hostNamespace .linux.namespaces not listed: the runtime’s own']],
    [
      'the namespace of process 1',
      (spec) => Object.assign(spec.linux.namespaces[1] ?? {}, { path: '/proc/1/ns/net' }),
      ['medium hostNamespace .linux.namespaces[1] /proc/1/ns/net'],
    ],
    [
      'capabilities',
      (spec) => (spec.process.capabilities.bounding = ['CAP_CHOWN', 'cap_net_admin', 'CAP_SYS_ADMIN']),
      [
        'high capability .process.capabilities.bounding[2] CAP_SYS_ADMIN',
        'medium capability .process.capabilities.bounding[1] cap_net_admin',
      ],
    ],
    [
      'no seccomp',
      (spec) => Reflect.deleteProperty(spec.linux, 'seccomp'),
      ['medium seccompOff .linux.seccomp not set'],
    ],
    ['root', (spec) => (spec.process.user.uid = 0), ['medium root .process.user.uid 0']],
    [
      'new privileges',
      (spec) => (spec.process.noNewPrivileges = false),
      ['low newPrivileges .process.noNewPrivileges false'],
    ],
    [
      'a writable folder',
      add({ destination: '/x', source: '/srv/x', options: ['rbind', 'rw'] }),
      ['medium hostMount .mounts[5] /srv/x'],
    ],
    [
      '/etc',
      add({ destination: '/x', source: '/etc/cron.d', options: ['bind'] }),
      ['high hostMount .mounts[5] /etc/cron.d'],
    ],
    [
      '/ read-only',
      add({ destination: '/x', source: '/', options: ['bind', 'ro'] }),
      ['medium hostMount .mounts[5] /'],
    ],
    [
      'a socket, read-only',
      add({ destination: '/x', source: '/var/run/docker.sock', options: ['bind', 'ro'] }),
      ['high runtimeSocket .mounts[5] /run/docker.sock'],
    ],
    [
      'the folder of a socket',
      add({ destination: '/x', source: '/run/containerd', options: ['rbind', 'ro'] }),
      ['high runtimeSocket .mounts[5] /run/containerd'],
    ],
    [
      'everything with its sockets',
      add({ destination: '/x', source: '/', options: ['rbind'] }),
      ['high runtimeSocket .mounts[5] /', 'high hostMount .mounts[5] /'],
    ],
    [
      'no memory limit',
      (spec) => (spec.linux.resources.memory.limit = -1),
      ['medium noLimit .linux.resources.memory.limit -1'],
    ],
    [
      'no CPU limit',
      (spec) => (spec.linux.resources.cpu.quota = 0),
      ['low noLimit .linux.resources.cpu.quota 0'],
    ],
    [
      'no process limit',
      (spec) => Reflect.deleteProperty(spec.linux.resources, 'pids'),
      ['low noLimit .linux.resources.pids.limit not set'],
    ],
    [
      'nothing masked',
      (spec) => (spec.linux.maskedPaths = []),
      ['medium procOrSys .linux.maskedPaths empty'],
    ],
    [
      'nothing read-only',
      (spec) => Reflect.deleteProperty(spec.linux, 'readonlyPaths'),
      ['medium procOrSys .linux.readonlyPaths not set'],
    ],
    ['writable /sys', (spec) => spec.mounts[1]?.options.pop(), ['high procOrSys .mounts[1] /sys']],
    [
      'all devices',
      (spec) => (spec.linux.resources.devices = [{ allow: true, access: 'rwm' }]),
      ['high device .linux.resources.devices[0] allow a *:* rwm'],
    ],
    [
      'a disk and FUSE',
      (spec) =>
        Object.assign(spec.linux, {
          devices: ['/dev/sda1', '/dev/fuse', '/dev/null'].map((path) => ({ path })),
        }),
      ['high device .linux.devices[0] /dev/sda1', 'low device .linux.devices[1] /dev/fuse'],
    ],
  ])('%s', (_, change, expected) => {
    expect(lines(changed(change))).toEqual(expected);
  });

  test('AppArmor counts where the node has it, or where it is refused', () => {
    expect(lines(specOf(quiet), { ...container, apparmor: true })).toEqual([
      'low apparmorOff .process.apparmorProfile not set',
    ]);
    const refused = changed((spec) => Object.assign(spec.process, { apparmorProfile: 'unconfined' }));
    expect(lines(refused)).toEqual(['low apparmorOff .process.apparmorProfile unconfined']);
  });

  test('a user namespace makes root another’s', () => {
    const mapped = changed((spec) => {
      spec.process.user.uid = 0;
      spec.linux.namespaces.push({ type: 'user' });
    });
    expect(lines(mapped)).toEqual([]);
  });

  test('a socket of this node at another place', () => {
    const spec = changed(add({ destination: '/x', source: '/srv/lab/cri.sock', options: ['bind', 'ro'] }));
    expect(lines(spec)).toEqual([]);
    expect(lines(spec, { ...container, sockets: ['/srv/lab/cri.sock'] })).toEqual([
      'high runtimeSocket .mounts[5] /srv/lab/cri.sock',
    ]);
  });

  test('the node’s network through the sandbox', () => {
    const sandbox = changed(dropNamespace('network'));
    expect(nodeNamespaces(sandbox)).toEqual(['network']);
    const joined = changed((spec) =>
      Object.assign(spec.linux.namespaces[1] ?? {}, { path: '/proc/77/ns/net' }),
    );
    const context = { ...container, sandbox: { pid: 77, shares: nodeNamespaces(sandbox) } };
    expect(lines(joined)).toEqual([]);
    expect(lines(joined, context)).toEqual(['medium hostNamespace .linux.namespaces[1] /proc/77/ns/net']);
    expect(lines(joined, { ...context, sandbox: { pid: 78, shares: ['network'] } })).toEqual([]);
  });
});

test('privileged is one finding, not thirty', () => {
  const spec = changed((one) => {
    one.process.user.uid = 0;
    one.process.capabilities.bounding = capabilityNames.map((name) => `CAP_${name}`);
    Reflect.deleteProperty(one.linux, 'seccomp');
    one.linux.maskedPaths = [];
    one.linux.resources.devices = [{ allow: true, access: 'rwm' }];
  });
  expect(lines(spec)).toEqual([
    'high privileged .process.capabilities.bounding 41 capabilities',
    'high device .linux.resources.devices[0] allow a *:* rwm',
    'medium root .process.user.uid 0',
  ]);
});

describe('what the platform does is labelled, not hidden', () => {
  const root = changed((spec) => (spec.process.user.uid = 0));
  const labelOf = (context: Partial<FindingContext>): string | undefined =>
    specFindings(root, { ...container, ...context })[0]?.expected;

  test.each<[Partial<FindingContext>, RegExp]>([
    [{ kind: 'sandbox' }, /sandbox/],
    [{ namespace: 'kube-system', podName: 'etcd-node1' }, /namespace kube-system/],
    [{ namespace: 'kube-system', podName: 'kube-proxy-x2v' }, /agent of the node: kube-proxy-x2v/],
    [{ image: 'registry.k8s.io/kube-proxy:v1.34' }, /by its name/],
    [{ podName: 'calico-node-x' }, /by its name.*namespace is shop/],
  ])('%j', (context, expected) => {
    expect(labelOf(context)).toMatch(expected);
  });

  test('others have no label', () => {
    expect(labelOf({})).toBeUndefined();
  });
});

test.each(readdirSync(recordings).filter((name) => name.endsWith('.json')))(
  'paths of the findings of %s',
  (name) => {
    const spec = parseJson(readFileSync(join(recordings, name), 'utf8'));
    const found = specFindings(spec, container);
    expect(found.length).toBeGreaterThan(1);
    for (const one of found) {
      expect(one.reason).toMatch(/\.$/);
      if (one.value !== 'not set' && !one.value.startsWith('not listed')) {
        expect(nodeAt(spec, one.path), pathText(one.path)).toBeDefined();
      }
    }
  },
);

test('of options that undo each other the last one counts', () => {
  const kinds = (options: string[]): string[] => {
    const mounts = [
      { destination: '/x', source: '/etc/x', options: ['bind', ...options] },
      { destination: '/sys', type: 'sysfs', source: 'sysfs', options },
    ];
    const found = specFindings(specOf({ ...quiet, mounts }), container);
    return found.map(({ kind }) => kind).filter((kind) => kind === 'hostMount' || kind === 'procOrSys');
  };
  expect(kinds(['ro', 'rw'])).toEqual(['hostMount', 'procOrSys']);
  expect(kinds(['rw', 'ro'])).toEqual([]);
  expect(kinds(['rro'])).toEqual([]);
});
