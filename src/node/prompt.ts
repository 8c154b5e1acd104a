/**
 * What is asked for. hostKey: `yes` accepts the key that the text shows. confirm: `yes` or nothing.
 * touch: nothing to type, the person touches a security key; the signal aborts when it is done.
 */
export type PromptKind = 'hostKey' | 'password' | 'passphrase' | 'code' | 'confirm' | 'touch' | 'other';

export interface PromptRequest {
  readonly kind: PromptKind;
  /** ssh's or sudo's own words: data from a stranger. */
  readonly text: string;
  /** The answer must not be shown. */
  readonly secret: boolean;
}

/** Asks the person; undefined when they decline. The signal takes the question back. */
export type Prompt = (request: PromptRequest, signal: AbortSignal) => Promise<string | undefined>;
