import { describe, expect, test } from 'vitest';
import type { EndpointStatus } from '../../../src/runtime/nodes.js';
import { parseFilter } from '../../../src/views/filter.js';
import { buildTree } from '../../../src/views/tree.js';
import type { ViewNode } from '../../../src/views/viewNode.js';
import {
  container,
  context,
  flatten,
  node,
  now,
  outline,
  runningAncestry,
  runtime,
  sandbox,
  snapshot,
} from './picture.js';

const treeOf = (picture: ReturnType<typeof snapshot>, extra = {}, filter?: string): readonly ViewNode[] => {
  const parsed = filter === undefined ? undefined : parseFilter(filter);
  return buildTree([node([runtime(picture)])], context({ ...extra, ...(parsed ? { filter: parsed } : {}) }))
    .roots;
};
const only = (nodes: readonly ViewNode[], label: string): ViewNode => {
  const found = flatten(nodes).filter((each) => each.label === label);
  expect(found, label).toHaveLength(1);
  return found[0]!;
};

describe('buildTree', () => {
  test('shows node, runtime, pod, containers and reasons', () => {
    const picture = snapshot({
      sandboxes: [
        sandbox({
          containers: [container(), container({ id: 'c2', name: 'side', state: 'exited' })],
        }),
      ],
    });
    expect(outline(treeOf(picture))).toEqual([
      'this machine | ready',
      '  containerd 1.6.20 | 1 pod · 2 containers · unix:///run/containerd/containerd.sock',
      '    web | default · 1/2 · 10.0.0.5',
      '      Sandbox process | pid 25',
      '        The container is not running. | ',
      '      main | running',
      '        The container is not running. | ',
      '      side | exited',
      '        The container is not running. | ',
    ]);
  });

  test('nests the ancestry root first, with the low-level runtime between monitor and first process', () => {
    const picture = snapshot({
      sandboxes: [sandbox({ containers: [container({ ancestry: runningAncestry })] })],
    });
    const roots = treeOf(picture);
    expect(outline(only(roots, 'main').children())).toEqual([
      'init | pid 1 · init',
      '  containerd-shim-runc-v2 | pid 20 · shim',
      '    runc | ran, wrote its state and exited',
      '      sh -c work & wait | pid 30 · container’s first process',
      '        work | pid 31 · child',
      '          helper --x | pid 32 · child',
      '        sleep 1 | pid 33 · child',
      '    top | pid 40 · child',
    ]);
    const runc = only(roots, 'runc');
    expect(runc.contextValue).toBe('lowlevel+bundle+statepath');
    expect(runc.tooltip().map(({ value }) => value)).toContain('/run/b/abc');
    expect(runc.subject).toEqual({
      kind: 'lowLevel',
      bundle: '/run/b/abc',
      statePath: '/run/s/abc/state.json',
    });
  });

  test('shows the low-level runtime and the reason when no process is left', () => {
    const ancestry = { links: [], reason: 'It exited.', lowLevel: { name: 'crun', source: 'x' } };
    const picture = snapshot({ sandboxes: [sandbox({ containers: [container({ ancestry })] })] });
    expect(outline(only(treeOf(picture), 'main').children())).toEqual([
      'crun | ran, wrote its state and exited',
      'It exited. | ',
    ]);
  });

  test('ends on links whose parents make a ring', () => {
    const links = [1, 2, 3].map((pid) => ({
      ...runningAncestry.links[3]!,
      pid,
      ppid: (pid % 3) + 1,
    }));
    const picture = snapshot({ sandboxes: [sandbox({ containers: [container({ ancestry: { links } })] })] });
    expect(flatten(only(treeOf(picture), 'main').children())).toHaveLength(3);
  });

  test('folds older attempts under the newest', () => {
    const attempts = [2, 3, 1].map((attempt) =>
      container({ id: `c${attempt}`, attempt, state: 'exited', createdAt: now }),
    );
    const pod = only(treeOf(snapshot({ sandboxes: [sandbox({ containers: attempts })] })), 'web');
    expect(pod.description).toBe('default · 0/1 · 10.0.0.5');
    const [, newest, ...others] = pod.children();
    expect(others).toEqual([]);
    expect(newest).toMatchObject({ description: 'exited (attempt 3)', icon: { id: 'error' } });
    const previous = newest!.children().at(-1)!;
    expect(previous).toMatchObject({ label: 'Previous attempts', description: '2', expand: 'collapsed' });
    expect(previous.children().map(({ description, icon }) => [description, icon.id])).toEqual([
      ['exited (attempt 2)', 'stop-circle'],
      ['exited (attempt 1)', 'stop-circle'],
    ]);
  });

  test('groups by namespace', () => {
    const sandboxes = ['a', 'a', 'b'].map((namespace, index) => sandbox({ id: `s${index}`, namespace }));
    const [machine] = treeOf(snapshot({ sandboxes }), { groupByNamespace: true });
    const namespaces = machine!.children()[0]!.children();
    expect(namespaces.map(({ label, description }) => [label, description])).toEqual([
      ['a', '2'],
      ['b', '1'],
    ]);
    expect(namespaces[0]!.children()[0]!.description).toBe('0/0 · 10.0.0.5');
  });

  test('puts containers without a sandbox into a group of their own', () => {
    const group = only(treeOf(snapshot({ orphans: [container()] })), 'Without a sandbox');
    expect(group.children().map(({ label }) => label)).toEqual(['main']);
  });

  test('keeps the last picture of a lost runtime, marked', () => {
    const picture = snapshot({ sandboxes: [sandbox({ containers: [container()] })] });
    const lost = runtime(picture, { state: 'lost', reason: 'The socket is gone.' });
    const { roots } = buildTree([node([lost], { state: 'lost' })], context());
    const shown = only(roots, 'containerd 1.6.20');
    expect(shown.description).toMatch(/^lost · last seen \d\d:\d\d · 1 pod/);
    expect(shown.icon).toEqual({ id: 'debug-disconnect', color: 'list.warningForeground' });
    expect(only(roots, 'main').icon.color).toBe('disabledForeground');
    expect(shown.tooltip()[0]).toEqual({ value: 'The socket is gone.' });
  });

  test('says which conditions of the runtime are not met, but not its remarks', () => {
    const conditions = [
      { type: 'NetworkReady', status: false, reason: 'NetworkPluginNotReady', message: 'cni' },
      { type: 'ContainerdHasNoDeprecationWarnings', status: false, reason: '', message: '{}' },
    ];
    const shown = only(treeOf(snapshot({ conditions })), 'containerd 1.6.20');
    expect(shown.description).toMatch(/^not network ready · 0 pods/);
    expect(shown.icon.color).toBe('list.warningForeground');
  });

  test('shows endpoints that exist or were named but cannot be used', () => {
    const endpoints: EndpointStatus[] = [
      { endpoint: 'unix:///a', sources: ['well known: a'], configured: false, state: 'absent' },
      {
        endpoint: 'unix:///b',
        sources: ['well known: b'],
        configured: false,
        state: 'denied',
        reason: 'Use sudo.',
      },
      { endpoint: 'unix:///c', sources: ['/etc/crictl.yaml'], configured: true, state: 'absent' },
      {
        endpoint: 'unix:///run/containerd/containerd.sock',
        sources: ['well known: c'],
        configured: false,
        state: 'ready',
      },
      { endpoint: 'unix:///d', sources: ['well known: d'], configured: false, state: 'connecting' },
    ];
    const { roots } = buildTree([node([runtime(snapshot())], { endpoints })], context());
    const shown = roots[0]!.children().filter(({ contextValue }) => contextValue !== 'action');
    expect(shown.map(({ label, description }) => `${label} ${description}`)).toEqual([
      'containerd 1.6.20 0 pods · 0 containers · unix:///run/containerd/containerd.sock',
      'unix:///b permission denied · Use sudo.',
      'unix:///c no such socket',
    ]);
  });

  test('a node without a runtime says so calmly, one with a broken runtime does not', () => {
    const reason = 'No container runtime was found.';
    const absent: EndpointStatus = { endpoint: 'unix:///a', sources: [], configured: false, state: 'absent' };
    const shown = (endpoints: EndpointStatus[]): object =>
      buildTree([node([], { state: 'failed', reason, endpoints })], context()).roots[0]!;
    expect(shown([absent])).toMatchObject({
      description: reason,
      icon: { id: 'circle-slash' },
      expand: 'leaf',
    });
    expect(shown([absent, { ...absent, state: 'hung' }])).toMatchObject({ icon: { id: 'error' } });
  });

  test('says why processes are unknown', () => {
    const shown = only(treeOf(snapshot({ processesReason: '/proc is hidden' })), 'Processes are unknown');
    expect(shown.description).toBe('/proc is hidden');
  });

  test('has ids that are unique, and stable over grouping', () => {
    const sandboxes = ['s1', 's2'].map((id) =>
      sandbox({
        id,
        containers: [
          container({ id: `${id}-c`, sandboxId: id, ancestry: runningAncestry }),
          container({ id: `${id}-old`, sandboxId: id, attempt: 0, createdAt: 0 }),
        ],
      }),
    );
    const picture = snapshot({ sandboxes, orphans: [container({ id: 'o' })] });
    const ids = (grouped: boolean): string[] =>
      flatten(treeOf(picture, { groupByNamespace: grouped })).map(({ id }) => id);
    expect(new Set(ids(true)).size).toBe(ids(true).length);
    expect(new Set(ids(true))).toEqual(
      new Set([...ids(false), ids(true).find((id) => id.endsWith('ns:default'))]),
    );
  });

  test('offers commands by context values that package.json matches', () => {
    const gone = container({ id: 'c2', name: 'gone', state: 'exited' });
    delete (gone as { pid?: number }).pid;
    const pods = [sandbox({ containers: [container({ ancestry: runningAncestry }), gone] })];
    const roots = treeOf(snapshot({ sandboxes: pods }));
    const values = (label: string): string => only(roots, label).contextValue;
    expect(values('main')).toBe('container+running+pid');
    expect(values('gone')).toBe('container+exited');
    expect(values('web')).toBe('sandbox+ready+pid');
    expect(values('work')).toBe('process+pid');
    expect(values('containerd-shim-runc-v2')).toBe('process');
    const containers = flatten(roots).filter((each) => /\bcontainer\b/.test(each.contextValue));
    expect(containers.map(({ label }) => label)).toEqual(['main', 'gone']);
  });
});

describe('buildTree with a filter', () => {
  const picture = snapshot({
    sandboxes: [
      sandbox({
        id: 's1',
        name: 'web',
        labels: { app: 'shop' },
        containers: [
          container({ id: 'aaa1', name: 'nginx' }),
          container({ id: 'bbb2', name: 'side', state: 'exited' }),
        ],
      }),
      sandbox({
        id: 's2',
        name: 'dns',
        namespace: 'kube-system',
        state: 'notready',
        containers: [container({ id: 'aab3', name: 'coredns', image: 'registry.test/CoreDNS:1.11' })],
      }),
    ],
    orphans: [container({ id: 'ccc4', name: 'lonely', labels: { tier: 'old' } })],
  });
  const hits = (filter: string): string[] =>
    flatten(treeOf(picture, {}, filter))
      .filter(({ contextValue }) => contextValue.startsWith('container'))
      .map(({ label }) => label);

  test.each([
    ['web', ['nginx', 'side']],
    ['WEB running', ['nginx']],
    ['state:exited', ['side']],
    ['ns:kube-system', ['coredns']],
    ['image:coredns', ['coredns']],
    ['id:aa', ['nginx', 'coredns']],
    ['ab3', []],
    ['aab3', ['coredns']],
    ['name:web', ['nginx', 'side']],
    ['label:app=shop', ['nginx', 'side']],
    ['tier=old', ['lonely']],
    ['busybox:1.36', ['nginx', 'side', 'lonely']],
    ['state:ready', ['nginx', 'side']],
    ['state:', ['nginx', 'side', 'coredns', 'lonely']],
    ['nothing', []],
  ])('%s', (filter, expected) => {
    expect(hits(filter)).toEqual(expected);
  });

  test('keeps and opens the parents of a match, counts, and leaves nothing else', () => {
    const filter = parseFilter('coredns')!;
    const other = node([runtime(snapshot(), { nodeId: 'other' })], { id: 'other' });
    const tree = buildTree([node([runtime(picture)]), other], context({ groupByNamespace: true, filter }));
    expect([tree.shown, tree.total]).toEqual([1, 4]);
    expect(
      flatten(tree.roots)
        .map(({ label, expand }) => [label, expand])
        .slice(0, 4),
    ).toEqual([
      ['this machine', 'expanded'],
      ['containerd 1.6.20', 'expanded'],
      ['kube-system', 'expanded'],
      ['dns', 'expanded'],
    ]);
  });

  test('is empty when nothing matches', () => {
    expect(treeOf(picture, {}, 'nothing')).toEqual([]);
  });
});

describe('a node’s words', () => {
  const hostile = '$(trash) [x](command:y) `a` | <img src=x>\n\u202egnp\u0007';

  test('are inert in labels and descriptions', () => {
    const picture = snapshot({
      name: hostile,
      version: hostile,
      processesReason: hostile,
      conditions: [{ type: `${hostile}Ready`, status: false, reason: hostile, message: hostile }],
      sandboxes: [
        sandbox({
          name: hostile,
          namespace: hostile,
          ip: hostile,
          containers: [
            container({
              name: hostile,
              ancestry: {
                links: [{ ...runningAncestry.links[2]!, command: [hostile, hostile] }],
                reason: hostile,
              },
            }),
          ],
        }),
      ],
    });
    for (const each of flatten(treeOf(picture, { groupByNamespace: true }))) {
      for (const text of [each.label, each.description]) {
        expect(text).not.toContain('$(');
        expect(text).not.toMatch(/[\p{Cc}\u202e]/u);
      }
    }
  });
});

test('a big runtime is not built before it is opened', () => {
  let read = 0;
  const sandboxes = Array.from({ length: 2500 }, (_, index) => {
    const pod = sandbox({ id: `s${index}`, namespace: `ns${index % 10}` });
    return Object.defineProperty({ ...pod }, 'name', { get: () => (read++, pod.name), enumerable: true });
  });
  const [machine] = treeOf(snapshot({ sandboxes }), { groupByNamespace: true });
  const namespaces = machine!.children()[0]!.children();
  expect(namespaces).toHaveLength(10);
  expect(namespaces[0]!.expand).toBe('collapsed');
  expect(read).toBe(0);
  namespaces[0]!.children();
  expect(read).toBeLessThanOrEqual(2 * 250);
});
