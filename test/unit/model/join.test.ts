import { describe, expect, it } from 'vitest';
import { joining, type JoinTarget } from '../../../src/model/join.js';
import type { ProcessRecord } from '../../../src/model/process.js';
import { runNow } from '../../../src/model/steps.js';
import { tableOf } from './recorded.js';

const SANDBOX = 'a'.repeat(64);
const ONE = '1'.repeat(64);
const TWO = '2'.repeat(64);

const sandbox: JoinTarget = { id: SANDBOX, role: 'sandbox', running: true };
const container = (id: string, running = true): JoinTarget => ({
  id,
  role: 'container',
  running,
  sandboxId: SANDBOX,
});

type Given = Partial<ProcessRecord> & Pick<ProcessRecord, 'pid' | 'ppid'>;

/** A process; it starts at the tick of its pid unless said otherwise. */
const process = (given: Given): ProcessRecord => ({
  state: 'S',
  comm: 'sh',
  argv: ['sh'],
  cgroups: ['/'],
  startTicks: given.pid,
  startedAt: (given.startTicks ?? given.pid) * 10,
  ...given,
});

const init = process({ pid: 1, ppid: 0, comm: 'systemd', argv: ['/sbin/init'] });
const shim = process({
  pid: 100,
  ppid: 1,
  comm: 'containerd-shim',
  argv: ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'k8s.io', '-id', SANDBOX],
  cwd: `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${SANDBOX}`,
});
const within = (id: string): Pick<ProcessRecord, 'cgroups'> => ({ cgroups: [`/kubepods/podx/${id}`] });

const join = (targets: JoinTarget[], processes: ProcessRecord[], more: object = {}) =>
  runNow(joining({ table: tableOf(processes), targets, ...more }));

/** `role pid` of each link. */
const chain = (targets: JoinTarget[], processes: ProcessRecord[], id = ONE) =>
  join(targets, processes)
    .placements.get(id)!
    .ancestry.links.map(({ role, pid }) => `${role} ${pid}`);

describe('by cgroup', () => {
  it('does not take an older stranger, moved into the cgroup, for the first process', () => {
    const bash = process({ pid: 50, ppid: 1, comm: 'bash', argv: ['bash'], startTicks: 2, ...within(ONE) });
    const first = process({ pid: 200, ppid: 100, comm: 'web', argv: ['web'], startTicks: 9, ...within(ONE) });
    const chained = chain([container(ONE)], [init, { ...shim, startTicks: 5 }, bash, first]);
    expect(chained).toEqual(['init 1', 'shim 100', 'container 200', 'child 50']);
  });

  it.each([
    ['/k8s.io/ID'],
    ['/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/cri-containerd-ID.scope'],
    ['/kubepods.slice/kubepods-pod1.slice/crio-ID.scope/container'],
    ['/kubepods/burstable/pod1-2-3/crio-ID'],
    ['/system.slice/docker-ID.scope'],
    ['/system.slice/containerd.service/kubepods-burstable-pod1.slice:cri-containerd:ID'],
    ['/kubepods/podx/kata_ID'],
    ['/../../podx/ID'],
    ['/kubepods/podx/ID (deleted)'],
    ['/kubepods/podx/cri-containerd-ID.scope (deleted)'],
    ['/docker/ID/kubelet/kubepods/podx/fedcba/init.scope'],
  ])('%s', (path) => {
    const member = process({ pid: 200, ppid: 100, cgroups: [path.replace('ID', ONE)] });
    expect(chain([container(ONE)], [init, shim, member])).toEqual(['init 1', 'shim 100', 'container 200']);
  });

  it.each([
    [`/kubepods/podx/x${ONE}`],
    [`/kubepods/podx/${ONE}1`],
    [`/kubepods/podx/${ONE.slice(1)}`],
    [`/system.slice/crio-conmon-${ONE}.scope`],
    [`/kubepods/podx/crio-conmon-${ONE}`],
    ['/'],
  ])('not %s', (path) => {
    const stranger = process({ pid: 200, ppid: 100, cgroups: [path] });
    const { unplaced, placements } = join([container(ONE)], [init, shim, stranger]);
    expect(unplaced).toEqual([ONE]);
    expect(placements.get(ONE)).toMatchObject({ members: [], ancestry: { links: [] } });
  });

  it('on whichever hierarchy names it', () => {
    const cgroups = [`/k8s.io/${ONE}`, '/init/abc', '/'];
    expect(chain([container(ONE)], [init, shim, process({ pid: 200, ppid: 100, cgroups })])).toHaveLength(3);
  });

  it('takes the outer of two ids: nobody passes for another container by a cgroup of their own', () => {
    const liar = process({ pid: 200, ppid: 100, cgroups: [`/kubepods/podx/${ONE}/crio-${TWO}`] });
    const { placements } = join([container(TWO), container(ONE)], [init, shim, liar]);
    expect(placements.get(ONE)?.members).toEqual([200]);
    expect(placements.get(TWO)?.members).toEqual([]);
  });
});

describe('ancestry', () => {
  it('puts children depth-first, and what was executed later after them', () => {
    const processes = [
      process({ pid: 205, ppid: 100, startTicks: 290, ...within(ONE) }), // exec'd
      process({ pid: 206, ppid: 205, startTicks: 295, ...within(ONE) }),
      process({ pid: 210, ppid: 200, ...within(ONE) }),
      process({ pid: 220, ppid: 200, ...within(ONE) }),
      process({ pid: 230, ppid: 210, ...within(ONE) }),
      process({ pid: 200, ppid: 100, ...within(ONE) }),
      shim,
      init,
    ];
    expect(chain([container(ONE)], processes)).toEqual([
      'init 1',
      'shim 100',
      'container 200',
      'child 210',
      'child 230',
      'child 220',
      'child 205',
      'child 206',
    ]);
  });

  it('is not led by an exec’d process with a lower pid', () => {
    const processes = [
      process({ pid: 150, ppid: 100, startTicks: 900, ...within(ONE) }),
      process({ pid: 32000, ppid: 100, startTicks: 800, ...within(ONE) }),
      shim,
      init,
    ];
    expect(join([container(ONE)], processes).placements.get(ONE)).toMatchObject({
      pid: 32000,
      startTicks: 800,
      by: 'cgroup',
      members: [32000, 150],
    });
  });

  it('has CRI-O’s exec’d processes as children, though their parent is a runtime of crio', () => {
    const conmon = process({
      pid: 100,
      ppid: 1,
      comm: 'conmon',
      argv: [
        '/usr/bin/conmon',
        '-b',
        '/b/userdata',
        '-c',
        ONE,
        '-r',
        '/usr/bin/runc',
        '--runtime-arg',
        '--root=/r',
      ],
      cgroups: [`/system.slice/crio-conmon-${ONE}.scope`],
    });
    const crio = process({ pid: 50, ppid: 1, comm: 'crio', argv: ['crio'] });
    const runc = process({ pid: 300, ppid: 50, comm: 'runc', argv: ['runc', 'exec'] });
    const cgroups = [`/kubepods.slice/crio-${ONE}.scope`];
    const processes = [
      init,
      conmon,
      crio,
      runc,
      process({ pid: 200, ppid: 100, cgroups }),
      process({ pid: 310, ppid: 300, cgroups }),
    ];
    expect(chain([container(ONE)], processes)).toEqual([
      'init 1',
      'monitor 100',
      'container 200',
      'child 310',
    ]);
    expect(join([container(ONE)], processes).placements.get(ONE)?.ancestry.lowLevel).toEqual({
      name: 'runc',
      bundle: '/b/userdata',
      statePath: `/r/${ONE}/state.json`,
      source: 'command line of conmon 100',
    });
  });

  it('has all that stands above the shim: a subreaper, k3s', () => {
    const reaper = process({ pid: 40, ppid: 1, comm: 'systemd', argv: ['/lib/systemd/systemd', '--user'] });
    const processes = [init, reaper, { ...shim, ppid: 40 }, process({ pid: 200, ppid: 100, ...within(ONE) })];
    expect(chain([container(ONE)], processes)).toEqual(['init 1', 'init 40', 'shim 100', 'container 200']);
  });

  it('shows what is true when no shim is there', () => {
    const orphan = process({ pid: 200, ppid: 1, ...within(ONE) });
    expect(chain([container(ONE)], [init, orphan])).toEqual(['init 1', 'container 200']);
    expect(join([container(ONE)], [init, orphan]).placements.get(ONE)?.ancestry.lowLevel).toBeUndefined();
  });

  it('tolerates missing parents and circles', () => {
    expect(chain([container(ONE)], [process({ pid: 200, ppid: 100, ...within(ONE) })])).toEqual([
      'container 200',
    ]);
    const circle = [
      process({ pid: 200, ppid: 201, ...within(ONE) }),
      process({ pid: 201, ppid: 200, ...within(ONE) }),
      process({ pid: 202, ppid: 202, startTicks: 500, ...within(ONE) }),
    ];
    expect(chain([container(ONE)], circle)).toEqual(['container 202', 'child 200', 'child 201']);
  });

  it('does not take a process that reused the parent’s pid for the parent', () => {
    const reused = { ...shim, startTicks: 9000 };
    expect(chain([container(ONE)], [init, reused, process({ pid: 200, ppid: 100, ...within(ONE) })])).toEqual(
      ['container 200'],
    );
  });

  it('takes a process within a container for no shim, whatever it calls itself', () => {
    const hostile = {
      comm: 'containerd-shim',
      argv: ['containerd-shim-runc-v2', '-id', ONE],
      ...within(ONE),
    };
    const processes = [
      init,
      shim,
      process({ pid: 200, ppid: 100, ...hostile }),
      process({ pid: 210, ppid: 200, ...hostile }),
      process({ pid: 220, ppid: 210, argv: ['\x1b]0;x\x07<b>', '', '\\xff'], ...within(ONE) }),
    ];
    const { ancestry } = join([container(ONE)], processes).placements.get(ONE)!;
    expect(ancestry.links.map(({ role, pid }) => `${role} ${pid}`)).toEqual([
      'init 1',
      'shim 100',
      'container 200',
      'child 210',
      'child 220',
    ]);
    expect(ancestry.links.at(-1)?.command).toEqual(['\x1b]0;x\x07<b>', '', '\\xff']);
  });

  it('leaves out a shim that sits in its own sandbox’s cgroup', () => {
    const kata = process({
      pid: 100,
      ppid: 1,
      comm: 'containerd-shim',
      argv: ['/opt/kata/bin/containerd-shim-kata-v2', '-id', SANDBOX],
      cgroups: [`/kubepods/podx/kata_${SANDBOX}`],
    });
    const qemu = process({ pid: 120, ppid: 100, comm: 'qemu', cgroups: [`/kubepods/podx/kata_${SANDBOX}`] });
    expect(chain([sandbox], [init, kata, qemu], SANDBOX)).toEqual(['init 1', 'shim 100', 'sandbox 120']);
    expect(join([sandbox], [init, kata]).unplaced).toEqual([SANDBOX]);
  });

  it('shows a zombie by its comm', () => {
    const zombie = process({ pid: 200, ppid: 100, state: 'Z', comm: 'a)b', argv: [], ...within(ONE) });
    const { ancestry } = join([container(ONE)], [init, shim, zombie]).placements.get(ONE)!;
    expect(ancestry.links.at(-1)?.command).toEqual(['[a)b]']);
  });
});

describe('low-level runtime', () => {
  const lowLevel = (parent: ProcessRecord, id = ONE) =>
    join([container(id)], [init, parent, process({ pid: 200, ppid: 100, ...within(id) })]).placements.get(id)
      ?.ancestry.lowLevel;
  const task = '/run/containerd/io.containerd.runtime.v2.task/k8s.io';

  it('of a shim: the bundle beside the sandbox’s, the state by default', () => {
    expect(lowLevel(shim)).toEqual({
      name: 'runc',
      bundle: `${task}/${ONE}`,
      statePath: `/run/containerd/runc/k8s.io/${ONE}/state.json`,
      source:
        "cwd of shim 100; runc assumed, as the bundle's options.json may name another; state path assumed from the default /run/containerd/runc",
    });
  });

  it('claims no bundle when the shim’s folder is unknown or is not its own', () => {
    const { cwd: _, ...blind } = shim;
    expect(lowLevel(blind)).not.toHaveProperty('bundle');
    expect(lowLevel({ ...shim, cwd: '/' })).not.toHaveProperty('bundle');
    expect(lowLevel({ ...shim, cwd: `/x/${TWO}` })).not.toHaveProperty('bundle');
  });

  it('knows a bundle by its path where the shim was given no id, and then guesses no state', () => {
    expect(lowLevel({ ...shim, argv: ['/usr/bin/containerd-shim-runc-v2'] })).toEqual({
      name: 'runc',
      bundle: `${task}/${ONE}`,
      source: "cwd of shim 100; runc assumed, as the bundle's options.json may name another",
    });
  });

  it('of the first shim: its own folder and the root it was told', () => {
    const old = '/run/containerd/io.containerd.runtime.v1.linux/moby';
    const argv = ['docker-containerd-shim', '-namespace', 'moby', '-workdir', `/var/lib/x/moby/${ONE}`];
    const first = { ...shim, cwd: `${old}/${ONE}`, argv: ['containerd-shim', ...argv.slice(1)] };
    expect(
      lowLevel({ ...first, argv: [...first.argv, '-runtime-root', '/var/run/docker/runtime-runc'] }),
    ).toEqual({
      name: 'runc',
      bundle: `${old}/${ONE}`,
      statePath: `/var/run/docker/runtime-runc/moby/${ONE}/state.json`,
      source: "cwd of shim 100; runc assumed, as the bundle's options.json may name another",
    });
  });

  it('of other shims: what the program’s name says, and no guess of a state', () => {
    const kata = { ...shim, argv: ['containerd-shim-kata-v2', ...shim.argv.slice(1)] };
    expect(lowLevel(kata)).toMatchObject({ name: 'kata', bundle: `${task}/${ONE}` });
    expect(lowLevel(kata)).not.toHaveProperty('statePath');
  });
});

describe('pids that the runtime told', () => {
  const gvisor = process({
    pid: 300,
    ppid: 100,
    comm: 'exe',
    argv: ['runsc-sandbox', '--root=/r', 'boot', SANDBOX],
  });
  const targets = [sandbox, container(ONE), container(TWO)];
  const knownPids = new Map([SANDBOX, ONE, TWO].map((id) => [id, 300]));

  it('place a gVisor pod in its one process, and are remembered', () => {
    const first = join(targets, [init, shim, gvisor], { knownPids });
    expect(first.unplaced).toEqual([]);
    expect(first.placements.get(TWO)).toMatchObject({ pid: 300, by: 'status', members: [300] });
    expect(first.placements.get(TWO)?.ancestry.lowLevel).toEqual({
      name: 'runsc',
      bundle: shim.cwd!.replace(SANDBOX, TWO),
      statePath: `/r/${TWO}_sandbox:${SANDBOX}.state`,
      source: 'bundle by shim 100; command line of runsc-sandbox 300',
    });
    const next = join(targets, [init, shim, gvisor], { previous: first });
    expect(next.unplaced).toEqual([]);
    expect(next.placements.get(ONE)).toBe(first.placements.get(ONE));
    // The pid was reused: nothing is believed any more.
    const reused = join(targets, [init, shim, { ...gvisor, startTicks: 999 }], { previous: next });
    expect(reused.unplaced).toEqual([SANDBOX, ONE, TWO]);
  });

  it('may be in the sandbox’s cgroup, but not in another container’s', () => {
    const inSandbox = { ...gvisor, ...within(SANDBOX) };
    expect(join(targets, [init, shim, inSandbox], { knownPids }).unplaced).toEqual([]);
    const inOther = { ...gvisor, ...within(TWO) };
    expect(join(targets, [init, shim, inOther], { knownPids }).unplaced).toEqual([SANDBOX, ONE]);
  });

  it('bring their descendants, but none of another container', () => {
    const processes = [
      init,
      shim,
      gvisor,
      process({ pid: 310, ppid: 300 }),
      process({ pid: 320, ppid: 310 }),
      process({ pid: 330, ppid: 310, ...within(TWO) }),
    ];
    expect(join(targets, processes, { knownPids }).placements.get(ONE)?.members).toEqual([300, 310, 320]);
  });

  it('count for nothing once the container ended, or when no such process is there', () => {
    const ended = join([container(ONE, false)], [init, shim, gvisor], { knownPids });
    expect(ended.unplaced).toEqual([]);
    expect(ended.placements.get(ONE)?.ancestry).toEqual({
      links: [],
      reason: 'It is not running, so it has no process.',
    });
    expect(join([container(ONE)], [init, shim], { knownPids }).unplaced).toEqual([ONE]);
  });
});

describe('identity', () => {
  const processes = [
    init,
    shim,
    process({ pid: 200, ppid: 100, ...within(ONE) }),
    process({ pid: 210, ppid: 200, ...within(ONE) }),
    process({ pid: 300, ppid: 100, ...within(TWO) }),
  ];
  const targets = [sandbox, container(ONE), container(TWO), container('3'.repeat(64), false)];

  it('stays when nothing changed, even if each record was read anew', () => {
    const first = join(targets, processes);
    const again = join(
      targets,
      processes.map((record) => ({ ...record, state: 'R', argv: [...record.argv] })),
      {
        previous: first,
      },
    );
    for (const { id } of targets) expect(again.placements.get(id)).toBe(first.placements.get(id));
  });

  it('keeps the placement itself when only states flipped, also of process 1', () => {
    const first = join(targets, processes);
    const flipped = processes.map((record) => ({ ...record, state: 'R' }));
    const next = join(targets, flipped, { previous: first });
    for (const { id } of targets) expect(next.placements.get(id)).toBe(first.placements.get(id));
    const exited = processes.map((record) =>
      record.pid === 210 ? { ...record, state: 'Z', argv: [] } : record,
    );
    const last = join(targets, exited, { previous: next });
    expect(last.placements.get(ONE)?.ancestry.links.at(-1)?.command).toEqual(['[sh]']);
    const adopted = processes.map((record) => (record.pid === 100 ? { ...record, ppid: 300 } : record));
    expect(join(targets, adopted, { previous: first }).placements.get(ONE)?.ancestry.links).toHaveLength(3);
  });

  it('changes where something did, and keeps the links that are the same', () => {
    const first = join(targets, processes);
    const more = [...processes, process({ pid: 220, ppid: 200, ...within(ONE) })];
    const next = join(targets, more, { previous: first });
    expect(next.placements.get(TWO)).toBe(first.placements.get(TWO));
    const [before, after] = [first, next].map(({ placements }) => placements.get(ONE)!.ancestry);
    expect(after).not.toBe(before);
    expect(after!.links.slice(0, 4)).toEqual(before!.links);
    after!.links.slice(0, 4).forEach((link, index) => expect(link).toBe(before!.links[index]));
  });

  it('changes when a process executes another program', () => {
    const first = join(targets, processes);
    const changed = processes.map((record) => (record.pid === 210 ? { ...record, argv: ['top'] } : record));
    const { ancestry } = join(targets, changed, { previous: first }).placements.get(ONE)!;
    expect(ancestry.links.at(-1)?.command).toEqual(['top']);
  });
});
