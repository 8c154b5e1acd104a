import type { Finding, FindingKind } from '../../../../src/model/doctor/finding.js';
import type { Look, RuntimeLook, Told } from '../../../../src/model/doctor/look.js';
import { indexingProcesses } from '../../../../src/model/doctor/processIndex.js';
import { suspecting } from '../../../../src/model/doctor/rules/index.js';
import type { ProcessRecord } from '../../../../src/model/process.js';
import type { Container, RuntimeSnapshot, Sandbox } from '../../../../src/model/snapshot.js';
import { runNow } from '../../../../src/model/steps.js';
import { tableOf } from '../recorded.js';

export const endpoint = 'unix:///run/containerd/containerd.sock';
export const bundles = '/run/containerd/io.containerd.runtime.v2.task/k8s.io';
export const SANDBOX = 'a'.repeat(64);
export const ONE = '1'.repeat(64);
export const LOST = 'f'.repeat(64);
/** The node's clock in these tests. */
export const now = 1_000_000_000;
const minute = 60_000;
export const minutesAgo = (minutes: number): number => now - minutes * minute;

export function processOf(parts: Partial<ProcessRecord> & { readonly pid: number }): ProcessRecord {
  const { pid, argv = ['sleep', '1'] } = parts;
  return {
    ...{
      ppid: 1,
      state: 'S',
      comm: (argv[0] ?? 'sleep').replace(/^.*\//, '').slice(0, 15),
      argv,
      cgroups: ['/'],
    },
    ...{ startTicks: pid, startedAt: minutesAgo(60) },
    ...parts,
  };
}

export const init = processOf({ pid: 1, ppid: 0, argv: ['/sbin/init'] });

export function shimOf(
  pid: number,
  id: string,
  namespace = 'k8s.io',
  address = '/run/containerd/containerd.sock',
) {
  const program = '/usr/bin/containerd-shim-runc-v2';
  return processOf({ pid, argv: [program, '-namespace', namespace, '-id', id, '-address', address] });
}

export function containerOf(parts: Partial<Container>): Container {
  return {
    ...{ id: ONE, sandboxId: SANDBOX, name: 'main', attempt: 0, state: 'running', createdAt: minutesAgo(60) },
    ...{ image: 'nginx', imageRef: 'nginx', labels: {}, annotations: {}, ancestry: { links: [] } },
    ...parts,
  };
}

export function sandboxOf(parts: Partial<Sandbox>): Sandbox {
  return {
    ...{ id: SANDBOX, name: 'web', namespace: 'shop', uid: 'u1', attempt: 0, state: 'ready' },
    ...{
      createdAt: minutesAgo(60),
      runtimeHandler: '',
      labels: {},
      annotations: {},
      ancestry: { links: [] },
    },
    ...{ containers: [] },
    ...parts,
  };
}

export function runtimeOf(snapshot: Partial<RuntimeSnapshot>, parts: Partial<RuntimeLook> = {}): RuntimeLook {
  const folder = (kind: 'bundle' | 'state' | 'netns', path: string) => ({ kind, endpoint, path });
  return {
    snapshot: {
      ...{ endpoint, name: 'containerd', version: '2.1.0', apiVersion: 'v1', takenAt: now },
      ...{ conditions: [], sandboxes: [], orphans: [] },
      ...snapshot,
    },
    info: {},
    addresses: ['/run/containerd/containerd.sock'],
    folders: [
      folder('bundle', bundles),
      folder('state', '/run/containerd/runc/k8s.io'),
      folder('netns', '/run/netns'),
    ],
    ...parts,
  };
}

/** A look as a gathering makes it; all that is not said is empty. */
export function lookOf(parts: Partial<Look> & { readonly of?: readonly ProcessRecord[] }): Look {
  const { of = [init], runtimes = [], ...rest } = parts;
  const table = tableOf(of);
  const sandboxes = runtimes.flatMap(({ snapshot }) => snapshot.sandboxes);
  return {
    ...{ now, settleMs: 30_000, table, runtimes, entries: [], mounts: [], cgroups: [], disks: [] },
    processes: runNow(indexingProcesses(table)),
    listed: new Set(sandboxes.flatMap(({ id, containers }) => [id, ...containers.map((one) => one.id)])),
    netNamespaces: new Set<number>(),
    ...rest,
  };
}

export const told = (parts: Partial<Told> = {}): Told => ({
  ...{ files: new Map(), statuses: new Map(), mountNamespaces: new Map() },
  ...parts,
});

/** What two looks of the same content confirm, as `diagnose` does. */
export function confirmed(kind: FindingKind, look: Look, second: Partial<Look> = {}): readonly Finding[] {
  const first = new Set(runNow(suspecting(kind, look)).map(({ finding }) => finding.id));
  const again = runNow(suspecting(kind, { ...look, before: look, told: told(), ...second }));
  return again.map(({ finding }) => finding).filter(({ id }) => first.has(id));
}

/** The values of the evidence with a label. */
export const said = (finding: Finding | undefined, label: string): readonly string[] =>
  finding?.evidence.filter((one) => one.label === label).map(({ value }) => value) ?? [];
