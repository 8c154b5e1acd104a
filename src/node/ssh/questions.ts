import type { PromptKind, PromptRequest } from '../prompt.js';

/** The words of OpenSSH's questions (sshconnect.c, sshconnect2.c, readpass.c) and of common second factors. */
const kinds: readonly { readonly pattern: RegExp; readonly kind: PromptKind }[] = [
  { pattern: /continue connecting \(yes\/no|please type 'yes', 'no' or the fingerprint/i, kind: 'hostKey' },
  { pattern: /passphrase for|enter pin for|\bPIN\b/i, kind: 'passphrase' },
  { pattern: /verification|one-time|\botp\b|passcode|\btoken\b|\bcode\b|duo|authenticator/i, kind: 'code' },
  { pattern: /password/i, kind: 'password' },
];

/**
 * Tells what ssh asks for.
 * @param hint SSH_ASKPASS_PROMPT: `confirm` wants yes or no, `none` wants nothing typed (ssh(1)). The host key's question
 * comes without one, so it is told by its text.
 */
export function questionOf(text: string, hint: string): PromptRequest {
  if (hint === 'none') return { kind: 'touch', text, secret: false };
  if (hint === 'confirm') return { kind: 'confirm', text, secret: false };
  const kind = kinds.find(({ pattern }) => pattern.test(text))?.kind ?? 'other';
  return { kind, text, secret: kind !== 'hostKey' };
}

/** What may be answered again by itself when the link comes back; a code is good for once. */
export function isLasting(kind: PromptKind): boolean {
  return kind === 'password' || kind === 'passphrase';
}
