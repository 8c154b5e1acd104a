import child from '@vscode/codicons/src/icons/circle-small-filled.svg';
import more from '@vscode/codicons/src/icons/ellipsis.svg';
import monitor from '@vscode/codicons/src/icons/eye.svg';
import init from '@vscode/codicons/src/icons/gear.svg';
import lowLevel from '@vscode/codicons/src/icons/history.svg';
import sandbox from '@vscode/codicons/src/icons/layers.svg';
import shim from '@vscode/codicons/src/icons/link.svg';
import container from '@vscode/codicons/src/icons/package.svg';
import socket from '@vscode/codicons/src/icons/plug.svg';
import kubelet from '@vscode/codicons/src/icons/server-environment.svg';
import server from '@vscode/codicons/src/icons/server-process.svg';
import type { ChainBoxKind } from '../../src/model/chain/graph.js';

/** A codicon as one path on 16 by 16 units: the icon font would be missing in an exported picture. */
const pathOf = (file: string): string =>
  [...file.matchAll(/\bd="([^"]*)"/g)].map(([, path]) => path ?? '').join('');

export const iconPaths: Readonly<Record<ChainBoxKind, string>> = {
  init: pathOf(init),
  kubelet: pathOf(kubelet),
  socket: pathOf(socket),
  server: pathOf(server),
  daemon: pathOf(server),
  shim: pathOf(shim),
  monitor: pathOf(monitor),
  lowLevel: pathOf(lowLevel),
  sandbox: pathOf(sandbox),
  container: pathOf(container),
  child: pathOf(child),
  more: pathOf(more),
};

/** The same by name, for where the font is. */
export const iconNames: Readonly<Record<ChainBoxKind, string>> = {
  init: 'gear',
  kubelet: 'server-environment',
  socket: 'plug',
  server: 'server-process',
  daemon: 'server-process',
  shim: 'link',
  monitor: 'eye',
  lowLevel: 'history',
  sandbox: 'layers',
  container: 'package',
  child: 'circle-small-filled',
  more: 'ellipsis',
};
