import { clip, visible } from '../model/visible.js';

/** A line of a tooltip, with or without a name. Both may be a node's words; {@link toMarkdown} escapes them. */
export interface TooltipLine {
  readonly name?: string;
  readonly value: string;
}

const longest = 600;

/**
 * CommonMark (6.1 Backslash escapes) lets any ASCII punctuation be escaped, so all of it is: no link, code, HTML,
 * table, entity, icon or bare URL is left to be recognized.
 */
export function escapeMarkdown(text: string): string {
  return visible(text).replace(/[!-/:-@[-`{-~]/g, '\\$&');
}

/** Markdown of a tooltip: the title in bold, then a line each. */
export function toMarkdown(title: string, lines: readonly TooltipLine[]): string {
  const rows = lines
    .filter((line) => line.value !== '')
    .map(({ name, value }) => {
      const text = escapeMarkdown(clip(value, longest));
      return name === undefined ? text : `${escapeMarkdown(name)}: ${text}`;
    });
  const body = rows.join('\\\n');
  const head = `**${escapeMarkdown(clip(title, longest).trim())}**`;
  return body === '' ? head : `${head}\n\n${body}`;
}
