import { expect, test } from 'vitest';
import {
  ONE,
  LOST,
  SANDBOX,
  confirmed,
  containerOf,
  endpoint,
  init,
  lookOf,
  minutesAgo,
  processOf,
  runtimeOf,
  said,
  sandboxOf,
  shimOf,
  told,
  bundles,
} from './look.js';

const podIn = (id: string): string => `/kubepods/burstable/podu1/${id}`;
const shim = shimOf(10, SANDBOX);
const pause = processOf({ pid: 11, ppid: 10, argv: ['/pause'], cgroups: [podIn(SANDBOX)] });
const main = processOf({ pid: 12, ppid: 10, argv: ['nginx'], cgroups: [podIn(ONE)] });
const runtime = runtimeOf({ sandboxes: [sandboxOf({ pid: 11, containers: [containerOf({ pid: 12 })] })] });
const pod = [init, shim, pause, main];

const config = (annotations: object): string => JSON.stringify({ annotations });
const lostConfig = `${bundles}/${LOST}/config.json`;
const withConfig = (text: string | undefined) => ({ told: told({ files: new Map([[lostConfig, text]]) }) });

test('a healthy pod has no finding', () => {
  const look = lookOf({ of: pod, runtimes: [runtime] });
  for (const kind of ['orphanShim', 'processGone', 'strangerInCgroup', 'zombie'] as const)
    expect(confirmed(kind, look)).toEqual([]);
});

test('a shim of nobody’s pod is an orphan, for certain if its bundle is CRI’s', () => {
  const look = lookOf({ of: [...pod, shimOf(20, LOST)], runtimes: [runtime] });
  const cri = withConfig(config({ 'io.kubernetes.cri.container-type': 'sandbox' }));
  expect(confirmed('orphanShim', look, cri)).toMatchObject([{ pid: 20, certainty: 'certain' }]);
  expect(confirmed('orphanShim', look, withConfig(undefined))).toMatchObject([{ certainty: 'likely' }]);
});

test('a shim of another client in CRI’s namespace, or whose bundle can’t be read, is none', () => {
  const look = lookOf({ of: [...pod, shimOf(20, LOST)], runtimes: [runtime] });
  expect(confirmed('orphanShim', look, withConfig(config({ 'nerdctl/name': 'x' })))).toEqual([]);
  const podman = { 'io.kubernetes.cri-o.TTY': 'false', 'io.container.manager': 'libpod' };
  expect(confirmed('orphanShim', look, withConfig(config(podman)))).toEqual([]);
  expect(confirmed('orphanShim', look)).toEqual([]);
});

test.each([
  ['of Docker', shimOf(20, LOST, 'moby', '/run/docker/containerd/containerd.sock')],
  ['of another namespace', shimOf(20, LOST, 'default')],
  ['of another containerd', shimOf(20, LOST, 'k8s.io', '/run/other/containerd.sock')],
  ['that is brand new', { ...shimOf(20, LOST), startedAt: minutesAgo(0) }],
  [
    'of Podman',
    processOf({ pid: 20, argv: ['/usr/bin/conmon', '-c', LOST, '--exit-dir', '/run/libpod/exits'] }),
  ],
])('a shim %s is no orphan', (_, other) => {
  const look = lookOf({ of: [...pod, other], runtimes: [runtime] });
  expect(confirmed('orphanShim', look, withConfig(undefined))).toEqual([]);
});

test('a conmon of CRI-O is known by its exit folder, however that is spelled', () => {
  const argv = ['/usr/bin/conmon', '-c', LOST, '--exit-dir', '/var/run/crio/exits'];
  const crio = runtimeOf({ name: 'cri-o' }, { addresses: [], exitDir: '/run/crio/exits' });
  const look = lookOf({ of: [init, processOf({ pid: 20, argv })], runtimes: [crio] });
  expect(confirmed('orphanShim', look, withConfig(undefined))).toMatchObject([{ pid: 20 }]);
});

test('the process of a running container is gone when the runtime tells its pid and /proc has none', () => {
  const look = lookOf({ of: [init, shim, pause], runtimes: [runtime] });
  const gone = confirmed('processGone', look, {
    told: told({ statuses: new Map([[ONE, { pid: 12, info: '' }]]) }),
  });
  expect(gone).toMatchObject([{ severity: 'error', subject: { endpoint, id: ONE } }]);
  expect(said(gone[0], 'shim')).toEqual(['pid 10, state S']);
  expect(said(gone[0], 'process')).toEqual(['there is none']);
});

test('a runtime that tells no pid, or one that lives, has lost nothing', () => {
  const look = lookOf({ of: [init, shim, pause], runtimes: [runtime] });
  const statuses = (pid?: number) => ({
    told: told({ statuses: new Map([[ONE, { info: '', ...(pid === undefined ? {} : { pid }) }]]) }),
  });
  expect(confirmed('processGone', look, statuses())).toEqual([]);
  expect(confirmed('processGone', look, statuses(11))).toEqual([]);
});

test('where /proc hides process 1, nothing is called gone', () => {
  const look = lookOf({ of: [processOf({ pid: 500 })], runtimes: [runtime] });
  expect(
    confirmed('processGone', look, { told: told({ statuses: new Map([[ONE, { pid: 12, info: '' }]]) }) }),
  ).toEqual([]);
});

test('where /proc is another pid namespace’s, with nothing of the runtime in it, nothing is called gone', () => {
  const look = lookOf({ of: [init, processOf({ pid: 500 })], runtimes: [runtime] });
  expect(
    confirmed('processGone', look, { told: told({ statuses: new Map([[ONE, { pid: 12, info: '' }]]) }) }),
  ).toEqual([]);
});

const bash = processOf({ pid: 40, argv: ['bash'], cgroups: ['/user.slice'] });
const moved = processOf({ pid: 41, ppid: 40, argv: ['miner'], cgroups: [podIn(ONE)] });
const namespaces = (its: string) => ({
  told: told({
    mountNamespaces: new Map([
      [12, 'mnt:[2]'],
      [41, its],
    ]),
  }),
});

test('a moved process is a stranger, its children are not told apart', () => {
  const child = processOf({ pid: 42, ppid: 41, argv: ['miner'], cgroups: [podIn(ONE)] });
  const look = lookOf({ of: [...pod, bash, moved, child], runtimes: [runtime] });
  expect(confirmed('strangerInCgroup', look, namespaces('mnt:[1]'))).toMatchObject([
    { pid: 41, certainty: 'certain' },
  ]);
  expect(confirmed('strangerInCgroup', look)).toMatchObject([{ pid: 41, certainty: 'likely' }]);
});

test('of the same group in many hierarchies one path is shown', () => {
  const cgroups = ['memory', 'pids', 'cpu'].map((name) => ({
    ...{ path: `/sys/fs/cgroup/${name}${podIn(ONE)}`, id: ONE, identity: '1:1', pids: [12, 41] },
  }));
  const look = lookOf({ of: [...pod, bash, moved], runtimes: [runtime], cgroups });
  expect(said(confirmed('strangerInCgroup', look, namespaces('mnt:[1]'))[0], 'cgroup')).toEqual([
    `/sys/fs/cgroup/memory${podIn(ONE)} (and in 2 more hierarchies)`,
  ]);
});

test('cgroup.procs tells of a move that the process table has not seen yet', () => {
  const early = { ...moved, cgroups: ['/user.slice'] };
  const cgroups = [{ path: `/sys/fs/cgroup${podIn(ONE)}`, id: ONE, identity: '1:1', pids: [12, 41] }];
  const look = lookOf({ of: [...pod, bash, early], runtimes: [runtime], cgroups });
  expect(confirmed('strangerInCgroup', look)).toMatchObject([{ pid: 41 }]);
});

test('what entered the container, or was executed by a runtime, is no stranger', () => {
  const entered = lookOf({ of: [...pod, bash, moved], runtimes: [runtime] });
  expect(confirmed('strangerInCgroup', entered, namespaces('mnt:[2]'))).toEqual([]);
  const runc = processOf({ pid: 40, argv: ['/usr/sbin/runc', 'exec', ONE, 'miner'] });
  expect(confirmed('strangerInCgroup', lookOf({ of: [...pod, runc, moved], runtimes: [runtime] }))).toEqual(
    [],
  );
});

test('zombies are told by parent, and only those of both looks', () => {
  const dead = (pid: number) => processOf({ pid, ppid: 12, state: 'Z', argv: [], cgroups: ['/'] });
  const before = lookOf({ of: [...pod, dead(60), dead(61)], runtimes: [runtime] });
  const look = lookOf({ of: [...pod, dead(60), dead(62)], runtimes: [runtime] });
  const found = confirmed('zombie', look, { before });
  expect(found).toMatchObject([{ pid: 12, subject: { id: ONE } }]);
  expect(said(found[0], 'zombie')[0]).toContain('60 ');
  expect(confirmed('zombie', look, { before: lookOf({ of: pod, runtimes: [runtime] }) })).toEqual([]);
});
