import { describe, expect, test } from 'vitest';
import {
  containerChoices,
  crictlChoices,
  crictlSandboxChoices,
  endpointChoices,
  nsenterChoices,
} from '../../../src/commands/choices.js';
import { english as t } from '../../../src/util/translate.js';
import { container, node, runtime, sandbox, snapshot } from '../views/picture.js';

const pod = sandbox({
  containers: [
    container({ id: 'a'.repeat(64), name: 'down', state: 'exited', attempt: 2 }),
    container({ id: 'b'.repeat(64), name: 'up' }),
  ],
});
const picture = snapshot({ sandboxes: [pod], orphans: [container({ id: 'c', name: 'lonely' })] });

describe('containerChoices', () => {
  test('lists containers of all nodes, running ones first', () => {
    const choices = containerChoices([node([runtime(picture)])], () => true, t);
    expect(choices.map(({ label, description, detail }) => [label, description, detail])).toEqual([
      ['up', 'default/web', 'running · bbbbbbbbbbbbb · busybox:1.36'],
      ['lonely', 'without a sandbox', 'running · c · busybox:1.36'],
      ['down', 'default/web', 'exited · attempt 2 · aaaaaaaaaaaaa · busybox:1.36'],
    ]);
  });

  test('names the node when there are several, and leaves out what the command cannot use', () => {
    const other = node([runtime(undefined, { nodeLabel: 'other' })], { id: 'other' });
    const choices = containerChoices(
      [other, node([runtime(picture, { nodeLabel: 'n$(x)' })])],
      ({ state }) => state === 'exited',
      t,
    );
    expect(choices.map(({ label, detail }) => [label, detail])).toEqual([
      ['down', 'exited · attempt 2 · aaaaaaaaaaaaa · busybox:1.36 · n$\u2060(x)'],
    ]);
  });
});

test('crictl commands fit the container’s state', () => {
  const target = (extra: object): Parameters<typeof crictlChoices>[0] => ({
    runtime: runtime(picture),
    container: container(extra),
  });
  const last = (extra: object): string[] =>
    crictlChoices(target(extra), t).map(({ value }) => value.split(' ')[3]!);
  expect(last({})).toEqual(['inspect', 'logs', 'exec', 'stats']);
  expect(last({ state: 'exited' })).toEqual(['inspect', 'logs']);
  expect(crictlSandboxChoices(runtime(picture), pod, t).map(({ value }) => value)).toEqual([
    'crictl --runtime-endpoint unix:///run/containerd/containerd.sock inspectp s1',
    'crictl --runtime-endpoint unix:///run/containerd/containerd.sock ps --all --pod=s1',
  ]);
});

test('what is shown of a command is inert, what is copied is exact', () => {
  const [inspect] = crictlChoices({ runtime: runtime(picture), container: container({ id: '$(x)\n' }) }, t);
  expect(inspect!.detail).not.toMatch(/\$\(|\n/);
  expect(inspect!.value).toContain(String.raw`inspect $'$(x)\012'`);
});

test('nsenter ways begin with all namespaces', () => {
  expect(nsenterChoices(7, t)[0]!.value).toBe('nsenter -t 7 -m -u -i -n -p -- sh');
});

test('endpointChoices tell state, sources and reason of every place searched', () => {
  const endpoints = [
    {
      endpoint: 'unix:///a',
      sources: ['well known: a', '/etc/x'],
      configured: true,
      state: 'denied',
      reason: 'Use sudo.',
    },
    { endpoint: 'unix:///b', sources: ['well known: b'], configured: false, state: 'absent' },
  ] as const;
  const choices = endpointChoices(node([], { endpoints }), t);
  expect(choices.map(({ label, description, detail }) => [label, description, detail])).toEqual([
    ['unix:///a', 'permission denied · well known: a, /etc/x', 'Use sudo.'],
    ['unix:///b', 'no such socket · well known: b', undefined],
  ]);
});
