import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { delay } from '../../../src/util/async.js';

/** What goes wrong without a test looking at it: requests to the outside, refused scripts, unhandled rejections. */
export class Problems {
  readonly #logs: string;
  readonly #seen: string[] = [];

  constructor(context: BrowserContext, userDataDir: string) {
    this.#logs = join(userDataDir, 'logs');
    context.on('request', (request) => this.#look(request.url()));
    context.on('page', (page) => page.on('websocket', (socket) => this.#look(socket.url())));
    context.on('console', (message) => {
      const text = message.text();
      const refused = text.includes('Content Security Policy') && isWebview(message.location().url);
      if (refused || text.includes('rejected promise not handled')) this.#seen.push(text);
    });
    context.on('weberror', (error) => {
      if (error.page()?.isClosed() === false) this.#seen.push(`in a page: ${error.error().stack ?? ''}`);
    });
  }

  async all(): Promise<readonly string[]> {
    // VS Code tells of a rejection that nobody handled after a second.
    await delay(1_200);
    const log = await this.#read(/remoteexthost\.log$/);
    return [
      ...this.#seen,
      ...log
        .split(/\n(?=\d{4}-\d\d-\d\d )/)
        .filter(isFailure)
        .map(beginning),
    ];
  }

  /** Everything that extension hosts and extensions of this session logged, CRI Explorer's output channel included. */
  async extensionHostLog(): Promise<string> {
    return this.#read(/\.log$/);
  }

  async #read(names: RegExp): Promise<string> {
    const files = await readdir(this.#logs, { recursive: true }).catch(() => []);
    const wanted = files.filter((file) => /exthost\d+[/\\]/.test(file) && names.test(file)).sort();
    return (await Promise.all(wanted.map((file) => readFile(join(this.#logs, file), 'utf8')))).join('');
  }

  #look(address: string): void {
    const { protocol, hostname } = new URL(address);
    if (!/^(https?|wss?):$/.test(protocol)) return;
    // VS Code's service worker answers for its CDN host: nothing leaves the machine.
    if (/^(127\.0\.0\.1|localhost|(.+\.)?vscode-cdn\.net)$/.test(hostname)) return;
    this.#seen.push(`a request to the outside: ${address}`);
  }
}

const isWebview = (url: string): boolean => url.includes('vscode-cdn.net') || url.includes('webview');

/** An error that VS Code caught for the extension, or one that kept it from starting. */
function isFailure(entry: string): boolean {
  return entry.includes('[error]') && entry.includes('cri-explorer.cri-explorer');
}

const beginning = (entry: string): string => entry.split('\n').slice(0, 6).join('\n');
