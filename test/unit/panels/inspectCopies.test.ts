import { expect, test, vi } from 'vitest';
import type { RuntimeConnection } from '../../../src/runtime/connection.js';
import { copyChoices } from '../../../src/panels/inspectCopies.js';

vi.mock('vscode', async () => (await import('./fakeVscode.js')).vscode);

const bundle = "/run/it's/bundle";
const container = {
  id: 'c1',
  pid: 42,
  ancestry: { lowLevel: { name: 'crun', bundle, statePath: '/run/crun/k8s.io/c1/state.json' } },
};
const connection = (more: object = {}): RuntimeConnection =>
  ({
    endpoint: 'unix:///run/a b.sock',
    snapshot: { sandboxes: [{ id: 's1', containers: [{ ...container, ...more }] }], orphans: [] },
  }) as unknown as RuntimeConnection;
const lines = (...args: Parameters<typeof copyChoices>): string[] =>
  copyChoices(...args).map(({ line }) => line);

test('every line is quoted for a shell, whatever the names are', () => {
  const path = ['annotations', "a'; rm -rf / #"];
  expect(lines(connection(), 'c1', 'runtimeSpec', path)).toEqual([
    `crictl --runtime-endpoint 'unix:///run/a b.sock' inspect c1 | jq '.info.runtimeSpec.annotations["a'\\''; rm -rf / #"]'`,
    `jq '.annotations["a'\\''; rm -rf / #"]' '/run/it'\\''s/bundle/config.json'`,
    `'/run/it'\\''s/bundle'`,
    'crun --root /run/crun/k8s.io state c1',
    'nsenter -t 42 -m -u -i -n -p -- sh',
    'nsenter -t 42 -u -i -n -p -- sh',
    'nsenter -t 42 -n -- sh',
  ]);
});

test('what isn’t known isn’t offered', () => {
  const bare = connection({ pid: undefined, ancestry: { links: [] } });
  expect(lines(bare, 'c1', 'bundle')).toEqual([]);
  expect(lines(bare, 's1', 'runtimeSpec')).toEqual([
    "crictl --runtime-endpoint 'unix:///run/a b.sock' inspectp s1 | jq .info.runtimeSpec",
  ]);
});
