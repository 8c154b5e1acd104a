import { randomBytes } from 'node:crypto';
import type { Boot } from '../protocol/panel.js';

/** SHA-256 of the empty string: the toolkit adds an empty inline style, and nothing else inline is let through. */
const emptyStyle = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

/** The parts of a panel's page. None of them needs to be escaped already. */
export interface PageParts {
  readonly title: string;
  /** BCP 47, for screen readers. */
  readonly language: string;
  readonly scriptUri: string;
  readonly styleUri: string;
  /** Where VS Code serves the page's files from: `webview.cspSource`. */
  readonly cspSource: string;
  readonly boot: Boot<object>;
  /** Random, used for one page only. */
  readonly nonce?: string;
}

/** Content security policy of all panels: the bundled script, style sheet and font, nothing else, no connections. */
export function contentSecurityPolicy(cspSource: string, nonce: string): string {
  return [
    "default-src 'none'",
    `style-src ${cspSource} ${emptyStyle}`,
    `font-src ${cspSource}`,
    `script-src 'nonce-${nonce}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** The HTML of a panel: a root element that the bundled script fills. */
export function pageHtml(parts: PageParts): string {
  const nonce = parts.nonce ?? randomBytes(18).toString('base64url');
  const csp = contentSecurityPolicy(parts.cspSource, nonce);
  return `<!DOCTYPE html>
<html lang="${escapeHtml(parts.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(csp)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(parts.title)}</title>
<link rel="stylesheet" href="${escapeHtml(parts.styleUri)}">
</head>
<body>
<main id="root" data-boot="${escapeHtml(JSON.stringify(parts.boot))}"></main>
<script type="module" nonce="${escapeHtml(nonce)}" src="${escapeHtml(parts.scriptUri)}"></script>
</body>
</html>`;
}

/** For text and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
