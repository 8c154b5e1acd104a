import { expect, it } from 'vitest';
import { ancestries, runcByShim } from './tables.js';

const root = '/run/containerd/runc/k8s.io';

interface Distribution {
  readonly name: string;
  readonly shim: string;
  readonly state: string;
  readonly cgroup: string;
  /** The process that is the kubelet and containerd's parent, if there is one, and its own ppid. */
  readonly above: readonly string[];
  readonly parent: number;
  readonly expected: readonly string[];
}

/** Paths and command lines as the distributions' documentation and issue trackers show them. */
const distributions: readonly Distribution[] = [
  {
    name: 'k3s: its shims are children of process 1',
    shim: '/var/lib/rancher/k3s/data/c26e7571/bin/containerd-shim-runc-v2 -address /run/k3s/containerd/containerd.sock',
    state: '/run/k3s/containerd',
    cgroup: '/kubepods/besteffort/podd1e8-11aa/ID',
    above: [
      '500 1 /system.slice/k3s.service /usr/local/bin/k3s server',
      '510 500 /system.slice/k3s.service containerd',
    ],
    parent: 1,
    expected: ['init 1 init'],
  },
  {
    name: 'k3s in a container, as k3d starts it: its shims are children of k3s, and that of another shim',
    shim: '/bin/containerd-shim-runc-v2 -address /run/k3s/containerd/containerd.sock',
    state: '/run/k3s/containerd',
    cgroup: '/system.slice/docker-fedcba.scope/kubepods/podd1e8/ID',
    above: [
      '400 1 /system.slice/containerd.service containerd-shim-runc-v2 -namespace moby -id fedcba',
      '500 400 /system.slice/docker-fedcba.scope/init /bin/k3s server',
    ],
    parent: 500,
    expected: ['init 1 init', 'shim 400 containerd-shim-runc-v2', 'init 500 k3s'],
  },
  {
    name: 'RKE2, systemd driver',
    shim: '/var/lib/rancher/rke2/data/v1.33.6-rke2r1-d9a2ec57e5fa/bin/containerd-shim-runc-v2 -address /run/k3s/containerd/containerd.sock',
    state: '/run/k3s/containerd',
    cgroup:
      '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1deb.slice/cri-containerd-ID.scope',
    above: ['500 1 /system.slice/rke2-server.service /usr/local/bin/rke2 server'],
    parent: 1,
    expected: ['init 1 init'],
  },
  {
    name: 'k0s',
    shim: '/var/lib/k0s/bin/containerd-shim-runc-v2 -address /run/k0s/containerd.sock',
    state: '/run/k0s/containerd',
    cgroup: '/kubepods/burstable/podd1e8-11aa/ID',
    above: [
      '500 1 /system.slice/k0scontroller.service /usr/local/bin/k0s controller --single',
      '510 500 /system.slice/k0scontroller.service /var/lib/k0s/bin/containerd --state=/run/k0s/containerd',
    ],
    parent: 1,
    expected: ['init 1 init'],
  },
  {
    name: 'MicroK8s: kubelite beside a containerd of the snap',
    shim: '/snap/microk8s/6089/bin/containerd-shim-runc-v2 -address /var/snap/microk8s/common/run/containerd.sock',
    state: '/var/snap/microk8s/common/run/containerd',
    cgroup: '/kubepods/burstable/podd1e8-11aa/ID',
    above: [
      '500 1 /system.slice/snap.microk8s.daemon-kubelite.service /snap/microk8s/6089/kubelite',
      '510 1 /system.slice/snap.microk8s.daemon-containerd.service /snap/microk8s/6089/bin/containerd',
    ],
    parent: 1,
    expected: ['init 1 init'],
  },
];

it.each(distributions)('$name, a table made from public documentation', (distribution) => {
  const { shim, state, cgroup, above, parent, expected } = distribution;
  const bundles = `${state}/io.containerd.runtime.v2.task/k8s.io`;
  const inGroup = (id: string) => cgroup.replace('ID', id);
  const shown = ancestries({
    table: [
      '1 0 / /sbin/init',
      ...above,
      `900 ${parent} /system.slice/x.service cwd=${bundles}/SANDBOX ${shim} -namespace k8s.io -id SANDBOX`,
      `920 900 ${inGroup('SANDBOX')} /pause`,
      `960 900 ${inGroup('ONE')} /coredns -conf /etc/coredns/Corefile`,
    ].join('\n'),
  });
  const line = [...expected, 'shim 900 containerd-shim-runc-v2'];
  expect(shown).toEqual({
    SANDBOX: [...line, 'sandbox 920 pause', ...runcByShim(900, 'SANDBOX', bundles, root)],
    ONE: [...line, 'container 960 coredns', ...runcByShim(900, 'ONE', bundles, root)],
  });
});
