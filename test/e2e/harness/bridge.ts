import { randomBytes } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as vscode from 'vscode';
import type { CriExplorerApi } from '../../../src/api.js';
import { until } from './until.js';

/**
 * A function that runs in the extension host. It travels as source text: it may use its parameters and globals, and
 * nothing else of the test. What it takes and gives crosses as JSON.
 */
export type InHost<A, R> = (code: typeof vscode, api: CriExplorerApi, argument: A) => R | Promise<R>;

/** The tests' own extension beside CRI Explorer, and the loopback server in it. */
export class Bridge {
  readonly #folder: string;
  readonly #token = randomBytes(24).toString('hex');

  constructor(extensionsDir: string) {
    this.#folder = join(extensionsDir, 'cri-explorer-tests.companion-1.0.0');
  }

  /** To be called before VS Code first looks into the folder. */
  async install(): Promise<void> {
    await cp(join(import.meta.dirname, '../companion'), this.#folder, { recursive: true });
    await writeFile(join(this.#folder, 'token'), this.#token);
  }

  async run<A, R>(action: InHost<A, R>, argument: A): Promise<R> {
    const port = await until('the companion extension is up', () =>
      readFile(join(this.#folder, 'port'), 'utf8').catch(() => undefined),
    );
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#token}` },
      body: JSON.stringify({ source: action.toString(), argument }),
      signal: AbortSignal.timeout(60_000),
    });
    const answer = (await response.json()) as { value: R } | { error: string };
    if ('error' in answer) throw new Error(`in the extension host: ${answer.error}`);
    return answer.value;
  }
}
