import type { Look } from '../../src/model/doctor/look.js';
import { indexingProcesses } from '../../src/model/doctor/processIndex.js';
import { findingKinds, suspecting } from '../../src/model/doctor/rules/index.js';
import type { ProcessTable } from '../../src/model/process.js';
import type { Container, RuntimeSnapshot, Sandbox } from '../../src/model/snapshot.js';
import { runInTurns } from '../../src/model/steps.js';
import { breathe } from '../../src/util/async.js';
import type { Crowd } from './processes.js';

const endpoint = 'unix:///run/containerd/containerd.sock';
const bundles = '/run/containerd/io.containerd.runtime.v2.task/k8s.io';

/** What the doctor computes in one look at a crowded node, as `diagnose` runs it. Resolves with the number of suspicions. */
export function doctorOn({ table, targets }: Crowd): () => Promise<number> {
  const snapshot = snapshotOf(table, targets);
  const folder = { kind: 'bundle', endpoint, path: bundles } as const;
  const rest: Omit<Look, 'processes'> = {
    ...{ now: Date.now(), settleMs: 30_000, table, disks: [], netNamespaces: new Set() },
    runtimes: [{ snapshot, info: {}, addresses: ['/run/containerd/containerd.sock'], folders: [folder] }],
    listed: new Set(targets.map(({ id }) => id)),
    entries: targets.map(({ id }, index) => ({
      ...{ folder, name: id, path: `${bundles}/${id}`, identity: `25:${index}`, modifiedAt: 0 },
    })),
    mounts: targets.map(({ id }, index) => ({
      ...{ id: index, parentId: 1, device: '0:50', root: '/', mountPoint: `${bundles}/${id}/rootfs` },
      ...{ options: [], propagation: [], fsType: 'overlay', source: 'overlay', superOptions: [] },
    })),
    cgroups: groupsOf(table),
  };
  return async () => {
    const processes = await runInTurns(indexingProcesses(table), breathe);
    let suspicions = 0;
    for (const kind of findingKinds) {
      const found = await runInTurns(suspecting(kind, { ...rest, processes }), breathe);
      suspicions += found.length;
    }
    return suspicions;
  };
}

function groupsOf(table: ProcessTable): Look['cgroups'] {
  const pids = new Map<string, number[]>();
  for (const { pid, cgroups } of table.processes.values()) {
    const path = cgroups.find((one) => one.includes('kubepods'));
    if (path === undefined) continue;
    pids.set(path, [...(pids.get(path) ?? []), pid]);
  }
  return [...pids].map(([path, own], index) => ({
    ...{ path: `/sys/fs/cgroup${path}`, id: path.slice(-64), identity: `30:${index}`, pids: own },
  }));
}

function snapshotOf(table: ProcessTable, targets: Crowd['targets']): RuntimeSnapshot {
  const first = new Map<string, number>();
  for (const { pid, cgroups } of table.processes.values()) {
    const id = cgroups[0]?.slice(-64) ?? '';
    if (!first.has(id)) first.set(id, pid);
  }
  const common = (id: string): Omit<Container, 'state' | 'sandboxId'> => ({
    ...{
      id,
      name: id,
      attempt: 0,
      createdAt: 0,
      image: 'nginx',
      imageRef: 'nginx',
      labels: {},
      annotations: {},
    },
    ...{ ancestry: { links: [] }, pid: first.get(id) ?? 0 },
  });
  const containers = targets.filter(({ role }) => role === 'container');
  const sandboxes = targets.filter(({ role }) => role === 'sandbox');
  return {
    ...{
      endpoint,
      name: 'containerd',
      version: '2.1.0',
      apiVersion: 'v1',
      takenAt: 0,
      conditions: [],
      orphans: [],
    },
    sandboxes: sandboxes.map(({ id }): Sandbox => ({
      ...common(id),
      ...{ namespace: 'default', uid: id, state: 'ready', runtimeHandler: '' },
      containers: containers
        .filter(({ sandboxId }) => sandboxId === id)
        .map((one) => ({ ...common(one.id), state: 'running', sandboxId: id })),
    })),
  };
}
