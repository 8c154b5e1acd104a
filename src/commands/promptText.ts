import { inert } from '../model/visible.js';
import type { PromptKind } from '../runtime/nodes.js';
import type { Translate } from '../util/translate.js';

const longest = 500;

/** ssh's and sudo's words, without what could act: several lines in one, and no colon before a field. */
export function oneLine(text: string): string {
  return inert(wordsOf(text).join(' ').replace(/\s*:$/, ''), longest);
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

export interface HostKeyLine {
  readonly label: string;
  readonly description?: string;
}

/**
 * What ssh says of an unknown host key, but for its question, which wants `yes` typed (sshconnect.c, check_host_key).
 * The fingerprint comes first in its line, so that a narrow box does not cut it.
 */
export function hostKeyLines(text: string): readonly HostKeyLine[] {
  const said = wordsOf(text);
  const asks = said.findIndex((line) => /\(yes\/no|please type 'yes'/i.test(line));
  return (asks < 0 ? said : said.slice(0, asks)).map((line) => {
    const [, what, fingerprint] = /^(.+) is ([A-Z0-9]+:\S+?)\.?$/.exec(line) ?? [];
    return what === undefined || fingerprint === undefined
      ? { label: inert(line, longest) }
      : { label: inert(fingerprint, longest), description: inert(what, longest) };
  });
}
