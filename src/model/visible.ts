/**
 * Controls, line and paragraph separators, lone surrogates, and what reorders or hides text: bidi controls (UAX #9),
 * zero-width and other default-ignorable characters. Emoji keep their variation selectors.
 */
const unseen = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufff9-\ufffb]|(?![\ufe0e\ufe0f])\p{Default_Ignorable_Code_Point}/gu;

/** Nearly all names; tested first, since thousands are shown. */
const harmless = /^[ -~]*$/;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Writes out every character of a stranger's text that can't be seen or that reorders others: `\n`, `\x1b`, `\u202e`. */
export function visible(text: string): string {
  if (harmless.test(text)) return text;
  return text.replace(unseen, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    if (code > 0xffff) return `\\u{${hex}}`;
    return short[character] ?? (code <= 0xff ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`);
  });
}

/** Cuts to `length` UTF-16 units at most, never through a surrogate pair, with an ellipsis where something is missing. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length - 1);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/**
 * A stranger's text for a place where VS Code turns `$(name)` into an icon (quick picks, terminal titles, status bar)
 * or `[text](command:…)` into a link (notifications): an invisible word joiner breaks either syntax. Hidden characters
 * are written out, and it is at most `length` long.
 */
export function inert(text: string, length = 200): string {
  const shown = clip(visible(text), length);
  return shown.includes('(') ? shown.replace(/([$\]])(?=\()/g, '$1\u2060') : shown;
}
