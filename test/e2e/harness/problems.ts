import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';

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
      if (text.includes('Content Security Policy') && isOurs(message.location().url)) this.#seen.push(text);
    });
    context.on('weberror', (error) => {
      if (error.page()?.isClosed() === false) this.#seen.push(`in a page: ${error.error().stack ?? ''}`);
    });
  }

  async all(): Promise<readonly string[]> {
    const lines = (await this.extensionHostLog()).split('\n');
    return [...this.#seen, ...lines.filter((line) => isFailure(line))];
  }

  /** Everything that extension hosts of this session logged. */
  async extensionHostLog(): Promise<string> {
    const files = await readdir(this.#logs, { recursive: true }).catch(() => []);
    const ours = files.filter((file) => /exthost\d+[/\\].*\.log$/.test(file)).sort();
    return (await Promise.all(ours.map((file) => readFile(join(this.#logs, file), 'utf8')))).join('');
  }

  #look(address: string): void {
    const { protocol, hostname } = new URL(address);
    if (!/^(https?|wss?):$/.test(protocol)) return;
    // VS Code's service worker answers for its CDN host: nothing leaves the machine.
    if (/^(127\.0\.0\.1|localhost|(.+\.)?vscode-cdn\.net)$/.test(hostname)) return;
    this.#seen.push(`a request to the outside: ${address}`);
  }
}

const isOurs = (url: string): boolean => url.includes('vscode-cdn.net') || url.includes('webview');

function isFailure(line: string): boolean {
  return /rejected promise not handled|unhandled|uncaught|Activating extension .* failed/i.test(line);
}
