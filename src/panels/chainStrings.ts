import * as vscode from 'vscode';
import type { ChainStrings } from '../protocol/chain.js';

/** The texts of the chain panel, in the reader's language. */
export function chainStrings(): ChainStrings {
  return { ...names(), ...controls(), ...details() };
}

function names(): Pick<ChainStrings, 'kinds' | 'facts' | 'passes'> {
  return {
    kinds: {
      init: vscode.l10n.t('ancestor'),
      kubelet: vscode.l10n.t('kubelet'),
      socket: vscode.l10n.t('unix socket'),
      server: vscode.l10n.t('CRI server'),
      daemon: vscode.l10n.t('daemon'),
      shim: vscode.l10n.t('shim'),
      monitor: vscode.l10n.t('monitor'),
      lowLevel: vscode.l10n.t('low-level runtime'),
      sandbox: vscode.l10n.t('sandbox’s first process'),
      container: vscode.l10n.t('container’s first process'),
      child: vscode.l10n.t('process in the container'),
      more: vscode.l10n.t('several more'),
    },
    facts: {
      pid: vscode.l10n.t('PID'),
      parent: vscode.l10n.t('Parent PID'),
      version: vscode.l10n.t('Version'),
      started: vscode.l10n.t('Started'),
      command: vscode.l10n.t('Command'),
      cgroup: vscode.l10n.t('Cgroup'),
      path: vscode.l10n.t('Path'),
      id: vscode.l10n.t('ID'),
      image: vscode.l10n.t('Image'),
      state: vscode.l10n.t('State'),
      bundle: vscode.l10n.t('Bundle'),
      statePath: vscode.l10n.t('State file'),
      source: vscode.l10n.t('Known from'),
      count: vscode.l10n.t('Count'),
    },
    passes: {
      cri: vscode.l10n.t('CRI over gRPC'),
      dockerApi: vscode.l10n.t('Docker API'),
      containerdApi: vscode.l10n.t('containerd’s gRPC'),
      ttrpc: vscode.l10n.t('ttrpc'),
      starts: vscode.l10n.t('starts'),
      oci: vscode.l10n.t('OCI config.json'),
      forkExec: vscode.l10n.t('fork and exec'),
      parent: vscode.l10n.t('parent'),
    },
  };
}

type Controls =
  | 'heading'
  | 'actions'
  | 'picture'
  | 'pictureHelp'
  | 'list'
  | 'showList'
  | 'showPicture'
  | 'zoomIn'
  | 'zoomOut'
  | 'fit'
  | 'turn'
  | 'refresh'
  | 'exportSvg'
  | 'saved'
  | 'legend'
  | 'proved'
  | 'inferred'
  | 'requests'
  | 'making'
  | 'parentage'
  | 'absent'
  | 'exited'
  | 'empty';

function controls(): Pick<ChainStrings, Controls> {
  return {
    heading: vscode.l10n.t('Runtime chain of {0}', '{0}'),
    actions: vscode.l10n.t('Chain'),
    picture: vscode.l10n.t('Runtime chain, as a picture'),
    pictureHelp: vscode.l10n.t('Arrow keys follow the lines, Enter opens the details, + - and 0 zoom.'),
    list: vscode.l10n.t('Runtime chain, as a list'),
    showList: vscode.l10n.t('Show as List'),
    showPicture: vscode.l10n.t('Show as Picture'),
    zoomIn: vscode.l10n.t('Zoom In (+)'),
    zoomOut: vscode.l10n.t('Zoom Out (-)'),
    fit: vscode.l10n.t('Fit to Window (0)'),
    turn: vscode.l10n.t('Turn: Downwards or Sideways'),
    refresh: vscode.l10n.t('Read Again'),
    exportSvg: vscode.l10n.t('Export as SVG…'),
    saved: vscode.l10n.t('Saved'),
    legend: vscode.l10n.t('Legend'),
    proved: vscode.l10n.t('proved: the kernel says so'),
    inferred: vscode.l10n.t('inferred: by configuration, or by how it works'),
    requests: vscode.l10n.t('requests'),
    making: vscode.l10n.t('making of a container'),
    parentage: vscode.l10n.t('parent and child process'),
    absent: vscode.l10n.t('not there now'),
    exited: vscode.l10n.t('exited: no process any more'),
    empty: vscode.l10n.t('Nothing of a runtime chain is known here. Read again once a runtime is there.'),
  };
}

function details(): Omit<ChainStrings, Controls | 'kinds' | 'facts' | 'passes'> {
  return {
    details: vscode.l10n.t('Details'),
    nothingSelected: vscode.l10n.t('Select a box to see all that is known of it.'),
    pid: vscode.l10n.t('pid {0}', '{0}'),
    since: vscode.l10n.t('since {0}', '{0}'),
    containers: vscode.l10n.t('containers: {0}', '{0}'),
    others: vscode.l10n.t('{0} more', '{0}'),
    copyFact: vscode.l10n.t('Copy {0}', '{0}'),
    openSpec: vscode.l10n.t('Open Spec'),
    openLogs: vscode.l10n.t('Open Logs'),
    reveal: vscode.l10n.t('Reveal in Tree'),
    incoming: vscode.l10n.t('Comes from'),
    outgoing: vscode.l10n.t('Goes to'),
    from: vscode.l10n.t('{0}, from {1}', '{0}', '{1}'),
    to: vscode.l10n.t('{0}, to {1}', '{0}', '{1}'),
    story: vscode.l10n.t('How this container came to be'),
    unknownTime: vscode.l10n.t('time unknown'),
    after: vscode.l10n.t('{0} later', '{0}'),
    before: vscode.l10n.t('{0} earlier', '{0}'),
    seconds: vscode.l10n.t('{0} s', '{0}'),
    milliseconds: vscode.l10n.t('{0} ms', '{0}'),
    notes: vscode.l10n.t('What could not be read'),
  };
}
