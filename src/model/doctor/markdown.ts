import { visible } from '../visible.js';
import type { Check, Diagnosis, Evidence, Finding, FindingKind, Severity } from './finding.js';

/** The report's own words, in the reader's language. `{0}`, `{1}` … in them stand for what is filled in. */
export interface ReportWords {
  readonly kinds: Readonly<Record<FindingKind, string>>;
  readonly severities: Readonly<Record<Severity, string>>;
  readonly certainties: Readonly<Record<Finding['certainty'], string>>;
  /** {0}: the node. */
  readonly title: string;
  /** {0}, {1}: when the look began and ended. */
  readonly times: string;
  readonly nothing: string;
  /** {0}: checks that were skipped, {1}: all. */
  readonly skippedSome: string;
  readonly kind: string;
  readonly certainty: string;
  /** {0}: an id, {1}: an endpoint. */
  readonly subject: string;
  readonly process: string;
  readonly evidence: string;
  /** {0}: a file or call. */
  readonly from: string;
  readonly advice: string;
  readonly checks: string;
  readonly done: string;
  readonly skipped: string;
}

/**
 * A diagnosis as CommonMark, for an issue or a chat. Prose is escaped as text; evidence, ids and paths are code spans,
 * so that they can be copied from the source as they are. No tables: their cells have escapes of their own.
 */
export function reportMarkdown(diagnosis: Diagnosis, words: ReportWords): string {
  const { nodeLabel, startedAt, finishedAt, findings, checks } = diagnosis;
  const skipped = checks.filter(({ result }) => result === 'skipped').length;
  return [
    `# ${fill(words.title, escapeText(nodeLabel))}`,
    fill(words.times, utc(startedAt), utc(finishedAt)),
    ...(skipped === 0 ? [] : [fill(words.skippedSome, String(skipped), String(checks.length))]),
    ...(findings.length === 0 ? [words.nothing] : findings.map((finding) => findingText(finding, words))),
    `## ${words.checks}`,
    checks.map((check) => checkText(check, words)).join('\n'),
    '',
  ].join('\n\n');
}

function findingText(finding: Finding, words: ReportWords): string {
  const { subject, pid } = finding;
  const facts = [
    `- ${words.kind}: ${words.kinds[finding.kind]}`,
    `- ${words.certainty}: ${words.certainties[finding.certainty]}`,
    ...(subject ? [`- ${fill(words.subject, codeSpan(subject.id), codeSpan(subject.endpoint))}`] : []),
    ...(pid === undefined ? [] : [`- ${words.process}: ${codeSpan(String(pid))}`]),
  ];
  return [
    `## ${words.severities[finding.severity]}: ${escapeText(finding.title)}`,
    paragraphs(finding.explanation),
    facts.join('\n'),
    ...(finding.evidence.length === 0
      ? []
      : [`${words.evidence}:`, finding.evidence.map((each) => evidenceText(each, words)).join('\n')]),
    `${words.advice}:`,
    paragraphs(finding.advice),
  ].join('\n\n');
}

function evidenceText({ label, value, source }: Evidence, words: ReportWords): string {
  return `- ${escapeText(label)}: ${codeSpan(value)} (${fill(words.from, codeSpan(source))})`;
}

function checkText({ kind, result, reason }: Check, words: ReportWords): string {
  const name = words.kinds[kind];
  if (result === 'done') return `- ${name}: ${words.done}`;
  return `- ${name}: **${words.skipped}**${reason === undefined ? '' : `. ${escapeText(reason)}`}`;
}

/** A line of the text is a paragraph. */
function paragraphs(text: string): string {
  return text
    .split('\n')
    .map(escapeText)
    .filter((line) => line !== '')
    .join('\n\n');
}

/**
 * One line of a stranger's text, to stand anywhere in a line. Escapes (CommonMark 6.1) what begins something within a
 * line (code, emphasis, links, images, HTML, entities, tables, formulas), what begins a block where it is the line's
 * first (lists, underlines of titles; blanks are taken off), and what GitHub and VS Code take for an address without any brackets.
 */
export function escapeText(text: string): string {
  return visible(text)
    .trim()
    .replace(/[\\`*_{}[\]<>#!|~&$@^]|:(?=\/)|\/(?=\/)|(?<=\/)\/|(?<=\bwww)\./gi, '\\$&')
    .replace(/^[-+=]/, '\\$&')
    .replace(/^\d+(?=[.)])/, '$&\\');
}

/** Text as it is, in a code span (CommonMark 6.1): its fence is longer than any run of backticks within. */
export function codeSpan(text: string): string {
  const shown = visible(text);
  // One space on either side is taken off again; without it a backtick would join the fence, and blanks be lost.
  const padded = /^[ `]|[ `]$|^$/.test(shown) ? ` ${shown} ` : shown;
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${padded}${fence}`;
}

/** `2026-11-24 10:17:12Z`. */
const utc = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`;

/** All holes in one pass, so that a value that looks like one stays as it is. */
const fill = (text: string, ...values: readonly string[]): string =>
  text.replace(/\{(\d+)\}/g, (hole, index: string) => values[Number(index)] ?? hole);
