import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type * as VsCode from 'vscode';
import type { Diagnosis, Finding } from '../../../src/model/doctor/finding.js';
import { doctorPanelKind } from '../../../src/panels/doctorPanel.js';
import { nodeTarget } from '../../../src/panels/targets.js';
import { Panels } from '../../../src/panels/webview.js';
import type { DoctorApi, DoctorState, DoctorStrings } from '../../../src/protocol/doctor.js';
import type { PanelTarget } from '../../../src/protocol/panel.js';
import type { NodeConnection, NodeStore } from '../../../src/runtime/nodes.js';
import { silentLogger } from '../../../src/util/logger.js';
import { node } from '../views/picture.js';
import { fake, type FakePanel } from './fakeVscode.js';

vi.mock('vscode', async () => (await import('./fakeVscode.js')).vscode);

const endpoint = 'unix:///run/containerd/containerd.sock';
const zombie: Finding = {
  id: 'zombie:71',
  kind: 'zombie',
  severity: 'warning',
  certainty: 'certain',
  title: 'Process 71 is a zombie <script>',
  explanation: 'It ended.',
  evidence: [{ label: 'state', value: 'Z', source: '/proc/71/stat' }],
  advice: 'Look at its parent.',
  pid: 71,
};
const gone: Finding = {
  ...zombie,
  ...{ id: 'processGone:c1', kind: 'processGone', severity: 'error', subject: { endpoint, id: 'c1' } },
};
const diagnosis = (findings: readonly Finding[]): Diagnosis => ({
  ...{ nodeLabel: 'this machine', startedAt: 1_000, finishedAt: 2_000, findings },
  checks: [
    { kind: 'zombie', result: 'done' },
    { kind: 'processGone', result: 'done' },
  ],
});

/** A look that a test ends when it likes. */
interface Look {
  readonly node: NodeConnection;
  readonly signal: AbortSignal;
  readonly onProgress: (step: string) => void;
  readonly resolve: (diagnosis: Diagnosis) => void;
  readonly reject: (error: Error) => void;
}

class World {
  readonly looks: Look[] = [];
  readonly revealed: PanelTarget[] = [];
  readonly specs: PanelTarget[] = [];
  isShown = true;
  nodes = [node([], { label: 'this machine' })];
  readonly panels: Panels<DoctorApi, DoctorStrings>;

  constructor() {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the getter below has a `this` of its own
    const world = this;
    const store = {
      get nodes() {
        return world.nodes;
      },
    } as unknown as NodeStore;
    const kind = doctorPanelKind({
      store,
      diagnose: (node, { signal, onProgress }) =>
        new Promise((resolve, reject) => {
          this.looks.push({ node, signal, onProgress, resolve, reject });
        }),
      reveal: (target) => {
        this.revealed.push(target);
        return Promise.resolve(this.isShown);
      },
      openSpec: (target) => void this.specs.push(target),
    });
    const uri: unknown = { path: '/ext' };
    this.panels = new Panels(uri as VsCode.Uri, kind, silentLogger);
  }

  /** The node's panel, its page ready. */
  open(): FakePanel {
    this.panels.show(nodeTarget('local'));
    const panel = fake.panels.at(-1)!;
    panel.received.fire({ type: 'ready' });
    return panel;
  }
}

/** Asks as a page does, and waits for the answer. */
async function ask(panel: FakePanel, method: string, params: object | null = null): Promise<unknown> {
  const id = panel.posted.length + 1000;
  panel.received.fire({ type: 'request', id, method, params });
  const answer = (await vi.waitUntil(() =>
    panel.posted.find((message) => (message as { id?: number }).id === id),
  )) as { readonly type: string; readonly result?: unknown; readonly message?: string };
  if (answer.type === 'error') throw new Error(answer.message);
  return answer.result;
}

/** What the page was told of last. */
const told = (panel: FakePanel, method = 'state'): unknown =>
  (
    panel.posted.findLast((message) => (message as { method?: string }).method === method) as
      { readonly params: unknown } | undefined
  )?.params;

const settled = (panel: FakePanel): Promise<DoctorState> =>
  vi.waitFor(() => {
    const state = told(panel) as DoctorState | undefined;
    if (!state || state.looking) throw new Error('the look goes on');
    return state;
  });

let world: World;
beforeEach(() => {
  fake.reset();
  world = new World();
});
afterEach(() => {
  world.panels.dispose();
  vi.useRealTimers();
});

describe('the doctor’s panel', () => {
  test('is one a node, and is named after it', () => {
    world.open();
    world.open();
    expect(fake.panels.map(({ title, revealed }) => [title, revealed])).toEqual([
      ['Diagnosis: this machine', 1],
    ]);
  });

  test('looks once it is opened, tells how far it is, and what was found', async () => {
    const panel = world.open();
    expect(await ask(panel, 'open')).toEqual({ looking: {} });
    expect(world.looks.map((look) => look.node)).toEqual(world.nodes);
    world.looks[0]!.onProgress('Looking at mounts.');
    expect(told(panel, 'progress')).toEqual({ step: 'Looking at mounts.' });
    world.looks[0]!.resolve(diagnosis([zombie]));
    expect(await settled(panel)).toEqual({ result: { diagnosis: diagnosis([zombie]) } });
  });

  test('a page that was hidden gets what is known, without another look', async () => {
    const panel = world.open();
    await ask(panel, 'open');
    world.looks[0]!.onProgress('Looking at mounts.');
    expect(await ask(panel, 'open')).toEqual({ looking: { step: 'Looking at mounts.' } });
    world.looks[0]!.resolve(diagnosis([]));
    await settled(panel);
    expect(await ask(panel, 'open')).toEqual({ result: { diagnosis: diagnosis([]) } });
    expect(world.looks).toHaveLength(1);
  });

  test('looking again keeps the last result until there is a new one, and says what changed', async () => {
    const panel = world.open();
    await ask(panel, 'open');
    world.looks[0]!.resolve(diagnosis([zombie]));
    await settled(panel);
    await ask(panel, 'look');
    await ask(panel, 'look');
    expect(world.looks).toHaveLength(2);
    expect(told(panel)).toEqual({ looking: {}, result: { diagnosis: diagnosis([zombie]) } });
    world.looks[1]!.resolve(diagnosis([gone]));
    expect((await settled(panel)).result?.changes).toEqual({
      ...{ since: 2_000, fresh: ['processGone:c1'], gone: [zombie], unknown: [] },
    });
  });

  test('a look that fails leaves the last result, with the reason', async () => {
    const panel = world.open();
    await ask(panel, 'open');
    world.looks[0]!.resolve(diagnosis([zombie]));
    await settled(panel);
    await ask(panel, 'look');
    world.looks[1]!.reject(new Error('connection reset'));
    expect(await settled(panel)).toEqual({
      failure: 'connection reset',
      result: { diagnosis: diagnosis([zombie]) },
    });
  });

  test('a cancelled look is told to end and not waited for; what it still finds is dropped', async () => {
    const panel = world.open();
    await ask(panel, 'open');
    await ask(panel, 'cancel');
    expect(world.looks[0]!.signal.aborted).toBe(true);
    expect(await settled(panel)).toEqual({ failure: 'The look was cancelled.' });
    world.looks[0]!.onProgress('Looking at mounts.');
    world.looks[0]!.resolve(diagnosis([zombie]));
    expect(await ask(panel, 'open')).toEqual({ failure: 'The look was cancelled.' });
    expect(told(panel, 'progress')).toBeUndefined();
  });

  test('a node that does not answer is given up', async () => {
    vi.useFakeTimers();
    const panel = world.open();
    panel.received.fire({ type: 'request', id: 1, method: 'open', params: null });
    await vi.advanceTimersByTimeAsync(200_000);
    expect(told(panel)).toEqual({ failure: 'The node did not answer all questions within 180 s.' });
    expect(world.looks[0]!.signal.aborted).toBe(true);
  });

  test('closed while it looks, ends the look', async () => {
    const panel = world.open();
    await ask(panel, 'open');
    panel.dispose();
    expect(world.looks[0]!.signal.aborted).toBe(true);
  });

  test('a node that is no more is said plainly', async () => {
    const panel = world.open();
    world.nodes = [];
    await ask(panel, 'open');
    expect(await settled(panel)).toEqual({
      failure: 'The node of this panel is not in the settings any more.',
    });
  });
});

describe('what can be done with a finding', () => {
  let panel: FakePanel;
  beforeEach(async () => {
    panel = world.open();
    await ask(panel, 'open');
    world.looks[0]!.resolve(diagnosis([gone, zombie]));
    await settled(panel);
  });

  test('its container is revealed, and its spec opened', async () => {
    await ask(panel, 'reveal', { findingId: gone.id });
    await ask(panel, 'openSpec', { findingId: gone.id });
    const target = { nodeId: 'local', endpoint, id: 'c1' };
    expect([world.revealed, world.specs]).toEqual([[target], [target]]);
  });

  test('what is not in the sidebar, or about no container, is said', async () => {
    world.isShown = false;
    await expect(ask(panel, 'reveal', { findingId: gone.id })).rejects.toThrow('It is not in the sidebar');
    await expect(ask(panel, 'reveal', { findingId: zombie.id })).rejects.toThrow('no container');
    await expect(ask(panel, 'openSpec', { findingId: 'else' })).rejects.toThrow('no container');
  });

  test('a value is copied', async () => {
    await ask(panel, 'copy', { text: '71' });
    expect(fake.clipboard).toEqual(['71']);
  });

  test('all is exported as Markdown', async () => {
    await ask(panel, 'exportMarkdown');
    expect(fake.shown[0]?.uri).toMatchObject({ scheme: 'untitled', path: 'markdown' });
    expect(fake.shown[0]?.text).toContain('# Diagnosis of this machine');
    expect(fake.shown[0]?.text).toContain('## Warning: Process 71 is a zombie \\<script\\>');
  });
});

test('nothing is exported before there is a result', async () => {
  await expect(ask(world.open(), 'exportMarkdown')).rejects.toThrow('There is no result to export yet.');
});
