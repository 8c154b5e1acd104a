import { describe, expect, test } from 'vitest';
import type { Fate, Survival, SurvivalEntry } from '../../../src/model/survival.js';
import { english } from '../../../src/util/translate.js';
import { pathTo } from '../../../src/views/locate.js';
import { survivalText } from '../../../src/views/survival.js';
import { DueReturns } from '../../../src/views/survivalDue.js';
import { buildTree } from '../../../src/views/tree.js';
import type { ViewNode } from '../../../src/views/viewNode.js';
import { container, context, flatten, node, now, outline, runtime, sandbox, snapshot } from './picture.js';

const entry = (id: string, fate: Fate, extra: Partial<SurvivalEntry> = {}): SurvivalEntry => ({
  ...{ role: 'container', id, namespace: 'default', pod: 'web', container: 'main', pid: 30, fate },
  ...extra,
});

const survival = (extra: Partial<Survival> = {}): Survival => ({
  ...{ runtimeName: 'containerd', lastSeenAt: now - 14_000, lostAt: now - 12_000, backAt: now },
  ...{ entries: [entry('c1', 'survived')], dismissed: false },
  ...extra,
});

const picture = snapshot({ sandboxes: [sandbox({ containers: [container()] })] });
const rootsWith = (told: Survival): readonly ViewNode[] =>
  buildTree([node([runtime(picture, { survival: told })])], context()).roots;
const linesWith = (told: Survival): string[] =>
  outline(rootsWith(told).flatMap((root) => root.children()[0]!.children().slice(0, 1)));

describe('the item under the runtime', () => {
  test('says how many survived, and opens into each', () => {
    expect(linesWith(survival())).toEqual([
      'Survived the restart: 1 of 1 | containerd was away for 12 s',
      '  Survived | 1 container',
      '    web/main | default · pid 30',
    ]);
  });

  test('puts the worst first, with when it was seen gone', () => {
    const entries = [
      entry('s1', 'survived', { role: 'sandbox' }),
      entry('c1', 'survived'),
      entry('c2', 'died', { container: 'side', goneAt: now }),
      entry('c3', 'adopted', { pod: '', namespace: '' }),
    ];
    const lines = linesWith(survival({ entries }));
    expect(lines[0]).toMatch(/^Survived the restart: 1 of 2 \|/);
    expect(lines.filter((line) => !line.startsWith('    '))).toHaveLength(4);
    expect(lines[1]).toBe('  Died | 1 container');
    expect(lines).toContain('  Survived | 1 container · 1 sandbox');
    expect(lines[2]).toMatch(/^ {4}web\/side \| default · pid 30 · gone since \d\d:\d\d$/);
    expect(lines).toContain('    web/main | pod sandbox · default · pid 30');
    expect(lines).toContain('    main | pid 30');
  });

  test('is gone when it was dismissed, or nothing ran', () => {
    expect(linesWith(survival({ dismissed: true }))[0]).toMatch(/^web/);
    expect(linesWith(survival({ entries: [] }))[0]).toMatch(/^web/);
  });

  test('can be revealed, and does not stand in the way of its runtime or containers', () => {
    const roots = rootsWith(survival());
    const target = { nodeId: 'local', endpoint: picture.endpoint };
    expect(pathTo(roots, { ...target, survival: true })?.at(-1)?.contextValue).toBe('survival');
    expect(pathTo(roots, target)?.at(-1)?.contextValue).toBe('runtime');
    expect(pathTo(roots, { ...target, id: 'c1' })?.at(-1)?.subject.kind).toBe('container');
  });

  test('an entry leads to what runs now', () => {
    const told = survival({ entries: [entry('c0', 'replaced', { replacedBy: 'c1' })] });
    const item = flatten(rootsWith(told)).find(({ contextValue }) => contextValue === 'survivor');
    expect(item?.command).toBe('revealSurvivor');
    expect(item?.subject).toMatchObject({ kind: 'survivor', id: 'c1' });
  });
});

test('the tooltip of a container tells its fate, dismissed or not, also if the item was made before', () => {
  const known: { survival?: Survival } = {};
  const connection = Object.defineProperty(runtime(picture), 'survival', { get: () => known.survival });
  const { roots } = buildTree([node([connection])], context());
  const item = flatten(roots).find(({ subject }) => subject.kind === 'container')!;
  expect(item.tooltip().map(({ name }) => name)).not.toContain('Survival');
  known.survival = survival({ dismissed: true });
  const line = item.tooltip().find(({ name }) => name === 'Survival');
  expect(line?.value).toMatch(/^survived the restart of containerd at 2026-11-24 /);
});

test('the message', () => {
  expect(survivalText(survival(), english)).toBe('containerd was away for 12 s: 1 of 1 containers survived');
  const { lostAt: _, ...unseen } = survival();
  expect(survivalText(unseen, english)).toBe('containerd was restarted: 1 of 1 containers survived');
  expect(survivalText(survival({ lostAt: now - 600_000 }), english)).toMatch(/away for 10 min/);
});

test('a return is told once, and a runtime that flaps is not told of again and again', () => {
  const due = new DueReturns();
  const told = (backAt: number, at: number): number =>
    due.take([node([runtime(picture, { survival: survival({ backAt }) })])], at).length;
  expect(told(1000, 1000)).toBe(1);
  expect(told(1000, 2000)).toBe(0);
  expect(told(3000, 3000)).toBe(0);
  expect(told(3000, 900_000)).toBe(0);
  expect(told(900_000, 900_000)).toBe(1);
});
