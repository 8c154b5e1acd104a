import * as vscode from 'vscode';
import type { FindingKind, Severity } from '../model/doctor/finding.js';
import type { ReportWords } from '../model/doctor/markdown.js';
import type { Certainty, DoctorStrings } from '../protocol/doctor.js';

const kinds = (): Readonly<Record<FindingKind, string>> => ({
  orphanShim: vscode.l10n.t('Shims without a sandbox'),
  processGone: vscode.l10n.t('Containers without their process'),
  strangerInCgroup: vscode.l10n.t('Strangers in a container’s cgroup'),
  leftoverBundle: vscode.l10n.t('Leftover bundles'),
  leftoverState: vscode.l10n.t('Leftover runtime state'),
  leftoverMount: vscode.l10n.t('Leftover mounts'),
  leftoverCgroup: vscode.l10n.t('Leftover cgroups'),
  leftoverNetns: vscode.l10n.t('Leftover network namespaces'),
  zombie: vscode.l10n.t('Zombies'),
  restartLoop: vscode.l10n.t('Restart loops'),
  sandboxNotReady: vscode.l10n.t('Sandboxes that stay not ready'),
  network: vscode.l10n.t('Pod network'),
  imageFilesystem: vscode.l10n.t('Image filesystem'),
  clockSkew: vscode.l10n.t('Clocks'),
  deprecation: vscode.l10n.t('Deprecated configuration'),
});

const severities = (): Readonly<Record<Severity, string>> => ({
  error: vscode.l10n.t('Error'),
  warning: vscode.l10n.t('Warning'),
  info: vscode.l10n.t('Information'),
});

const certainties = (): Readonly<Record<Certainty, string>> => ({
  certain: vscode.l10n.t('Certain (it was seen twice)'),
  likely: vscode.l10n.t('Likely (all that was seen fits only this, as far as is known)'),
});

/** The texts of the doctor's panel, in the reader's language. */
export function doctorStrings(): DoctorStrings {
  return {
    ...{ kinds: kinds(), severities: severities(), certainties: certainties() },
    severityCounts: {
      error: vscode.l10n.t('Errors: {0}', '{0}'),
      warning: vscode.l10n.t('Warnings: {0}', '{0}'),
      info: vscode.l10n.t('Informations: {0}', '{0}'),
    },
    heading: vscode.l10n.t('Diagnosis of {0}', '{0}'),
    toolbar: vscode.l10n.t('Diagnosis'),
    filter: vscode.l10n.t('Filter'),
    filterHint: vscode.l10n.t('Filter by text, pid, id or path'),
    filterClear: vscode.l10n.t('Clear Filter'),
    filterNone: vscode.l10n.t('No finding matches the filter.'),
    shown: vscode.l10n.t('Showing {0} of {1}', '{0}', '{1}'),
    allKinds: vscode.l10n.t('All kinds'),
    kindCount: vscode.l10n.t('{0} ({1})', '{0}', '{1}'),
    kindFilter: vscode.l10n.t('Kind'),
    sortBy: vscode.l10n.t('Sort by'),
    sortSeverity: vscode.l10n.t('Worst first'),
    sortKind: vscode.l10n.t('By kind'),
    sortName: vscode.l10n.t('By name'),
    expandAll: vscode.l10n.t('Expand All'),
    collapseAll: vscode.l10n.t('Collapse All'),
    exportMarkdown: vscode.l10n.t('Export as Markdown'),
    look: vscode.l10n.t('Look Again'),
    cancel: vscode.l10n.t('Cancel'),
    looking: vscode.l10n.t('Looking at the node…'),
    lookingAgain: vscode.l10n.t('Looking again. This was found at {0}.', '{0}'),
    lookedAt: vscode.l10n.t('Looked at {0}, in {1} s. Nothing was changed.', '{0}', '{1}'),
    failed: vscode.l10n.t('The node could not be looked at: {0}', '{0}'),
    old: vscode.l10n.t('This is what was found at {0}.', '{0}'),
    findings: vscode.l10n.t('Findings'),
    skipped: vscode.l10n.t('{0} of {1} checks were skipped: what they look for may be there.', '{0}', '{1}'),
    nothing: vscode.l10n.t('Nothing wrong was found in what could be read.'),
    nothingOfSome: vscode.l10n.t(
      'The checks that could be done found nothing, but {0} of {1} were skipped. That does not mean that all is well.',
      '{0}',
      '{1}',
    ),
    nothingRead: vscode.l10n.t('Nothing could be looked at, so nothing is known of this node.'),
    announceFound: vscode.l10n.t(
      'Findings: {0}. New: {1}. Gone: {2}. Skipped checks: {3}.',
      '{0}',
      '{1}',
      '{2}',
      '{3}',
    ),
    isNew: vscode.l10n.t('new'),
    likely: vscode.l10n.t('likely'),
    evidence: vscode.l10n.t('Evidence'),
    evidenceOf: vscode.l10n.t('Evidence of: {0}', '{0}'),
    value: vscode.l10n.t('Value'),
    source: vscode.l10n.t('Source'),
    copyValue: vscode.l10n.t('Copy Value of {0}', '{0}'),
    advice: vscode.l10n.t('What to do'),
    certainty: vscode.l10n.t('How sure'),
    reveal: vscode.l10n.t('Reveal in Sidebar'),
    openSpec: vscode.l10n.t('Open OCI Spec'),
    process: vscode.l10n.t('Process {0}', '{0}'),
    copyPid: vscode.l10n.t('Copy PID {0}', '{0}'),
    more: vscode.l10n.t('Show {0} more', '{0}'),
    gone: vscode.l10n.t('Not there any more since {0}', '{0}'),
    goneNow: vscode.l10n.t('gone'),
    goneUnknown: vscode.l10n.t('not known: its check was skipped this time'),
    checks: vscode.l10n.t('What was looked at'),
    checksCount: vscode.l10n.t('{0} done, {1} skipped', '{0}', '{1}'),
    checkDone: vscode.l10n.t('done'),
    checkSkipped: vscode.l10n.t('skipped'),
    noReason: vscode.l10n.t('no reason was given'),
  };
}

/** The words of the report in Markdown. */
export function reportWords(): ReportWords {
  return {
    ...{ kinds: kinds(), severities: severities(), certainties: certainties() },
    title: vscode.l10n.t('Diagnosis of {0}', '{0}'),
    times: vscode.l10n.t('Looked at from {0} to {1}. Nothing was changed.', '{0}', '{1}'),
    nothing: vscode.l10n.t('Nothing wrong was found in what could be read.'),
    skippedSome: vscode.l10n.t(
      '{0} of {1} checks were skipped: what they look for may be there.',
      '{0}',
      '{1}',
    ),
    kind: vscode.l10n.t('Kind'),
    certainty: vscode.l10n.t('How sure'),
    subject: vscode.l10n.t('Container or sandbox: {0} of {1}', '{0}', '{1}'),
    process: vscode.l10n.t('Process'),
    evidence: vscode.l10n.t('Evidence'),
    from: vscode.l10n.t('from {0}', '{0}'),
    advice: vscode.l10n.t('What to do'),
    checks: vscode.l10n.t('What was looked at'),
    done: vscode.l10n.t('done'),
    skipped: vscode.l10n.t('skipped'),
  };
}
