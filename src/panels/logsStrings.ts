import * as vscode from 'vscode';
import type { LogsStrings } from '../protocol/logs.js';

/** The texts of the log panel, in the reader's language. */
export function logsStrings(): LogsStrings {
  return {
    toolbar: vscode.l10n.t('Log'),
    log: vscode.l10n.t('Lines of the log'),
    pause: vscode.l10n.t('Pause'),
    resume: vscode.l10n.t('Resume'),
    newLine: vscode.l10n.t('1 new line'),
    newLines: vscode.l10n.t('{0} new lines', '{0}'),
    manyNewLines: vscode.l10n.t('More than {0} new lines', '{0}'),
    toEnd: vscode.l10n.t('To the End'),
    showStdout: vscode.l10n.t('Show stdout'),
    showStderr: vscode.l10n.t('Show stderr'),
    timesLocal: vscode.l10n.t('Times: local (click for UTC)'),
    timesUtc: vscode.l10n.t('Times: UTC (click to hide)'),
    timesOff: vscode.l10n.t('Times: hidden (click for local)'),
    wrap: vscode.l10n.t('Wrap Lines'),
    matchCase: vscode.l10n.t('Match Case'),
    findScope: vscode.l10n.t('in the {0} loaded lines', '{0}'),
    openDocument: vscode.l10n.t('Open as Document (at most the last 5 MB)'),
    empty: vscode.l10n.t('The container has written nothing yet. Its lines will appear here.'),
    emptyEnded: vscode.l10n.t('The container ended without writing anything.'),
    missing: vscode.l10n.t('The log file is not there now. Its lines will appear here when it is.'),
    allHidden: vscode.l10n.t('Nothing to show: the streams of all loaded lines are hidden.'),
    rotated: vscode.l10n.t('The log was rotated: a new file begins'),
    rotatedAway: vscode.l10n.t('Earlier lines are in a file that was rotated away'),
    startOfFile: vscode.l10n.t('Start of the file'),
    earlier: vscode.l10n.t('Reading earlier lines…'),
    partial: vscode.l10n.t('No newline was written here (yet)'),
    raw: vscode.l10n.t('Not in a known log format: shown as it is in the file'),
    loaded: vscode.l10n.t('{0} lines loaded', '{0}'),
    paused: vscode.l10n.t('Paused'),
    following: vscode.l10n.t('Following'),
    showContainer: vscode.l10n.t('Show this container in the tree'),
    copiedAll: vscode.l10n.t('All loaded lines are selected'),
  };
}
