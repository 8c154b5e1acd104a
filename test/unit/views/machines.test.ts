import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { EndpointStatus, NodeConnection } from '../../../src/runtime/nodes.js';
import { lostNames } from '../../../src/views/machines.js';
import { retryText, untilRetryTextChanges } from '../../../src/views/retry.js';
import { buildTree } from '../../../src/views/tree.js';
import type { ViewNode } from '../../../src/views/viewNode.js';
import { english as t } from '../../../src/util/translate.js';
import { context, node, now, outline, runtime, snapshot } from './picture.js';

const ssh = (extra: Partial<NodeConnection>, runtimes = [] as ReturnType<typeof runtime>[]): NodeConnection =>
  node(runtimes, { id: 'node:web', label: 'web', kind: 'ssh', connected: false, ...extra });
const shown = (...nodes: NodeConnection[]): readonly ViewNode[] => buildTree(nodes, context()).roots;
const first = (each: NodeConnection): ViewNode => shown(each)[0]!;
const stale = (): ReturnType<typeof runtime> => runtime(snapshot(), { state: 'lost', reason: 'Cut.' });

describe('a machine over SSH', () => {
  test('is folded before it is opened, and offers to connect', () => {
    const idle = first(ssh({ state: 'idle' }));
    expect(idle).toMatchObject({ expand: 'collapsed', description: 'not connected' });
    expect(idle.children().map(({ label, command }) => [label, command])).toEqual([
      ['Connect', 'connectNode'],
    ]);
  });

  test('keeps its twistie while it connects', () => {
    expect(first(ssh({ state: 'connecting' }))).toMatchObject({
      expand: 'collapsed',
      description: 'connecting…',
    });
  });

  test('shows why it can’t log in, and offers to try again', () => {
    const reason = 'deploy@web: Permission denied (publickey).';
    const refused = ssh({ state: 'needsAuth', reason });
    expect(outline(shown(refused))).toEqual([
      `web | needs you to log in · ${reason}`,
      `  ${reason} | `,
      '  Reconnect | ',
    ]);
    expect(
      first(refused)
        .children()
        .map(({ command }) => command),
    ).toEqual(['showReason', 'reconnectNode']);
  });

  test('shows the first of ssh’s lines that says something, and all of them in the tooltip', () => {
    const reason =
      '@@@@@@@@@@@@@@@@\n@  WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!  @\n@@@@@@@@@@@@@@@@\nmore';
    const failed = first(ssh({ state: 'failed', reason }));
    expect(failed.description).toBe('WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!');
    expect(failed.children()[0]!.tooltip()).toEqual([{ value: reason }]);
  });

  test('says when a lost one is tried again, and keeps its picture', () => {
    const lost = ssh({ state: 'lost', reason: 'Cut.', retryAt: now + 12_000 }, [stale()]);
    expect(first(lost).description).toBe('lost · retrying in 15 s · Cut.');
    expect(
      first(lost)
        .children()
        .map(({ label }) => label),
    ).toEqual(['containerd 1.6.20']);
    const never = first(ssh({ state: 'lost', reason: 'No route to host', retryAt: now + 1 }));
    expect(never.description).toBe('lost · retrying in a moment · No route to host');
    expect(never.children().map(({ label }) => label)).toEqual(['No route to host', 'Reconnect']);
  });

  test('tells of endpoints only while it can look', () => {
    const endpoints: EndpointStatus[] = [
      { endpoint: 'unix:///a', sources: [], configured: true, state: 'failed', reason: 'Cut.' },
    ];
    const labels = (each: NodeConnection): string[] =>
      first(each)
        .children()
        .map(({ label }) => label);
    expect(labels(ssh({ state: 'failed', reason: 'Cut.', endpoints }))).toEqual(['Cut.', 'Reconnect']);
    expect(labels(ssh({ state: 'failed', reason: 'Cut.', endpoints, connected: true }))).toEqual([
      'unix:///a',
    ]);
  });
});

describe('a denied endpoint', () => {
  const denied: EndpointStatus = { endpoint: 'unix:///a', sources: [], configured: false, state: 'denied' };
  const offered = (extra: Partial<NodeConnection>): (string | undefined)[] =>
    first(node([], { state: 'failed', endpoints: [denied, { ...denied, endpoint: 'unix:///b' }], ...extra }))
      .children()
      .flatMap(({ command }) => command ?? []);

  test('offers sudo, and where sudo asks, to be asked again', () => {
    expect(offered({})).toEqual(['useSudo']);
    expect(offered({ kind: 'ssh', sudo: 'without password' })).toEqual(['useSudo']);
    expect(offered({ sudo: 'ask' })).toEqual(['reconnectNode']);
  });
});

test('context values fit the menus', () => {
  const { menus } = (
    JSON.parse(readFileSync('package.json', 'utf8')) as {
      contributes: { menus: Record<string, { command: string; when: string; group: string }[]> };
    }
  ).contributes;
  const offered = (each: NodeConnection): string[] => {
    const { contextValue } = first(each);
    return menus['view/item/context']!.filter(({ when, group }) => {
      const pattern = /viewItem =~ \/(.*?)\/(?: |$)/.exec(when)?.[1];
      return pattern !== undefined && !group.startsWith('inline') && new RegExp(pattern).test(contextValue);
    }).map(({ command }) => command.replace('criExplorer.', ''));
  };
  const looks = ['findContainer', 'showChain', 'diagnoseNode', 'nodeFindings', 'refresh'];
  const edits = ['useSudo', 'renameNode', 'removeNode', ...looks];
  expect(offered(ssh({ state: 'idle' }))).toEqual(['connectNode', ...edits]);
  for (const state of ['connecting', 'ready', 'lost', 'needsAuth', 'failed'] as const) {
    expect(offered(ssh({ state }))).toEqual(['reconnectNode', 'disconnectNode', ...edits]);
  }
  expect(offered(node([]))).toEqual(['useSudo', ...looks]);
  expect(offered(node([], { id: 'node:lab' }))).toEqual(edits);
});

test('what was lost is counted once, what was left or never there is not', () => {
  const lost = [stale(), stale()];
  expect(lostNames([ssh({ state: 'lost' }, lost)])).toEqual(['web']);
  expect(lostNames([ssh({ state: 'needsAuth' }, lost), ssh({ state: 'connecting' }, lost)])).toEqual([
    'web',
    'web',
  ]);
  expect(lostNames([ssh({ state: 'idle' }, lost), ssh({ state: 'lost' })])).toEqual([]);
  expect(lostNames([node([stale(), runtime(snapshot())])])).toEqual(['containerd']);
});

test('the wait for another try is told in steps', () => {
  const told = (seconds: number): string => retryText(now + seconds * 1000, now, t);
  expect([30, 29.9, 25.1, 25, 5.1, 5, 0, -9].map(told)).toEqual([
    ...['retrying in 30 s', 'retrying in 30 s', 'retrying in 30 s', 'retrying in 25 s', 'retrying in 10 s'],
    ...Array.from({ length: 3 }, () => 'retrying in a moment'),
  ]);
  const wait = (...at: (number | undefined)[]): number | undefined =>
    untilRetryTextChanges(
      at.map((retryAt) => ssh({ retryAt })),
      now,
    );
  expect(wait(undefined, now + 3_000, now - 1)).toBeUndefined();
  expect(wait(now + 12_000, now + 11_000)).toBe(1_000);
  expect(wait(now + 10_000)).toBe(5_000);
});
