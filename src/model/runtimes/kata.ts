import { programOf, type BoundaryFamily } from './family.js';

/** Kata's hypervisors (configuration-*.toml); QEMU also as qemu-kvm, qemu-lite-… and qemu-virtiofs-…. */
const hypervisor = /^(qemu(-.+)?|cloud-hypervisor|firecracker|stratovirt|acrn-dm)$/;
const fileServer = /^(virtiofsd(-.+)?|nydusd)$/;

/**
 * Kata Containers: the hypervisor is the pod. containerd is told its pid for every container of the pod. Cloud Hypervisor,
 * Firecracker and the file servers are children of the shim; QEMU used to be started with -daemonize, and is a child of
 * process 1 then. Dragonball is a part of the shim, which then is the pod itself.
 * With sandbox_cgroup_only all are in `POD/kata_SANDBOX` or `POD/SANDBOX`, else in `/kata_overhead/…/SANDBOX`.
 */
export const kata: BoundaryFamily = {
  name: 'Kata Containers',
  isBoundary: (process) => hypervisor.test(programOf(process)),
  isHelper: (process) => fileServer.test(programOf(process)),
  isShim: (monitor) => programOf(monitor).startsWith('containerd-shim-kata'),
};
