import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { DoctorState } from '../../src/protocol/doctor.js';
import {
  diagnosis,
  doneChecks,
  finding,
  findings,
  openDoctor,
  skippedChecks,
  type DoctorTest,
} from './doctorPanel.js';
import { PanelLab } from './harness.js';

vi.mock('vscode', () => ({ l10n: { t: (text: string) => text } }));

const hostile = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>\u202e${7*7}';

let lab: PanelLab;
let panel: DoctorTest | undefined;
/** Of a host that fails on purpose. */
let expectedProblem: RegExp | undefined;
beforeAll(async () => {
  lab = await PanelLab.start();
});
afterAll(() => lab.close());
afterEach(async () => {
  const problems = (panel?.problems ?? []).filter((problem) => !expectedProblem?.test(problem));
  await panel?.close();
  panel = expectedProblem = undefined;
  expect(problems).toEqual([]);
});

/** With more patience than Vitest's second: the machine may be busy. */
const eventually = <T>(what: () => T) => expect.poll(what, { timeout: 20_000 });
const size = { width: 1000, height: 900 };
const sick: DoctorState = { result: { diagnosis: diagnosis() } };
const rows = (page: Page) => page.locator('.row.finding');
const titles = (page: Page) => page.locator('.row.finding .title').allInnerTexts();

async function open(
  state: DoctorState = sick,
  options: Parameters<typeof openDoctor>[2] = {},
): Promise<Page> {
  panel = await openDoctor(lab, () => state, options);
  return panel.page;
}

test.each(['light', 'dark', 'hc', 'hcLight'] as const)('shows findings in the theme %s', async (theme) => {
  const changes = {
    since: Date.UTC(2026, 10, 24, 9),
    fresh: ['processGone:c1'],
    gone: [finding({ id: 'zombie:5' })],
    unknown: [],
  };
  const page = await open({ result: { diagnosis: diagnosis(), changes } }, { theme, size });
  await rows(page).first().click();
  await page.locator('.details').waitFor();
  await page.mouse.move(0, 0);
  await mkdir('out/screenshots', { recursive: true });
  await page.screenshot({ path: `out/screenshots/panel-doctor-${theme}.png` });
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const inks = await page.evaluate(() =>
    ['.title', '.kind', '.severity .codicon', '.link', '.details p', '.severity-toggle'].map(
      (part) => getComputedStyle(document.querySelector(part) ?? document.body).color,
    ),
  );
  expect(inks).not.toContain(ground);
});

test('lists findings with the worst first, and opens one to all that is known of it', async () => {
  const page = await open();
  await page.getByRole('heading', { name: 'Diagnosis of worker-3' }).waitFor();
  expect((await titles(page)).map((title) => title.slice(0, 16))).toEqual([
    'The process of p',
    'A shim runs for ',
    'The bundle 3f2a9',
    'Process 9 (zombi',
    'Process 71 (zomb',
    'containerd warns',
  ]);
  const shim = page.getByRole('button', {
    name: /^Error: A shim runs for .* likely Shims without a sandbox$/,
  });
  expect(await shim.getAttribute('aria-expanded')).toBe('false');
  await shim.click();
  expect(await shim.getAttribute('aria-expanded')).toBe('true');
  const table = page.getByRole('table', {
    name: 'Evidence of: A shim runs for a sandbox that no runtime knows',
  });
  const cells = await table.getByRole('row').nth(2).locator('th, td').allInnerTexts();
  expect(cells.map((cell) => cell.trim())).toEqual(['started', '2026-11-23 22:10:05Z', '/proc/3121/stat']);
  const details = await page.locator('.details').innerText();
  expect(details).toContain('that containerd does not list');
  expect(details).toContain('end it with SIGTERM');
  expect(details).toContain('Likely (all that was seen fits only this');
  expect(await page.getByRole('button', { name: 'Reveal in Sidebar' }).count()).toBe(0);
});

test('copies values and pids, opens the spec, reveals in the sidebar', async () => {
  const page = await open();
  await rows(page).first().click();
  await page.locator('tr.row').nth(2).hover();
  await page.getByRole('button', { name: 'Copy Value of process' }).click();
  await page.getByRole('button', { name: 'Copy PID 48211' }).click();
  await page.getByText('Copied').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Open OCI Spec' }).click();
  await page.getByRole('button', { name: 'Reveal in Sidebar' }).click();
  await page.getByRole('button', { name: 'Export as Markdown' }).click();
  await eventually(() => panel?.asked).toEqual([
    'openSpec processGone:c1',
    'reveal processGone:c1',
    'exportMarkdown',
  ]);
  expect(panel?.clipboard).toEqual(['no such process, twice, 1.2 s apart', '48211']);
});

test('says why an action failed', async () => {
  panel = await openDoctor(
    lab,
    () => sick,
    {},
    () => {
      throw new Error(`not in the sidebar ${hostile}`);
    },
  );
  const { page } = panel;
  await rows(page).first().click();
  await page.getByRole('button', { name: 'Reveal in Sidebar' }).click();
  await page.locator('.caution', { hasText: 'not in the sidebar <img' }).waitFor();
  expectedProblem = /^handler reveal/;
});

test('filters by text, severity and kind, and says how many are left', async () => {
  const page = await open();
  await rows(page).first().waitFor();
  await page.keyboard.press('Control+f');
  await page.keyboard.type('/proc/71/STAT');
  expect(await page.getByRole('textbox', { name: 'Filter' }).inputValue()).toBe('/proc/71/STAT');
  await page.getByText('Showing 2 of 6').waitFor();
  expect(await titles(page)).toHaveLength(2);
  await page.keyboard.press('Escape');
  await eventually(() => titles(page)).toHaveLength(6);

  await page.getByRole('button', { name: 'Warnings: 3', exact: true }).click();
  await eventually(() => titles(page)).toHaveLength(3);
  expect(await page.getByRole('button', { name: 'Warnings: 3' }).getAttribute('aria-pressed')).toBe('false');
  await page.getByRole('combobox', { name: 'Kind' }).selectOption('zombie');
  await page.getByText('No finding matches the filter.').waitFor();
  await page.locator('.state').getByText('Clear Filter').click();
  await eventually(() => titles(page)).toHaveLength(6);
  await page.getByRole('combobox', { name: 'Kind' }).selectOption('zombie');
  await page.getByText('Showing 2 of 6').waitFor();
  await page.getByRole('combobox', { name: 'Kind' }).selectOption('');
  await eventually(() => titles(page)).toHaveLength(6);
});

test('marks what the filter found, wherever it is', async () => {
  const page = await open();
  await rows(page).first().click();
  await page.keyboard.press('Control+f');
  await page.keyboard.type('48211');
  await eventually(() => page.locator('.details mark').allInnerTexts()).toEqual(['48211', '48211']);
});

test('sorts by severity, kind and name', async () => {
  const page = await open();
  const sort = page.getByRole('combobox', { name: 'Sort by' });
  const first = () => rows(page).first().innerText();
  await sort.selectOption('kind');
  await eventually(first).toContain('Containers without their process');
  expect(await rows(page).nth(1).innerText()).toContain('Deprecated configuration');
  await sort.selectOption('name');
  await eventually(first).toContain('A shim runs');
  // Numbers count as numbers.
  const names = await titles(page);
  expect(names.findIndex((name) => name.includes('Process 9 '))).toBeLessThan(
    names.findIndex((name) => name.includes('Process 71 ')),
  );
});

test('is used by keyboard alone', async () => {
  const page = await open();
  await rows(page).first().waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.textContent.replace(/\s+/g, ' ').trim());
  await page.keyboard.press('Control+f');
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toContain('The process of payments-0');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('.details').waitFor();
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toContain('command line');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await eventually(() => panel?.clipboard[0]).toContain('containerd-shim-runc-v2');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toContain('The bundle');
  await page.keyboard.press('ArrowRight');
  await eventually(() => page.locator('.details').count()).toBe(2);
  await page.keyboard.press('ArrowLeft');
  await eventually(() => page.locator('.details').count()).toBe(1);
  await page.keyboard.press('F3');
  expect(await focused()).toContain('Process 9');
  await page.keyboard.press('Shift+F3');
  expect(await focused()).toContain('The bundle');
});

test('the first look can be watched and cancelled', async () => {
  const page = await open({ looking: {} });
  await page.getByText('Looking at the node…').waitFor();
  panel?.host.notify('progress', { step: `Looking at zombies. ${hostile}` });
  await page.getByText('Looking at zombies. <img src=x').waitFor();
  expect(await page.getByRole('progressbar', { name: 'Looking at the node…' }).isVisible()).toBe(true);
  await page.locator('.state').getByText('Cancel').click();
  await eventually(() => panel?.asked).toEqual(['cancel']);
  panel?.host.notify('state', { failure: 'The look was cancelled.' });
  await page.getByRole('alert').getByText('The look was cancelled.').waitFor();
  await page.getByText('Try Again').click();
  await eventually(() => panel?.asked).toEqual(['cancel', 'look']);
});

test('looking again keeps the last result, marks what is new and what is gone, and tells screen readers', async () => {
  const page = await open();
  await rows(page).first().waitFor();
  await page.getByRole('button', { name: 'Look Again' }).click();
  await eventually(() => panel?.asked).toEqual(['look']);
  panel?.host.notify('state', { ...sick, looking: {} });
  await page.getByText(/Looking again. This was found at .*2026/).waitFor();
  expect(await titles(page)).toHaveLength(6);
  await page.getByRole('button', { name: 'Cancel' }).waitFor();

  const before = diagnosis();
  const [first, ...others] = findings;
  const now = diagnosis({ findings: [...others, finding({ id: 'zombie:99' })] });
  const changes = { since: before.finishedAt, fresh: ['zombie:99'], gone: [first!], unknown: [findings[4]!] };
  panel?.host.notify('state', { result: { diagnosis: now, changes } });
  await page.locator('.row.finding', { hasText: 'zombie:99' }).getByText('new', { exact: true }).waitFor();
  expect(await page.locator('.badge').count()).toBe(1);
  const gone = page.getByRole('region', { name: /Not there any more since/ });
  expect(await gone.getByRole('listitem').allInnerTexts()).toEqual([
    expect.stringMatching(/The process of payments-0[^]*gone$/),
    expect.stringMatching(/The bundle[^]*not known: its check was skipped this time$/),
  ]);
  expect(await page.locator('#announcer').innerText()).toBe(
    'Findings: 6. New: 1. Gone: 1. Skipped checks: 2.',
  );
});

test('a look that failed leaves the last result, with its time and the reason', async () => {
  const page = await open({ ...sick, failure: `ssh: connection reset ${hostile}` });
  await page.locator('.caution', { hasText: 'ssh: connection reset <img' }).waitFor();
  await page.getByText(/This is what was found at .*2026/).waitFor();
  expect(await titles(page)).toHaveLength(6);
  await page.getByRole('button', { name: 'Try Again' }).click();
  await eventually(() => panel?.asked).toEqual(['look']);
});

test('says that nothing was found only as far as was looked', async () => {
  const page = await open({ result: { diagnosis: diagnosis({ findings: [], checks: doneChecks }) } });
  await page.getByText('Nothing wrong was found in what could be read.').waitFor();
  panel?.host.notify('state', { result: { diagnosis: diagnosis({ findings: [] }) } });
  await page.getByText('but 2 of 12 were skipped').waitFor();
  expect(await page.getByText('Nothing wrong').count()).toBe(0);
  const skipped = page
    .getByRole('region', { name: /What was looked at/ })
    .getByRole('listitem')
    .first();
  expect(await skipped.innerText()).toContain('skipped: Permission denied: /sys/fs/cgroup. Use sudo');
  panel?.host.notify('state', { result: { diagnosis: diagnosis({ findings: [], checks: skippedChecks }) } });
  await page.getByText('Nothing could be looked at').waitFor();
});

test('a node’s words stay words, whatever they are', async () => {
  const bad = finding({
    id: hostile,
    title: hostile,
    explanation: hostile,
    advice: hostile,
    evidence: [{ label: hostile, value: `${hostile}\nsecond line`, source: hostile }],
    subject: { endpoint: hostile, id: hostile },
    pid: 1,
  });
  const changes = { since: 0, fresh: [hostile], gone: [bad], unknown: [bad] };
  const page = await open({
    failure: hostile,
    result: {
      diagnosis: diagnosis({
        nodeLabel: hostile,
        findings: [bad],
        checks: [{ kind: 'zombie', result: 'skipped', reason: hostile }],
      }),
      changes,
    },
  });
  await page.getByRole('button', { name: 'Expand All' }).click();
  await page.locator('.details').waitFor();
  await page.keyboard.press('Control+f');
  await page.keyboard.type('onerror');
  await eventually(() => page.locator('mark').count()).toBe(6);
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
  expect(await page.locator('img, main script').count()).toBe(0);
  expect(await page.locator('h1').innerText()).toContain('<img src=x onerror=');
  expect(await page.locator('.title').innerText()).toContain('\\u202e');
  expect(await page.locator('.details td').first().innerText()).toContain('\nsecond line');
});

test('remembers the filter, the order and what was open', async () => {
  const page = await open();
  await page.getByRole('combobox', { name: 'Sort by' }).selectOption('name');
  await page.getByRole('combobox', { name: 'Kind' }).selectOption('zombie');
  await rows(page).first().click();
  await eventually(async () => JSON.stringify(await panel?.savedState())).toContain('"zombie:9"');
  const state = await panel?.savedState();
  expect(state).toMatchObject({ view: { sort: 'name', kind: 'zombie', open: ['zombie:9'] } });
  await panel?.close();

  const again = await open(sick, { state });
  await again.locator('.details').waitFor();
  expect(await titles(again)).toHaveLength(2);
});

test('a thousand findings are in the page as far as somebody looks', async () => {
  const many = Array.from({ length: 1000 }, (_, index) =>
    finding({ id: `zombie:${index}`, title: `Process ${index} is a zombie` }),
  );
  const page = await open({ result: { diagnosis: diagnosis({ findings: many }) } });
  await page.getByRole('button', { name: 'Show 800 more' }).click();
  await eventually(() => rows(page).count()).toBe(400);
  await page.keyboard.press('Control+f');
  await page.keyboard.type('Process 977 ');
  await eventually(() => titles(page)).toEqual(['Process 977 is a zombie']);
});

test('says why the host gave no answer, and asks again', async () => {
  let broken = true;
  panel = await openDoctor(lab, () => {
    if (broken) throw new Error(`no host ${hostile}`);
    return sick;
  });
  await panel.page.getByRole('alert').getByText('no host <img').waitFor();
  broken = false;
  await panel.page.getByText('Try Again').click();
  await rows(panel.page).first().waitFor();
  expectedProblem = /^handler open/;
});
