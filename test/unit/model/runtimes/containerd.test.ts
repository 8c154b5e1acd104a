import { describe, expect, it } from 'vitest';
import type { LowLevelRuntime } from '../../../../src/model/process.js';
import { optionsPath, withOptions } from '../../../../src/model/runtimes/containerdShim.js';
import { ancestries, runcByShim } from './tables.js';

const task = '/run/containerd/io.containerd.runtime.v2.task/k8s.io';
const root = '/run/containerd/runc/k8s.io';

describe('containerd, tables made from its public documentation', () => {
  it('shim runc-v2 with the systemd driver on cgroup v2: one for the pod', () => {
    const pod = 'kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podd1e8_11aa.slice';
    const shown = ancestries({
      containers: ['ONE', 'TWO'],
      table: `
        1 0 /init.scope /usr/lib/systemd/systemd --system
        700 1 /system.slice/containerd.service /usr/bin/containerd
        710 1 /system.slice/kubelet.service /usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock
        900 1 /system.slice/containerd.service cwd=${task}/SANDBOX /usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id SANDBOX -address /run/containerd/containerd.sock
        920 900 /${pod}/cri-containerd-SANDBOX.scope /pause
        960 900 /${pod}/cri-containerd-ONE.scope nginx: master
        970 960 /${pod}/cri-containerd-ONE.scope nginx: worker
        980 900 /${pod}/cri-containerd-TWO.scope/app.slice/app.service /sbin/init`,
    });
    const above = ['init 1 systemd', 'shim 900 containerd-shim-runc-v2'];
    expect(shown).toEqual({
      SANDBOX: [...above, 'sandbox 920 pause', ...runcByShim(900, 'SANDBOX', task, root)],
      ONE: [...above, 'container 960 nginx:', 'child 970 nginx:', ...runcByShim(900, 'ONE', task, root)],
      TWO: [...above, 'container 980 init', ...runcByShim(900, 'TWO', task, root)],
    });
  });

  it('shim runc-v1: one for each container, cgroup v1 with cgroupfs', () => {
    const pod = '/kubepods/besteffort/podd1e8-11aa';
    const shim = 'containerd-shim-runc-v1 -namespace k8s.io -address /run/containerd/containerd.sock';
    const shown = ancestries({
      table: `
        1 0 /,/init.scope /sbin/init
        900 1 /system.slice/containerd.service cwd=${task}/SANDBOX ${shim} -id SANDBOX
        920 900 ${pod}/SANDBOX,/ /pause
        940 1 /system.slice/containerd.service cwd=${task}/ONE ${shim} -id ONE
        960 940 ${pod}/ONE,/ redis-server`,
    });
    expect(shown).toEqual({
      SANDBOX: [
        ...['init 1 init', 'shim 900 containerd-shim-runc-v1', 'sandbox 920 pause'],
        ...runcByShim(900, 'SANDBOX', task, root),
      ],
      ONE: [
        ...['init 1 init', 'shim 940 containerd-shim-runc-v1', 'container 960 redis-server'],
        ...runcByShim(940, 'ONE', task, root),
      ],
    });
  });

  it('the first shim: a child of containerd, and of process 1 after containerd was killed', () => {
    const linux = '/run/containerd/io.containerd.runtime.v1.linux/k8s.io';
    const shim = (id: string) =>
      `cwd=${linux}/${id} containerd-shim -namespace k8s.io -workdir /var/lib/containerd/io.containerd.runtime.v1.linux/k8s.io/${id} -address /run/containerd/containerd.sock -containerd-binary /usr/bin/containerd`;
    const shown = ancestries({
      table: `
        1 0 / /sbin/init
        900 1 /system.slice/containerd.service ${shim('SANDBOX')}
        910 900 /kubepods/podx/SANDBOX /pause
        950 1 /system.slice/containerd.service /usr/bin/containerd
        960 950 /system.slice/containerd.service ${shim('ONE')}
        970 960 /kubepods/podx/ONE sh`,
    });
    expect(shown.SANDBOX!.slice(0, 3)).toEqual([
      'init 1 init',
      'shim 900 containerd-shim',
      'sandbox 910 pause',
    ]);
    expect(shown.ONE).toEqual([
      ...['init 1 init', 'init 950 containerd', 'shim 960 containerd-shim', 'container 970 sh'],
      ...runcByShim(960, 'ONE', linux, root),
    ]);
  });

  it('hybrid cgroups: the unified hierarchy names nothing, a v1 one does', () => {
    const shown = ancestries({
      table: `
        1 0 / /sbin/init
        900 1 / containerd-shim-runc-v2 -namespace k8s.io -id SANDBOX
        960 900 /kubepods.slice/kubepods-podx.slice/cri-containerd-ONE.scope,/user.slice,/ sh`,
    });
    expect(shown.ONE!.slice(0, 3)).toEqual([
      ...['init 1 init', 'shim 900 containerd-shim-runc-v2', 'container 960 sh'],
    ]);
  });

  it('youki’s and crun’s own shims are named, and no state is guessed', () => {
    const shown = ancestries({
      table: `
        1 0 / /sbin/init
        900 1 / cwd=${task}/SANDBOX containerd-shim-youki-v1 -namespace k8s.io -id SANDBOX
        960 900 /kubepods/podx/ONE sh`,
    });
    expect(shown.ONE!.slice(3)).toEqual([
      `youki: ${task}/ONE ?`,
      "by cwd of shim 900; name by the shim's program",
    ]);
  });
});

describe('options.json of a shim for runc', () => {
  const assumed: LowLevelRuntime = {
    name: 'runc',
    bundle: `${task}/ONE`,
    statePath: `${root}/ONE/state.json`,
    source:
      "cwd of shim 900; runc assumed, as the bundle's options.json may name another; " +
      'state path assumed from the default /run/containerd/runc',
  };

  it.each<[string, unknown, Partial<LowLevelRuntime>]>([
    ['nothing set', {}, { name: 'runc', statePath: `${root}/ONE/state.json` }],
    ['crun', { binary_name: '/usr/bin/crun' }, { name: 'crun', statePath: `${root}/ONE/status` }],
    ['youki', { binary_name: 'youki' }, { name: 'youki', statePath: `${root}/ONE/state.json` }],
  ])('%s', (_, options, expected) => {
    const source =
      "cwd of shim 900; name by the bundle's options.json; state path assumed from the default /run/containerd/runc";
    expect(withOptions(assumed, 'ONE', options)).toEqual({ ...assumed, ...expected, source });
  });

  it('a root is told, so the state path is no assumption', () => {
    const options = { binary_name: 'runc', root: '/var/run/docker/runtime-runc' };
    expect(withOptions(assumed, 'ONE', options)).toEqual({
      ...assumed,
      statePath: '/var/run/docker/runtime-runc/k8s.io/ONE/state.json',
      source: "cwd of shim 900; name by the bundle's options.json",
    });
  });

  it('a runtime whose state files are not known has no state path', () => {
    const { statePath, source } = withOptions(assumed, 'ONE', { binary_name: '/opt/other' });
    expect(statePath).toBeUndefined();
    expect(source).toBe("cwd of shim 900; name by the bundle's options.json");
  });

  it('is looked for once only, and not at all for other shims', () => {
    expect(optionsPath(assumed)).toBe(`${task}/ONE/options.json`);
    expect(optionsPath(withOptions(assumed, 'ONE', {}))).toBeUndefined();
    expect(
      optionsPath({ name: 'kata', bundle: '/b', source: "cwd of shim 1; name by the shim's program" }),
    ).toBe(undefined);
  });

  it.each([[null], ['crun'], [7]])('%j is no options', (options) => {
    expect(withOptions(assumed, 'ONE', options)).toBe(assumed);
  });
});
