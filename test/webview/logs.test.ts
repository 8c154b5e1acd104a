import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { PanelLab } from './harness.js';
import { line, lines, logPath, openLogs, type LogsTest, type LogsTestOptions } from './logsPanel.js';

vi.mock('vscode', () => ({ l10n: { t: (text: string) => text } }));

let lab: PanelLab;
let panel: LogsTest | undefined;
beforeAll(async () => {
  lab = await PanelLab.start();
});
afterAll(() => lab.close());
afterEach(async () => {
  const problems = panel?.problems ?? [];
  await panel?.close();
  expect(panel?.node.followers ?? 0).toBe(0);
  panel = undefined;
  expect(problems).toEqual([]);
});

async function open(options: LogsTestOptions = {}): Promise<Page> {
  panel = await openLogs(lab, options);
  await panel.page.locator('.row, .state:not(:has(vscode-progress-ring))').first().waitFor();
  return panel.page;
}

function write(content: string): void {
  panel?.node.append(logPath, content);
  panel?.node.pump();
}

/** The lines that a person sees now. */
const visible = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const box = document.querySelector('.log')!.getBoundingClientRect();
    return [...document.querySelectorAll('.row')]
      .filter((row) => {
        const { top, bottom } = row.getBoundingClientRect();
        return bottom > box.top + 1 && top < box.bottom - 1;
      })
      .map((row) => row.querySelector('.text')?.textContent ?? row.textContent);
  });
const lastVisible = async (page: Page): Promise<string | undefined> => (await visible(page)).at(-1);
/** The machine may be busy with other tests. */
const eventually = (check: () => Promise<void> | void) =>
  vi.waitFor(check, { timeout: 20_000, interval: 50 });
const seesLast = (page: Page, text: string) =>
  eventually(async () => expect(await lastVisible(page)).toBe(text));
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const log = (page: Page) => page.getByRole('log');

test('opens at the end and follows', async () => {
  const page = await open({ content: lines(0, 500), tail: 100 });
  await seesLast(page, 'line 499');
  write(lines(500, 520));
  await seesLast(page, 'line 519');
  await page.getByText('Following').waitFor();
  expect(await log(page).getAttribute('aria-label')).toBe('Lines of the log');
});

test('scrolling up pauses, the button goes on with nothing lost', async () => {
  const page = await open({ content: lines(0, 500), tail: 500 });
  await seesLast(page, 'line 499');
  await log(page).hover();
  await page.mouse.wheel(0, -3000);
  await button(page, 'To the End').waitFor();
  const before = await visible(page);
  write(lines(500, 503));
  write(lines(503, 510));
  await button(page, '10 new lines').waitFor();
  expect(await visible(page)).toEqual(before);
  await button(page, '10 new lines').click();
  await seesLast(page, 'line 509');
  expect((await visible(page)).slice(-12)).toEqual(Array.from({ length: 12 }, (_, n) => `line ${498 + n}`));
});

test('scrolling down to the end goes on too, but not when paused by hand', async () => {
  const page = await open({ content: lines(0, 500), tail: 500 });
  await seesLast(page, 'line 499');
  await log(page).hover();
  await page.mouse.wheel(0, -400);
  await button(page, 'To the End').waitFor();
  await page.mouse.wheel(0, 5000);
  await page.getByText('Following').waitFor();
  await button(page, 'Pause').click();
  write(lines(500, 501));
  await button(page, '1 new line').waitFor();
  await page.mouse.wheel(0, -400);
  await page.mouse.wheel(0, 5000);
  await seesLast(page, 'line 499');
  await button(page, 'Resume').click();
  await seesLast(page, 'line 500');
});

test('reads earlier lines when scrolled up, and keeps still what is seen', async () => {
  const page = await open({ content: lines(0, 5000), tail: 200 });
  await seesLast(page, 'line 4999');
  await log(page).focus();
  for (let n = 0; n < 12 && !(await visible(page)).includes('line 0'); n++) {
    await page.keyboard.press('Home');
    await eventually(async () => {
      const isStart = await page.getByText('Start of the file').isVisible();
      expect(isStart || (await visible(page))[0] !== undefined).toBe(true);
    });
  }
  await eventually(async () => {
    await page.keyboard.press('Home');
    expect((await visible(page))[0]).toBe('line 0');
  });
  await page.getByText('5,000 lines loaded').waitFor();
  const seen = await visible(page);
  expect(seen).toEqual(seen.map((_, n) => `line ${n}`));
  await page.keyboard.press('End');
  await seesLast(page, 'line 4999');
  await page.getByText('Following').waitFor();
});

test('stays steady with 120,000 lines, whatever comes', async () => {
  const page = await open({ content: '' });
  for (let n = 0; n < 120_000; n += 10_000) {
    write(lines(n, n + 10_000));
    await seesLast(page, `line ${n + 9999}`);
  }
  await page.getByText('120,000 lines loaded').waitFor();
  expect(await page.locator('.row').count()).toBeLessThan(150);
  await log(page).evaluate((element) => (element.scrollTop = element.scrollHeight / 2));
  await button(page, 'To the End').waitFor();
  const middle = await visible(page);
  write(lines(120_000, 120_100));
  await button(page, '100 new lines').waitFor();
  expect(await visible(page)).toEqual(middle);
  await log(page).focus();
  await page.keyboard.press('End');
  await seesLast(page, 'line 120099');
});

test('a flood while paused ends in a fresh end of the log', async () => {
  const page = await open({ content: lines(0, 10) });
  await button(page, 'Pause').click();
  for (let n = 10; n < 60_010; n += 10_000) write(lines(n, n + 10_000));
  await button(page, /More than [56]\d,\d+ new lines/).click();
  await seesLast(page, 'line 60009');
  await page.getByText('1,000 lines loaded').waitFor();
  write(lines(60_010, 60_011));
  await seesLast(page, 'line 60010');
});

test('hostile lines are text and nothing else', async () => {
  const esc = '\u001b';
  const hostile = [
    '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>',
    `${esc}]8;;https://evil.example/${esc}\\click${esc}]8;;${esc}\\`,
    `${esc}]52;c;ZXZpbA==\u0007after`,
    `${esc}[2J${esc}[1;1Hhome`,
    'user\u202etxt.exe',
    '\u0000nul \u0007bel',
    '${7*7} {{7*7}} `id`',
    `${esc}[38;2;1;2;3;48;5;196mstyled${esc}[0m url(https://evil.example/x)`,
  ];
  const page = await open({ content: hostile.map((text) => line(text)).join('') });
  await page.getByText('styled').waitFor();
  expect(await visible(page)).toEqual([
    hostile[0],
    'click',
    'after',
    'home',
    'user<U+202E>txt.exe',
    '␀nul ␇bel',
    hostile[6],
    'styled url(https://evil.example/x)',
  ]);
  expect(await page.evaluate(() => (window as unknown as { pwned?: number }).pwned)).toBeUndefined();
  expect(await page.locator('.log img, .log script, .log a').count()).toBe(0);
  expect(
    await page.locator('.text > span', { hasText: 'styled' }).evaluate((e) => getComputedStyle(e).color),
  ).toBe('rgb(1, 2, 3)');
});

test('colours are the terminal’s', async () => {
  const page = await open({
    content: line('\u001b[32mok\u001b[0m \u001b[1;41mbad\u001b[m \u001b[7minv\u001b[27m'),
  });
  const style = (text: string, property: string) =>
    page
      .locator('.text span', { hasText: text })
      .evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);
  expect(await style('ok', 'color')).toBe('rgb(13, 188, 121)');
  expect(await style('bad', 'background-color')).toBe('rgb(205, 49, 49)');
  expect(await style('inv', 'background-color')).toBe('rgb(204, 204, 204)');
});

test('tells the streams apart by more than colour, and hides one', async () => {
  const page = await open({ content: line('to out') + line('to err', { stream: 'stderr' }) + 'neither\n' });
  expect(await page.getByRole('img', { name: 'stderr' }).innerText()).toBe('err');
  expect(await page.getByRole('img', { name: 'Not in a known log format' }).innerText()).toBe('?');
  await page.getByRole('checkbox', { name: 'stderr' }).click();
  expect(await visible(page)).toEqual(['to out', 'neither']);
  await page.getByRole('checkbox', { name: 'stdout' }).click();
  expect(await visible(page)).toEqual(['neither']);
  write(line('more err', { stream: 'stderr' }));
  await page.getByRole('checkbox', { name: 'stderr' }).click();
  await seesLast(page, 'more err');
  expect(await panel?.savedState()).toMatchObject({ view: { stdout: false, stderr: true } });
});

test('times: local, UTC, off', async () => {
  const page = await open({ content: line('x') });
  const time = page.locator('.time');
  expect(await time.innerText()).toMatch(/^2026-11-2[345] \d\d:\d\d:29\.421$/);
  expect(await time.getAttribute('title')).toBe('2026-11-24T04:15:29.421688160Z');
  await button(page, /Times: local/).click();
  expect(await time.innerText()).toBe('2026-11-24 04:15:29.421Z');
  await button(page, /Times: UTC/).click();
  expect(await time.count()).toBe(0);
});

test('wrap: long lines take several rows, the place stays', async () => {
  const long = (n: number): string => line(`${n} ${'word '.repeat((n * 37) % 200)}`);
  const page = await open({ content: Array.from({ length: 2000 }, (_, n) => long(n)).join(''), tail: 2000 });
  await seesLast(page, `1999 ${'word '.repeat((1999 * 37) % 200)}`);
  await button(page, 'Wrap Lines').click();
  await eventually(async () => expect(await lastVisible(page)).toMatch(/^1999 /));
  const width = await log(page).evaluate((element) => [element.scrollWidth, element.clientWidth]);
  expect(width[0]).toBe(width[1]);
  await log(page).evaluate((element) => (element.scrollTop = element.scrollHeight / 3));
  await button(page, 'To the End').waitFor();
  const first = async (): Promise<number> => parseInt((await visible(page))[0] ?? '', 10);
  const here = await first();
  for (let n = 0; n < 20; n++) {
    await log(page).hover();
    await page.mouse.wheel(0, -120);
  }
  await eventually(async () => expect(await first()).toBeLessThan(here));
  const rows = await visible(page);
  const numbers = rows.map((text) => parseInt(text, 10));
  expect(numbers).toEqual(numbers.map((_, n) => (numbers[0] ?? 0) + n));
  await button(page, 'Wrap Lines').click();
  expect(await visible(page)).toContain(rows[0]);
});

test('find: count, steps, case, over colours, keys', async () => {
  const content =
    lines(0, 300) + line('An \u001b[31mErr\u001b[0mor here and an error there') + lines(300, 600);
  const page = await open({ content });
  await seesLast(page, 'line 599');
  await log(page).focus();
  await page.keyboard.press('Control+f');
  await page.keyboard.type('error');
  await page.getByText('1 of 2', { exact: true }).waitFor();
  expect(await visible(page)).toContain('An Error here and an error there');
  expect(await page.locator('mark.current').allInnerTexts()).toEqual(['Err', 'or']);
  await page.keyboard.press('Enter');
  await page.getByText('2 of 2', { exact: true }).waitFor();
  expect(await page.locator('mark.current').allInnerTexts()).toEqual(['error']);
  await page.keyboard.press('F3');
  await page.getByText('1 of 2', { exact: true }).waitFor();
  await page.keyboard.press('Shift+F3');
  await page.getByText('2 of 2', { exact: true }).waitFor();
  await page.getByText('in the 601 loaded lines').waitFor();
  await button(page, 'Match Case').click();
  await page.getByText('1 of 1', { exact: true }).waitFor();
  write(line('one more error'));
  await button(page, '1 new line').click();
  await page.getByText('1 of 2', { exact: true }).waitFor();
  await page.keyboard.press('Control+f');
  await page.keyboard.press('Escape');
  expect(await page.locator('mark').count()).toBe(0);
});

test('copies a selection and all as plain text', async () => {
  const page = await open({
    content: lines(0, 40) + line('\u001b[31mred\u001b[0m <b>\u202e') + line('last'),
  });
  await seesLast(page, 'last');
  await button(page, /Times: local/).click();
  await button(page, /Times: UTC/).click();
  const copied = (): Promise<string> =>
    page.evaluate(() => {
      const data = new DataTransfer();
      document
        .querySelector('.log')!
        .dispatchEvent(new ClipboardEvent('copy', { clipboardData: data, bubbles: true, cancelable: true }));
      return data.getData('text/plain');
    });
  await page.evaluate(() => {
    const textNode = (shown: string): Node => {
      const row = [...document.querySelectorAll('.row .text')].find((text) => text.textContent === shown);
      return document.createTreeWalker(row!, NodeFilter.SHOW_TEXT).nextNode()!;
    };
    document.getSelection()!.setBaseAndExtent(textNode('line 38'), 2, textNode('last'), 3);
  });
  expect(await copied()).toBe('ne 38\nline 39\nred <b><U+202E>\nlas');
  await button(page, 'To the End').waitFor();
  await log(page).focus();
  await page.keyboard.press('Control+a');
  expect((await copied()).split('\n')).toEqual([
    ...Array.from({ length: 40 }, (_, n) => `line ${n}`),
    'red <b><U+202E>',
    'last',
  ]);
});

test('a selection outlives scrolling', async () => {
  const page = await open({ content: lines(0, 900) });
  await seesLast(page, 'line 899');
  await page.locator('.text', { hasText: 'line 895' }).dblclick({ position: { x: 40, y: 8 } });
  const selected = (): Promise<string> => page.evaluate(() => document.getSelection()!.toString());
  expect(await selected()).toContain('895');
  await log(page).evaluate((element) => (element.scrollTop -= 6000));
  await eventually(async () => expect(await visible(page)).not.toContain('line 895'));
  expect(await selected()).toContain('895');
});

test('what isn’t complete is shown, and replaced', async () => {
  const page = await open({ content: line('$ ', { tag: 'P' }) });
  await page.locator('.row.pending').waitFor();
  expect(await visible(page)).toEqual(['$ ']);
  write(line('exit'));
  await eventually(async () => expect(await visible(page)).toEqual(['$ exit']));
});

test('a rotation leaves what was there and says so', async () => {
  const page = await open({ content: lines(0, 3) });
  panel?.node.create(logPath, lines(3, 5));
  panel?.node.pump();
  await seesLast(page, 'line 4');
  expect(await visible(page)).toEqual([
    'line 0',
    'line 1',
    'line 2',
    'The log was rotated: a new file begins',
    'line 3',
    'line 4',
  ]);
  await page.getByText('Earlier lines are in a file that was rotated away').waitFor();
});

test('says how the container does', async () => {
  const page = await open({ content: lines(0, 3) });
  panel?.tell({ status: 'Exited: the log of attempt 0 ends here', ended: true });
  await page.getByText('Exited: the log of attempt 0 ends here').waitFor();
  expect(await page.getByText('Following').count()).toBe(0);
});

test.each<[string, LogsTestOptions, RegExp]>([
  ['an empty log', { content: '' }, /has written nothing yet/],
  ['a missing file', {}, /is not there now/],
])('says that there is nothing: %s', async (_name, options, text) => {
  const page = await open(options);
  await page.getByText(text).waitFor();
  if (options.content === undefined) panel?.node.create(logPath);
  panel?.node.pump();
  write(lines(0, 2));
  await seesLast(page, 'line 1');
});

test('a line of many MB is cut, marked and doesn’t hold up the page', async () => {
  const page = await open({ content: line('x'.repeat(3_000_000)) + line('after') });
  await seesLast(page, 'after');
  expect((await visible(page))[0]?.slice(-40)).toContain('cut: 3,000,000 bytes in all');
  await button(page, 'Wrap Lines').click();
  await seesLast(page, 'after');
});

test('a line longer than the view can be scrolled through when wrapped', async () => {
  const page = await open({ content: lines(0, 5) + line('y'.repeat(30_000)) + lines(5, 10) });
  await button(page, 'Wrap Lines').click();
  await log(page).focus();
  await page.keyboard.press('Home');
  await eventually(async () => expect((await visible(page))[0]).toBe('line 0'));
  await page.keyboard.press('End');
  await seesLast(page, 'line 9');
});

test('opens a document', async () => {
  const page = await open({ content: lines(0, 3) });
  await button(page, /Open as Document/).click();
  await eventually(() => expect(panel?.documents()).toBe(1));
});

test('known ids are links, by mouse and keyboard, through colours and matches; others are text', async () => {
  const [known, other] = ['abcdef012345'.padEnd(64, '6'), '0'.repeat(64)];
  const page = await open({
    content: line(`stop ${known.slice(0, 20)}\u001b[31m${known.slice(20)}\u001b[0m ${other} end`),
  });
  const links = log(page).getByRole('link');
  expect(await links.count()).toBe(0);
  panel?.know('abcdef012345 aaaaaaaaaaaa');
  await links.first().waitFor();
  expect((await links.allTextContents()).join('')).toBe(known);
  expect(await visible(page)).toEqual([`stop ${known} ${other} end`]);
  await links.first().click();
  await eventually(() => expect(panel?.revealed).toEqual([known]));
  await links.last().focus();
  await page.keyboard.press('Enter');
  await eventually(() => expect(panel?.revealed).toEqual([known, known]));
});

test('keeps its options over a reload', async () => {
  const state = {
    target: { nodeId: 'local', endpoint: 'e', id: 'i' },
    view: { wrap: true, times: 'off', stdout: true, stderr: false, matchCase: true },
  };
  const page = await open({ content: line('a') + line('b', { stream: 'stderr' }), state });
  expect(await visible(page)).toEqual(['a']);
  expect(await page.locator('.time').count()).toBe(0);
  expect(await log(page).getAttribute('class')).toContain('wrap');
  await page.getByRole('button', { name: 'Match Case', pressed: true }).waitFor();
});
