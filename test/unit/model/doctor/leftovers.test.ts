import { expect, test } from 'vitest';
import type { FolderEntry, WatchedFolder } from '../../../../src/model/doctor/look.js';
import type { Mount } from '../../../../src/model/mountinfo.js';
import {
  ONE,
  LOST,
  SANDBOX,
  bundles,
  confirmed,
  containerOf,
  init,
  lookOf,
  minutesAgo,
  processOf,
  runtimeOf,
  sandboxOf,
  shimOf,
  told,
} from './look.js';

const runtime = runtimeOf({ sandboxes: [sandboxOf({ containers: [containerOf({})] })] });
const folderOf = (kind: WatchedFolder['kind']): WatchedFolder =>
  runtime.folders.find((one) => one.kind === kind)!;

function entry(kind: WatchedFolder['kind'], name: string, modifiedAt = minutesAgo(60)): FolderEntry {
  const folder = folderOf(kind);
  return { folder, name, path: `${folder.path}/${name}`, identity: '25:7', modifiedAt };
}

function mount(parts: Partial<Mount>): Mount {
  return {
    ...{ id: 90, parentId: 1, device: '0:50', root: '/', mountPoint: '/mnt', options: [], propagation: [] },
    ...{ fsType: 'overlay', source: 'overlay', superOptions: [] },
    ...parts,
  };
}

const files = (all: Record<string, string | undefined>) => ({
  told: told({ files: new Map(Object.entries(all)) }),
});
const noConfig = files({ [`${bundles}/${LOST}/config.json`]: undefined });

test('a bundle is left over when nobody lists its id and nothing of it runs', () => {
  const entries = [entry('bundle', LOST), entry('bundle', ONE), entry('bundle', SANDBOX)];
  expect(confirmed('leftoverBundle', lookOf({ runtimes: [runtime], entries }), noConfig)).toMatchObject([
    { certainty: 'likely', id: `leftoverBundle:${bundles}/${LOST}:25:7` },
  ]);
  const alive = [
    shimOf(20, LOST),
    processOf({ pid: 20, cgroups: [`/system.slice/cri-containerd-${LOST}.scope`] }),
  ];
  for (const process of alive) {
    const look = lookOf({ of: [init, process], runtimes: [runtime], entries });
    expect(confirmed('leftoverBundle', look, noConfig)).toEqual([]);
  }
});

test('a young bundle may still be on its way', () => {
  const look = lookOf({ runtimes: [runtime], entries: [entry('bundle', LOST, minutesAgo(0.1))] });
  expect(confirmed('leftoverBundle', look, noConfig)).toEqual([]);
});

test('mounts are told by the id that their path names', () => {
  const mounts = [LOST, ONE].map((id) => mount({ mountPoint: `${bundles}/${id}/rootfs` }));
  const found = confirmed('leftoverMount', lookOf({ runtimes: [runtime], mounts }), noConfig);
  expect(found.map(({ id }) => id)).toEqual([`leftoverMount:${bundles}/${LOST}/rootfs:90`]);
});

const statePath = `/run/containerd/runc/k8s.io/${LOST}/state.json`;
const state = (pid: number, bundle: string, start = 40): string =>
  JSON.stringify({
    init_process_pid: pid,
    init_process_start: start,
    config: { labels: [`bundle=${bundle}`] },
  });

test('state counts only if it is of a bundle in the runtime’s folder and its process is gone', () => {
  const look = lookOf({
    ...{ of: [init, processOf({ pid: 40, startTicks: 40 })], runtimes: [runtime] },
    entries: [entry('state', LOST)],
  });
  const found = (text: string) => confirmed('leftoverState', look, files({ [statePath]: text }));
  expect(found(state(41, `${bundles}/${LOST}`))).toHaveLength(1);
  expect(found(state(40, `${bundles}/${LOST}`, 39))).toHaveLength(1);
  expect(found(state(40, `${bundles}/${LOST}`))).toEqual([]);
  expect(found(state(41, `/run/other/${LOST}`))).toEqual([]);
  expect(found('not JSON')).toEqual([]);
});

test('crun’s state too', () => {
  const path = `/run/containerd/runc/k8s.io/${LOST}/status`;
  const text = JSON.stringify({ pid: 41, 'process-start-time': 5, bundle: `${bundles}/${LOST}` });
  const look = lookOf({ runtimes: [runtime], entries: [entry('state', LOST)] });
  expect(confirmed('leftoverState', look, files({ [path]: text }))).toHaveLength(1);
});

const cgroup = (path: string, id = LOST, pids: readonly number[] = []) => ({
  path,
  id,
  identity: '30:5',
  pids,
});

test('a cgroup where the kubelet’s are is left over, with one finding for all hierarchies', () => {
  const path = `kubepods/burstable/podu9/${LOST}`;
  const cgroups = ['memory', 'pids'].map((one) => cgroup(`/sys/fs/cgroup/${one}/${path}`));
  const mounts = ['memory', 'pids'].map((one) =>
    mount({ fsType: 'cgroup', mountPoint: `/sys/fs/cgroup/${one}` }),
  );
  expect(confirmed('leftoverCgroup', lookOf({ runtimes: [runtime], cgroups, mounts }))).toMatchObject([
    { severity: 'info', title: expect.stringContaining('left behind') as string },
  ]);
  const busy = [cgroup(`/sys/fs/cgroup/kubepods.slice/podu9/cri-containerd-${LOST}.scope`, LOST, [77])];
  expect(confirmed('leftoverCgroup', lookOf({ runtimes: [runtime], cgroups: busy }))).toMatchObject([
    { severity: 'warning', pid: 77 },
  ]);
});

test.each([
  ['Docker’s', `/sys/fs/cgroup/system.slice/docker-${LOST}.scope`],
  ['LXC’s', `/sys/fs/cgroup/lxc.payload.k3s/kubepods/podu9/${LOST}`],
  ['systemd-nspawn’s', `/sys/fs/cgroup/machine.slice/machine-x.scope/payload/kubepods/${LOST}`],
  ['a listed container’s', `/sys/fs/cgroup/kubepods/podu1/${ONE}`],
])('a cgroup of %s is not', (_, path) => {
  const cgroups = [cgroup(path, path.includes(ONE) ? ONE : LOST)];
  expect(confirmed('leftoverCgroup', lookOf({ runtimes: [runtime], cgroups }))).toEqual([]);
});

const cni = 'cni-0b5e7a3c-0000-4000-8000-1234567890ab';
const namespace = { fsType: 'nsfs', root: 'net:[4026532281]', mountPoint: `/run/netns/${cni}` };
const netns = { entries: [entry('netns', cni)], mounts: [mount(namespace)] };
const running = runtimeOf({ sandboxes: [sandboxOf({ pid: 11 })] });
const idle = runtimeOf({ sandboxes: [sandboxOf({})] });

test('a network namespace without a process and without a sandbox is left over', () => {
  expect(confirmed('leftoverNetns', lookOf({ runtimes: [running], ...netns }))).toHaveLength(1);
  const used = { netNamespaces: new Set([4026532281]) };
  expect(confirmed('leftoverNetns', lookOf({ runtimes: [running], ...netns, ...used }))).toEqual([]);
});

test('unless a sandbox without a process names it, or doesn’t answer', () => {
  const look = lookOf({ runtimes: [idle], ...netns });
  const says = (info: string) => ({ told: told({ statuses: new Map([[SANDBOX, { info }]]) }) });
  expect(confirmed('leftoverNetns', look, says('{}'))).toHaveLength(1);
  expect(confirmed('leftoverNetns', look, says(`{"path":"/var/run/netns/${cni}"}`))).toEqual([]);
  expect(confirmed('leftoverNetns', look)).toEqual([]);
});

test('while CNI may still be at work, and of other makers, network namespaces are let be', () => {
  const young = [entry('netns', cni, minutesAgo(2))];
  expect(confirmed('leftoverNetns', lookOf({ runtimes: [running], ...netns, entries: young }))).toEqual([]);
  const other = {
    entries: [entry('netns', 'blue')],
    mounts: [mount({ ...namespace, mountPoint: '/run/netns/blue' })],
  };
  expect(confirmed('leftoverNetns', lookOf({ runtimes: [running], ...other }))).toEqual([]);
});
