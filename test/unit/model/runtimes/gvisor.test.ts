import { describe, expect, it } from 'vitest';
import { ancestries, type Name } from './tables.js';

const task = '/run/containerd/io.containerd.runtime.v2.task/k8s.io';
const root = '/run/containerd/runsc/k8s.io';
const shim =
  '/usr/local/bin/containerd-shim-runsc-v1 -namespace k8s.io -address /run/containerd/containerd.sock -publish-binary /usr/bin/containerd';
const gofer = (id: string) =>
  `runsc-gofer --root=${root} --log-fd=3 gofer --bundle ${task}/${id} --spec-fd=4`;
const boot = `runsc-sandbox --root=${root} --log-fd=3 boot --bundle=${task}/SANDBOX --controller-fd=10 SANDBOX`;

/** @param groups of the sandbox and of the gofers of both containers */
const table = (groups: Record<Name, string>): string => `
  1 0 / /sbin/init
  900 1 /system.slice/containerd.service cwd=${task}/SANDBOX ${shim}
  920 900 ${groups.SANDBOX} ${gofer('SANDBOX')}
  930 900 ${groups.SANDBOX} ${boot}
  931 930 ${groups.SANDBOX} runsc-sandbox stub
  950 900 ${groups.ONE} ${gofer('ONE')}
  960 900 ${groups.TWO} ${gofer('TWO')}`;

const pids = { SANDBOX: 930, ONE: 930, TWO: 930 };

/** The pod is one process; a gofer stands beside it for each container. */
const expected = (id: Name, role: string, gofer: number): string[] => [
  ...['init 1 init', 'shim 900 containerd-shim-runsc-v1', `${role} 930 runsc-sandbox`],
  ...['child 931 runsc-sandbox', `child ${gofer} runsc-gofer`].sort(),
  `runsc: ${task}/${id} ${root}/${id}_sandbox:SANDBOX.state`,
  'by bundle by shim 900; command line of runsc-sandbox 930',
];

describe('gVisor, tables made from its public documentation', () => {
  it.each<[string, Record<Name, string>]>([
    [
      'all in the sandbox’s cgroup (v2)',
      { SANDBOX: '/podx/SANDBOX', ONE: '/podx/SANDBOX', TWO: '/podx/SANDBOX' },
    ],
    ['all in the pod’s cgroup', { SANDBOX: '/podx', ONE: '/podx', TWO: '/podx' }],
    ['--ignore-cgroups', { SANDBOX: '/', ONE: '/', TWO: '/' }],
    [
      'gofers in groups of their containers',
      { SANDBOX: '/podx/SANDBOX', ONE: '/podx/ONE', TWO: '/podx/TWO' },
    ],
  ])('%s', (_, groups) => {
    const shown = ancestries({ containers: ['ONE', 'TWO'], table: table(groups), pids });
    const sorted = Object.fromEntries(
      Object.entries(shown).map(([id, lines]) => [
        id,
        [...lines.slice(0, 3), ...lines.slice(3, 5).sort(), ...lines.slice(5)],
      ]),
    );
    expect(sorted).toEqual({
      SANDBOX: expected('SANDBOX', 'sandbox', 920),
      ONE: expected('ONE', 'container', 950),
      TWO: expected('TWO', 'container', 960),
    });
  });

  it('a container whose pid nobody told is not placed at its gofer', () => {
    const groups = { SANDBOX: '/podx/SANDBOX', ONE: '/podx/ONE', TWO: '/podx/TWO' };
    const shown = ancestries({ table: table(groups) });
    expect(shown.ONE).toEqual([expect.stringMatching(/the runtime told no pid/)]);
    expect(shown.SANDBOX?.[2]).toBe('sandbox 930 runsc-sandbox');
  });

  it('a process of a common container that calls itself a sandbox or gofer changes nothing', () => {
    const shown = ancestries({
      table: `
        1 0 / /sbin/init
        900 1 / cwd=${task}/SANDBOX containerd-shim-runc-v2 -namespace k8s.io -id SANDBOX
        950 900 /podx/ONE nginx
        951 900 /podx/ONE ${boot}
        952 950 /podx/ONE ${gofer('SANDBOX')}
        953 900 /podx/ONE ${gofer('TWO')}`,
    });
    expect(shown.ONE!.slice(2, 6)).toEqual([
      'container 950 nginx',
      'child 952 runsc-gofer',
      'child 951 runsc-sandbox',
      'child 953 runsc-gofer',
    ]);
    expect(shown.ONE![6]).toMatch(/^runc: /);
  });
});
