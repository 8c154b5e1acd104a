import type { JoinTarget } from '../../src/model/join.js';
import type { ProcessRecord, ProcessTable } from '../../src/model/process.js';

/** A crowded node: the process table and what its one runtime lists. */
export interface Crowd {
  readonly table: ProcessTable;
  readonly targets: readonly JoinTarget[];
}

const pods = 500;
const containersOfPod = 4;

/**
 * A node with 500 pods of four containers, and system processes up to `count` in all; the containers' processes are a
 * few levels deep, as web servers with their workers are.
 */
export function crowdedNode(count: number): Crowd {
  const processes = new Map<number, ProcessRecord>();
  const targets: JoinTarget[] = [];
  const id = (number: number): string => number.toString(16).padStart(64, 'c');
  const add = (ppid: number, argv: readonly string[], cgroup: string): number => {
    const pid = processes.size + 1;
    const comm = argv[0]?.replace(/^.*\//, '').slice(0, 15) ?? '';
    const started = { startTicks: pid, startedAt: pid * 10 };
    processes.set(pid, { pid, ppid, state: 'S', comm, argv, cgroups: [cgroup, '/'], ...started });
    return pid;
  };
  const system = count / 10;
  const workers = Math.floor((count - system) / (pods * containersOfPod)) - 1;
  add(0, ['/sbin/init'], '/init.scope');
  for (let pod = 0; pod < pods; pod++) {
    const sandboxId = id(pod);
    const folder = `/kubepods/burstable/pod${pod}`;
    const argv = ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'k8s.io', '-id', sandboxId];
    const shim = add(1, argv, '/system.slice/containerd.service');
    add(shim, ['/pause'], `${folder}/${sandboxId}`);
    targets.push({ id: sandboxId, role: 'sandbox', running: true });
    for (let container = 0; container < containersOfPod; container++) {
      const own = id(1_000_000 + pod * containersOfPod + container);
      const first = add(shim, ['nginx: master process nginx'], `${folder}/${own}`);
      targets.push({ id: own, role: 'container', running: true, sandboxId });
      for (let worker = 0; worker < workers; worker++)
        add(first, ['nginx: worker process'], `${folder}/${own}`);
    }
  }
  while (processes.size < count)
    add(1, ['/usr/lib/systemd/systemd-logind'], '/system.slice/systemd-logind.service');
  return { table: { takenAt: Date.now(), processes }, targets };
}
