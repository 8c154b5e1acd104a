import type { ChainGraph } from '../../src/model/chain/graph.js';
import type { BoxAction, ChainApi, ChainStrings, ChainView } from '../../src/protocol/chain.js';
import { story } from './chainGraphs.js';
import type { PanelLab, PanelPage, PanelPageOptions } from './harness.js';
import { bootOf } from './inspectPanel.js';

/** English texts of the panel, as src/panels/chainStrings.ts has them; that file needs VS Code. */
export const strings: ChainStrings = {
  kinds: {
    init: 'ancestor',
    kubelet: 'kubelet',
    socket: 'unix socket',
    server: 'CRI server',
    daemon: 'daemon',
    shim: 'shim',
    monitor: 'monitor',
    lowLevel: 'low-level runtime',
    sandbox: 'sandbox’s first process',
    container: 'container’s first process',
    child: 'process in the container',
    more: 'several more',
  },
  facts: {
    pid: 'PID',
    parent: 'Parent PID',
    version: 'Version',
    started: 'Started',
    command: 'Command',
    cgroup: 'Cgroup',
    path: 'Path',
    id: 'ID',
    image: 'Image',
    state: 'State',
    bundle: 'Bundle',
    statePath: 'State file',
    source: 'Known from',
    count: 'Count',
  },
  passes: {
    cri: 'CRI over gRPC',
    dockerApi: 'Docker API',
    containerdApi: 'containerd’s gRPC',
    ttrpc: 'ttrpc',
    starts: 'starts',
    oci: 'OCI config.json',
    forkExec: 'fork and exec',
    parent: 'parent',
  },
  heading: 'Runtime chain of {0}',
  actions: 'Chain',
  picture: 'Runtime chain, as a picture',
  pictureHelp: 'Arrow keys follow the lines, Enter opens the details, + - and 0 zoom.',
  list: 'Runtime chain, as a list',
  showList: 'Show as List',
  showPicture: 'Show as Picture',
  zoomIn: 'Zoom In (+)',
  zoomOut: 'Zoom Out (-)',
  fit: 'Fit to Window (0)',
  turn: 'Turn: Downwards or Sideways',
  refresh: 'Read Again',
  exportSvg: 'Export as SVG…',
  saved: 'Saved',
  legend: 'Legend',
  proved: 'proved: the kernel says so',
  inferred: 'inferred: by configuration, or by how it works',
  requests: 'requests',
  making: 'making of a container',
  parentage: 'parent and child process',
  absent: 'not there now',
  exited: 'exited: no process any more',
  empty: 'Nothing of a runtime chain is known here. Read again once a runtime is there.',
  details: 'Details',
  nothingSelected: 'Select a box to see all that is known of it.',
  pid: 'pid {0}',
  since: 'since {0}',
  containers: 'containers: {0}',
  others: '{0} more',
  copyFact: 'Copy {0}',
  openSpec: 'Open Spec',
  openLogs: 'Open Logs',
  reveal: 'Reveal in Tree',
  incoming: 'Comes from',
  outgoing: 'Goes to',
  from: '{0}, from {1}',
  to: '{0}, to {1}',
  story: 'How this container came to be',
  unknownTime: 'time unknown',
  after: '{0} later',
  before: '{0} earlier',
  seconds: '{0} s',
  milliseconds: '{0} ms',
  notes: 'What could not be read',
};

export interface ChainTest extends PanelPage<ChainApi> {
  readonly clipboard: readonly string[];
  readonly acted: readonly { readonly box: string; readonly action: BoxAction }[];
  readonly saved: readonly string[];
  readonly loads: readonly boolean[];
}

export const viewOf = (graph: ChainGraph, extra: Partial<ChainView> = {}): ChainView => ({
  title: 'web-0/main',
  graph,
  focus: 'first0-1',
  story: { steps: story },
  ...extra,
});

/** The panel on a chain, with a host like src/panels/chainPanel.ts but for VS Code. */
export async function openChain(
  lab: PanelLab,
  read: () => ChainView | Promise<ChainView>,
  options: Partial<PanelPageOptions<ChainApi>> = {},
): Promise<ChainTest> {
  const clipboard: string[] = [];
  const acted: { box: string; action: BoxAction }[] = [];
  const saved: string[] = [];
  const loads: boolean[] = [];
  const page = await lab.open<ChainApi>({
    panel: 'chain',
    boot: bootOf(strings),
    handlers: {
      load: ({ fresh }) => (loads.push(fresh), read()),
      copy: ({ text }) => (clipboard.push(text), null),
      act: (what) => (acted.push(what), null),
      save: ({ svg }) => saved.push(svg) > 0,
    },
    ...options,
  });
  return Object.assign(page, { clipboard, acted, saved, loads });
}
