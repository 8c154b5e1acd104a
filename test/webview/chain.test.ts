import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { deepChain, dockerChain, hostileChain, nodeChain, podChain, story } from './chainGraphs.js';
import { openChain, viewOf, type ChainTest } from './chainPanel.js';
import { PanelLab } from './harness.js';

const hostile =
  '<img src=x onerror="window.pwned=1"></title><script>window.pwned=1</script>\u202e\u0007\ufffe]]>&#0;';

let lab: PanelLab;
let panel: ChainTest | undefined;
beforeAll(async () => {
  lab = await PanelLab.start();
});
afterAll(() => lab.close());
afterEach(async () => {
  await panel?.close();
  panel = undefined;
});

async function open(
  ...args: Parameters<typeof openChain> extends [unknown, ...infer R] ? R : never
): Promise<Page> {
  panel = await openChain(lab, ...args);
  return panel.page;
}
const eventually = <T>(what: () => T) => expect.poll(what, { timeout: 20_000 });
const boxOf = (page: Page, id: string) => page.locator(`[data-box="${id}"]`);
const selected = (page: Page) => page.locator('.box[aria-pressed=true]').getAttribute('data-box');
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement | SVGElement | null;
    return element?.dataset.box ?? element?.dataset.item ?? element?.id;
  });
const widthOf = (page: Page) =>
  page.locator('svg.picture').evaluate((element) => Number(element.getAttribute('width')));

test('shows the boxes with their facts, the lines with what passes, and the target’s details', async () => {
  const page = await open(() => viewOf(podChain()));
  await page.getByRole('heading', { name: 'Runtime chain of web-0/main' }).waitFor();
  expect(await page.locator('[data-box]').count()).toBe(podChain().boxes.length);
  const shim = await boxOf(page, 'shim0').textContent();
  expect(shim).toContain('containerd-shim-runc-v2');
  expect(shim).toContain('pid 4000');
  expect(await boxOf(page, 'lowLevel:0-1').textContent()).toContain('exited: no process any more');
  expect(await page.locator('.label').allTextContents()).toEqual(
    expect.arrayContaining([
      expect.stringContaining('CRI over gRPC'),
      expect.stringContaining('fork and exec'),
    ]),
  );
  expect(await page.locator('svg.picture .edge.inferred').count()).toBe(4);
  const details = page.getByRole('region', { name: 'Details' });
  expect(await details.innerText()).toMatch(
    /web-0\/main[^]*httpd -f -p 8080[^]*runc forked[^]*inferred: by conf/,
  );
  expect(panel?.problems).toEqual([]);
});

test.each([
  ['its child', podChain()],
  ['further up', deepChain()],
])('a daemon stands beside the shims, process 1 above both: %s', async (_, graph) => {
  const page = await open(() => viewOf(graph));
  const [init, server, shim, runc, first] = await Promise.all(
    ['init', 'server', 'shim0', 'lowLevel:0-1', 'first0-1'].map((id) => boxOf(page, id).boundingBox()),
  );
  expect(server!.y).toBeCloseTo(shim!.y, 0);
  expect(server!.x + server!.width).toBeLessThan(shim!.x);
  expect(init!.y + init!.height).toBeLessThan(server!.y);
  expect(runc!.y).toBeGreaterThan(shim!.y + shim!.height);
  expect(first!.y).toBeGreaterThan(runc!.y + runc!.height);
});

test.each([
  ['under containerd', podChain()],
  ['under a shell', deepChain()],
  ['under Docker', dockerChain()],
  ['of a node', nodeChain(6)],
])('no boxes of a chain %s overlap', async (_, graph) => {
  const page = await open(() => viewOf(graph));
  const grounds = page.locator('[data-box] .ground');
  await eventually(() => grounds.count()).toBe(graph.boxes.length);
  const rects = await grounds.evaluateAll((all) =>
    all.map((ground) => ground.getBoundingClientRect().toJSON() as DOMRect),
  );
  const overlap = rects.flatMap((a, index) =>
    rects
      .slice(index + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom),
  );
  expect(overlap).toEqual([]);
});

test('a node’s words stay words, whatever they are', async () => {
  const graph = hostileChain(hostile);
  const page = await open(() =>
    viewOf(graph, {
      title: hostile,
      story: { steps: [{ text: hostile, source: hostile }], problem: hostile },
    }),
  );
  for (const id of ['init', 'socket', 'shim0']) await boxOf(page, id).click();
  await page.getByRole('button', { name: 'Show as List' }).click();
  await page.getByRole('treeitem').first().waitFor();
  expect(await page.locator('h1').innerText()).toContain('<img src=x onerror=');
  expect(await page.locator('h1').innerText()).toContain('\\u202e');
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
  expect(await page.locator('img, main script').count()).toBe(0);
  expect(panel?.problems).toEqual([]);
});

test('is used by keyboard: along the lines, into the details and back', async () => {
  const page = await open(() => viewOf(podChain()));
  await boxOf(page, 'first0-1').focus();
  const steps = [
    ['ArrowUp', 'lowLevel:0-1'],
    ['ArrowUp', 'shim0'],
    ['ArrowLeft', 'server'],
    ['ArrowLeft', 'socket'],
    ['ArrowLeft', 'kubelet'],
    ['ArrowUp', 'init'],
    ['End', 'child'],
    ['Home', 'init'],
  ] as const;
  for (const [key, id] of steps) {
    await page.keyboard.press(key);
    expect([key, await focused(page), await selected(page)]).toEqual([key, id, id]);
  }
  await boxOf(page, 'first0-1').focus();
  await page.keyboard.press('Enter');
  await eventually(() => focused(page)).toBe('details');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await eventually(() => panel?.acted).toEqual([{ box: 'first0-1', action: 'openSpec' }]);
  await page.keyboard.press('Escape');
  expect(await focused(page)).toBe('first0-1');
  // One stop of the Tab key, however many boxes there are.
  expect(await page.locator('.box[tabindex="0"]').count()).toBe(1);
});

test('offers what a box’s subject has, and copies what is asked for', async () => {
  const page = await open(() => viewOf(podChain()));
  await page.getByRole('button', { name: 'Open Logs' }).click();
  await page.getByRole('button', { name: 'Reveal in Tree' }).click();
  await page.getByRole('button', { name: 'Copy PID', exact: true }).click();
  await page.getByRole('button', { name: 'Copy Command' }).click();
  await eventually(() => panel?.clipboard).toEqual(['4003', 'httpd -f -p 8080 -h /srv/main']);
  expect(panel?.acted.map(({ action }) => action)).toEqual(['openLogs', 'reveal']);
  await page.getByRole('button', { name: 'parent, from containerd-shim-runc-v2', exact: true }).click();
  expect(await selected(page)).toBe('shim0');
  expect(await page.getByRole('button', { name: 'Open Spec' }).count()).toBe(0);
});

test('the list says the same, nested, and is used by keyboard', async () => {
  const page = await open(() => viewOf(podChain()));
  await page.getByRole('button', { name: 'Show as List' }).click();
  const items = page.getByRole('treeitem');
  expect(await items.count()).toBe(podChain().boxes.length);
  expect(await focused(page)).toBe('first0-1');
  const levels = await items.evaluateAll((all) =>
    all.map((item) => `${item.getAttribute('aria-level')} ${(item as HTMLElement).dataset.item}`),
  );
  expect(levels.slice(0, 5)).toEqual(['1 init', '2 kubelet', '3 socket', '4 server', '5 shim0']);
  const lefts = await items
    .locator('.title')
    .evaluateAll((all) => all.slice(0, 5).map((title) => Math.round(title.getBoundingClientRect().left)));
  lefts.slice(1).forEach((left, index) => expect(left).toBeGreaterThan(lefts[index]! + 10));
  const shim = page.locator('[data-item=shim0]');
  expect(await shim.innerText()).toMatch(/ttrpc, from containerd \(proved.*parent, from systemd/);
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  expect(await focused(page)).toBe('lowLevel:0-1');
  await page.keyboard.press('ArrowLeft');
  expect(await page.locator('[data-item="first0-1"]').count()).toBe(0);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  expect(await focused(page)).toBe('first0-1');
  await page.keyboard.press('Enter');
  expect(await focused(page)).toBe('details');
  await page.getByRole('button', { name: 'Show as Picture' }).click();
  expect(await focused(page)).toBe('first0-1');
  expect(panel?.problems).toEqual([]);
});

test('zooms by keys, buttons and wheel, around the mouse, and fits', async () => {
  const page = await open(() => viewOf(nodeChain(3)));
  const before = await widthOf(page);
  await boxOf(page, 'first0-1').focus();
  await page.keyboard.press('+');
  expect(await widthOf(page)).toBeCloseTo(before * 1.2, 0);
  await page.keyboard.press('-');
  await page.getByRole('button', { name: 'Zoom In (+)' }).click();
  expect(await widthOf(page)).toBeCloseTo(before * 1.2, 0);

  const box = (await boxOf(page, 'first0-1').boundingBox())!;
  await page.mouse.move(box.x + 5, box.y + 5);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -100);
  await page.keyboard.up('Control');
  await eventually(() => widthOf(page)).toBeGreaterThan(before * 1.3);
  const after = (await boxOf(page, 'first0-1').boundingBox())!;
  expect(Math.abs(after.x - box.x) + Math.abs(after.y - box.y)).toBeLessThan(15);

  await boxOf(page, 'first0-1').focus();
  await page.keyboard.press('0');
  const { room, picture } = await page.locator('.stage').evaluate((stage) => ({
    room: [stage.clientWidth, stage.clientHeight],
    picture: [stage.scrollWidth, stage.scrollHeight],
  }));
  expect(picture).toEqual(room);
});

test('is dragged by its ground', async () => {
  const page = await open(() => viewOf(nodeChain(6)));
  const scroll = () => page.locator('.stage').evaluate(({ scrollTop }) => scrollTop);
  // So that there is nothing but ground on the left.
  await page.locator('.stage').evaluate((stage) => (stage.scrollLeft = 0));
  const before = await scroll();
  const stage = (await page.locator('.stage').boundingBox())!;
  await page.mouse.move(stage.x + 8, stage.y + 300);
  await page.mouse.down();
  await page.mouse.move(stage.x + 8, stage.y + 180, { steps: 3 });
  await page.mouse.up();
  expect(await scroll()).toBe(before + 120);
});

test('a change keeps the selection, the zoom, the focus and what is in sight', async () => {
  const page = await open(() => viewOf(nodeChain(8)));
  await boxOf(page, 'first6-1').focus();
  await page.keyboard.press('-');
  await boxOf(page, 'first6-1').scrollIntoViewIfNeeded();
  const before = (await boxOf(page, 'first6-1').boundingBox())!;
  const less = nodeChain(8);
  const gone = /^(shim1|lowLevel:1-.|first1-.)$/;
  panel?.host.notify(
    'changed',
    viewOf({
      ...less,
      boxes: less.boxes.filter(({ id }) => !gone.test(id)),
      edges: less.edges.filter(({ from, to }) => !gone.test(from) && !gone.test(to)),
    }),
  );
  await boxOf(page, 'shim1').waitFor({ state: 'detached' });
  expect([await selected(page), await focused(page)]).toEqual(['first6-1', 'first6-1']);
  const after = (await boxOf(page, 'first6-1').boundingBox())!;
  expect(after.width).toBeCloseTo(before.width, 1);
  expect(Math.abs(after.x - before.x) + Math.abs(after.y - before.y)).toBeLessThan(3);
});

test('the story has times, what passed between them, and gaps with their reason', async () => {
  const page = await open(() => viewOf(podChain()));
  const steps = page.getByRole('region', { name: 'How this container came to be' }).getByRole('listitem');
  expect(await steps.count()).toBe(story.length);
  expect(await steps.nth(0).innerText()).toMatch(/time unknown[^]*kubelet asked[^]*No one keeps the time/);
  expect(await steps.nth(2).innerText()).toContain('41 ms later');
  expect(await steps.nth(3).innerText()).toContain('2.1 s later');
  expect(await steps.nth(5).innerText()).toContain('260 ms later');
  expect(await steps.nth(1).locator('time').getAttribute('title')).toBe('2026-11-24T09:58:02.140Z');
});

test('exports a picture of its own: valid, with its colours, and with hostile words as text', async () => {
  const page = await open(() => viewOf(hostileChain(hostile)), { theme: 'hc' });
  await boxOf(page, 'shim0').focus();
  await page.getByRole('button', { name: 'Export as SVG' }).click();
  await eventually(() => panel?.saved.length).toBe(1);
  const svg = panel!.saved[0]!;
  const parsed = await page.evaluate((text) => {
    const file = new DOMParser().parseFromString(text, 'image/svg+xml');
    const all = [...file.querySelectorAll('*')];
    return {
      error: file.querySelector('parsererror')?.textContent,
      root: file.documentElement.localName,
      names: [...new Set(all.map((element) => element.localName))].sort(),
      attributes: [...new Set(all.flatMap((element) => element.getAttributeNames()))].sort(),
      fills: all.map((element) => element.getAttribute('fill')).filter((fill) => fill !== null),
      words: file.documentElement.textContent,
    };
  }, svg);
  expect(parsed.error).toBeUndefined();
  expect(parsed.root).toBe('svg');
  expect(parsed.names).toEqual(['g', 'path', 'rect', 'svg', 'text', 'title']);
  expect(parsed.attributes.filter((name) => /^(on|href|style|class|role|aria|data)/.test(name))).toEqual([]);
  expect(parsed.words).toContain('<script>window.pwned=1</script>');
  expect(parsed.fills.every((fill) => /^(none|rgb\(.*\))$/.test(fill))).toBe(true);
  // The selection is the page's, not the picture's.
  expect(await selected(page)).toBe('shim0');
  expect(svg).not.toContain('2.2px');
});

test('finds boxes by what is on them, and goes there', async () => {
  const page = await open(() => viewOf(nodeChain(6)));
  await boxOf(page, 'shim0').waitFor();
  await page.keyboard.press('Control+f');
  await page.keyboard.type('web-4/main');
  await page.getByText('1 of 1').waitFor();
  expect(await selected(page)).toBe('first4-1');
  expect(await page.locator('.box.match').count()).toBe(1);
  await page.keyboard.press('Escape');
  await eventually(() => page.locator('.box.match').count()).toBe(0);
});

test('50 pods are laid out without a freeze, and can be turned', async () => {
  const page = await open(() => viewOf(nodeChain(50), { focus: undefined as never }));
  expect(await page.locator('[data-box]').count()).toBe(nodeChain(50).boxes.length);
  const heightOf = () =>
    page.locator('svg.picture').evaluate((element) => Number(element.getAttribute('height')));
  const before = await heightOf();
  await page.getByRole('button', { name: 'Turn' }).click();
  expect(await heightOf()).toBeLessThan(before / 4);
  expect(panel?.problems).toEqual([]);
});

test('says why there is no chain, tries again, and says what is stale', async () => {
  let ready = false;
  const page = await open(() => {
    if (!ready) throw new Error(`no such container ${hostile}`);
    return viewOf(podChain());
  });
  const alert = page.getByRole('alert');
  await alert.waitFor();
  expect(await alert.innerText()).toContain('no such container <img');
  ready = true;
  await page.getByRole('button', { name: 'Try Again' }).click();
  await boxOf(page, 'shim0').waitFor();
  panel?.host.notify('warning', { text: 'The runtime does not answer now: hung' });
  await page.getByText('does not answer now').waitFor();
  expect(await page.locator('[data-box]').count()).toBe(podChain().boxes.length);
  expect(panel?.loads).toEqual([false, true]);
});

test('an empty chain, and what could not be read, are said', async () => {
  const page = await open(() => viewOf({ boxes: [], edges: [], notes: ['/proc is hidden: use sudo.'] }));
  await page.getByText('Nothing of a runtime chain is known here').waitFor();
  await page.getByText('/proc is hidden: use sudo.').waitFor();
});

test('remembers how it was looked at', async () => {
  const page = await open(() => viewOf(podChain()));
  await boxOf(page, 'server').click();
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  const width = await widthOf(page);
  await eventually(async () => JSON.stringify(await panel?.savedState())).toContain('"selected":"server"');
  const state = await panel?.savedState();
  await panel?.close();
  const again = await open(() => viewOf(podChain()), { state });
  await boxOf(again, 'server').waitFor();
  expect([await selected(again), await widthOf(again)]).toEqual(['server', width]);
});

test.each(['dark', 'light', 'hc', 'hcLight'] as const)('is drawn in the colours of %s', async (theme) => {
  const page = await open(() => viewOf(podChain()), { theme, size: { width: 1300, height: 860 } });
  await boxOf(page, 'server').waitFor();
  mkdirSync('out/screenshots', { recursive: true });
  await page.screenshot({ path: `out/screenshots/chain-panel-${theme}.png` });
  const colors = await page
    .locator('.box text.title')
    .evaluateAll((titles) => [
      ...new Set(titles.map((title) => getComputedStyle(title).fill)),
      getComputedStyle(document.body).backgroundColor,
    ]);
  expect(new Set(colors).size).toBe(2);
  expect(panel?.problems).toEqual([]);
});

test('in forced colours, lines and boxes are the system’s', async () => {
  const page = await open(() => viewOf(podChain()));
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  const stroke = await page
    .locator('.edge.request .line')
    .first()
    .evaluate((line) => getComputedStyle(line).stroke);
  const text = await page.evaluate(() => getComputedStyle(document.body).color);
  expect(stroke).toBe(text);
});
