import { orAborted } from '../util/async.js';
import type { Disposable } from '../util/dispose.js';
import { NodeError } from './node.js';
import type { Prompt } from './prompt.js';

const maxWrong = 3;

/** The password for sudo on one node: asked once for all who wait for it, kept in memory only. */
export class SudoPassword implements Disposable {
  readonly #prompt: Prompt;
  readonly #label: string;
  readonly #end = new AbortController();
  #current: string | undefined;
  #asking: Promise<void> | undefined;
  #wrong = 0;
  #declined: string | undefined;

  constructor(prompt: Prompt, label: string) {
    this.#prompt = prompt;
    this.#label = label;
  }

  get current(): string | undefined {
    return this.#current;
  }

  /** Gets another than `wrong`, from memory or from the person. Rejects when they decline, until {@link reset}. */
  async renew(wrong: string | undefined, signal?: AbortSignal): Promise<void> {
    if (this.#current !== undefined && this.#current !== wrong) return; // Another command has got it meanwhile.
    if (this.#declined !== undefined) throw new NodeError('denied', this.#declined);
    this.#asking ??= this.#ask(wrong).finally(() => (this.#asking = undefined));
    // One who stops waiting does not take the question from the others.
    await orAborted(this.#asking, signal);
  }

  /** Forgets the password and lets the person be asked again. */
  reset(): void {
    this.#current = undefined;
    this.#declined = undefined;
    this.#wrong = 0;
  }

  dispose(): void {
    this.#current = undefined;
    this.#declined = 'the node was closed';
    this.#end.abort(new Error(this.#declined));
  }

  async #ask(wrong: string | undefined): Promise<void> {
    this.#current = undefined;
    if (wrong !== undefined && ++this.#wrong >= maxWrong) {
      this.#declined = `sudo refused the password ${maxWrong} times. Reconnect the node to be asked again.`;
      throw new NodeError('denied', this.#declined);
    }
    const again = wrong === undefined ? '' : 'Sorry, try again. ';
    const text = `${again}Password for sudo on ${this.#label}:`;
    const answer = await this.#prompt({ kind: 'password', text, secret: true }, this.#end.signal);
    if (answer === undefined) {
      this.#declined = 'sudo needs a password, and none was given. Reconnect the node to be asked again.';
      throw new NodeError('denied', this.#declined);
    }
    this.#current = answer;
  }
}
