import type { Frame, Locator, Page } from 'playwright-core';
import { delay } from '../../../src/util/async.js';
import { themes, type Theme } from './themes.js';
import { rowAt, type TreePath } from './tree.js';
import { until } from './until.js';

const first = { timeout: 60_000 };

/** What a person does in VS Code's window. Selectors are those of VS Code 1.139. */
export class Workbench {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async showsTheme(theme: Theme): Promise<void> {
    await this.page.locator(`.monaco-workbench.${themes[theme].marker}`).waitFor(first);
  }

  /** The sidebar; `openExplorer` shows CRI Explorer there. */
  get sidebar(): Locator {
    return this.page.locator('.part.sidebar');
  }

  async openExplorer(): Promise<void> {
    const tab = this.page.getByRole('tab', { name: 'CRI Explorer', exact: true });
    await tab.waitFor(first);
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
    await this.sidebar.getByText('CRI Explorer').first().waitFor(first);
  }

  /** Drags the sidebar's edge, so that long rows are shown whole. */
  async widenSidebar(width: number): Promise<void> {
    const box = await this.sidebar.boundingBox();
    if (!box) throw new Error('the sidebar is hidden');
    const [edge, y] = [box.x + box.width + 1, box.y + box.height / 2];
    await this.page.mouse.move(edge, y);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + width, y, { steps: 4 });
    await this.page.mouse.up();
  }

  /** The row with the last label, below those before it, all of which get expanded. Waits until it is there. */
  async treeItem(...path: TreePath): Promise<Locator> {
    return rowAt(this.sidebar, path).catch(async (error: unknown) => {
      const shown = await this.treeText();
      throw new Error(`the tree has no ${path.map(String).join(' > ')} but:\n${shown}`, { cause: error });
    });
  }

  /** Expands a row and all rows above it. */
  async expand(...path: TreePath): Promise<Locator> {
    const row = await this.treeItem(...path);
    if ((await row.getAttribute('aria-expanded')) === 'false')
      await row.locator('.monaco-tl-twistie').click();
    return row;
  }

  /** Labels and descriptions of the rows that are drawn now, indented by two spaces a level. */
  async treeText(): Promise<string> {
    const rows = await this.sidebar.getByRole('treeitem').evaluateAll((elements) =>
      elements
        .map((element) => ({
          index: Number(element.getAttribute('data-index')),
          level: Number(element.getAttribute('aria-level')),
          texts: ['.label-name', '.label-description'].map(
            (part) => element.querySelector(part)?.textContent,
          ),
        }))
        .sort((a, b) => a.index - b.index),
    );
    return rows
      .map(({ level, texts }) => '  '.repeat(level - 1) + texts.filter(Boolean).join(' '))
      .join('\n');
  }

  /** Picks an entry of a row's context menu. */
  async pickFromMenu(path: TreePath, entry: string | RegExp): Promise<void> {
    await (await this.treeItem(...path)).click({ button: 'right' });
    const item = this.page
      .locator('.context-view .monaco-menu')
      .getByRole('menuitem', { name: entry, exact: true });
    await item.waitFor();
    // VS Code swallows a click that comes right after the menu: it could be the end of the one that opened it.
    await delay(250);
    await item.click();
  }

  /** Clicks one of the icons that a row shows while the mouse is on it. */
  async clickInline(path: TreePath, title: string | RegExp): Promise<void> {
    // A row moves when one above it comes or goes, as the processes of an ancestry do.
    await until(`${title} of ${path.at(-1)} is clicked`, async () => {
      const row = await this.treeItem(...path);
      await row.hover({ timeout: 2_000 });
      await row.getByRole('button', { name: title }).click({ timeout: 2_000 });
      return true;
    });
  }

  /** Runs a command from the palette by its full title, as `CRI Explorer: Refresh`. */
  async runCommand(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.quickInput.waitFor();
    await this.quickInput.fill(`>${title}`);
    const entry = this.page.locator('.quick-input-widget:visible').getByRole('option').first();
    await until(
      `the palette offers ${title}`,
      async () => (await entry.textContent())?.includes(title),
      10_000,
    );
    await this.page.keyboard.press('Enter');
  }

  /** The field of whatever quick pick or input box is open. */
  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible .quick-input-filter input');
  }

  /** What the quick pick offers. */
  async quickPicks(): Promise<string[]> {
    return this.page.locator('.quick-input-widget:visible').getByRole('option').allTextContents();
  }

  /** What the input box or quick pick says in and around its field. */
  async quickText(): Promise<string> {
    const placeholder = (await this.quickInput.getAttribute('placeholder')) ?? '';
    return `${placeholder}\n${await this.page.locator('.quick-input-widget:visible').innerText()}`;
  }

  /** Clicks an entry of the quick pick, by its label. */
  async pick(label: string): Promise<void> {
    const options = this.page.locator('.quick-input-widget:visible').getByRole('option');
    await options.filter({ has: this.page.getByText(label, { exact: true }) }).click();
  }

  /** Fills the input box whose title or prompt has a text, and accepts. */
  async answer(asked: string | RegExp, text?: string): Promise<void> {
    await until(`${asked} is asked`, async () => {
      const shown = await this.quickText();
      return typeof asked === 'string' ? shown.includes(asked) : asked.test(shown);
    });
    if (text !== undefined) await this.quickInput.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** The document inside the webview of a panel, by the panel's title. */
  async webview(title: string | RegExp): Promise<Frame> {
    await this.editorTab(title).waitFor(first);
    return until(`the webview ${title} has loaded`, () => this.#activeFrame(title));
  }

  editorTab(title: string | RegExp): Locator {
    return this.page.locator('.part.editor').getByRole('tab', { name: title }).first();
  }

  /** Types into the terminal in front. */
  async typeInTerminal(text: string): Promise<void> {
    await this.page.locator('.terminal-wrapper.active .xterm-helper-textarea').focus();
    await this.page.keyboard.type(text, { delay: 10 });
  }

  /** What the terminal in front shows, a line a row, without trailing blanks. */
  async terminalText(): Promise<string> {
    const rows = this.page.locator('.terminal-wrapper.active .xterm-rows > div');
    const lines = await rows.allTextContents();
    return lines.map((line) => line.replaceAll('\u00a0', ' ').trimEnd()).join('\n');
  }

  /** Waits until the terminal in front shows something. */
  async terminalShows(text: string | RegExp): Promise<void> {
    const shows = (shown: string): boolean =>
      typeof text === 'string' ? shown.includes(text) : text.test(shown);
    let shown = '';
    await until(`the terminal shows ${text}`, async () => shows((shown = await this.terminalText()))).catch(
      (error: unknown) => {
        throw new Error(`the terminal does not show ${text} but:\n${shown}`, { cause: error });
      },
    );
  }

  /** Messages in the corner. */
  get notifications(): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item');
  }

  /** Each webview is a frame in a frame; the inner one carries the panel's title. */
  async #activeFrame(title: string | RegExp): Promise<Frame | undefined> {
    for (const frame of this.page.frames()) {
      if (frame.name() === '' || frame.parentFrame()?.parentFrame() !== this.page.mainFrame()) continue;
      const element = await frame.frameElement();
      const [id, shown] = [await element.getAttribute('id'), (await element.getAttribute('title')) ?? ''];
      const matches = typeof title === 'string' ? shown === title : title.test(shown);
      if (id === 'active-frame' && matches) return frame;
    }
    return undefined;
  }
}
