import { describe, expect, it } from 'vitest';
import type { JoinTarget } from '../../../../src/model/join.js';
import { processes } from '../runtimes/tables.js';
import { tableOf } from '../recorded.js';
import { chainOf, drawing, snapshotOf } from './chains.js';

const SANDBOX = 'a'.repeat(64);
const ONE = '1'.repeat(64);
const targets: readonly JoinTarget[] = [
  { id: SANDBOX, role: 'sandbox', running: true },
  { id: ONE, role: 'container', running: true, sandboxId: SANDBOX },
];

interface Case {
  readonly name: string;
  readonly endpoint: string;
  readonly text: string;
  /** What the verbose status says of both. */
  readonly pid?: number;
}

/** The chain of the container ONE, drawn without any evidence of sockets. */
function drawn({ name, endpoint, text, pid }: Case): string[] {
  const table = tableOf(processes(text));
  const pids = new Map(pid === undefined ? [] : [SANDBOX, ONE].map((id) => [id, pid]));
  const snapshot = snapshotOf({ name, endpoint, table, targets, pids });
  return drawing(chainOf(snapshot, { table, scope: { kind: 'container', endpoint, id: ONE } }));
}

const task = '/run/containerd/io.containerd.runtime.v2.task/k8s.io';
const socket = '/run/containerd/containerd.sock';

describe('chains of process tables made from public documentation', () => {
  it('containerd: beside the shim, not above it', () => {
    const lines = drawn({
      name: 'containerd',
      endpoint: `unix://${socket}`,
      text: `
        1 0 / /sbin/init
        500 1 / /usr/bin/containerd
        510 1 / /usr/bin/kubelet --container-runtime-endpoint=unix://${socket}
        900 1 / cwd=${task}/SANDBOX /usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id SANDBOX -address ${socket}
        920 900 /kubepods/podx/SANDBOX /pause
        960 900 /kubepods/podx/ONE nginx
        961 960 /kubepods/podx/ONE nginx worker`,
    });
    expect(lines).toEqual([
      'cri: kubelet kubelet 510 -> socket containerd.sock',
      'cri: socket containerd.sock -> server containerd 500',
      'parent!: init init 1 -> kubelet kubelet 510',
      'parent!: init init 1 -> server containerd 500',
      'ttrpc: server containerd 500 -> shim containerd-shim-runc-v2 900',
      'oci: shim containerd-shim-runc-v2 900 -> (lowLevel runc)',
      'forkExec: (lowLevel runc) -> sandbox default/aaa 920',
      'parent!: init init 1 -> shim containerd-shim-runc-v2 900',
      'parent!: shim containerd-shim-runc-v2 900 -> sandbox default/aaa 920',
      'oci: shim containerd-shim-runc-v2 900 -> (lowLevel runc)',
      'forkExec: (lowLevel runc) -> container 111 960',
      'parent!: shim containerd-shim-runc-v2 900 -> container 111 960',
      'parent!: container 111 960 -> child nginx 961',
    ]);
  });

  it('the first shim: containerd is its parent', () => {
    const linux = '/run/containerd/io.containerd.runtime.v1.linux/k8s.io';
    const lines = drawn({
      name: 'containerd',
      endpoint: `unix://${socket}`,
      text: `
        1 0 / /sbin/init
        500 1 / /usr/bin/containerd
        900 500 / cwd=${linux}/ONE containerd-shim -namespace k8s.io -workdir /x/k8s.io/ONE -address ${socket}
        960 900 /kubepods/podx/ONE nginx`,
    });
    expect(lines).toContain('parent!: server containerd 500 -> shim containerd-shim 900');
    expect(lines).toContain('ttrpc: server containerd 500 -> shim containerd-shim 900');
    expect(lines[0]).toBe('cri: (kubelet kubelet) -> socket containerd.sock');
  });

  it('k3s: the kubelet and containerd’s parent in one', () => {
    const lines = drawn({
      name: 'containerd',
      endpoint: 'unix:///run/k3s/containerd/containerd.sock',
      text: `
        1 0 / /sbin/init
        400 1 / /usr/bin/containerd
        500 1 /system.slice/k3s.service /usr/local/bin/k3s server
        510 500 /system.slice/k3s.service containerd -c /var/lib/rancher/k3s/agent/etc/containerd/config.toml -a /run/k3s/containerd/containerd.sock --state /run/k3s/containerd
        900 1 / cwd=/run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/SANDBOX containerd-shim-runc-v2 -namespace k8s.io -id SANDBOX -address /run/k3s/containerd/containerd.sock
        920 900 /kubepods/podx/SANDBOX /pause
        960 900 /kubepods/podx/ONE coredns`,
    });
    expect(lines.slice(0, 5)).toEqual([
      'cri: kubelet k3s 500 -> socket containerd.sock',
      'cri: socket containerd.sock -> server containerd 510',
      'parent!: init init 1 -> kubelet k3s 500',
      'parent!: kubelet k3s 500 -> server containerd 510',
      'ttrpc: server containerd 510 -> shim containerd-shim-runc-v2 900',
    ]);
  });

  it('RKE2: a kubelet of its own below the one binary', () => {
    const lines = drawn({
      name: 'containerd',
      endpoint: 'unix:///run/k3s/containerd/containerd.sock',
      text: `
        1 0 / /sbin/init
        500 1 / /usr/local/bin/rke2 server
        510 500 / containerd -c /x -a /run/k3s/containerd/containerd.sock
        520 500 / kubelet --container-runtime-endpoint=unix:///run/k3s/containerd/containerd.sock`,
    });
    expect(lines).toEqual(
      expect.arrayContaining([
        'cri: kubelet kubelet 520 -> socket containerd.sock',
        'parent!: init rke2 500 -> kubelet kubelet 520',
        'parent!: init rke2 500 -> server containerd 510',
        'parent!: init init 1 -> init rke2 500',
      ]),
    );
  });

  it('MicroK8s: kubelite beside containerd', () => {
    const path = '/var/snap/microk8s/common/run/containerd.sock';
    const lines = drawn({
      name: 'containerd',
      endpoint: `unix://${path}`,
      text: `
        1 0 / /sbin/init
        500 1 / /snap/microk8s/6089/kubelite --kubelet-args-file=/x
        510 1 / /snap/microk8s/6089/bin/containerd --address ${path}`,
    });
    expect(lines.slice(0, 2)).toEqual([
      'cri: kubelet kubelite 500 -> socket containerd.sock',
      'cri: socket containerd.sock -> server containerd 510',
    ]);
  });

  it('dockershim: the kubelet calls dockerd, whose containerd starts the shims', () => {
    const moby = '/run/containerd/io.containerd.runtime.v2.task/moby';
    const lines = drawn({
      name: 'docker',
      endpoint: 'unix:///var/run/dockershim.sock',
      text: `
        1 0 / /sbin/init
        600 1 / /usr/bin/kubelet --network-plugin=cni
        650 1 / /usr/bin/containerd
        700 1 / /usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock
        940 1 / cwd=${moby}/ONE /usr/bin/containerd-shim-runc-v2 -namespace moby -address /run/containerd/containerd.sock -id ONE
        960 940 /kubepods.slice/x/docker-ONE.scope etcd`,
    });
    expect(lines).toEqual([
      'dockerApi: kubelet kubelet 600 -> socket docker.sock',
      'dockerApi: socket docker.sock -> daemon dockerd 700',
      'containerdApi: daemon dockerd 700 -> socket containerd.sock',
      'containerdApi: socket containerd.sock -> daemon containerd 650',
      'parent!: init init 1 -> kubelet kubelet 600',
      'parent!: init init 1 -> daemon containerd 650',
      'parent!: init init 1 -> daemon dockerd 700',
      'forkExec: daemon containerd 650 -> (sandbox default/aaa)',
      'ttrpc: daemon containerd 650 -> shim containerd-shim-runc-v2 940',
      'oci: shim containerd-shim-runc-v2 940 -> (lowLevel runc)',
      'forkExec: (lowLevel runc) -> container 111 960',
      'parent!: init init 1 -> shim containerd-shim-runc-v2 940',
      'parent!: shim containerd-shim-runc-v2 940 -> container 111 960',
    ]);
  });

  it('Docker 18.06: dockerd’s own containerd is its child, and the parent of the shims', () => {
    const lines = drawn({
      name: 'docker',
      endpoint: 'unix:///var/run/dockershim.sock',
      text: `
        1 0 / /sbin/init
        500 1 / /usr/bin/containerd
        600 1 / /usr/bin/kubelet
        700 1 / /usr/bin/dockerd
        710 700 / docker-containerd --config /var/run/docker/containerd/containerd.toml
        940 710 / docker-containerd-shim -namespace moby -workdir /x/moby/ONE
        960 940 /kubepods/podx/ONE etcd`,
    });
    expect(lines).toContain('containerdApi: socket containerd.sock -> daemon docker-containerd 710');
    expect(lines).toContain('parent!: daemon dockerd 700 -> daemon docker-containerd 710');
    expect(lines).toContain('parent!: daemon docker-containerd 710 -> shim docker-containerd-shim 940');
    expect(lines.join()).not.toContain('containerd 500');
  });

  it('gVisor: the sandbox’s process is the pod, the container is inside of it', () => {
    const root = '/run/containerd/runsc/k8s.io';
    const lines = drawn({
      name: 'containerd',
      endpoint: `unix://${socket}`,
      pid: 930,
      text: `
        1 0 / /sbin/init
        500 1 / /usr/bin/containerd
        900 1 / cwd=${task}/SANDBOX /usr/local/bin/containerd-shim-runsc-v1 -namespace k8s.io -address ${socket}
        930 900 /podx runsc-sandbox --root=${root} boot --bundle=${task}/SANDBOX SANDBOX
        950 900 /podx runsc-gofer --root=${root} gofer --bundle ${task}/ONE`,
    });
    expect(lines.slice(3)).toEqual([
      'ttrpc: server containerd 500 -> shim containerd-shim-runsc-v1 900',
      'oci: shim containerd-shim-runsc-v1 900 -> (lowLevel runsc)',
      'forkExec: (lowLevel runsc) -> sandbox default/aaa 930',
      'parent!: init init 1 -> shim containerd-shim-runsc-v1 900',
      'parent!: shim containerd-shim-runsc-v1 900 -> sandbox default/aaa 930',
      'forkExec: sandbox default/aaa 930 -> container 111',
      'oci: shim containerd-shim-runsc-v1 900 -> (lowLevel runsc)',
      'forkExec: (lowLevel runsc) -> container 111',
      'parent!: shim containerd-shim-runsc-v1 900 -> child runsc-gofer 950',
    ]);
  });

  it('Kata with a hypervisor that left the shim: a child of process 1', () => {
    const lines = drawn({
      name: 'containerd',
      endpoint: `unix://${socket}`,
      pid: 920,
      text: `
        1 0 / /sbin/init
        500 1 / /usr/bin/containerd
        900 1 /kata_overhead/SANDBOX cwd=${task}/SANDBOX /opt/kata/bin/containerd-shim-kata-v2 -namespace k8s.io -address ${socket} -id SANDBOX
        920 1 /kata_overhead/SANDBOX /opt/kata/bin/qemu-system-x86_64 -name sandbox-SANDBOX -daemonize`,
    });
    expect(lines).toContain('parent!: init init 1 -> sandbox default/aaa 920');
    expect(lines).toContain('ttrpc: server containerd 500 -> shim containerd-shim-kata-v2 900');
    expect(lines).toContain('forkExec: (lowLevel kata) -> sandbox default/aaa 920');
    expect(lines).toContain('forkExec: sandbox default/aaa 920 -> container 111');
    expect(lines).not.toContain('parent!: shim containerd-shim-kata-v2 900 -> sandbox default/aaa 920');
  });

  it('an executed process below CRI-O: crio, runc exec, and the process', () => {
    const lines = drawn({
      name: 'cri-o',
      endpoint: 'unix:///var/run/crio/crio.sock',
      text: `
        1 0 / /sbin/init
        500 1 / /usr/bin/crio
        940 1 / /usr/bin/conmon -b /b/ONE/userdata -c ONE -r /usr/bin/runc --runtime-arg --root=/run/runc
        960 940 /kubepods/podx/crio-ONE nginx
        970 500 / /usr/bin/runc exec --process /x ONE
        980 970 /kubepods/podx/crio-ONE sh`,
    });
    expect(lines).toEqual([
      'cri: (kubelet kubelet) -> socket crio.sock',
      'cri: socket crio.sock -> server crio 500',
      'parent!: init init 1 -> server crio 500',
      'forkExec: server crio 500 -> (sandbox default/aaa)',
      'starts: server crio 500 -> monitor conmon 940',
      'oci: monitor conmon 940 -> (lowLevel runc)',
      'forkExec: (lowLevel runc) -> container 111 960',
      'parent!: init init 1 -> monitor conmon 940',
      'parent!: monitor conmon 940 -> container 111 960',
      'parent!: init runc 970 -> child sh 980',
      'parent!: server crio 500 -> init runc 970',
    ]);
  });

  it('a process in a pod that calls itself kubelet or containerd plays no part', () => {
    const lines = drawn({
      name: 'containerd',
      endpoint: `unix://${socket}`,
      text: `
        1 0 / /sbin/init
        400 1 /kubepods/pody/x kubelet
        410 1 /kubepods/pody/x containerd`,
    });
    expect(lines.slice(0, 2)).toEqual([
      'cri: (kubelet kubelet) -> socket containerd.sock',
      'cri: socket containerd.sock -> server containerd',
    ]);
  });
});
