import { createRequire } from 'node:module';
import { describe, expect, test, vi } from 'vitest';
import type { Diagnosis, Finding } from '../../../../src/model/doctor/finding.js';
import { codeSpan, escapeText, reportMarkdown } from '../../../../src/model/doctor/markdown.js';
import { reportWords } from '../../../../src/panels/doctorStrings.js';

vi.mock('vscode', () => ({ l10n: { t: (text: string) => text } }));

interface Token {
  readonly type: string;
  readonly content: string;
  readonly children: readonly Token[] | null;
}
type Parser = new (options: object) => { parse(text: string, env: object): readonly Token[] };

/** What VS Code's own preview is made with; vsce brings it. HTML and bare addresses are on, as at their worst. */
const Parser = createRequire(createRequire(import.meta.url).resolve('@vscode/vsce'))('markdown-it') as Parser;
const parser = new Parser({ html: true, linkify: true, typographer: false });

const flat = (tokens: readonly Token[]): readonly Token[] =>
  tokens.flatMap((token) => [token, ...flat(token.children ?? [])]);
const tokensOf = (text: string): readonly Token[] => flat(parser.parse(text, {}));
/** The text that a reader sees, code included. */
const seen = (text: string): string =>
  tokensOf(text)
    .filter(({ type }) => /^(text|text_special|code_inline)$/.test(type))
    .map(({ content }) => content)
    .join('');

const hostile = [
  '[click](command:workbench.action.terminal.new)',
  '![x](http://evil.test/x.png)',
  '<img src=x onerror=alert(1)>',
  '<!-- x --> <script>x</script>',
  'http://evil.test/x https://evil.test ftp://evil.test //evil.test www.evil.test WWW.evil.test',
  'me@evil.test mailto:me@evil.test',
  '`code` ``more`` ```',
  '`',
  '*b* _i_ __b__ ~~s~~ ==m== ^p^ $x$ $$y$$',
  '&lt;b&gt; &#35; &copy;',
  '# title #',
  '- item',
  '+ item',
  '1. item',
  '10) item',
  '> quote',
  '===',
  '---',
  '***',
  '    indented',
  'a | b | c',
  '| - | - |',
  '[ref]: http://evil.test',
  '[^1]: note',
  '\\[x\\](y) \\',
  '{0} {1}',
  ':::warning',
];

/** What the parser makes of plain prose, and nothing else. */
const plain = /^(inline|text|text_special|paragraph_(open|close))$/;

describe('escapeText', () => {
  test.each(hostile)('%s stays text', (text) => {
    const shown = text.trim();
    const types = [escapeText(shown), `Title: ${escapeText(shown)}`]
      .flatMap(tokensOf)
      .map(({ type }) => type);
    expect(types.filter((type) => !plain.test(type))).toEqual([]);
    expect(seen(escapeText(shown))).toBe(shown);
  });

  test('leaves paths, sentences and pids as they are', () => {
    const text =
      'The shim 3121 (containerd-shim-runc-v2) has /run/containerd/io.containerd.runtime.v2.task open: 1.2 s, 50%.';
    expect(escapeText(text)).toBe(text);
  });

  test('writes newlines and hidden characters out', () => {
    expect(seen(escapeText('a\n\n# b\u202e\x1b'))).toBe('a\\n\\n# b\\u202e\\x1b');
  });
});

describe('codeSpan', () => {
  test.each([...hostile, '', ' ', '  x ', '`x`', '``', 'a``b', ' ` '])('%j is code, as it is', (text) => {
    const tokens = tokensOf(`- value: ${codeSpan(text)} end`);
    const code = tokens.filter(({ type }) => type === 'code_inline');
    expect(code).toHaveLength(1);
    expect(code[0]?.content.trim()).toBe(text.trim());
    expect(tokens.filter(({ type }) => /^(html|link|image|strong|em)_/.test(type))).toEqual([]);
  });
});

const finding = (extra: Partial<Finding> = {}): Finding => ({
  id: 'zombie:71',
  kind: 'zombie',
  severity: 'warning',
  certainty: 'certain',
  title: 'Process 71 is a zombie',
  explanation: 'It ended.\nIts parent does not take note.',
  evidence: [{ label: 'state', value: 'Z', source: '/proc/71/stat' }],
  advice: 'Look at the parent.',
  subject: { endpoint: 'unix:///run/containerd/containerd.sock', id: 'c1' },
  pid: 71,
  ...extra,
});

const diagnosis = (extra: Partial<Diagnosis> = {}): Diagnosis => ({
  nodeLabel: 'worker-3',
  startedAt: Date.UTC(2026, 10, 24, 9, 30, 0),
  finishedAt: Date.UTC(2026, 10, 24, 9, 30, 2),
  findings: [finding()],
  checks: [
    { kind: 'zombie', result: 'done' },
    { kind: 'leftoverNetns', result: 'skipped', reason: 'Permission denied: /run/netns. Use sudo.' },
  ],
  ...extra,
});

describe('the report', () => {
  test('has all that the panel shows', () => {
    expect(reportMarkdown(diagnosis(), reportWords())).toBe(`# Diagnosis of worker-3

Looked at from 2026-11-24 09:30:00Z to 2026-11-24 09:30:02Z. Nothing was changed.

1 of 2 checks were skipped: what they look for may be there.

## Warning: Process 71 is a zombie

It ended.

Its parent does not take note.

- Kind: Zombies
- How sure: Certain (it was seen twice)
- Container or sandbox: \`c1\` of \`unix:///run/containerd/containerd.sock\`
- Process: \`71\`

Evidence:

- state: \`Z\` (from \`/proc/71/stat\`)

What to do:

Look at the parent.

## What was looked at

- Zombies: done
- Leftover network namespaces: **skipped**. Permission denied: /run/netns. Use sudo.

`);
  });

  test('without findings says what that means', () => {
    const report = reportMarkdown(diagnosis({ findings: [] }), reportWords());
    expect(report).toContain('Nothing wrong was found in what could be read.');
    expect(report).toContain('1 of 2 checks were skipped');
  });

  test.each(hostile)('%s is inert wherever it stands', (text) => {
    const worst = [text, `x\n${text}`, `${text}\n===\n${text}`].join('\n\n');
    const bad = diagnosis({
      nodeLabel: worst,
      findings: [
        finding({
          title: worst,
          explanation: worst,
          advice: worst,
          evidence: [{ label: worst, value: worst, source: worst }],
          subject: { endpoint: worst, id: worst },
        }),
      ],
      checks: [{ kind: 'zombie', result: 'skipped', reason: worst }],
    });
    const types = tokensOf(reportMarkdown(bad, reportWords())).map(({ type }) => type);
    // Our own: titles, paragraphs, lists, code spans, and one word in bold.
    const ours =
      /^(inline|text|text_special|(heading|paragraph|bullet_list|list_item|strong)_(open|close)|code_inline)$/;
    expect(types.filter((type) => !ours.test(type))).toEqual([]);
    expect(types.filter((type) => type === 'heading_open')).toHaveLength(3);
    expect(types.filter((type) => type === 'list_item_open')).toHaveLength(6);
    expect(types.filter((type) => type === 'strong_open')).toHaveLength(1);
  });
});
