import * as vscode from 'vscode';
import type { InspectStrings } from '../protocol/inspect.js';

/** The texts of the OCI spec panel, in the reader's language. */
export function inspectStrings(): InspectStrings {
  return {
    sections: {
      process: vscode.l10n.t('Process'),
      environment: vscode.l10n.t('Environment'),
      capabilities: vscode.l10n.t('Capabilities'),
      root: vscode.l10n.t('Root and Host Name'),
      mounts: vscode.l10n.t('Mounts'),
      namespaces: vscode.l10n.t('Namespaces'),
      resources: vscode.l10n.t('Cgroup and Limits'),
      seccomp: vscode.l10n.t('Seccomp'),
      hooks: vscode.l10n.t('Hooks'),
      annotations: vscode.l10n.t('Annotations'),
      paths: vscode.l10n.t('Masked and Read-Only Paths'),
      sysctl: vscode.l10n.t('Sysctl'),
      devices: vscode.l10n.t('Devices'),
      other: vscode.l10n.t('Everything Else'),
    },
    heading: vscode.l10n.t('OCI spec of {0}', '{0}'),
    contents: vscode.l10n.t('Contents'),
    actions: vscode.l10n.t('Spec'),
    refresh: vscode.l10n.t('Read Again'),
    openJson: vscode.l10n.t('Open as JSON (shows secrets)'),
    expandAll: vscode.l10n.t('Expand All'),
    collapseAll: vscode.l10n.t('Collapse All'),
    reveal: vscode.l10n.t('Reveal Value'),
    hide: vscode.l10n.t('Hide Value'),
    masked: vscode.l10n.t('hidden: looks like a secret'),
    copyValue: vscode.l10n.t('Copy Value'),
    copyPath: vscode.l10n.t('Copy JSON Path'),
    showInJson: vscode.l10n.t('Show in JSON'),
    details: vscode.l10n.t('Details of {0}', '{0}'),
    more: vscode.l10n.t('Show {0} more', '{0}'),
    cut: vscode.l10n.t('… cut, {0} characters in all: copy it, or open as JSON', '{0}'),
    problems: vscode.l10n.t('Something is odd in this spec'),
    empty: vscode.l10n.t('This spec is empty.'),
  };
}
