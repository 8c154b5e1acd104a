import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { pageHtml } from '../../src/panels/page.js';
import type { Boot } from '../../src/protocol/panel.js';
import { serve, type Api, type HostHandlers, type Port, type RpcHost } from '../../src/protocol/rpc.js';
import { themes, type ThemeName } from './themes.js';

const dist = join(import.meta.dirname, '..', '..', 'dist', 'webview');
const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.ttf': 'font/ttf',
  '.map': 'application/json',
};
const flags =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/** A built panel in a real Chromium, with a host of the test's own behind it. */
export interface PanelPage<A extends Api> {
  readonly page: Page;
  readonly host: RpcHost<A>;
  /** Errors that handlers threw, page errors, console errors and CSP violations; a test ends by expecting none. */
  readonly problems: readonly string[];
  /** What the view gave to `setState` last. */
  savedState(): Promise<unknown>;
  close(): Promise<void>;
}

export interface PanelPageOptions<A extends Api> {
  /** Of dist/webview/<panel>.js and .css; build first (`node esbuild.mjs`). */
  readonly panel: string;
  readonly boot: Boot<object>;
  readonly handlers: HostHandlers<A>;
  readonly theme?: ThemeName;
  /** What `getState` answers: as after a window reload. */
  readonly state?: unknown;
  readonly size?: { readonly width: number; readonly height: number };
}

/** One browser and one loopback server for a test file. Close it in `afterAll`. */
export class PanelLab {
  private constructor(
    private readonly browser: Browser,
    private readonly server: Server,
    private readonly pages: Map<string, string>,
  ) {}

  static async start(): Promise<PanelLab> {
    const pages = new Map<string, string>();
    const server = createServer((request, response) => void answer(pages, request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
    const browser = await chromium.launch({ executablePath, args: flags.split(' ') });
    return new PanelLab(browser, server, pages);
  }

  /** Opens a panel under the extension's own page and policy. */
  async open<A extends Api>(options: PanelPageOptions<A>): Promise<PanelPage<A>> {
    const origin = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    const path = `/page-${this.pages.size}`;
    this.pages.set(
      path,
      pageHtml({
        title: options.panel,
        language: 'en',
        scriptUri: `${origin}/${options.panel}.js`,
        styleUri: `${origin}/${options.panel}.css`,
        cspSource: origin,
        boot: options.boot,
      }),
    );
    const context = await this.browser.newContext({ viewport: options.size ?? { width: 1000, height: 700 } });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(`page error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        problems.push(`console: ${message.text()}`);
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(origin)) problems.push(`request to elsewhere: ${request.url()}`);
    });
    const port = await portOf(page);
    const host = serve<A>(port, options.handlers, (method, error) =>
      problems.push(`handler ${method}: ${String(error)}`),
    );
    await page.exposeFunction('reportViolation', (text: string) => problems.push(`csp: ${text}`));
    await page.addInitScript(stubVsCode, options.state);
    await page.addInitScript(applyTheme, themes[options.theme ?? 'dark']);
    await page.goto(origin + path);
    return {
      page,
      host,
      problems,
      savedState: () => page.evaluate(() => (window as unknown as { savedState: unknown }).savedState),
      async close() {
        host.dispose();
        await context.close();
      },
    };
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function answer(
  pages: ReadonlyMap<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Without a query: codicon.css asks for its font with one.
  const path = (request.url ?? '/').replace(/\?.*$/, '');
  const html = pages.get(path);
  if (html !== undefined) {
    response.writeHead(200, { 'content-type': 'text/html' }).end(html);
    return;
  }
  try {
    const body = await readFile(join(dist, normalize(path)));
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' }).end(body);
  } catch {
    response.writeHead(path === '/favicon.ico' ? 204 : 404).end();
  }
}

/** The channel between the page's stub of VS Code and this process. */
async function portOf(page: Page): Promise<Port> {
  const listeners = new Set<(message: unknown) => void>();
  await page.exposeFunction('toHost', (message: unknown) => {
    for (const listener of listeners) listener(message);
  });
  return {
    post(message) {
      // As text: Playwright takes minutes over 100,000 objects. A page that was closed needs no answer.
      page
        .evaluate((json) => window.postMessage(JSON.parse(json), '*'), JSON.stringify(message))
        .catch(() => undefined);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Runs in the page. */
function stubVsCode(state: unknown): void {
  const page = window as unknown as {
    savedState: unknown;
    toHost(message: unknown): Promise<void>;
    reportViolation(text: string): void;
    acquireVsCodeApi(): object;
  };
  page.savedState = state;
  page.acquireVsCodeApi = () => ({
    postMessage: (message: unknown) => void page.toHost(message),
    getState: () => page.savedState,
    setState: (next: unknown) => (page.savedState = structuredClone(next)),
  });
  document.addEventListener('securitypolicyviolation', (event) => {
    page.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
  });
}

/** Runs in the page: what VS Code does to a webview's root and body. */
function applyTheme(theme: {
  readonly kind: string;
  readonly colors: Readonly<Record<string, string>>;
}): void {
  const apply = (): void => {
    for (const [name, value] of Object.entries(theme.colors)) {
      document.documentElement.style.setProperty(`--vscode-${name.replaceAll('.', '-')}`, value);
    }
    document.body.classList.add(theme.kind);
    document.body.dataset.vscodeThemeKind = theme.kind;
  };
  document.addEventListener('DOMContentLoaded', apply);
}
