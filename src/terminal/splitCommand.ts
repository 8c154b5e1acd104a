/** The words of a command line, or why it isn't one. */
export type Split =
  | { readonly words: readonly [string, ...string[]] }
  | { readonly problem: 'empty' | 'unclosed quote' | 'dangling backslash' };

/** One piece of a word: in single quotes, in double quotes, after a backslash, or plain. */
const piece = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)/suy;

/**
 * Splits like a POSIX shell (2.2 Quoting) but expands nothing: the words go to the container as they are, with no
 * shell between.
 */
export function splitCommand(line: string): Split {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < line.length) {
    piece.lastIndex = at;
    const match = piece.exec(line);
    if (match === null) {
      const character = line.charAt(at);
      if (character === '\\') return { problem: 'dangling backslash' };
      if (character === '"' || character === "'") return { problem: 'unclosed quote' };
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
      continue;
    }
    const [whole, single, double, escaped, bare] = match;
    word = (word ?? '') + (single ?? double?.replace(/\\([\\"$`])/g, '$1') ?? escaped ?? bare ?? '');
    at += whole.length;
  }
  if (word !== undefined) words.push(word);
  const [program, ...rest] = words;
  return program === undefined ? { problem: 'empty' } : { words: [program, ...rest] };
}
