import { beforeEach, describe, expect, test, vi } from 'vitest';
import type * as VsCode from 'vscode';
import type { ChainGraph, ChainScope } from '../../../src/model/chain/graph.js';
import type { RuntimeSnapshot } from '../../../src/model/snapshot.js';
import { chainPanelKind } from '../../../src/panels/chainPanel.js';
import { nodeTarget } from '../../../src/panels/targets.js';
import { Panels } from '../../../src/panels/webview.js';
import type { ChainApi, ChainStrings } from '../../../src/protocol/chain.js';
import type { NodeStore } from '../../../src/runtime/nodes.js';
import { Emitter } from '../../../src/util/event.js';
import { silentLogger } from '../../../src/util/logger.js';
import { fake, vscode as fakeVscode, type FakePanel } from './fakeVscode.js';

vi.mock('vscode', async () => (await import('./fakeVscode.js')).vscode);

const endpoint = 'unix:///run/containerd/containerd.sock';
const subject = { endpoint, id: 'c1' };
const target = { nodeId: 'local', ...subject };

const graph = (pid: number): ChainGraph => ({
  boxes: [
    { id: 'lowLevel:c1', kind: 'lowLevel', title: 'runc', absent: true, facts: [], subject },
    {
      id: `pid:${pid}`,
      kind: 'container',
      title: 'main',
      absent: false,
      facts: [{ name: 'pid', value: String(pid) }],
      subject,
    },
    { id: 'server', kind: 'server', title: 'containerd', absent: false, facts: [] },
  ],
  edges: [],
  notes: [],
});

const snapshot = (ids: readonly string[]): RuntimeSnapshot =>
  ({
    sandboxes: [
      { id: 's1', name: 'web-0', namespace: 'default', containers: ids.map((id) => ({ id, name: 'main' })) },
    ],
    orphans: [],
  }) as unknown as RuntimeSnapshot;

/** A node with one runtime, whose chain and story are read as told. */
class World {
  readonly changed = new Emitter<{ nodeId?: string }>();
  readonly scopes: ChainScope[] = [];
  readonly signals: AbortSignal[] = [];
  readonly done: unknown[] = [];
  stories = 0;
  watchers = 0;
  revealed = true;
  answer = (): Promise<ChainGraph> => Promise.resolve(graph(7));
  story = (): Promise<never> => Promise.reject(new Error('no status'));
  readonly runtime = { endpoint, state: 'ready', reason: 'hung', snapshot: snapshot(['c1']) };
  readonly node = {
    ...{ id: 'local', label: 'this one', state: 'ready', reason: 'cut', endpoints: [], processes: {} },
    runtimes: [this.runtime],
  };
  readonly store = {
    nodes: [this.node],
    onDidChange: this.changed.event,
    watch: () => {
      this.watchers++;
      return { dispose: () => this.watchers-- };
    },
    refresh: vi.fn(() => Promise.resolve()),
  };

  panels(): Panels<ChainApi, ChainStrings> {
    const kind = chainPanelKind({
      store: this.store as unknown as NodeStore,
      source: {
        readChain: (_, scope, signal) => {
          this.scopes.push(scope);
          this.signals.push(signal);
          return this.answer();
        },
        readStory: () => {
          this.stories++;
          return this.story();
        },
      },
      openSpec: (which) => this.done.push(['spec', which]),
      openLogs: (which) => this.done.push(['logs', which]),
      reveal: (which) => Promise.resolve(this.done.push(['reveal', which]) > 0 && this.revealed),
    });
    return new Panels({ path: '/ext' } as unknown as VsCode.Uri, kind, silentLogger);
  }
}

async function ask(panel: FakePanel, method: string, params: object): Promise<Record<string, unknown>> {
  const id = panel.posted.length + 1000;
  panel.received.fire({ type: 'request', id, method, params });
  return vi.waitUntil(() =>
    panel.posted.find((message) => (message as { id?: number }).id === id),
  ) as Promise<Record<string, unknown>>;
}

const notices = (panel: FakePanel, method: string): unknown[] =>
  panel.posted
    .filter((message) => (message as { method?: string }).method === method)
    .map((message) => (message as { params: unknown }).params);

let world: World;
beforeEach(() => {
  fake.reset();
  vi.useRealTimers();
  world = new World();
});

function show(which = target): FakePanel {
  world.panels().show(which);
  const panel = fake.panels[0]!;
  panel.received.fire({ type: 'ready' });
  return panel;
}

describe('a chain panel', () => {
  test('reads a container, a sandbox or a node, and says which box it is about', async () => {
    const panel = show();
    expect(panel.title).toBe('Chain: web-0/main');
    expect(await ask(panel, 'load', { fresh: false })).toMatchObject({
      result: { title: 'web-0/main', focus: 'pid:7', story: { steps: [], problem: 'no status' } },
    });
    const panels = world.panels();
    panels.show({ ...target, id: 's1' });
    panels.show(nodeTarget('local'));
    await ask(fake.panels[1]!, 'load', { fresh: false });
    const ofNode = await ask(fake.panels[2]!, 'load', { fresh: false });
    expect(ofNode.result).toEqual({ title: 'this one', graph: graph(7) });
    expect(world.scopes).toEqual([
      { kind: 'container', ...subject },
      { kind: 'sandbox', endpoint, id: 's1' },
      { kind: 'node' },
    ]);
  });

  test('opens spec and logs, and reveals, what a box is about', async () => {
    const panel = show();
    await ask(panel, 'load', { fresh: false });
    await ask(panel, 'act', { box: 'pid:7', action: 'openSpec' });
    await ask(panel, 'act', { box: 'pid:7', action: 'openLogs' });
    await ask(panel, 'act', { box: 'lowLevel:c1', action: 'reveal' });
    expect(world.done).toEqual([
      ['spec', target],
      ['logs', target],
      ['reveal', target],
    ]);
    world.revealed = false;
    expect(await ask(panel, 'act', { box: 'pid:7', action: 'reveal' })).toMatchObject({ type: 'error' });
    for (const box of ['server', 'elsewhere'])
      expect(await ask(panel, 'act', { box, action: 'openSpec' })).toMatchObject({ type: 'error' });
    await ask(panel, 'copy', { text: 'abc' });
    expect(fake.clipboard).toEqual(['abc']);
  });

  test('reads anew once the node has settled, and tells of what differs only', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const panel = show();
    world.changed.fire({ nodeId: 'local' });
    expect(world.scopes).toHaveLength(0);
    await ask(panel, 'load', { fresh: false });
    for (let times = 0; times < 5; times++) world.changed.fire({ nodeId: 'local' });
    world.changed.fire({ nodeId: 'other' });
    await vi.advanceTimersByTimeAsync(3_000);
    expect([world.scopes.length, notices(panel, 'changed').length]).toEqual([2, 0]);
    world.answer = () => Promise.resolve(graph(8));
    world.changed.fire({});
    await vi.advanceTimersByTimeAsync(3_000);
    expect(notices(panel, 'changed')).toMatchObject([{ focus: 'pid:8' }]);
    panel.visible = false;
    world.changed.fire({});
    await vi.advanceTimersByTimeAsync(3_000);
    expect(world.scopes).toHaveLength(3);
  });

  test('has the node read while it can be seen, whether the sidebar is open or not', () => {
    const panel = show();
    expect(world.watchers).toBe(1);
    panel.seen(false);
    expect(world.watchers).toBe(0);
    panel.seen(true);
    panel.dispose();
    expect(world.watchers).toBe(0);
  });

  test('the last picture stays when reading anew fails, and when the container is gone', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const panel = show();
    await ask(panel, 'load', { fresh: false });
    world.answer = () => Promise.reject(new Error('link cut'));
    world.changed.fire({ nodeId: 'local' });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(notices(panel, 'changed')).toEqual([]);
    const failing = notices(panel, 'warning');
    expect(JSON.stringify(failing.at(-1))).toContain('link cut');
    world.changed.fire({ nodeId: 'local' });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(notices(panel, 'warning'), 'the same is not said again, nor taken back').toEqual(failing);
    world.runtime.snapshot = snapshot([]);
    world.changed.fire({ nodeId: 'local' });
    expect(JSON.stringify(notices(panel, 'warning').at(-1))).toContain('it was removed');
    expect(await ask(panel, 'load', { fresh: true })).toMatchObject({ result: { focus: 'pid:7' } });
    world.runtime.state = 'lost';
    world.changed.fire({ nodeId: 'local' });
    expect(JSON.stringify(notices(panel, 'warning').at(-1))).toContain('does not answer now: hung');
  });

  test('the story is read again only when the container is another picture', async () => {
    world.story = () => Promise.resolve([]) as Promise<never>;
    const panel = show();
    await ask(panel, 'load', { fresh: false });
    vi.useFakeTimers({ shouldAdvanceTime: true });
    world.changed.fire({ nodeId: 'local' });
    await vi.advanceTimersByTimeAsync(3_000);
    expect([world.scopes.length, world.stories]).toEqual([2, 1]);
    world.runtime.snapshot = snapshot(['c1']);
    world.changed.fire({ nodeId: 'local' });
    await vi.advanceTimersByTimeAsync(3_000);
    expect([world.scopes.length, world.stories]).toEqual([3, 2]);
  });

  test('closed while reading, aborts it and tells nobody', async () => {
    const panel = show();
    await ask(panel, 'load', { fresh: false });
    world.answer = () => new Promise(() => undefined);
    panel.received.fire({ type: 'request', id: 1, method: 'load', params: { fresh: true } });
    await vi.waitUntil(() => world.signals.length === 2);
    panel.dispose();
    expect(world.signals[1]?.aborted).toBe(true);
  });

  test('a container that never was listed, and a node that is no more, are said plainly', async () => {
    world.runtime.snapshot = snapshot([]);
    expect(await ask(show(), 'load', { fresh: false })).toMatchObject({
      message: 'The runtime does not list this any more; it was removed.',
    });
    world.panels().show(nodeTarget('node:old'));
    expect(await ask(fake.panels[1]!, 'load', { fresh: false })).toMatchObject({
      message: 'The node of this panel is not in the settings any more.',
    });
  });

  test('saves a picture where the person says, or nowhere', async () => {
    const written: unknown[] = [];
    const asked: { defaultUri?: { path: string } }[] = [];
    let chosen: unknown = { path: '/tmp/x.svg' };
    Object.assign(fakeVscode.window, {
      showSaveDialog: (options: (typeof asked)[number]) => (asked.push(options), Promise.resolve(chosen)),
    });
    Object.assign(fakeVscode.workspace, {
      workspaceFolders: [{ uri: { path: '/work' } }],
      fs: {
        writeFile: (uri: unknown, bytes: Uint8Array) =>
          Promise.resolve(written.push([uri, Buffer.from(bytes).toString()])),
      },
    });
    const panel = show();
    expect(await ask(panel, 'save', { svg: '<svg>ü</svg>' })).toMatchObject({ result: true });
    chosen = undefined;
    expect(await ask(panel, 'save', { svg: '<svg/>' })).toMatchObject({ result: false });
    expect(written).toEqual([[{ path: '/tmp/x.svg' }, '<svg>ü</svg>']]);
    expect(asked[0]?.defaultUri?.path).toBe('/work/chain-web-0_main.svg');
  });
});
