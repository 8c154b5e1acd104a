import { describe, expect, test } from 'vitest';
import { matchesOf, type Match } from '../../../../src/model/find/matches.js';
import { parseQuery } from '../../../../src/model/find/query.js';
import type { Reads } from '../../../../src/model/find/reads.js';
import { Subjects, type FindNode } from '../../../../src/model/find/subjects.js';
import { processRecord } from '../../runtime/fakeNode.js';
import { container, link, runningAncestry, sandbox, snapshot } from '../../views/picture.js';

const podId = 'abcdef012345'.padEnd(64, '1');
const mainId = 'feedc0ffee01'.padEnd(64, '2');
const sideId = 'feedc0ffee02'.padEnd(64, '3');
const uid = '0f5ea11c-2d4c-4a52-9ee1-2f7b36c4a001';
const endpoint = 'unix:///run/containerd/containerd.sock';

const pod = sandbox({
  ...{ id: podId, uid, pid: 25 },
  ancestry: {
    links: [link('init', 1, 0, 'init'), link('shim', 20, 1, 'shim'), link('sandbox', 25, 20, '/pause')],
  },
  containers: [
    container({ id: mainId, sandboxId: podId, ancestry: runningAncestry }),
    container({ id: sideId, sandboxId: podId, name: 'side', image: 'nginx:1.25', state: 'exited' }),
  ],
});

const node: FindNode = {
  ...{ nodeId: 'n', label: 'n' },
  runtimes: [{ endpoint, snapshot: snapshot({ sandboxes: [pod] }), daemonPid: 500 }],
  processes: {
    takenAt: 0,
    processes: new Map(
      [
        processRecord({ pid: 1, ppid: 0, argv: ['/sbin/init'], comm: 'init' }),
        processRecord({ pid: 2, ppid: 0, argv: [], comm: 'kthreadd' }),
        processRecord({ pid: 9, ppid: 2, argv: [], comm: 'kworker/0:1' }),
        processRecord({ pid: 30, ppid: 20, cgroups: [`/kubepods/pod${uid}/${mainId}`, '/'] }),
        processRecord({
          ...{ pid: 400, comm: 'sshd', argv: ['/usr/sbin/sshd', '-D'] },
          cgroups: ['/system.slice/ssh.service'],
        }),
        processRecord({
          pid: 401,
          ppid: 400,
          comm: 'sshd',
          cgroups: ['/user.slice/user-7.slice/session-3.scope'],
        }),
        processRecord({ pid: 500, comm: 'containerd', argv: ['/usr/bin/containerd'] }),
        processRecord({ pid: 600, comm: 'x', cgroups: [`/docker/${'9'.repeat(64)}`] }),
        processRecord({
          pid: 700,
          comm: 'containerd-shim',
          argv: ['containerd-shim-runc-v2', '-id', 'lost'],
        }),
      ].map((process) => [process.pid, process]),
    ),
  },
};

const nothing: Reads = { inner: [], listeners: [], holders: new Map(), roots: [] };

function find(text: string, reads: Partial<Reads> = {}): readonly Match[] {
  return matchesOf(parseQuery(text)!, node, new Subjects(node), { ...nothing, ...reads });
}

/** `main: why`, `pid 9: why`. */
const shown = (matches: readonly Match[]): string[] =>
  matches.map(({ subject, process, why }) => {
    const name = process ? `pid ${process.pid}` : (subject?.container?.name ?? subject?.sandbox?.name ?? '');
    return `${name}: ${why.join('; ')}`;
  });

describe('by pid', () => {
  test.each([
    ['pid 30', 'main: pid 30 is its first process'],
    ['pid 33', 'main: pid 33 is one of its processes: sleep 1'],
    ['pid 20', 'web: pid 20 is its shim'],
    ['pid 25', 'web: pid 25 is its first process'],
    ['/proc/30/root/etc/hosts', 'main: pid 30 is its first process'],
    ['pid 500', 'pid 500: it has pid 500'],
    ['pid 4000', undefined],
  ])('%s', (text, expected) => {
    expect(shown(find(text))).toEqual(expected === undefined ? [] : [expected]);
  });

  test('inside of a container', () => {
    const reads = {
      inner: [
        { pid: 32, inside: [7] },
        { pid: 99_999, inside: [7] },
      ],
    };
    expect(shown(find('pid 7', reads))).toEqual(['main: pid 7 inside is pid 32 of the node']);
    expect(shown(find('pid 8', reads))).toEqual([]);
  });

  test('of no container: what it is, its parents and cgroup', () => {
    const what = (pid: number): string | undefined => find(`pid ${pid}`)[0]?.process?.what;
    expect(what(500)).toBe(`the CRI server of ${endpoint}`);
    expect(what(400)).toBe('system service ssh.service');
    expect(what(401)).toBe('of user 7, in session-3.scope');
    expect(what(9)).toBe('a kernel thread');
    expect(what(1)).toBe('process 1 of the node');
    expect(what(600)).toContain('9'.repeat(64));
    expect(what(700)).toBe('a containerd shim started for lost, of nothing that a runtime lists here');
    const { title, lines } = find('pid 401')[0]!.process!;
    expect(title).toBe('test');
    expect(lines).toContainEqual({ name: 'Parents', value: 'init (1) > sshd (400) > test (401)' });
    expect(lines).toContainEqual({ name: 'Cgroup', value: '/user.slice/user-7.slice/session-3.scope' });
  });
});

describe('by id', () => {
  test.each([
    [mainId, ['main: its id']],
    [mainId.slice(0, 13), [`main: its id begins with ${mainId.slice(0, 13)}`]],
    ['feedc0ffee', ['main: its id begins with feedc0ffee', 'side: its id begins with feedc0ffee']],
    [`containerd://${sideId}`, ['side: its id']],
    [`unix says "${podId}"`, ['web: its id is in the text']],
    ['f'.repeat(64), []],
  ])('%s', (text, expected) => expect(shown(find(text))).toEqual(expected));
});

describe('by path', () => {
  test.each([
    [`/kubepods/burstable/pod${uid}/${mainId}`, 'main: its id is in the text; the path names it'],
    [
      `/sys/fs/cgroup/kubepods.slice/kubepods-pod${uid.replaceAll('-', '_')}.slice`,
      `web: the path names the pod’s UID ${uid}`,
    ],
    [`/var/lib/kubelet/pods/${uid}/volumes/x`, `web: the path names the pod’s UID ${uid}`],
    [
      `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${mainId}/rootfs/etc`,
      'main: its id is in the text; the path names it',
    ],
    ['/system.slice/ssh.service', 'pid 400: pid 400 (sshd) is in this cgroup'],
    ['/system.slice', 'pid 400: pid 400 (sshd) is in this cgroup'],
  ])('%s', (text, expected) => expect(shown(find(text))[0]).toBe(expected));

  test('of a container’s folder or log: the container before its pod', () => {
    const both = [
      'main: the path names the pod’s UID and this container',
      `web: the path names the pod’s UID ${uid}`,
    ];
    expect(shown(find(`/var/lib/kubelet/pods/${uid}/containers/main/abc`))).toEqual(both);
    expect(shown(find(`/var/log/pods/default_web_${uid}/main/0.log`))).toEqual(both);
    expect(shown(find(`/var/log/pods/default_web_${uid}/main/7.log`))).toEqual(both.slice(1));
  });

  test('of a layer', () => {
    const roots = [{ pid: 30, layers: ['/s/3/fs', '/s/1/fs'], writable: true }];
    expect(shown(find('/s/3/fs/tmp/x', { roots }))).toEqual(['main: the path is in its own writable layer']);
    expect(shown(find('/s/1/fs/bin', { roots }))).toEqual(['main: the path is in a layer of its image']);
  });
});

describe('by address and port', () => {
  const inPod = { pid: 25, protocol: 'tcp', inode: 5 } as const;
  const onNode = { pid: 1, protocol: 'tcp', inode: 6 } as const;

  test('an address', () => expect(shown(find('10.0.0.5'))).toEqual(['web: its address is 10.0.0.5']));

  test('a port of a pod: the container that has the socket, else the pod, and why', () => {
    const listeners = [inPod];
    expect(shown(find(':8080', { listeners, holders: new Map([[5, [31]]]) }))).toEqual([
      'main: pid 31 listens on tcp port 8080',
    ]);
    expect(shown(find(':8080', { listeners }))).toEqual([
      'web: something in this pod listens on tcp port 8080; to see what, be root on the node',
    ]);
  });

  test('a port of the node: a process, or a container on the node’s network', () => {
    const listeners = [{ ...onNode, pid: 25 }, onNode];
    expect(shown(find(':22', { listeners, holders: new Map([[6, [400]]]) }))).toEqual([
      'pid 400: pid 400 listens on tcp port 22',
    ]);
    expect(shown(find(':22', { listeners, holders: new Map([[6, [33]]]) }))).toEqual([
      'main: pid 33 listens on tcp port 22',
    ]);
    expect(shown(find(':22', { listeners }))).toEqual([]);
  });

  test('address and port', () => {
    const reads = {
      listeners: [inPod, onNode],
      holders: new Map([
        [5, [31]],
        [6, [400]],
      ]),
    };
    expect(shown(find('10.0.0.5:80', reads))).toEqual([
      'web: its address is 10.0.0.5',
      'main: pid 31 listens on tcp port 80',
    ]);
  });
});

describe('by name and image', () => {
  test.each([
    ['web', ['web: its name']],
    ['side', ['side: its name']],
    ['default/web/side', ['side: its name']],
    ['nginx:1.25', ['side: its image nginx:1.25']],
    ['Nginx', ['side: its image nginx:1.25']],
    ['nothing', []],
  ])('%s', (text, expected) => expect(shown(find(text))).toEqual(expected));

  test('the exact name comes first', () => {
    const names = shown(find('in')).map((line) => line.split(':')[0]);
    expect(names).toEqual(['main', 'side']);
    expect(shown(find('main'))[0]).toBe('main: its name');
  });
});
