/**
 * Looks a user-visible sentence up in the person's language and fills `{0}`, `{1}`, … in one pass, so that a
 * placeholder inside an argument stays text. Passed in, so that pure code needs no vscode: extension code passes
 * `vscode.l10n.t`, tests pass {@link english}.
 */
export type Translate = (message: string, ...args: (string | number)[]) => string;

export const english: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));
