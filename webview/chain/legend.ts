import { html, svg, type TemplateResult } from 'lit';
import type { Texts } from './words.js';

/** What the lines and boxes of the picture mean. */
export function legend(strings: Texts, open: boolean, onToggle: (open: boolean) => void): TemplateResult {
  const line = (classes: string): unknown =>
    svg`<g class=${`edge ${classes}`}><path class="line" d="M1 8H27"></path><path class="head" d="M33 8L26 4.4V11.6Z"></path></g>`;
  const row = (drawing: unknown, words: string): TemplateResult =>
    html`<li><svg width="34" height="16" aria-hidden="true">${drawing}</svg><span>${words}</span></li>`;
  return html`<details
    class="legend"
    ?open=${open}
    @toggle=${(event: Event) => onToggle((event.target as HTMLDetailsElement).open)}
  >
    <summary>${strings.legend}</summary>
    <ul>
      ${row(line('request proved'), strings.requests)} ${row(line('making proved'), strings.making)}
      ${row(line('parentage proved'), strings.parentage)} ${row(line('plain proved'), strings.proved)}
      ${row(line('plain inferred'), strings.inferred)}
      ${row(
        svg`<g class="box making absent"><rect class="ground" x="1" y="2" width="32" height="12" rx="3"></rect></g>`,
        strings.exited,
      )}
    </ul>
  </details>`;
}
