/** One word for a POSIX shell, which reads back exactly `text`, newlines and all. */
export function quoteWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** What csh, fish and POSIX shells all take literally between single quotes, backslash and quote left out. */
const plain = /^[ "-&(-[\]-~]$/;

/**
 * A command line that runs `text` by `sh` whatever login shell the node's user has: sshd(8) hands a command to
 * `$SHELL -c`, and csh (newlines, `!`) and fish (`\\`) read single quotes differently from a POSIX shell. Such
 * characters travel as the octal escapes of printf(1)'s `%b`.
 */
export function loginShellCommand(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const character = String.fromCharCode(byte);
    encoded += plain.test(character) ? character : `\\0${byte.toString(8).padStart(3, '0')}`;
  }
  return `exec sh -c 'eval "$(printf %b "$1")"' sh '${encoded}'`;
}
