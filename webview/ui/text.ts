import { visible } from '../../src/model/visible.js';

/** A node's words over several lines: what can't be seen is written out, but for the line ends. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}
