import { describe, expect, it } from 'vitest';
import {
  listenersAt,
  parseOpenSockets,
  parsingPeers,
  parsingUnixSockets,
  pidsAt,
} from '../../../src/model/procUnix.js';
import { runNow } from '../../../src/model/steps.js';

const sockets = (text: string) => runNow(parsingUnixSockets(Buffer.from(text)));
const peers = (text: string) => runNow(parsingPeers(Buffer.from(text)));

describe('/proc/net/unix', () => {
  const table = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 41 /run/containerd/containerd.sock
0000000000000000: 00000003 00000000 00000000 0001 03   509 /run/containerd/containerd.sock
0000000000000000: 00000003 00000000 00000000 0001 03   508
0000000000000000: 00000002 00000000 00010000 0001 01 77 @/containerd-shim/abc.sock@
0000000000000000: 00000002 00000000 00010000 0001 01 78 /tmp/with a  blank
`;

  it('tells who listens, and where what was accepted belongs', () => {
    expect([...sockets(table).values()]).toEqual([
      { inode: 41, listening: true, path: '/run/containerd/containerd.sock' },
      { inode: 509, listening: false, path: '/run/containerd/containerd.sock' },
      { inode: 508, listening: false },
      { inode: 77, listening: true, path: '@/containerd-shim/abc.sock@' },
      { inode: 78, listening: true, path: '/tmp/with a  blank' },
    ]);
  });

  it('a line that a path forges makes its inode unknown', () => {
    const forged = `${table}0000000000000000: 00000002 00000000 00010000 0001 01 99 /tmp/x
0000000000000000: 00000002 00000000 00010000 0001 01 508 /run/containerd/containerd.sock
`;
    expect(sockets(forged).has(508)).toBe(false);
    expect(sockets(forged).size).toBe(5);
  });
});

describe('ss -xn', () => {
  const table = `Netid State  Recv-Q Send-Q  Local Address:Port  Peer Address:Port Process
u_str ESTAB  0      0                                 * 508            * 509
u_str ESTAB  0      30976  /run/containerd/containerd.sock 509            * 508
u_dgr ESTAB  0      0                                 * 600            * 601
u_seq ESTAB  0      0      /run/a b 7                  * 611
u_seq ESTAB  0      0                                 * 611     /run/a 7
`;

  it('tells the other end', () => {
    expect([...peers(table)]).toEqual([
      [508, 509],
      [509, 508],
      [7, 611],
      [611, 7],
    ]);
  });

  it('what only one side says does not count', () => {
    const forged = `u_str ESTAB 0 0 /tmp/x
u_str ESTAB 0 0 * 508 * 700
 9 * 10
`;
    expect([...peers(`${table}${forged}`).keys()]).toEqual([7, 611]);
  });
});

it('who listens at a path, not who is connected; /var/run is /run', () => {
  const path = '/run/containerd/containerd.sock';
  const sockets = [
    { inode: 111, listening: true, path },
    { inode: 112, listening: false, path },
    { inode: 113, listening: true, path: `${path}.ttrpc` },
    { inode: 114, listening: true, path: `@${path}` },
    { inode: 115, listening: true },
  ];
  const byInode = new Map(sockets.map((socket) => [socket.inode, socket]));
  expect(listenersAt(byInode, path)).toEqual([111]);
  expect(listenersAt(byInode, `/var${path}`)).toEqual([111]);
});

it('pids of those that listen at a path', () => {
  const text = `u_str LISTEN 0 4096 /run/odd.sock 41 * 0 users:(("odd",pid=7,fd=3),("init",pid=1,fd=30))
u_str LISTEN 0 4096 /run/odd.sock2 42 * 0 users:(("other",pid=8,fd=3))
`;
  expect(pidsAt(Buffer.from(text), ['/run/odd.sock'])).toEqual([7, 1]);
});

it('open sockets, of stat(1)', () => {
  const text = `c1ff 508 /proc/7/fd/3
81a4 509 /proc/7/fd/4
1180 12 /proc/7/fd/5
c1ff 510 /proc/70/fd/0
2190 5 /proc/8/fd/0
`;
  expect([...parseOpenSockets(Buffer.from(text))]).toEqual([
    [7, new Set([508])],
    [70, new Set([510])],
    [8, new Set()],
  ]);
});
