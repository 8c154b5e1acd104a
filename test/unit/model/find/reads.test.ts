import { expect, test } from 'vitest';
import {
  layerOf,
  parseInnerPids,
  parseListeners,
  parseRootMounts,
} from '../../../../src/model/find/reads.js';

test('pids inside, of nested namespaces too; a process of the node has none', () => {
  const text =
    '/proc/1/status:NSpid:\t1\n/proc/4711/status:NSpid:\t4711\t12\n/proc/9/status:NSpid:\t9\t8\t7\n';
  expect(parseInnerPids(text)).toEqual([
    { pid: 4711, inside: [12] },
    { pid: 9, inside: [8, 7] },
  ]);
});

test('listening sockets of a port: TCP that listens, UDP without a peer', () => {
  const rest = '00000000:00000000 00:00000000 00000000  1000        0 5555 1 0000000000000000 100 0 0 10 0';
  const lines = [
    `/proc/30/net/tcp:   0: 00000000:1F90 00000000:0000 0A ${rest}`,
    `/proc/30/net/tcp:   1: 0100007F:1F90 0100007F:C350 01 ${rest.replace('5555', '1')}`,
    `/proc/31/net/tcp6:   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A ${rest.replace('5555', '6666')}`,
    `/proc/31/net/udp:  77: 00000000:1F90 00000000:0000 07 ${rest.replace('5555', '7777')}`,
    `/proc/31/net/udp:  78: 00000000:0035 00000000:0000 07 ${rest}`,
  ].join('\n');
  expect(parseListeners(lines, 8080)).toEqual([
    { pid: 30, protocol: 'tcp', inode: 5555 },
    { pid: 31, protocol: 'tcp', inode: 6666 },
    { pid: 31, protocol: 'udp', inode: 7777 },
  ]);
});

const base = '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots';

test('root mounts: overlay with absolute, relative and odd folders, and a bound folder', () => {
  const text = [
    `/proc/30/mountinfo:100 90 0:50 / / rw,relatime master:1 - overlay overlay rw,lowerdir=${base}/2/fs:${base}/1/fs,upperdir=${base}/3/fs,workdir=${base}/3/work`,
    `/proc/31/mountinfo:100 90 0:50 / / rw - overlay overlay rw,lowerdir=l/AB:l/CD,upperdir=/d/overlay2/my\\040hash/diff,workdir=/d/overlay2/my\\040hash/work`,
    `/proc/32/mountinfo:100 90 8:1 /lib/snapshots/7 / rw - ext4 /dev/sda1 rw`,
    `/proc/33/mountinfo:100 90 8:1 / / rw - ext4 /dev/sda1 rw`,
  ].join('\n');
  const [overlay, docker, bound, ...others] = parseRootMounts(text);
  expect(others).toEqual([]);
  expect(overlay?.layers).toEqual([`${base}/3/fs`, `${base}/2/fs`, `${base}/1/fs`]);
  expect(docker?.layers).toEqual(['/d/overlay2/my hash/diff', '/d/overlay2/l/AB', '/d/overlay2/l/CD']);
  expect(layerOf(overlay!, `${base}/3/fs/etc/passwd`)).toBe(0);
  expect(layerOf(overlay!, `${base}/3`)).toBe(0);
  expect(layerOf(overlay!, `${base}/1/fs/bin`)).toBe(2);
  expect(layerOf(overlay!, `${base}/33/fs`)).toBeUndefined();
  expect(layerOf(docker!, '/d/overlay2/my hash/merged/x')).toBe(0);
  expect(layerOf(bound!, '/mnt/disk/lib/snapshots/7/bin')).toBe(0);
  expect(layerOf(bound!, '/mnt/disk/lib/snapshots/77')).toBeUndefined();
});
