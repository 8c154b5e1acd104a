import type { Prompt, PromptRequest } from '../prompt.js';
import type { Answer } from './askpassServer.js';
import { isLasting, questionOf } from './questions.js';

/** The answers for one node's logins: asked of the person, and kept in memory when they proved right. */
export class Answers {
  readonly #prompt: Prompt;
  readonly #kept = new Map<string, string>();

  constructor(prompt: Prompt) {
    this.#prompt = prompt;
  }

  /**
   * One login.
   * @param interactive false: only what is kept is answered, since nobody is waiting at the screen
   * @param refuse is called when the login can't go on: ssh itself would take no answer for an empty one and ask again
   */
  attempt(interactive: boolean, refuse: (reason: string) => void): Attempt {
    return new Attempt(this.#prompt, this.#kept, interactive, refuse);
  }

  forget(): void {
    this.#kept.clear();
  }
}

export class Attempt {
  readonly #prompt: Prompt;
  readonly #kept: Map<string, string>;
  readonly #interactive: boolean;
  readonly #refuse: (reason: string) => void;
  readonly #given = new Map<string, string>();
  readonly #asked = new Set<string>();

  constructor(
    prompt: Prompt,
    kept: Map<string, string>,
    interactive: boolean,
    refuse: (reason: string) => void,
  ) {
    this.#prompt = prompt;
    this.#kept = kept;
    this.#interactive = interactive;
    this.#refuse = refuse;
  }

  readonly answer: Answer = async ({ text, hint }, signal) => {
    const request = questionOf(text, hint);
    // The same question again in one login: the answer before was wrong.
    if (this.#asked.has(text)) this.#kept.delete(text);
    this.#asked.add(text);
    const kept = this.#kept.get(text);
    if (kept !== undefined) return kept;
    if (!this.#interactive) {
      this.#refuse(`ssh asks: ${text.trim()}`);
      return undefined;
    }
    return this.#ask(request, signal);
  };

  /** The login succeeded: what was answered is right. */
  accepted(): void {
    for (const [text, answer] of this.#given) this.#kept.set(text, answer);
    this.#given.clear();
  }

  async #ask(request: PromptRequest, signal: AbortSignal): Promise<string | undefined> {
    const answer = await this.#prompt(request, signal);
    if (request.kind === 'touch') return this.#untilTouched(signal);
    if (request.kind === 'confirm') return answer === 'yes' ? answer : undefined;
    if (answer === undefined) {
      if (!signal.aborted) this.#refuse(`No answer was given to: ${lastLine(request.text)}`);
      return undefined;
    }
    if (isLasting(request.kind)) this.#given.set(request.text, answer);
    return answer;
  }

  /** ssh ends the question itself. */
  #untilTouched(signal: AbortSignal): Promise<undefined> {
    return new Promise((resolve) =>
      signal.addEventListener('abort', () => resolve(undefined), { once: true }),
    );
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';
