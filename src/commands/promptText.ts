import { inert } from '../model/visible.js';
import type { PromptKind } from '../runtime/nodes.js';
import type { Translate } from '../util/translate.js';

const longest = 500;

/** ssh's and sudo's words, without what could act: what they write on several lines in one. */
export function oneLine(text: string): string {
  return inert(wordsOf(text).join(' '), longest);
}

/** The lines that say something. */
function wordsOf(text: string): readonly string[] {
  return text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** What an empty field says. */
export function placeholderOf(kind: PromptKind, t: Translate): string {
  switch (kind) {
    case 'password':
      return t('Password');
    case 'passphrase':
      return t('Passphrase or PIN');
    case 'code':
      return t('Code');
    default:
      return t('Answer');
  }
}

export interface HostKeyText {
  /** The line with the fingerprint, which is what to compare. */
  readonly fingerprint: string;
  /** All that ssh says but its last line, which asks for `yes` to be typed. */
  readonly lines: readonly string[];
}

/** Takes ssh's question about an unknown host key apart (sshconnect.c, check_host_key). */
export function hostKeyText(text: string): HostKeyText {
  const said = wordsOf(text);
  const asks = said.findIndex((line) => /\(yes\/no|please type 'yes'/i.test(line));
  const lines = (asks < 0 ? said : said.slice(0, asks)).map((line) => inert(line, longest));
  return { fingerprint: lines.find((line) => line.includes('SHA256:')) ?? lines.at(-1) ?? '', lines };
}
