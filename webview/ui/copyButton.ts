import { html, type TemplateResult } from 'lit';
import { announce, icon } from './parts.js';

/**
 * A small button that copies. The copying itself is the caller's (usually a request to the host, so that it works
 * without focus and for what the view may not see). Shows a tick for a moment when done.
 */
export function copyButton(
  label: string,
  copiedLabel: string,
  copy: () => Promise<void>,
  iconName = 'copy',
): TemplateResult {
  const onClick = async (event: Event): Promise<void> => {
    const button = event.currentTarget as HTMLElement;
    try {
      await copy();
    } catch (error) {
      announce(error instanceof Error ? error.message : String(error));
      return;
    }
    announce(copiedLabel);
    button.classList.add('done');
    setTimeout(() => button.classList.remove('done'), 1200);
  };
  return html`<button class="icon-button copy" title=${label} aria-label=${label} @click=${onClick}>
    ${icon(iconName)}${icon('check')}
  </button>`;
}
