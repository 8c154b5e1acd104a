import { describe, expect, test } from 'vitest';
import { escapeMarkdown, toMarkdown } from '../../../src/views/markdown.js';
import { age, clock } from '../../../src/views/times.js';
import { describe as describeNode, spoken, viewNode } from '../../../src/views/viewNode.js';
import { welcomeOf } from '../../../src/views/welcome.js';
import { node, now, runtime, snapshot } from './picture.js';

describe('escapeMarkdown', () => {
  test.each([
    '[x](command:workbench.action.terminal.new)',
    '$(trash)',
    '`code` ```',
    'a|b',
    '<img src=x onerror=alert(1)>',
    '&lt;b&gt;',
    'https://evil.test www.evil.test me@evil.test',
    '*b* _i_ ~s~ # - + 1. > !',
    '\\[x\\](y)',
  ])('leaves no punctuation of %s unescaped', (text) => {
    const escaped = escapeMarkdown(text);
    expect(escaped.replace(/\\[!-/:-@[-`{-~]/g, '')).toMatch(/^[A-Za-z0-9 ]*$/);
    // What a reader sees is what was said.
    expect(escaped.replace(/\\(?=[!-/:-@[-`{-~])(.)/g, '$1')).toBe(text);
  });

  test('writes newlines and hidden characters out', () => {
    expect(escapeMarkdown('a\nb\u202e')).toBe('a\\\\nb\\\\u202e');
  });
});

test('toMarkdown puts a line each and leaves empty ones out', () => {
  const lines = [{ name: 'State', value: 'running' }, { name: 'IP', value: '' }, { value: 'a *note*' }];
  expect(toMarkdown('web', lines)).toBe('**web**\n\nState: running\\\na \\*note\\*');
  expect(toMarkdown('web', [])).toBe('**web**');
});

test.each([
  [-5, '<1m'],
  [59, '<1m'],
  [60, '1m'],
  [9 * 60 + 59, '9m'],
  [14 * 60, '10m'],
  [59 * 60, '55m'],
  [3600, '1h'],
  [47 * 3600, '47h'],
  [50 * 3600, '2d'],
])('an age of %d s is %s', (seconds, text) => {
  expect(age(now - seconds * 1000, now)).toBe(text);
});

test('clock names the day when it is not today', () => {
  const noon = new Date(2026, 10, 24, 12, 3).getTime();
  expect(clock(noon, noon + 1000)).toBe('12:03');
  expect(clock(noon, noon + 86_400_000)).toBe('2026-11-24 12:03');
});

test('a view node says its age last, and is spoken as a sentence', () => {
  const shown = viewNode({
    id: 'x',
    label: 'main',
    description: ['running', undefined, '', '2 restarts'],
    since: now - 300_000,
    icon: { id: 'x' },
    expand: 'leaf',
    role: 'container',
  });
  expect(describeNode(shown, now)).toBe('running · 2 restarts · 5m');
  expect(spoken(shown, now)).toBe('main, container, running, 2 restarts, 5m');
});

describe('welcomeOf', () => {
  const endpoints = (...states: string[]): object => ({
    endpoints: states.map((state) => ({ endpoint: `unix:///${state}`, sources: [], state })),
  });
  test.each([
    ['disabled', []],
    ['loading', [node([], { state: 'connecting' })]],
    ['empty', [node([], { state: 'failed', ...endpoints('absent', 'absent') })]],
    ['denied', [node([], { state: 'failed', ...endpoints('absent', 'refused', 'denied') })]],
    ['failed', [node([], { state: 'failed', ...endpoints('absent', 'hung') })]],
    ['failed', [node([], { state: 'failed', reason: '/proc is gone', ...endpoints() })]],
    [undefined, [node([runtime(snapshot())])]],
    [undefined, [node([], { state: 'failed' }), node([], { id: 'b', kind: 'ssh' })]],
    [undefined, [node([], { state: 'failed', kind: 'ssh' })]],
  ] as const)('%s', (expected, nodes) => {
    expect(welcomeOf(nodes)).toBe(expected);
  });
});
