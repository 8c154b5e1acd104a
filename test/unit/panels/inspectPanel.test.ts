import { beforeEach, describe, expect, test, vi } from 'vitest';
import type * as VsCode from 'vscode';
import { specPanelKind } from '../../../src/panels/inspectPanel.js';
import { SpecJumps } from '../../../src/panels/inspectJumps.js';
import { targetOf } from '../../../src/panels/targets.js';
import { Panels } from '../../../src/panels/webview.js';
import type { InspectApi, InspectStrings } from '../../../src/protocol/inspect.js';
import { SpecDocuments } from '../../../src/panels/specDocument.js';
import type { RuntimeSnapshot } from '../../../src/model/snapshot.js';
import type { RuntimeConnection } from '../../../src/runtime/connection.js';
import type { NodeStore } from '../../../src/runtime/nodes.js';
import { Emitter } from '../../../src/util/event.js';
import { silentLogger } from '../../../src/util/logger.js';
import { fake, FakePanel } from './fakeVscode.js';

vi.mock('vscode', async () => (await import('./fakeVscode.js')).vscode);

const endpoint = 'unix:///run/containerd/containerd.sock';
const spec =
  '{"process":{"cwd":"/srv","env":["PASSWORD=hidden"]},"linux":{"resources":{"memory":{"limit":9007199254740993}}}}';

const snapshot = (ids: readonly string[]): RuntimeSnapshot =>
  ({
    sandboxes: [
      { id: 's1', name: 'web-0', namespace: 'default', containers: ids.map((id) => ({ id, name: 'main' })) },
    ],
    orphans: [],
  }) as unknown as RuntimeSnapshot;

/** A store with one node and one runtime, which answers `readSpec` as told. */
class World {
  readonly changed = new Emitter<{ nodeId?: string }>();
  readonly reads: AbortSignal[] = [];
  present: RuntimeSnapshot | undefined = snapshot(['c1']);
  known = true;
  readonly jumps = new SpecJumps();
  state = 'ready';
  answer = (): Promise<string> => Promise.resolve(spec);
  readonly connection = (() => {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the getters below have a `this` of their own
    const world = this;
    return {
      nodeId: 'local',
      nodeLabel: 'local',
      endpoint,
      reason: 'no answer within 5 s',
      get state() {
        return world.state;
      },
      get snapshot() {
        return world.present;
      },
      async readSpec(_id: string, signal: AbortSignal) {
        world.reads.push(signal);
        return { text: await world.answer(), source: 'runtimeSpec' };
      },
    } as unknown as RuntimeConnection;
  })();
  readonly refresh = vi.fn(() => {
    this.known = true;
    return Promise.resolve();
  });
  readonly store = {
    nodes: [{ id: 'local', endpoints: [], runtimes: [] as RuntimeConnection[] }],
    onDidChange: this.changed.event,
    refresh: this.refresh,
  };

  constructor() {
    Object.defineProperty(this.store.nodes[0], 'runtimes', {
      get: () => (this.known ? [this.connection] : []),
    });
  }

  panels(): { panels: Panels<InspectApi, InspectStrings>; documents: SpecDocuments } {
    const store = this.store as unknown as NodeStore;
    const documents = new SpecDocuments(store);
    const uri: unknown = { path: '/ext' };
    return {
      documents,
      panels: new Panels(uri as VsCode.Uri, specPanelKind(store, documents, this.jumps), silentLogger),
    };
  }
}

/** Asks as a page does, and waits for the answer. */
async function ask(panel: FakePanel, method: string, params: object): Promise<Record<string, unknown>> {
  const id = panel.posted.length + 1000;
  panel.received.fire({ type: 'request', id, method, params });
  return vi.waitUntil(() =>
    panel.posted.find((message) => (message as { id?: number }).id === id),
  ) as Promise<Record<string, unknown>>;
}

let world: World;
beforeEach(() => {
  fake.reset();
  world = new World();
});

describe('a spec panel', () => {
  test('is one a container: showing again reveals it, closing forgets it', () => {
    const { panels } = world.panels();
    panels.show(targetOf(world.connection, 'c1'));
    panels.show(targetOf(world.connection, 'c1'));
    panels.show(targetOf(world.connection, 's1'));
    expect(fake.panels.map((panel) => [panel.title, panel.revealed])).toEqual([
      ['Spec: web-0/main', 1],
      ['Spec: web-0', 0],
    ]);
    fake.panels[0]?.dispose();
    panels.show(targetOf(world.connection, 'c1'));
    expect(fake.panels).toHaveLength(3);
  });

  test('has a strict page and only our folders', () => {
    world.panels().panels.show(targetOf(world.connection, 'c1'));
    const webview = fake.panels[0]!.webview;
    expect(webview.html).toContain('https://source/ext/dist/webview/inspect.js');
    expect(webview.html).toContain('default-src &#39;none&#39;');
    expect(webview.options.localResourceRoots?.map((root) => root.path)).toEqual(['/ext/dist', '/ext/media']);
  });

  test('sends no secret before it is asked for', async () => {
    world.panels().panels.show(targetOf(world.connection, 'c1'));
    const panel = fake.panels[0]!;
    const loaded = await ask(panel, 'load', { fresh: false });
    expect(loaded.result).toMatchObject({ title: 'web-0/main' });
    expect(JSON.stringify(panel.posted)).not.toContain('hidden');
    const path = ['process', 'env', 0];
    expect(await ask(panel, 'reveal', { path })).toMatchObject({ result: { value: 'hidden' } });
    await ask(panel, 'copyValue', { path });
    await ask(panel, 'copyPath', { path });
    expect(fake.clipboard).toEqual(['hidden', '.process.env[0]']);
    expect(await ask(panel, 'reveal', { path: ['process', 'env', 9] })).toMatchObject({ type: 'error' });
  });

  test('reads once while hidden and shown, anew when asked', async () => {
    world.panels().panels.show(targetOf(world.connection, 'c1'));
    const panel = fake.panels[0]!;
    await ask(panel, 'load', { fresh: false });
    panel.received.fire({ type: 'ready' });
    await ask(panel, 'load', { fresh: false });
    expect(world.reads).toHaveLength(1);
    await ask(panel, 'load', { fresh: true });
    expect(world.reads).toHaveLength(2);
  });

  test('closed while reading, aborts the reading', async () => {
    world.answer = () => new Promise(() => undefined);
    world.panels().panels.show(targetOf(world.connection, 'c1'));
    const panel = fake.panels[0]!;
    panel.received.fire({ type: 'request', id: 1, method: 'load', params: { fresh: true } });
    await vi.waitUntil(() => world.reads.length === 1);
    panel.dispose();
    expect(world.reads[0]?.aborted).toBe(true);
  });

  test('says when its container is gone, and when the runtime is lost', async () => {
    world.panels().panels.show(targetOf(world.connection, 'c1'));
    const panel = fake.panels[0]!;
    panel.received.fire({ type: 'ready' });
    await ask(panel, 'load', { fresh: false });
    const warning = () =>
      panel.posted.filter((message) => (message as { method?: string }).method === 'warning').at(-1);
    expect(warning()).toMatchObject({ params: { text: undefined } });
    world.present = snapshot([]);
    world.changed.fire({ nodeId: 'local' });
    expect(JSON.stringify(warning())).toContain('it was removed');
    world.state = 'lost';
    world.changed.fire({});
    expect(JSON.stringify(warning())).toContain('does not answer now: no answer within 5 s');
  });
});

describe('beside the spec', () => {
  const opened = async (): Promise<FakePanel> => {
    world.panels().panels.show(targetOf(world.connection, 'c1'));
    const panel = fake.panels[0]!;
    await ask(panel, 'load', { fresh: false });
    return panel;
  };

  test('nothing is told before the spec is read', async () => {
    world.panels().panels.show(targetOf(world.connection, 'c1'));
    expect(await ask(fake.panels[0]!, 'insight', { fresh: false })).toMatchObject({ type: 'error' });
  });

  test('comparing is left to the command, with the panel’s target', async () => {
    const panel = await opened();
    expect(await ask(panel, 'compare', {})).toMatchObject({ result: null });
    expect(fake.executed).toEqual([['criExplorer.compareSpecs', { nodeId: 'local', endpoint, id: 'c1' }]]);
  });

  test('a command line is offered for a value, and copied', async () => {
    const panel = await opened();
    await ask(panel, 'copyAs', { path: ['process', 'cwd'] });
    await vi.waitUntil(() => fake.clipboard.length === 1);
    expect(fake.clipboard[0]).toMatch(/^crictl .* inspect c1 \| jq \.info\.runtimeSpec\.process\.cwd$/);
  });

  test('a wanted value is given once, to its own panel only', async () => {
    const panel = await opened();
    panel.received.fire({ type: 'ready' });
    world.jumps.ask(targetOf(world.connection, 's1'), ['root']);
    expect(await ask(panel, 'wanted', {})).toMatchObject({ result: null });
    world.jumps.ask(targetOf(world.connection, 'c1'), ['process', 'cwd']);
    expect(panel.posted).toContainEqual({ type: 'notice', method: 'wanted', params: {} });
    expect(await ask(panel, 'wanted', {})).toMatchObject({ result: { path: ['process', 'cwd'] } });
    expect(await ask(panel, 'wanted', {})).toMatchObject({ result: null });
  });
});

describe('after a window reload', () => {
  const target = { nodeId: 'local', endpoint, id: 'c1' };
  const restore = async (state: unknown): Promise<{ panel: FakePanel; closed: boolean }> => {
    const panel = new FakePanel('criExplorer.inspect', '');
    let closed = false;
    panel.onDidDispose(() => (closed = true));
    await fake.serializers.get('criExplorer.inspect')?.deserializeWebviewPanel(panel, state);
    return { panel, closed };
  };

  test('a panel comes back, and waits for its node', async () => {
    world.panels();
    world.known = false;
    const { panel } = await restore({ target, view: { query: 'x' } });
    expect(await ask(panel, 'load', { fresh: false })).toMatchObject({ type: 'result' });
    expect(world.refresh).toHaveBeenCalledWith('local');
    expect(panel.title).toBe('Spec: web-0/main');
  });

  test.each([undefined, null, {}, { target: { nodeId: 5 } }])('a state of %j is closed', async (state) => {
    world.panels();
    expect((await restore(state)).closed).toBe(true);
  });

  test('a node that is no more is said plainly', async () => {
    world.panels();
    const { panel } = await restore({ target: { ...target, nodeId: 'node:old' } });
    expect(await ask(panel, 'load', { fresh: false })).toMatchObject({
      type: 'error',
      message: 'The node of this panel is not in the settings any more.',
    });
  });
});

describe('the JSON document', () => {
  test('is laid out, exact, and opened at a value', async () => {
    const { documents } = world.panels();
    await documents.open(world.connection, 'c1', ['linux', 'resources', 'memory', 'limit']);
    const [shown] = fake.shown;
    expect(shown?.uri.path).toBe('/web-0/main/config.json');
    expect(shown?.text).toContain('        "limit": 9007199254740993\n');
    expect(shown?.text.slice(shown.at)).toMatch(/^9007199254740993/);
  });

  test('shows what is no JSON as it is', async () => {
    world.answer = () => Promise.resolve('{"cut');
    await world.panels().documents.open(world.connection, 's1');
    expect(fake.shown[0]).toMatchObject({ text: '{"cut' });
  });

  test('rejects with the reason', async () => {
    world.answer = () => Promise.reject(new Error('no such container'));
    await expect(world.panels().documents.open(world.connection, 'c1')).rejects.toThrow('no such container');
  });

  test('names from a node do not leave their place in the path', async () => {
    world.present = {
      sandboxes: [{ id: 's1', name: '../../etc', containers: [{ id: 'c1', name: '..' }] }],
      orphans: [],
    } as unknown as RuntimeSnapshot;
    await world.panels().documents.open(world.connection, 'c1');
    expect(fake.shown[0]?.uri.path).toBe('/.._.._etc/_/config.json');
  });

  test('leaves the URIs of others alone', async () => {
    world.panels();
    const uri = { scheme: 'cri', authority: 'logs', path: '/x', query: 'node=local' };
    await expect(fake.providers.get('cri')?.provideTextDocumentContent(uri, {})).resolves.toBeUndefined();
  });
});
