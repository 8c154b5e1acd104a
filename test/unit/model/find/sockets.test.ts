import { expect, test } from 'vitest';
import { holdersIn, listenersAt } from '../../../../src/model/find/sockets.js';

const unix = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 111 /run/containerd/containerd.sock
0000000000000000: 00000003 00000000 00000000 0001 03 112 /run/containerd/containerd.sock
0000000000000000: 00000002 00000000 00010000 0001 01 113 /run/containerd/containerd.sock.ttrpc
0000000000000000: 00000002 00000000 00010000 0001 01 114 @/run/containerd/containerd.sock
0000000000000000: 00000002 00000000 00000000 0002 01 115
`;

test('finds who listens at a path, not who is connected; /var/run is /run', () => {
  expect(listenersAt(unix, '/run/containerd/containerd.sock')).toEqual(['111']);
  expect(listenersAt(unix, '/var/run/containerd/containerd.sock')).toEqual(['111']);
  expect(listenersAt(unix, '')).toEqual([]);
});

test('reads who holds sockets from a listing of descriptors', () => {
  const listing = [
    '/proc/12/fd:',
    'total 0',
    'lrwx------ 1 root root 64 Nov 24 10:00 7 -> socket:[111]',
    'lrwx------ 1 root root 64 Nov 24 10:00 8 -> socket:[111]',
    'lrwx------ 1 root root 64 Nov 24 10:00 9 -> /tmp/socket:[112]x',
    '',
    '/proc/13/fd:',
    'lrwx------ 1 root root 64 Nov 24 10:00 3 -> socket:[111]',
    'lrwx------ 1 root root 64 Nov 24 10:00 4 -> socket:[222]',
  ].join('\n');
  expect([...holdersIn(listing)]).toEqual([
    ['111', [12, 13]],
    ['222', [13]],
  ]);
});
