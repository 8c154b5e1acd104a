import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Reality } from '../../src/model/oci/insight.js';
import type { SpecInsight } from '../../src/protocol/inspect.js';
import { PanelLab } from './harness.js';
import { openInspect, type InspectTest } from './inspectPanel.js';

vi.mock('vscode', async () => (await import('../unit/panels/fakeVscode.js')).vscode);

const full = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'oci', 'full.json'), 'utf8');
const hostile = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>\u202e${7*7}';
const limit = ['linux', 'resources', 'memory', 'limit'];

const drift: Reality = {
  path: limit,
  name: 'memory limit',
  spec: 'unlimited',
  kernel: '32 MiB',
  verdict: 'drift',
  source: '/sys/fs/cgroup/web/memory.max',
  note: 'Somebody wrote it after the start.',
};
const insight: SpecInsight = {
  origins: [
    {
      path: ['process', 'args'],
      kind: 'cri',
      field: 'ContainerConfig.command',
      value: '["/bin/server"]',
      how: 'As it was asked for.',
      proof: 'checked',
    },
    {
      path: ['process', 'cwd'],
      kind: 'image',
      field: 'config.WorkingDir',
      how: 'No cwd was asked for.',
      proof: 'rule',
    },
    { path: limit, kind: 'unknown', how: 'Nothing explains it.', proof: 'checked' },
    {
      path: ['process', 'env', 1],
      kind: 'cri',
      field: 'ContainerConfig.envs',
      secret: true,
      how: 'Asked for.',
      proof: 'checked',
    },
  ],
  fates: [
    {
      field: 'ContainerConfig.command',
      value: '["/bin/server"]',
      became: [['process', 'args']],
      how: 'Became the arguments.',
    },
    { field: 'ContainerConfig.stdin', value: 'true', became: [], how: 'The runtime keeps it for itself.' },
  ],
  findings: [
    {
      kind: 'hostMount',
      severity: 'high',
      title: 'Writable mount of the node',
      reason: 'What runs in it can change the node.',
      path: ['process', 'noNewPrivileges'],
      value: '/etc',
    },
    {
      kind: 'noLimit',
      severity: 'low',
      title: 'No memory limit',
      reason: 'It may use all memory.',
      path: limit,
      value: 'not set',
      expected: 'An agent of the platform',
    },
  ],
  reality: {
    pid: 41,
    command: ['/bin/server'],
    facts: [
      drift,
      {
        path: ['process', 'cwd'],
        name: 'cwd',
        spec: '/srv',
        kernel: '/srv',
        verdict: 'same',
        source: '/proc/41/cwd',
      },
      {
        path: ['process', 'oomScoreAdj'],
        name: 'OOM score',
        spec: '0',
        verdict: 'unreadable',
        source: '/proc/41/oom_score_adj',
        note: 'No right to read it. Use sudo.',
      },
    ],
  },
  processes: [
    { pid: 41, program: '/bin/server' },
    { pid: 42, program: 'sh' },
  ],
  sources: {
    runtimeSpec: { place: 'CRI’s verbose status' },
    bundle: { place: '/run/bundle/config.json' },
    image: { missing: 'The runtime does not give it.' },
    differences: [{ path: ['process', 'cwd'], left: '"/srv"', right: '"/"' }],
    differenceCount: 1,
  },
  notes: ['The pod’s CRI request isn’t to be had.'],
};

let lab: PanelLab;
let panel: InspectTest | undefined;
beforeAll(async () => {
  lab = await PanelLab.start();
});
afterAll(() => lab.close());
afterEach(async () => {
  await panel?.close();
  panel = undefined;
});

async function open(options: Parameters<typeof openInspect>[2] = {}, spec = full): Promise<Page> {
  panel = await openInspect(lab, () => spec, { insight: () => insight, ...options });
  return panel.page;
}
const eventually = <T>(what: () => T) => expect.poll(what, { timeout: 20_000 });
const row = (page: Page, name: string) =>
  page.locator('.row', { has: page.getByText(name, { exact: true }) });
const title = (page: Page, name: string) => page.locator('.section-toggle', { hasText: name });
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? '');

test('paints the spec before it knows more, and then marks origins and the kernel’s word', async () => {
  let answer: (found: SpecInsight) => void = () => undefined;
  const page = await open({ insight: () => new Promise((resolve) => (answer = resolve)) });
  await row(page, 'Working directory').waitFor();
  await page.getByText('Reading the request').waitFor();
  expect(await page.locator('.badge').count()).toBe(0);
  answer(insight);
  const args = row(page, 'Arguments');
  await args.locator('.badge', { hasText: 'CRI' }).waitFor();
  expect(await args.locator('.badge').getAttribute('title')).toBe(
    'ContainerConfig.command = ["/bin/server"]. As it was asked for. (checked: both values are here and fit)',
  );
  expect(await row(page, 'Working directory').locator('.badges').innerText()).toContain('image');
  expect(await row(page, 'Working directory').locator('.verdict.same').count()).toBe(1);
  expect(await row(page, 'Memory limit').locator('.verdict').innerText()).toContain('drift');
  expect(await row(page, 'OOM score adjustment').locator('.verdict').innerText()).toContain('can’t be read');
  await page.getByText('The pod’s CRI request isn’t to be had.').waitFor();
  expect(panel?.problems).toEqual([]);
});

test('an opened row tells the field’s meaning, its origin and both values', async () => {
  const page = await open();
  await row(page, 'Memory limit').locator('.verdict').waitFor();
  await row(page, 'Memory limit').focus();
  await page.keyboard.press('Enter');
  const details = page.locator('.details');
  const text = await details.innerText();
  for (const part of [
    'OCI runtime specification',
    'Nothing explains it.',
    'spec: unlimited',
    'kernel: 32 MiB',
  ])
    expect(text).toContain(part);
  for (const part of ['/sys/fs/cgroup/web/memory.max', 'Somebody wrote it', 'It may use all memory.'])
    expect(text).toContain(part);
  expect(await details.getByRole('link').getAttribute('href')).toMatch(
    /^https:\/\/github\.com\/opencontainers\//,
  );
  await details.getByRole('button', { name: 'Copy As…' }).click();
  await eventually(() => panel?.asked).toEqual(['copyAs .linux.resources.memory.limit']);
  expect(panel?.problems).toEqual([]);
});

test('findings stand on top and lead to their rows; expected ones are folded', async () => {
  const page = await open();
  const section = page.getByRole('region', { name: /^Findings/ });
  await section.getByRole('button', { name: 'Writable mount of the node' }).click();
  await eventually(() => focused(page)).toContain('No new privileges');
  expect(await section.getByText('It may use all memory.').isVisible()).toBe(false);
  await section.getByText('Expected here: An agent of the platform').click();
  await title(page, 'Cgroup and Limits').click();
  await section.getByRole('button', { name: 'No memory limit' }).click();
  await eventually(() => focused(page)).toContain('Memory limit');
});

test('filters leave the rows of one kind, and find searches only those', async () => {
  const page = await open();
  const filter = page.getByLabel('Show', { exact: true });
  await row(page, 'Memory limit').locator('.verdict').waitFor();
  await filter.selectOption('drift');
  await eventually(() => page.locator('.row').count()).toBe(1);
  expect(await page.locator('.row').innerText()).toContain('Memory limit');
  await filter.selectOption('cri');
  await eventually(() => page.locator('.row .name').allInnerTexts()).toEqual([
    'Arguments',
    expect.any(String),
  ]);
  await page.keyboard.press('Control+f');
  await page.keyboard.type('/srv');
  await page.getByText('No results').waitFor();
  await filter.selectOption('all');
  await page.getByText(/^1 of \d/).waitFor();
  await page.getByRole('button', { name: 'Writable mount of the node' }).click();
  await eventually(() => focused(page)).toContain('No new privileges');
});

test('a filter with nothing to show says so, and a link out of it takes it off', async () => {
  const page = await open({ insight: () => ({ ...insight, reality: { ...insight.reality!, facts: [] } }) });
  await row(page, 'Arguments').locator('.badge').waitFor();
  await page.getByLabel('Show', { exact: true }).selectOption('drift');
  await page.getByText('No value is of this kind.').waitFor();
  // Folded while a filter is set.
  await title(page, 'Findings').click();
  await page.getByRole('button', { name: 'Writable mount of the node' }).click();
  await eventually(() => focused(page)).toContain('No new privileges');
  expect(await page.getByLabel('Show', { exact: true }).inputValue()).toBe('all');
});

test('the request says what became of each field', async () => {
  const page = await open();
  await title(page, 'The CRI Request').click();
  const section = page.getByRole('region', { name: /^The CRI Request/ });
  await section.getByText('leaves no trace in the spec').waitFor();
  await section.getByRole('button', { name: '.process.args' }).click();
  await eventually(() => focused(page)).toContain('Arguments');
});

test('the sources are told apart, with what differs and what is missing', async () => {
  const page = await open();
  const section = page.getByRole('region', { name: /^Source/ });
  await section.getByText('They differ at 1 places').waitFor();
  expect(await section.innerText()).toContain('The runtime does not give it.');
  expect(await section.getByRole('listitem').innerText()).toContain('"/srv" → "/"');
  await section.getByRole('button', { name: 'Show Both in the Diff Editor' }).click();
  await page.getByRole('button', { name: 'Compare With…' }).click();
  await eventually(() => panel?.asked).toEqual(['compareSources', 'compare']);
});

test('another process is looked at when it is picked', async () => {
  const other = {
    pid: 42,
    command: ['sh'],
    facts: [{ ...drift, path: ['process', 'cwd'], name: 'cwd of sh' }],
  };
  const page = await open({ reality: () => other });
  const section = page.getByRole('region', { name: /^Spec and Kernel/ });
  await section.getByText('1 as the spec says, 1 drifted, 1 can’t be read').waitFor();
  await section.getByLabel('Process').selectOption('42');
  await section.getByText('cwd of sh').waitFor();
  expect(await row(page, 'Working directory').locator('.verdict.drift').count()).toBe(1);
  expect(await row(page, 'Memory limit').locator('.verdict').count()).toBe(0);
});

test('what failed is a note, and the rows stay', async () => {
  const page = await open({
    insight: () => {
      throw new Error(`no right ${hostile}`);
    },
  });
  await page.getByText('could not be read: no right <img').waitFor();
  await row(page, 'Arguments').waitFor();
  expect(await page.getByLabel('Show', { exact: true }).isDisabled()).toBe(true);
});

test('a value that a command asks for is shown, wherever it is', async () => {
  const page = await open();
  await row(page, 'Arguments').waitFor();
  panel?.want(['annotations', 'io.kubernetes.cri.container-name']);
  await eventually(() => focused(page)).toContain('io.kubernetes.cri.container-name');
  // Only the content scrolls, never the page with its toolbar.
  expect(
    await page.evaluate(() => document.documentElement.scrollHeight <= document.documentElement.clientHeight),
  ).toBe(true);
});

test('all that a node says stays text', async () => {
  const path = ['process', 'cwd'];
  const page = await open({
    insight: () => ({
      origins: [{ path, kind: 'cri', field: hostile, value: hostile, how: hostile, proof: 'rule' }],
      fates: [{ field: hostile, value: hostile, became: [[hostile]], how: hostile }],
      findings: [
        { kind: 'root', severity: 'high', title: hostile, reason: hostile, path: [hostile], value: hostile },
        {
          kind: 'root',
          severity: 'low',
          title: hostile,
          reason: hostile,
          path,
          value: hostile,
          expected: hostile,
        },
      ],
      reality: {
        pid: 1,
        command: [hostile],
        facts: [
          {
            path,
            name: hostile,
            spec: hostile,
            kernel: hostile,
            verdict: 'drift',
            source: hostile,
            note: hostile,
          },
        ],
      },
      processes: [
        { pid: 1, program: hostile },
        { pid: 2, program: hostile },
      ],
      sources: {
        runtimeSpec: { place: hostile },
        bundle: { missing: hostile },
        image: { place: hostile },
        differences: [{ path: [hostile], left: hostile, right: hostile }],
        differenceCount: 1,
      },
      notes: [hostile],
    }),
  });
  await row(page, 'Working directory').locator('.verdict').waitFor();
  await row(page, 'Working directory').focus();
  await page.keyboard.press('Enter');
  await title(page, 'The CRI Request').click();
  await page.locator('.expected summary').click();
  await page
    .getByRole('button', { name: /onerror/ })
    .first()
    .click();
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
  expect(await page.locator('img, main script').count()).toBe(0);
  expect(await page.locator('main').innerText()).not.toContain('\u202e');
  expect(panel?.problems).toEqual([]);
});

test('a sandbox has nothing to compare with', async () => {
  const page = await open({ kind: 'sandbox' });
  await row(page, 'Arguments').waitFor();
  expect(await page.getByRole('button', { name: 'Compare With…' }).count()).toBe(0);
});

test.each(['dark', 'light', 'hc', 'hcLight'] as const)('looks right in %s', async (theme) => {
  const page = await open({ theme, size: { width: 1100, height: 1000 } });
  await row(page, 'Memory limit').locator('.verdict').waitFor();
  await row(page, 'Working directory').focus();
  await page.keyboard.press('Enter');
  const folder = join(import.meta.dirname, '../../out/screenshots');
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `inspect-insight-${theme}.png`) });
  expect(panel?.problems).toEqual([]);
});
