import { describe, expect, test } from 'vitest';
import type { Container, Sandbox } from '../../../src/model/snapshot.js';
import { parseFilter } from '../../../src/views/filter.js';
import { Memo } from '../../../src/views/memo.js';
import { PaintedTree } from '../../../src/views/paintedTree.js';
import { buildTree } from '../../../src/views/tree.js';
import { pathTo } from '../../../src/views/locate.js';
import type { ViewNode } from '../../../src/views/viewNode.js';
import { container, context, node, now, runtime, sandbox, snapshot } from './picture.js';

const rootsOf = (sandboxes: readonly Sandbox[], at = now): readonly ViewNode[] =>
  buildTree([node([runtime(snapshot({ sandboxes }))])], context({ now: at })).roots;
const pods = (...containers: Partial<Container>[]): Sandbox[] => [
  sandbox({ id: 's1', containers: containers.map((each) => container(each)) }),
  sandbox({ id: 's2', name: 'db', containers: [container({ id: 'c9', sandboxId: 's2' })] }),
];
const base = 'n:local/r:unix:///run/containerd/containerd.sock';

/** A tree of which everything down to the containers was looked at. */
function opened(sandboxes: readonly Sandbox[]): PaintedTree {
  const painted = new PaintedTree();
  painted.update(rootsOf(sandboxes), now);
  const open = (id: string | undefined, depth: number): void => {
    for (const child of painted.children(id, now)) if (depth > 0) open(child, depth - 1);
  };
  open(undefined, 3);
  return painted;
}

describe('PaintedTree', () => {
  test('paints everything at first, then nothing while nothing changes', () => {
    const painted = new PaintedTree();
    expect(painted.update(rootsOf(pods({})), now)).toBe('all');
    painted.children(undefined, now);
    expect(painted.update(rootsOf(pods({})), now)).toEqual([]);
  });

  test('repaints only the container that changed', () => {
    const painted = opened(pods({ id: 'c1' }, { id: 'c2', name: 'side', state: 'created' }));
    const change = painted.update(
      rootsOf(pods({ id: 'c1' }, { id: 'c2', name: 'side', state: 'unknown' })),
      now,
    );
    expect(change).toEqual([`${base}/c:c2`]);
    expect(painted.node(`${base}/c:c2`)?.description).toBe('unknown');
  });

  test('repaints only the pod when its own words change, not what is below it besides', () => {
    const painted = opened(pods({ id: 'c1' }));
    expect(painted.update(rootsOf(pods({ id: 'c1', state: 'exited' })), now)).toEqual([`${base}/s:s1`]);
    expect(painted.update(rootsOf(pods({ id: 'c1', state: 'exited' })), now)).toEqual([]);
  });

  test('repaints a parent whose list of children changed', () => {
    const painted = opened(pods({ id: 'c1', attempt: 0 }));
    const change = painted.update(rootsOf(pods({ id: 'c2', attempt: 1 }, { id: 'c1', attempt: 0 })), now);
    // The runtime counts its containers, so it is the topmost.
    expect(change).toEqual([base]);
    expect(painted.node(`${base}/c:c1`)).toBeUndefined();
    expect(painted.children(`${base}/s:s1`, now)).toEqual([`${base}/s:s1/process`, `${base}/c:c2`]);
    expect(painted.parent(`${base}/c:c2`)).toBe(`${base}/s:s1`);
  });

  test('does not look below what nobody opened', () => {
    const painted = new PaintedTree();
    painted.update(rootsOf(pods({})), now);
    painted.children(undefined, now);
    const roots = rootsOf(pods({ state: 'exited' }));
    const watched = { ...roots[0]!, children: () => expect.unreachable('built for nothing') };
    expect(painted.update([watched], now)).toEqual([]);
  });

  test('repaints for an age only when its coarse form changes', () => {
    const painted = opened(pods({ id: 'c1' }));
    expect(painted.update(rootsOf(pods({ id: 'c1' }), now + 50_000), now + 50_000)).toEqual([]);
    expect(painted.update(rootsOf(pods({ id: 'c1' }), now + 61_000), now + 61_000)).toEqual([
      `${base}/s:s1`,
      `${base}/s:s2`,
    ]);
  });

  test('has no children for what went away', () => {
    expect(opened(pods({})).children('gone', now)).toEqual([]);
  });
});

test('a memo builds unchanged pods once, and anew when they look otherwise', () => {
  const memo = new Memo();
  const sandboxes = pods({ id: 'c1' });
  const picture = snapshot({ sandboxes });
  const of = (extra: object, state: 'ready' | 'lost' = 'ready'): ViewNode => {
    const { roots } = buildTree([node([runtime(picture, { state })])], context({ memo, ...extra }));
    return pathTo(roots, { nodeId: 'local', endpoint: picture.endpoint, id: 's1' })!.at(-1)!;
  };
  const first = of({});
  expect(of({ now: now + 5 })).toBe(first);
  expect(of({ groupByNamespace: true }).description).not.toBe(first.description);
  expect(of({}, 'lost').icon).not.toEqual(first.icon);
  expect(of({ filter: parseFilter('web') }).expand).toBe('expanded');
  expect(of({})).toEqual(expect.objectContaining({ id: first.id, look: first.look }));
});

describe('pathTo', () => {
  const roots = rootsOf(pods({ id: 'c2', attempt: 1 }, { id: 'c1' }));
  const path = (target: object): string[] | undefined =>
    pathTo(roots, { nodeId: 'local', ...target })?.map(({ label }) => label);
  const endpoint = 'unix:///run/containerd/containerd.sock';

  test('leads to nodes, runtimes, sandboxes, containers and older attempts', () => {
    expect(path({})).toEqual(['this machine']);
    expect(path({ endpoint })).toEqual(['this machine', 'containerd 1.6.20']);
    expect(path({ endpoint, id: 's2' })).toEqual(['this machine', 'containerd 1.6.20', 'db']);
    expect(path({ endpoint, id: 'c2' })).toEqual(['this machine', 'containerd 1.6.20', 'web', 'main']);
    expect(path({ endpoint, id: 'c1' })).toEqual([
      'this machine',
      'containerd 1.6.20',
      'web',
      'main',
      'Previous attempts',
      'main',
    ]);
  });

  test('is undefined for what is not there', () => {
    expect(path({ endpoint, id: 'nope' })).toBeUndefined();
    expect(path({ endpoint: 'unix:///other' })).toBeUndefined();
    expect(pathTo(roots, { nodeId: 'other' })).toBeUndefined();
  });
});
