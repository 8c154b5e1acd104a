import { expect, test } from 'vitest';
import {
  ONE,
  confirmed,
  containerOf,
  endpoint,
  lookOf,
  minutesAgo,
  now,
  runtimeOf,
  said,
  sandboxOf,
} from './look.js';

const attempts = (...minutes: readonly number[]) =>
  minutes.map((ago, index) =>
    containerOf({
      id: String(index).repeat(64),
      attempt: 5 + index,
      createdAt: minutesAgo(ago),
      state: index === minutes.length - 1 ? 'running' : 'exited',
    }),
  );
const of = (...sandboxes: readonly Parameters<typeof sandboxOf>[0][]) =>
  lookOf({ runtimes: [runtimeOf({ sandboxes: sandboxes.map(sandboxOf) })] });

test('attempts close to one another, and lately, are a loop', () => {
  const found = confirmed('restartLoop', of({ containers: attempts(6, 1) }));
  expect(found).toMatchObject([{ subject: { endpoint } }]);
  expect(found[0]!.title).toContain('attempt 6');
  expect(said(found[0], 'attempt 6')[0]).toContain('5 min after the one before');
});

test('attempts long ago, far apart, or few are none', () => {
  for (const containers of [
    attempts(60, 55),
    attempts(600, 1),
    [containerOf({ attempt: 9, createdAt: now })],
  ])
    expect(confirmed('restartLoop', of({ containers }))).toEqual([]);
});

test('sandboxes loop too', () => {
  const ids = ['b', 'c'].map((letter) => letter.repeat(64));
  const look = of(
    { id: ids[0]!, attempt: 3, createdAt: minutesAgo(4), state: 'notready' },
    { id: ids[1]!, attempt: 4, createdAt: minutesAgo(1) },
  );
  expect(confirmed('restartLoop', look)).toMatchObject([{ subject: { id: ids[1] } }]);
});

test('a sandbox that is not ready: running containers are a warning, a Job’s end is nothing', () => {
  const state = 'notready';
  expect(confirmed('sandboxNotReady', of({ state, containers: [containerOf({})] }))).toMatchObject([
    { severity: 'warning' },
  ]);
  expect(confirmed('sandboxNotReady', of({ state }))).toMatchObject([{ severity: 'info' }]);
  expect(confirmed('sandboxNotReady', of({ state, containers: [containerOf({ state: 'exited' })] }))).toEqual(
    [],
  );
  expect(confirmed('sandboxNotReady', of({ state, createdAt: minutesAgo(1) }))).toEqual([]);
  expect(confirmed('sandboxNotReady', of({ state }, { id: ONE, attempt: 1 }))).toEqual([]);
});

test('the network, with what containerd says of its CNI configuration', () => {
  const conditions = [
    {
      type: 'NetworkReady',
      status: false,
      reason: 'NetworkPluginNotReady',
      message: 'cni plugin not initialized',
    },
  ];
  const info = {
    lastCNILoadStatus: '"no network config found"',
    cniconfig: '{"PluginConfDir":"/etc/cni/net.d","Networks":[]}',
  };
  const found = confirmed('network', lookOf({ runtimes: [runtimeOf({ conditions }, { info })] }));
  expect(found).toMatchObject([{ severity: 'error' }]);
  expect(said(found[0], 'last load of the CNI configuration')).toEqual(['no network config found']);
  expect(said(found[0], 'configuration folder')).toEqual(['/etc/cni/net.d']);
  expect(said(found[0], 'networks loaded')).toEqual(['none']);
});

test('a disk that is short of space or of inodes', () => {
  const disk = (available: number, free: number, total = 100) => ({
    ...{ endpoint, mountpoint: '/var/lib/containerd' },
    ...{ bytes: { total: 100, available }, inodes: { total, available: free } },
  });
  const found = (one: ReturnType<typeof disk>) => confirmed('imageFilesystem', lookOf({ disks: [one] }));
  expect(found(disk(50, 50))).toEqual([]);
  expect(found(disk(14, 50))).toMatchObject([{ severity: 'warning' }]);
  expect(found(disk(2, 50))).toMatchObject([{ severity: 'error' }]);
  expect(found(disk(50, 4))[0]!.title).toContain('4.0 % of the inodes');
  // btrfs has no fixed number of inodes.
  expect(found(disk(50, 0, 0))).toEqual([]);
});

test('a clock counts only as far as its difference is known', () => {
  const found = (skew: number, within: number) => confirmed('clockSkew', lookOf({ clock: { skew, within } }));
  expect(found(2_500, 600)).toEqual([]);
  expect(found(-3_000, 600)).toMatchObject([
    { severity: 'info', title: expect.stringContaining('3 s behind') as string },
  ]);
  expect(found(90_000, 600)).toMatchObject([{ severity: 'warning' }]);
  expect(confirmed('clockSkew', lookOf({}))).toEqual([]);
});

test('what containerd itself calls deprecated, one finding each', () => {
  const message =
    '{"io.containerd.deprecation/a":"A is deprecated","io.containerd.deprecation/b":"B is deprecated"}';
  const conditions = [
    {
      type: 'ContainerdHasNoDeprecationWarnings',
      status: false,
      reason: 'ContainerdHasDeprecationWarnings',
      message,
    },
  ];
  const found = (one: string) =>
    confirmed(
      'deprecation',
      lookOf({ runtimes: [runtimeOf({ conditions: [{ ...conditions[0]!, message: one }] })] }),
    );
  expect(found(message).map(({ title }) => title)).toEqual([
    'containerd 2.1.0: A is deprecated',
    'containerd 2.1.0: B is deprecated',
  ]);
  expect(found('plain words')).toMatchObject([{ title: 'containerd 2.1.0: plain words' }]);
  const old = lookOf({ runtimes: [runtimeOf({ apiVersion: 'v1alpha2' })] });
  expect(confirmed('deprecation', old)).toHaveLength(1);
});
