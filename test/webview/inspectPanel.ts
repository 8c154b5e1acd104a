import { pathText } from '../../src/model/oci/json.js';
import { readSpec } from '../../src/model/oci/readSpec.js';
import { cut, valueAt, viewOf } from '../../src/model/oci/view.js';
import type { InspectApi, InspectStrings } from '../../src/protocol/inspect.js';
import type { Boot } from '../../src/protocol/panel.js';
import type { PanelLab, PanelPage, PanelPageOptions } from './harness.js';

/** English texts of the panel, as src/panels/inspectStrings.ts has them; that file needs VS Code. */
const strings: InspectStrings = {
  sections: {
    process: 'Process',
    environment: 'Environment',
    capabilities: 'Capabilities',
    root: 'Root and Host Name',
    mounts: 'Mounts',
    namespaces: 'Namespaces',
    resources: 'Cgroup and Limits',
    seccomp: 'Seccomp',
    hooks: 'Hooks',
    annotations: 'Annotations',
    paths: 'Masked and Read-Only Paths',
    sysctl: 'Sysctl',
    devices: 'Devices',
    other: 'Everything Else',
  },
  heading: 'OCI spec of {0}',
  contents: 'Contents',
  actions: 'Spec',
  refresh: 'Read Again',
  openJson: 'Open as JSON (shows secrets)',
  expandAll: 'Expand All',
  collapseAll: 'Collapse All',
  reveal: 'Reveal Value',
  hide: 'Hide Value',
  masked: 'hidden: looks like a secret',
  copyValue: 'Copy Value',
  copyPath: 'Copy JSON Path',
  showInJson: 'Show in JSON',
  details: 'Details of {0}',
  more: 'Show {0} more',
  cut: '… cut, {0} characters in all: copy it, or open as JSON',
  problems: 'Something is odd in this spec',
  empty: 'This spec is empty.',
};

export const bootOf = (panelStrings: object): Boot<object> => ({
  target: { nodeId: 'local', endpoint: 'unix:///run/containerd/containerd.sock', id: 'abc' },
  strings: {
    ...panelStrings,
    find: 'Find',
    findNext: 'Next Match',
    findPrevious: 'Previous Match',
    findClose: 'Clear Find',
    findCount: '{0} of {1}',
    findNone: 'No results',
    copied: 'Copied',
    loading: 'Loading…',
    retry: 'Try Again',
  },
});

export interface InspectTest extends PanelPage<InspectApi> {
  readonly clipboard: readonly string[];
  /** Paths that were asked for as JSON. */
  readonly opened: readonly string[];
  /** Everything that the host sent to the page in answer to `load`. */
  readonly sent: readonly unknown[];
}

/** The panel on a spec, with a host like src/panels/inspectPanel.ts but for VS Code. `read` gives the spec's text. */
export async function openInspect(
  lab: PanelLab,
  read: () => string | Promise<string>,
  options: Partial<PanelPageOptions<InspectApi>> & { readonly title?: string } = {},
): Promise<InspectTest> {
  const clipboard: string[] = [];
  const opened: string[] = [];
  const sent: unknown[] = [];
  let reading: ReturnType<typeof readSpec> | undefined;
  const valueOf = (path: Parameters<typeof pathText>[0]): string => {
    const value = reading && valueAt(reading, path);
    if (value === undefined) throw new Error('no such value');
    return value;
  };
  const page = await lab.open<InspectApi>({
    panel: 'inspect',
    boot: bootOf(strings),
    handlers: {
      async load() {
        reading = readSpec(await read());
        const view = {
          title: options.title ?? 'web-0/main',
          source: 'From the runtime’s own account, info.runtimeSpec of its CRI status (local)',
          sections: viewOf(reading),
          problems: reading.problems,
        };
        sent.push(view);
        return view;
      },
      reveal: ({ path }) => cut(valueOf(path)),
      copyValue: ({ path }) => (clipboard.push(valueOf(path)), null),
      copyPath: ({ path }) => (clipboard.push(pathText(path)), null),
      openJson: ({ path }) => (opened.push(path ? pathText(path) : ''), null),
    },
    ...options,
  });
  return Object.assign(page, { clipboard, opened, sent });
}
