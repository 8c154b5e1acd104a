import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { PanelLab } from './harness.js';
import { openInspect, type InspectTest } from './inspectPanel.js';

vi.mock('vscode', async () => (await import('../unit/panels/fakeVscode.js')).vscode);

const fixture = (name: string): string =>
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'oci', `${name}.json`), 'utf8');
const full = fixture('full');
const hostile = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>\u202e${7*7}';

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

async function open(
  ...args: Parameters<typeof openInspect> extends [unknown, ...infer R] ? R : never
): Promise<Page> {
  panel = await openInspect(lab, ...args);
  return panel.page;
}
/** With more patience than Vitest's second: the machine may be busy. */
const eventually = <T>(what: () => T) => expect.poll(what, { timeout: 20_000 });
const row = (page: Page, name: string) =>
  page.locator('.row', { has: page.getByText(name, { exact: true }) });
const sectionButton = (page: Page, name: string) => page.locator('.section-toggle', { hasText: name });

test('shows the sections of a spec', async () => {
  const page = await open(() => full);
  await page.getByRole('heading', { name: 'OCI spec of web-0/main' }).waitFor();
  expect(await row(page, 'Working directory').innerText()).toContain('/srv');
  expect(await row(page, 'CPU quota').innerText()).toContain('1.5 cores');
  expect(await row(page, 'Memory limit').innerText()).toContain('9223372036854771712');
  expect(await page.getByRole('navigation', { name: 'Contents' }).getByRole('button').count()).toBe(16);
  expect(panel?.problems).toEqual([]);
});

test('loads its font and style sheet under the policy', async () => {
  const page = await open(() => full);
  await row(page, 'PATH').waitFor();
  expect(await page.evaluate(() => document.fonts.load('16px codicon').then((fonts) => fonts.length))).toBe(
    1,
  );
  expect(panel?.problems).toEqual([]);
});

test('a closed section has no rows in the page, and opens by its title', async () => {
  const page = await open(() => full);
  await sectionButton(page, 'Annotations').waitFor();
  expect(await page.locator('#section-annotations .row').count()).toBe(0);
  await sectionButton(page, 'Annotations').click();
  expect(await row(page, 'io.kubernetes.cri.container-name').innerText()).toContain('main');
});

test('masks what looks secret, never has it in the page, and reveals it when asked', async () => {
  const page = await open(() => full);
  const secret = row(page, 'DB_PASSWORD');
  await secret.waitFor();
  await page.getByRole('button', { name: 'Expand All' }).click();
  for (const hidden of ['s3cr3t-value', 'pa55word', 'hunter2', '0123456789abcdef', 'abcdefgh']) {
    expect(JSON.stringify(panel?.sent)).not.toContain(hidden);
  }
  await secret.hover();
  await secret.getByRole('button', { name: 'Reveal Value' }).click();
  await secret.getByText('s3cr3t-value').waitFor();
  await secret.getByRole('button', { name: 'Hide Value' }).click();
  await secret.getByText('hidden: looks like a secret').waitFor();
  expect(await page.content()).not.toContain('s3cr3t-value');
});

test('copies the whole value, masked or not, and the JSON path', async () => {
  const page = await open(() => full);
  const secret = row(page, 'DATABASE_URL');
  await secret.hover();
  await secret.getByRole('button', { name: 'Copy Value' }).click();
  await secret.getByRole('button', { name: 'Copy JSON Path' }).click();
  await page.getByText('Copied').waitFor({ state: 'attached' });
  await secret.getByRole('button', { name: 'Show in JSON' }).click();
  await eventually(() => panel?.opened).toEqual(['.process.env[2]']);
  expect(panel?.clipboard).toEqual(['postgres://app:pa55word@db/app', '.process.env[2]']);
});

test('finds in closed sections and details, steps around the ends, and clears', async () => {
  const page = await open(() => full);
  await row(page, 'PATH').waitFor();
  await page.keyboard.press('Control+f');
  await page.keyboard.type('100000');
  const count = page.locator('.find-count');
  await eventually(() => count.innerText()).toBe('1 of 4');
  await page.keyboard.press('Shift+Enter');
  await eventually(() => count.innerText()).toBe('4 of 4');
  await page.keyboard.press('F3');
  await eventually(() => count.innerText()).toBe('1 of 4');
  await page.keyboard.press('Shift+F3');
  await page.keyboard.press('Enter');
  expect(await page.locator('mark.current').count()).toBe(1);
  expect(await page.locator('mark.current').isVisible()).toBe(true);

  await page.locator('#find input').fill('cri.container-name');
  await eventually(() => count.innerText()).toBe('1 of 1');
  await row(page, 'io.kubernetes.cri.container-name').waitFor();
  await page.keyboard.press('Escape');
  await eventually(() => page.locator('mark').count()).toBe(0);
  expect(panel?.problems).toEqual([]);
});

test('masked values are not searched, revealed ones are', async () => {
  const page = await open(() => full);
  const secret = row(page, 'DB_PASSWORD');
  await secret.hover();
  await page.keyboard.press('Control+f');
  await page.keyboard.type('s3cr3t');
  await page.getByText('No results').waitFor();
  await secret.hover();
  await secret.getByRole('button', { name: 'Reveal Value' }).click();
  await page.getByText('1 of 1').waitFor();
});

test('a node’s words stay words, whatever they are', async () => {
  const spec = JSON.stringify({
    ociVersion: hostile,
    hostname: hostile,
    process: {
      args: [hostile],
      cwd: hostile,
      env: [`${hostile}=${hostile}`, hostile],
      user: { username: hostile },
    },
    mounts: [{ destination: hostile, source: hostile, type: hostile, options: [hostile] }],
    annotations: { [hostile]: hostile },
    hooks: { prestart: [{ path: hostile, env: [hostile] }], [hostile]: [hostile] },
    linux: {
      cgroupsPath: hostile,
      namespaces: [{ type: hostile, path: hostile }],
      devices: [{ path: hostile, type: hostile }],
      seccomp: { defaultAction: hostile, syscalls: [{ names: [hostile], action: hostile }] },
      sysctl: { [hostile]: hostile },
      maskedPaths: [hostile],
    },
    [hostile]: { [hostile]: [hostile] },
  });
  const page = await open(() => spec, { title: hostile });
  await page.getByRole('button', { name: 'Expand All' }).click();
  // Each round opens one more level of details.
  for (let level = 0; level < 4; level++) {
    await page.evaluate(() => {
      for (const closed of document.querySelectorAll<HTMLElement>('.row [aria-expanded=false]'))
        closed.click();
    });
  }
  await page.keyboard.press('Control+f');
  await page.keyboard.type('onerror');
  await eventually(() => page.locator('mark').count()).toBeGreaterThan(20);
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
  expect(await page.locator('img, main script').count()).toBe(0);
  expect(await page.locator('h1').innerText()).toContain('<img src=x onerror=');
  expect(await page.locator('h1').innerText()).toContain('\\u202e');
  expect(panel?.problems).toEqual([]);
});

test('is used by keyboard alone', async () => {
  const page = await open(() => full);
  await sectionButton(page, 'Process').focus();
  await page.keyboard.press('ArrowDown');
  const focused = () => page.evaluate(() => document.activeElement?.textContent.replace(/\s+/g, ' ').trim());
  expect(await focused()).toContain('Arguments');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toContain('/bin/server');
  // Past the button that opens the row's details.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await eventually(() => panel?.clipboard).toEqual(['/bin/server']);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowLeft');
  await eventually(() => page.locator('[data-place="process/0/0"]').count()).toBe(0);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowLeft');
  await eventually(() => page.locator('#section-process .row').count()).toBe(0);
});

test('says why there is no spec, and tries again', async () => {
  let ready = false;
  const page = await open(() => {
    if (!ready) throw new Error(`no such container ${hostile}`);
    return full;
  });
  const alert = page.getByRole('alert');
  await alert.waitFor();
  expect(await alert.innerText()).toContain('no such container <img');
  ready = true;
  await page.getByRole('button', { name: 'Try Again' }).click();
  await row(page, 'PATH').waitFor();
  expect(panel?.problems.filter((problem) => !problem.startsWith('handler load'))).toEqual([]);
});

test('shows what the host warns of, and reads again when asked', async () => {
  let text = full;
  const page = await open(() => text);
  await row(page, 'PATH').waitFor();
  panel?.host.notify('warning', { text: 'The runtime does not list this any more; it was removed.' });
  await page.getByText('it was removed').waitFor();
  panel?.host.notify('warning', { text: undefined });
  await page.getByText('it was removed').waitFor({ state: 'detached' });
  text = full.replace('/srv', '/elsewhere');
  await page.getByRole('button', { name: 'Read Again' }).click();
  await page.getByText('/elsewhere').waitFor();
});

test('remembers what was open and sought, and never a secret', async () => {
  const page = await open(() => full);
  const secret = row(page, 'DB_PASSWORD');
  await secret.hover();
  await secret.getByRole('button', { name: 'Reveal Value' }).click();
  await secret.getByText('s3cr3t-value').waitFor();
  await page.keyboard.press('Control+f');
  await page.keyboard.type('xterm');
  await sectionButton(page, 'Process').click();
  await eventually(async () => JSON.stringify(await panel?.savedState())).toContain('"closed":["process"]');
  const state = await panel?.savedState();
  expect(JSON.stringify(state)).not.toContain('s3cr3t-value');
  expect(state).toMatchObject({ target: { nodeId: 'local', id: 'abc' } });
  await panel?.close();

  const again = await open(() => full, { state });
  await again.getByText('1 of 1').waitFor();
  expect(await again.locator('#section-process .row').count()).toBe(0);
});

test('a spec of 2 MB opens, finds and shows only a part of a long list', async () => {
  const env = Array.from({ length: 25_000 }, (_, index) => `VARIABLE_${index}=${'x'.repeat(60)}`);
  const page = await open(() => JSON.stringify({ ...(JSON.parse(full) as object), process: { env } }));
  const section = sectionButton(page, 'Environment');
  await section.waitFor();
  expect(await page.locator('#section-environment .row').count()).toBe(0);
  await section.click();
  expect(await page.locator('#section-environment .row').count()).toBe(200);
  await page.getByRole('button', { name: 'Show 24800 more' }).click();
  expect(await page.locator('#section-environment .row').count()).toBe(400);
  await page.keyboard.press('Control+f');
  await page.keyboard.type('VARIABLE_17777');
  await page.getByText('1 of 1').waitFor();
  expect(await page.locator('mark.current').isVisible()).toBe(true);
  expect(await page.locator('#section-environment .row').count()).toBe(200);
});

test('long values are cut in the page and copied whole', async () => {
  const long = 'abc '.repeat(50_000);
  const page = await open(() => JSON.stringify({ process: { env: [`LONG=${long}`] } }));
  const item = row(page, 'LONG');
  await item.getByText('cut, 200000 characters').waitFor();
  await item.hover();
  await item.getByRole('button', { name: 'Copy Value' }).click();
  await eventually(() => panel?.clipboard[0]?.length).toBe(200_000);
});
