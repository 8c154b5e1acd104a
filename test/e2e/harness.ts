import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import {
  freePort,
  installVsix,
  quietSettings,
  startVsCodeWeb,
  type VsCodeWeb,
} from '../../scripts/vscodeWeb.mjs';
import { Bridge, type InHost } from './harness/bridge.js';
import { Problems } from './harness/problems.js';
import { themes, type Theme } from './harness/themes.js';
import { Workbench } from './harness/workbench.js';
import type { Account } from './harness/user.js';

export { createTestUser, type TestUser } from './harness/user.js';
export { themes, type Theme } from './harness/themes.js';
export type { InHost } from './harness/bridge.js';
export { until } from './harness/until.js';

const root = join(import.meta.dirname, '../..');
const vsix = join(root, 'out/cri-explorer.vsix');

export interface SessionOptions {
  /** `light` unless given. */
  readonly theme?: Theme;
  /** Over the quiet ones. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Runs VS Code, and the extension with it, as this user. */
  readonly asUser?: Account;
  /** Without it, no folder is open. */
  readonly folder?: string;
}

/** A private VS Code with the packaged extension, in a headless browser. Whoever opens it must await stop(). */
export async function openVsCode(options: SessionOptions = {}): Promise<Session> {
  if (!existsSync(vsix)) throw new Error('there is no out/cri-explorer.vsix: run node scripts/package.mjs');
  const folder = await mkdtemp('/tmp/cri-e2e-');
  let server: VsCodeWeb | undefined;
  let browser: Browser | undefined;
  try {
    // Another user must be able to reach what becomes theirs below.
    await chmod(folder, 0o755);
    const bridge = new Bridge(join(folder, 'extensions'));
    server = await startServer(folder, bridge, options);
    browser = await launchBrowser();
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(60_000);
    context.setDefaultNavigationTimeout(120_000);
    const problems = new Problems(context, join(folder, 'data'));
    const page = await context.newPage();
    await page.goto(
      options.folder ? `${server.url}&folder=${encodeURIComponent(options.folder)}` : server.url,
    );
    const session = new Session(page, bridge, problems, folder, server, browser);
    await session.showsTheme(options.theme ?? 'light');
    return session;
  } catch (error) {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Chromium without a word to anyone; also for tests that need a browser alone. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
}

async function startServer(folder: string, bridge: Bridge, options: SessionOptions): Promise<VsCodeWeb> {
  const places = { extensionsDir: join(folder, 'extensions'), userDataDir: join(folder, 'data') };
  await bridge.install();
  await installVsix({ vsix, ...places });
  const theme = { 'workbench.colorTheme': themes[options.theme ?? 'light'].name };
  return startVsCodeWeb({
    ...places,
    port: await freePort(),
    settings: { ...quietSettings, ...testSettings, ...theme, ...options.settings },
    ...(options.asUser ? { asUser: options.asUser } : {}),
  });
}

/** What a person may want and a test does not. */
const testSettings = {
  'terminal.integrated.gpuAcceleration': 'off',
  'workbench.reduceMotion': 'on',
} as const;

/** An open window. What a person does in it is in {@link Workbench}, from which it inherits. */
export class Session extends Workbench {
  readonly #bridge: Bridge;
  readonly #problems: Problems;
  readonly #folder: string;
  readonly #server: VsCodeWeb;
  readonly #browser: Browser;

  constructor(
    page: Page,
    bridge: Bridge,
    problems: Problems,
    folder: string,
    server: VsCodeWeb,
    browser: Browser,
  ) {
    super(page);
    this.#bridge = bridge;
    this.#problems = problems;
    this.#folder = folder;
    this.#server = server;
    this.#browser = browser;
  }

  /** Runs a function in the extension host with VS Code's API and CRI Explorer's. See {@link InHost}. */
  async inHost<R>(action: InHost<undefined, R>): Promise<R>;
  async inHost<A, R>(action: InHost<A, R>, argument: A): Promise<R>;
  async inHost<A, R>(action: InHost<A, R>, argument?: A): Promise<R> {
    return this.#bridge.run(action, argument as A);
  }

  /** Changes a user setting. */
  async set(key: string, value: unknown): Promise<void> {
    await this.inHost(
      async (code, _api, setting) => {
        await code.workspace.getConfiguration().update(setting.key, setting.value, true);
      },
      { key, value },
    );
  }

  async useTheme(theme: Theme): Promise<void> {
    await this.set('workbench.colorTheme', themes[theme].name);
    await this.showsTheme(theme);
  }

  /** Writes out/screenshots/NAME-THEME.png. */
  async screenshot(name: string, theme: Theme = 'light'): Promise<void> {
    await mkdir(join(root, 'out/screenshots'), { recursive: true });
    // Off whatever it last clicked, whose hover would be in the picture.
    await this.page.mouse.move(0, 0);
    await this.page.screenshot({
      path: join(root, `out/screenshots/${name}-${theme}.png`),
      animations: 'disabled',
    });
  }

  /** One screenshot in each theme; leaves the light one on. */
  async screenshots(name: string): Promise<void> {
    for (const theme of ['dark', 'contrast', 'light'] as const) {
      await this.useTheme(theme);
      await this.screenshot(name, theme);
    }
  }

  async extensionHostLog(): Promise<string> {
    return this.#problems.extensionHostLog();
  }

  /** Ends everything, then fails if anything went wrong meanwhile that no test looked at. */
  async stop(): Promise<void> {
    const problems = await this.#problems.all();
    await this.#browser.close();
    await this.#server.stop();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
    if (problems.length > 0) throw new Error(`during the session:\n${problems.join('\n')}`);
  }
}
