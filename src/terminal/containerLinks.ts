import * as vscode from 'vscode';
import { KnownIds, type KnownId } from '../model/find/ids.js';
import { findById } from '../model/picture.js';
import { inert } from '../model/visible.js';
import type { NodeStore } from '../runtime/nodes.js';
import type { Disposable } from '../util/dispose.js';

class ContainerLink extends vscode.TerminalLink {
  constructor(
    readonly known: KnownId,
    index: number,
    length: number,
    tooltip: string,
  ) {
    super(index, length, tooltip);
  }
}

/**
 * Makes links of the ids of known sandboxes and containers in any terminal, whole or cut to twelve digits or more.
 * @param reveal shows what an id names
 */
export function registerContainerLinks(store: NodeStore, reveal: (known: KnownId) => void): Disposable {
  const ids = new KnownIds();
  return vscode.window.registerTerminalLinkProvider({
    provideTerminalLinks({ line }) {
      ids.update(store.nodes.flatMap(({ runtimes }) => runtimes));
      return ids
        .findAll(line)
        .map((known) => new ContainerLink(known, known.index, known.length, titleOf(store, known)));
    },
    handleTerminalLink(link: ContainerLink) {
      reveal(link.known);
    },
  });
}

function titleOf({ nodes }: NodeStore, { nodeId, endpoint, id }: KnownId): string {
  const node = nodes.find((each) => each.id === nodeId);
  const runtime = node?.runtimes.find((each) => each.endpoint === endpoint);
  const { sandbox, container } = findById(runtime?.snapshot, id);
  const name = [sandbox?.name, container?.name].filter(Boolean).join('/');
  return vscode.l10n.t('Show {0} in CRI Explorer', inert(name === '' ? id.slice(0, 13) : name));
}
