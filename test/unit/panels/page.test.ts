import { describe, expect, test } from 'vitest';
import { contentSecurityPolicy, escapeHtml, pageHtml } from '../../../src/panels/page.js';

const hostile = `"><script>alert(1)</script>'&`;
const parts = {
  title: hostile,
  language: hostile,
  scriptUri: `https://x/${hostile}`,
  styleUri: `https://x/${hostile}`,
  cspSource: 'https://*.vscode-cdn.net',
  boot: { target: { nodeId: hostile, endpoint: hostile, id: hostile }, strings: { odd: hostile } as never },
};

describe('a panel’s page', () => {
  test('has exactly one script, ours, with the nonce', () => {
    const html = pageHtml({ ...parts, nonce: 'abc' });
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).toContain('<script type="module" nonce="abc"');
    expect(html).not.toContain(hostile);
  });

  test('carries what the view begins with in an attribute', () => {
    const escaped = /data-boot="([^"]*)"/.exec(pageHtml(parts))?.[1] ?? '';
    const json = escaped
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
    expect(JSON.parse(json)).toEqual(parts.boot);
  });

  test('has a new nonce each time', () => {
    const nonces = [pageHtml(parts), pageHtml(parts)].map((html) => /nonce="([^"]+)"/.exec(html)?.[1]);
    expect(nonces[0]).toMatch(/^[\w-]{24}$/);
    expect(nonces[0]).not.toBe(nonces[1]);
  });
});

test('the policy lets nothing through but the bundle', () => {
  const policy = contentSecurityPolicy('https://source', 'n');
  expect(policy.startsWith("default-src 'none'; ")).toBe(true);
  expect(policy).not.toMatch(/unsafe|connect-src|img-src|\*/);
});

test('escapes every character that HTML gives a meaning', () => {
  expect(escapeHtml(`<a b="c" d='e'>&`)).toBe('&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;');
});
