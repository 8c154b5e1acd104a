import { expect, test } from 'vitest';
import type { Diagnosis, FindingKind } from '../../../../src/model/doctor/finding.js';
import { NodeError, type CommandResult, type Node } from '../../../../src/node/node.js';
import { diagnose } from '../../../../src/runtime/doctor/diagnose.js';
import type { NodeConnection } from '../../../../src/runtime/nodes.js';
import { tableOf } from '../../model/recorded.js';
import {
  bundles,
  containerOf,
  endpoint,
  init,
  LOST,
  ONE,
  processOf,
  runtimeOf,
  SANDBOX,
  sandboxOf,
  shimOf,
} from '../../model/doctor/look.js';
import { fakeNode } from '../fakeNode.js';

const mountinfo = '22 1 8:1 / / rw - ext4 /dev/sda1 rw\n';
/** What the probe script prints of a node on which all may be seen. */
const seen = (...lines: readonly string[]): string =>
  ['C 1700000000.0', 'S cgroups', 'S netns', 'U 4026531992', ...lines].join('\n');
const leftover = `D 1 25:7 1600000000 ${bundles}/./${LOST}`;
const snapshot = runtimeOf({
  sandboxes: [sandboxOf({ pid: 11, containers: [containerOf({ pid: 12 })] })],
}).snapshot;
const inside = (pid: number, id: string) => processOf({ pid, ppid: 10, cgroups: [`/kubepods/podx/${id}`] });

interface World {
  /** What the probe prints at the first look, the second, and so on; the last one again and again. */
  readonly probes: readonly (string | Error)[];
  readonly files?: Readonly<Record<string, string>>;
  /** At each look: whether the second endpoint answered. */
  readonly second?: readonly ('ready' | 'lost')[];
  readonly status?: () => Promise<{ readonly info: Readonly<Record<string, string>> }>;
  readonly hidden?: boolean;
}

/** A node that answers what a test says, and the commands that were run on it. */
function world({ probes, files = {}, second = [], status, hidden = false }: World) {
  let look = -1;
  const ran: (readonly string[])[] = [];
  const node: Node = {
    ...fakeNode({ files }),
    run: (command): Promise<CommandResult> => {
      ran.push(command);
      const isProbe = command[2]?.includes('S netns') === true;
      const text = isProbe ? (probes[Math.min(look, probes.length - 1)] ?? '') : mountinfo;
      if (text instanceof Error) return Promise.reject(text);
      return Promise.resolve({ code: 0, stdout: Buffer.from(text), stderr: Buffer.alloc(0) });
    },
  };
  const runtime = {
    ...{ endpoint, state: 'ready', snapshot, node },
    status: status ?? (() => Promise.resolve({ info: {} })),
    filesystems: () => Promise.resolve([]),
    sandboxDetails: () => Promise.reject(new Error('gone')),
    containerDetails: () => Promise.reject(new Error('gone')),
  };
  const other = 'unix:///run/other.sock';
  const connection = {
    ...{ label: 'far', kind: 'local', connected: true, reason: undefined, node },
    processes: hidden
      ? undefined
      : tableOf([init, shimOf(10, SANDBOX), inside(11, SANDBOX), inside(12, ONE)]),
    runtimes: [runtime],
    get endpoints() {
      const state = second[Math.min(Math.max(look, 0), second.length - 1)];
      const known = [{ endpoint, state: 'ready', configured: false }];
      return state ? [...known, { endpoint: other, state, reason: 'refused', configured: true }] : known;
    },
    refresh: () => {
      look++;
      return Promise.resolve();
    },
  };
  return { ran, connection: connection as unknown as NodeConnection, looks: () => look + 1 };
}

const { signal } = new AbortController();
const examine = (connection: NodeConnection): Promise<Diagnosis> =>
  diagnose(connection, { signal, waitMs: 0, settleMs: 0 });
const skipped = ({ checks }: Diagnosis): readonly FindingKind[] =>
  checks.filter(({ result }) => result === 'skipped').map(({ kind }) => kind);
const ids = ({ findings }: Diagnosis): readonly string[] => findings.map(({ id }) => id);
const config = { [`${bundles}/${LOST}/config.json`]: '{"annotations":{"io.kubernetes.cri.sandbox-id":"x"}}' };

test('a node in order is looked at once, in two commands', async () => {
  const { ran, connection, looks } = world({ probes: [seen('R 1 ok')] });
  const diagnosis = await examine(connection);
  expect(diagnosis).toMatchObject({ nodeLabel: 'far', findings: [] });
  expect(skipped(diagnosis)).toEqual([]);
  expect([looks(), ran.length]).toEqual([1, 2]);
});

test('what both looks see is a finding; what went meanwhile is none', async () => {
  const stays = await examine(world({ probes: [seen(leftover)], files: config }).connection);
  expect(ids(stays)).toEqual([`leftoverBundle:${bundles}/${LOST}:25:7`]);
  expect(stays.findings[0]?.certainty).toBe('certain');
  const goes = world({ probes: [seen(leftover), seen()], files: config });
  expect(ids(await examine(goes.connection))).toEqual([]);
  expect(goes.looks()).toBe(2);
  const comes = world({ probes: [seen(), seen(leftover)], files: config });
  expect(ids(await examine(comes.connection))).toEqual([]);
});

test('another folder under the same name is not the same trouble', async () => {
  const again = leftover.replace('25:7', '25:8');
  const { connection } = world({ probes: [seen(leftover), seen(again)], files: config });
  expect(ids(await examine(connection))).toEqual([]);
});

test('a probe that fails is no healthy node, at either look', async () => {
  const failed = new NodeError('failed', 'the link is down');
  const kinds = ['leftoverBundle', 'leftoverState', 'leftoverCgroup', 'leftoverNetns', 'imageFilesystem'];
  for (const probes of [[failed], [seen(leftover), failed]]) {
    const diagnosis = await examine(world({ probes, files: config }).connection);
    expect(ids(diagnosis)).toEqual([]);
    expect(skipped(diagnosis)).toEqual(kinds);
    expect(diagnosis.checks.find(({ kind }) => kind === 'leftoverBundle')?.reason).toContain('link is down');
  }
});

test('denied folders, cgroups and namespaces are gaps with the next step', async () => {
  const diagnosis = await examine(
    world({ probes: ['C 1700000000.0\nR 1 denied\nS netns\nX 77\n'] }).connection,
  );
  expect(skipped(diagnosis)).toEqual(['leftoverBundle', 'leftoverState', 'leftoverCgroup', 'leftoverNetns']);
  for (const { reason } of diagnosis.checks) if (reason !== undefined) expect(reason).toContain('Use sudo');
});

test('an endpoint that flickers blocks what needs all lists, whenever it was away, and is said once', async () => {
  for (const second of [
    ['ready', 'lost'],
    ['lost', 'ready'],
    ['lost', 'lost'],
  ] as const) {
    const cgroup = `G 30:1 /sys/fs/cgroup/kubepods/${LOST}`;
    const { connection } = world({ probes: [seen(leftover, cgroup)], files: config, second });
    const diagnosis = await examine(connection);
    expect(ids(diagnosis), second.join()).toEqual([`leftoverBundle:${bundles}/${LOST}:25:7`]);
    const reasons = diagnosis.checks.map(({ reason = '' }) => reason.split('/run/other.sock').length - 1);
    expect(Math.max(...reasons), second.join()).toBe(1);
    expect(skipped(diagnosis)).toContain('leftoverCgroup');
  }
});

test('a status that can’t be had is told; the rest goes on', async () => {
  const status = () => Promise.reject(new Error('unimplemented'));
  const diagnosis = await examine(world({ probes: [seen(leftover)], files: config, status }).connection);
  expect(skipped(diagnosis)).toEqual(['network', 'deprecation']);
  expect(diagnosis.findings).toHaveLength(1);
});

test('without a process table there is no diagnosis', async () => {
  await expect(examine(world({ probes: [seen()], hidden: true }).connection)).rejects.toThrow('Use sudo');
});
