import { describe, expect, it } from 'vitest';
import { ancestries } from './tables.js';

const task = '/run/containerd/io.containerd.runtime.v2.task/k8s.io';
const shim = `cwd=${task}/SANDBOX /opt/kata/bin/containerd-shim-kata-v2 -namespace k8s.io -address /run/containerd/containerd.sock -publish-binary /usr/bin/containerd -id SANDBOX`;
const virtiofsd =
  '/opt/kata/libexec/virtiofsd --fd=3 -o source=/run/kata-containers/shared/sandboxes/SANDBOX/shared -o cache=auto --syslog -f';
const qemu =
  '/opt/kata/bin/qemu-system-x86_64 -name sandbox-SANDBOX -qmp unix:/run/vc/vm/SANDBOX/qmp.sock,server=on -daemonize';
const kata = (id: string): string[] => [
  `kata: ${task}/${id} ?`,
  "by cwd of shim 900; name by the shim's program",
];

describe('Kata Containers, tables made from its public documentation', () => {
  it.each([
    ['sandbox_cgroup_only', '/kubepods/burstable/podx/kata_SANDBOX', 'kata_SANDBOX'],
    ['an overhead cgroup', '/kata_overhead/SANDBOX', 'overhead'],
    ['the overhead cgroup of runtime-rs', '/kata_overhead/kubepods/burstable/podx/SANDBOX', 'overhead'],
    ['systemd driver', '/kubepods.slice/kubepods-podx.slice/cri-containerd-SANDBOX.scope', 'scope'],
  ])('QEMU that daemonized: the shim beside it, virtiofsd its helper; %s', (_, group) => {
    const shown = ancestries({
      table: `
        1 0 / /sbin/init
        900 1 ${group} ${shim}
        910 900 ${group} ${virtiofsd}
        920 1 ${group} ${qemu}
        921 910 ${group} ${virtiofsd}`,
      pids: { SANDBOX: 920, ONE: 920 },
    });
    const line = ['init 1 init', 'shim 900 containerd-shim-kata-v2'];
    expect(shown).toEqual({
      SANDBOX: [
        ...[...line, 'sandbox 920 qemu-system-x86_64', 'child 910 virtiofsd', 'child 921 virtiofsd'],
        ...kata('SANDBOX'),
      ],
      ONE: [...line, 'container 920 qemu-system-x86_64', ...kata('ONE')],
    });
  });

  it.each([
    ['cloud-hypervisor', '/opt/kata/bin/cloud-hypervisor --api-socket /run/vc/vm/SANDBOX/clh-api.sock'],
    ['firecracker', '/firecracker --id SANDBOX --api-sock /run/vc/firecracker/SANDBOX/root/api.socket'],
    ['qemu-system-x86_64', qemu.replace(' -daemonize', '')],
  ])('%s as a child of the shim, in no cgroup with an id', (name, command) => {
    const shown = ancestries({
      table: `
        1 0 / /sbin/init
        900 1 /podx ${shim}
        910 900 /podx ${virtiofsd}
        911 910 /podx ${virtiofsd}
        920 900 /podx ${command}`,
      pids: { SANDBOX: 920, ONE: 920 },
    });
    const line = ['init 1 init', 'shim 900 containerd-shim-kata-v2'];
    expect(shown).toEqual({
      SANDBOX: [
        ...line,
        `sandbox 920 ${name}`,
        'child 910 virtiofsd',
        'child 911 virtiofsd',
        ...kata('SANDBOX'),
      ],
      ONE: [...line, `container 920 ${name}`, ...kata('ONE')],
    });
  });

  it('Dragonball: the shim is the pod', () => {
    const shown = ancestries({
      table: `
        1 0 / /sbin/init
        900 1 /kata_overhead/SANDBOX ${shim}`,
      pids: { SANDBOX: 900, ONE: 900 },
    });
    expect(shown.SANDBOX!.slice(0, 2)).toEqual(['init 1 init', 'sandbox 900 containerd-shim-kata-v2']);
    expect(shown.ONE!.slice(0, 2)).toEqual(['init 1 init', 'container 900 containerd-shim-kata-v2']);
  });

  it('below CRI-O (runtime_type = "vm")', () => {
    const shown = ancestries({
      table: `
        1 0 / /sbin/init
        900 1 / cwd=/run/containers/storage/overlay-containers/SANDBOX/userdata containerd-shim-kata-v2 -namespace default -address  -publish-binary  -id SANDBOX
        920 900 /kubepods.slice/kubepods-podx.slice/crio-SANDBOX.scope ${qemu}`,
      pids: { ONE: 920 },
    });
    expect(shown.ONE!.slice(0, 3)).toEqual([
      ...['init 1 init', 'shim 900 containerd-shim-kata-v2', 'container 920 qemu-system-x86_64'],
    ]);
  });

  it('takes no shim out of a container’s cgroup, whatever it calls itself', () => {
    const shown = ancestries({
      containers: ['ONE', 'TWO'],
      table: `
        1 0 / /sbin/init
        700 1 /podx/TWO ${shim}
        920 1 /kata_overhead/SANDBOX ${qemu}`,
    });
    expect(shown.SANDBOX).toEqual(['init 1 init', 'sandbox 920 qemu-system-x86_64']);
  });

  it('a virtual machine that runs in a common container leads nothing', () => {
    const shown = ancestries({
      table: `
        1 0 / /sbin/init
        900 1 / cwd=${task}/SANDBOX containerd-shim-runc-v2 -namespace k8s.io -id SANDBOX
        950 900 /podx/ONE /usr/bin/virt-launcher-monitor
        960 900 /podx/ONE ${qemu}`,
    });
    expect(shown.ONE!.slice(2, 4)).toEqual([
      'container 950 virt-launcher-monitor',
      'child 960 qemu-system-x86_64',
    ]);
  });
});
