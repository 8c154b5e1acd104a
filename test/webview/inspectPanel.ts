import type { ProcessReality } from '../../src/model/oci/insight.js';
import { pathText, type JsonPath } from '../../src/model/oci/json.js';
import { readSpec } from '../../src/model/oci/readSpec.js';
import { cut, valueAt, viewOf } from '../../src/model/oci/view.js';
import type { InspectApi, SpecInsight } from '../../src/protocol/inspect.js';
import type { Boot } from '../../src/protocol/panel.js';
import type { PanelLab, PanelPage, PanelPageOptions } from './harness.js';

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
  /** What else was asked for: `compare`, `copyAs .process.args`, `reality 7`. */
  readonly asked: readonly string[];
  /** Everything that the host sent to the page in answer to `load`. */
  readonly sent: readonly unknown[];
  /** Asks the page to show a value, as a command does. */
  want(path: JsonPath): void;
}

interface InspectOptions {
  readonly title?: string;
  readonly kind?: 'container' | 'sandbox';
  /** What the host found out; nothing without it. */
  readonly insight?: () => SpecInsight | Promise<SpecInsight>;
  /** Of other processes. */
  readonly reality?: (pid: number) => ProcessReality;
}

const nothing: SpecInsight = { origins: [], fates: [], findings: [], processes: [], notes: [] };

/** The panel on a spec, with a host like src/panels/inspectPanel.ts but for VS Code. `read` gives the spec's text. */
export async function openInspect(
  lab: PanelLab,
  read: () => string | Promise<string>,
  options: Partial<PanelPageOptions<InspectApi>> & InspectOptions = {},
): Promise<InspectTest> {
  const clipboard: string[] = [];
  const opened: string[] = [];
  const sent: unknown[] = [];
  const asked: string[] = [];
  let wanted: JsonPath | undefined;
  // Only here: other panels' tests use this file too, and have no VS Code for it.
  const { inspectStrings } = await import('../../src/panels/inspectStrings.js');
  let reading: ReturnType<typeof readSpec> | undefined;
  const valueOf = (path: Parameters<typeof pathText>[0]): string => {
    const value = reading && valueAt(reading, path);
    if (value === undefined) throw new Error('no such value');
    return value;
  };
  const page = await lab.open<InspectApi>({
    panel: 'inspect',
    boot: bootOf(inspectStrings()),
    handlers: {
      async load() {
        reading = readSpec(await read());
        const view = {
          kind: options.kind ?? ('container' as const),
          title: options.title ?? 'web-0/main',
          source: 'From the runtime’s own account, info.runtimeSpec of its CRI status (local)',
          sections: viewOf(reading),
          problems: reading.problems,
        };
        sent.push(view);
        return view;
      },
      insight: () => options.insight?.() ?? nothing,
      reality({ pid }) {
        asked.push(`reality ${pid}`);
        if (!options.reality) throw new Error('no such process');
        return options.reality(pid);
      },
      wanted() {
        const path = wanted;
        wanted = undefined;
        return path ? { path } : null;
      },
      compare: () => (asked.push('compare'), null),
      openImage: () => (asked.push('openImage'), null),
      compareSources: () => (asked.push('compareSources'), null),
      copyAs: ({ path }) => (asked.push(`copyAs ${path ? pathText(path) : ''}`), null),
      reveal: ({ path }) => cut(valueOf(path)),
      copyValue: ({ path }) => (clipboard.push(valueOf(path)), null),
      copyPath: ({ path }) => (clipboard.push(pathText(path)), null),
      openJson: ({ path }) => (opened.push(path ? pathText(path) : ''), null),
    },
    ...options,
  });
  const want = (path: JsonPath): void => {
    wanted = path;
    page.host.notify('wanted', {});
  };
  return Object.assign(page, { clipboard, opened, sent, asked, want });
}
