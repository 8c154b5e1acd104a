import * as vscode from 'vscode';
import { pathText, type JsonPath } from '../model/oci/json.js';
import { findById } from '../model/picture.js';
import { commandLine, crictlCommand, nsenterCommand } from '../model/shell.js';
import { inert } from '../model/visible.js';
import type { RuntimeConnection, SpecText } from '../runtime/connection.js';

/** A line for a shell of the node. */
export interface CopyChoice extends vscode.QuickPickItem {
  readonly line: string;
}

/**
 * Command lines about a container or a sandbox, each word quoted for a shell.
 * @param path a value of its spec, for jq; the whole spec without it
 */
export function copyChoices(
  connection: RuntimeConnection,
  id: string,
  source: SpecText['source'],
  path: JsonPath = [],
): readonly CopyChoice[] {
  const { sandbox, container } = findById(connection.snapshot, id);
  const { pid, ancestry } = container ?? sandbox ?? {};
  const { name = 'runc', bundle, statePath } = ancestry?.lowLevel ?? {};
  const inspect = crictlCommand(connection.endpoint, container || !sandbox ? 'inspect' : 'inspectp', id);
  const root = statePath === undefined ? undefined : /^(\/.+)\/[^/]+\/[^/]+$/.exec(statePath)?.[1];
  return [
    ...(source === 'runtimeSpec'
      ? [
          choice(
            vscode.l10n.t('jq, of the runtime’s own account'),
            `${inspect} | ${commandLine(['jq', `.info.runtimeSpec${path.length > 0 ? pathText(path) : ''}`])}`,
          ),
        ]
      : []),
    ...(bundle === undefined
      ? []
      : [
          choice(
            vscode.l10n.t('jq, of the bundle’s file'),
            commandLine(['jq', path.length > 0 ? pathText(path) : '.', `${bundle}/config.json`]),
          ),
          choice(vscode.l10n.t('The bundle’s folder'), commandLine([bundle])),
        ]),
    ...(root === undefined
      ? []
      : [
          choice(
            vscode.l10n.t('Its state, by {0}', inert(name, 30)),
            commandLine([name, '--root', root, 'state', id]),
          ),
        ]),
    ...(pid === undefined
      ? []
      : [
          choice(
            vscode.l10n.t('nsenter: all namespaces, with the container’s files'),
            nsenterCommand(pid, 'all'),
          ),
          choice(vscode.l10n.t('nsenter: all but files'), nsenterCommand(pid, 'withoutFiles')),
          choice(vscode.l10n.t('nsenter: network only'), nsenterCommand(pid, 'network')),
        ]),
  ];
}

/** Lets a person pick one, and copies it; nothing when none is picked. */
export async function pickCopy(choices: readonly CopyChoice[]): Promise<void> {
  const picked = await vscode.window.showQuickPick([...choices], {
    title: vscode.l10n.t('Copy As…'),
    matchOnDetail: true,
  });
  if (picked) await vscode.env.clipboard.writeText(picked.line);
}

const choice = (label: string, line: string): CopyChoice => ({ label, detail: inert(line, 500), line });
