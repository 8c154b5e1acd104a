import { html, nothing, type TemplateResult } from 'lit';

/** A codicon, for the eye only: whatever holds it needs a label. `name` is ours, never a node's. */
export function icon(name: string): TemplateResult {
  return html`<span class="codicon codicon-${name}" aria-hidden="true"></span>`;
}

export interface ButtonOptions {
  readonly icon: string;
  /** Shown as tooltip and read by screen readers. */
  readonly label: string;
  readonly onClick: () => void;
  readonly disabled?: boolean;
  /** Makes it a toggle. */
  readonly pressed?: boolean;
}

/** An icon button of a toolbar. Of the ARIA attributes only the label reaches the toolkit's inner button by itself. */
export function iconButton(options: ButtonOptions): TemplateResult {
  return html`<vscode-button
    appearance="icon"
    class=${options.pressed ? 'pressed' : nothing}
    title=${options.label}
    aria-label=${options.label}
    .ariaPressed=${options.pressed === undefined ? null : String(options.pressed)}
    ?disabled=${options.disabled ?? false}
    @click=${options.onClick}
    >${icon(options.icon)}</vscode-button
  >`;
}

/** A bar of controls at the top of a panel. */
export function toolbar(label: string, content: unknown): TemplateResult {
  return html`<div class="toolbar" role="toolbar" aria-label=${label}>${content}</div>`;
}

/** A panel with nothing to show, and why. `action` is for instance a button. */
export function emptyState(iconName: string, message: string, action: unknown = nothing): TemplateResult {
  return html`<div class="state" role="status">
    ${icon(iconName)}
    <p>${message}</p>
    ${action}
  </div>`;
}

/** A panel that failed: the reason, and a way to try again. */
export function errorState(message: string, retryLabel: string, onRetry: () => void): TemplateResult {
  return html`<div class="state error" role="alert">
    ${icon('error')}
    <p>${message}</p>
    <vscode-button @click=${onRetry}>${retryLabel}</vscode-button>
  </div>`;
}

export function loadingState(label: string): TemplateResult {
  return html`<div class="state" role="status">
    <vscode-progress-ring aria-label=${label}></vscode-progress-ring>
    <p>${label}</p>
  </div>`;
}

/** Says something to screen readers, politely; one live region a page, made on demand. */
export function announce(message: string): void {
  let region = document.getElementById('announcer');
  if (!region) {
    region = document.createElement('div');
    region.id = 'announcer';
    region.className = 'visually-hidden';
    region.setAttribute('role', 'status');
    document.body.append(region);
  }
  region.textContent = message;
}
