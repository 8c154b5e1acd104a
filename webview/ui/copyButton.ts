import { html, nothing, type TemplateResult } from 'lit';
import { announce, icon } from './parts.js';

export interface CopyOptions {
  readonly label: string;
  /** Said when done. */
  readonly copiedLabel: string;
  /** The copying itself, usually a request to the host: it works without focus and for what the view may not see. */
  readonly copy: () => Promise<unknown>;
  /** A codicon; `copy` by default. */
  readonly icon?: string;
  /** -1 where something else, such as a row, is the stop of the Tab key. */
  readonly tabIndex?: number;
}

/** A small button that copies, and shows a tick for a moment when done. */
export function copyButton(options: CopyOptions): TemplateResult {
  const onClick = async (event: Event): Promise<void> => {
    const button = event.currentTarget as HTMLElement;
    try {
      await options.copy();
    } catch (error) {
      announce(error instanceof Error ? error.message : String(error));
      return;
    }
    announce(options.copiedLabel);
    button.classList.add('done');
    setTimeout(() => button.classList.remove('done'), 1200);
  };
  return html`<button
    class="icon-button copy"
    tabindex=${options.tabIndex ?? nothing}
    title=${options.label}
    aria-label=${options.label}
    @click=${onClick}
  >
    ${icon(options.icon ?? 'copy')}${icon('check')}
  </button>`;
}
