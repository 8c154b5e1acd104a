import type { Fate, Origin, ProcessReality, SpecFinding } from '../model/oci/insight.js';
import type { JsonPath } from '../model/oci/json.js';
import type { SectionId } from '../model/oci/spec.js';
import type { ViewSection } from '../model/oci/view.js';
import { notice, request } from './rpc.js';

/** The OCI spec panel. Secrets stay in the host until a person asks for one. */
export const inspectApi = {
  requests: {
    /** The spec as read last, or read anew. Rejects with the reason when there is none. */
    load: request<{ readonly fresh: boolean }, SpecView>(),
    /** What else is known of the spec that was loaded. What can't be had is a note in it; rejects before a `load`. */
    insight: request<{ readonly fresh: boolean }, SpecInsight>(),
    /** The facts of another process of the container. */
    reality: request<{ readonly pid: number }, ProcessReality>(),
    /** The value that somebody outside of the page wants to be shown, once. */
    wanted: request<object, { readonly path: JsonPath } | null>(),
    /** Lets a person pick another container, and opens the diff editor. */
    compare: request<object, null>(),
    /** Opens both texts of the spec in the diff editor. */
    compareSources: request<object, null>(),
    /** Opens the image's config as a JSON document. */
    openImage: request<object, null>(),
    /** Lets a person pick a command line about the container, or about one value, and puts it on the clipboard. */
    copyAs: request<{ readonly path?: JsonPath }, null>(),
    /** A masked value, as long as a view shows it. */
    reveal: request<{ readonly path: JsonPath }, RevealedValue>(),
    /** Puts a value on the clipboard, whole. */
    copyValue: request<{ readonly path: JsonPath }, null>(),
    copyPath: request<{ readonly path: JsonPath }, null>(),
    /** Opens the JSON document, at a value. */
    openJson: request<{ readonly path?: JsonPath }, null>(),
  },
  notices: {
    /** What the runtime says of the target now, when that is worth a line: it is gone, the runtime is lost. */
    warning: notice<{ readonly text: string | undefined }>(),
    /** There is something to be asked for by `wanted`. */
    wanted: notice<object>(),
  },
} as const;

export type InspectApi = typeof inspectApi;

export interface SpecView {
  readonly kind: 'container' | 'sandbox';
  /** For example `web-0/main`. */
  readonly title: string;
  /** Where the spec was read, for people. */
  readonly source: string;
  readonly sections: readonly ViewSection[];
  readonly problems: readonly { readonly path: JsonPath; readonly message: string }[];
}

/** Values of masked rows are left out of all of it. */
export interface SpecInsight {
  readonly origins: readonly Origin[];
  readonly fates: readonly Fate[];
  readonly findings: readonly SpecFinding[];
  /** Of the first process; absent when it isn't running. */
  readonly reality?: ProcessReality;
  /** Those whose `reality` can be asked for, the first one first. */
  readonly processes: readonly ProcessName[];
  readonly sources?: SourcesView;
  /** What couldn't be had, and why; sentences for people. */
  readonly notes: readonly string[];
}

export interface ProcessName {
  readonly pid: number;
  /** Its program, without arguments. */
  readonly program: string;
}

export interface SourcesView {
  readonly runtimeSpec: SourceView;
  readonly bundle: SourceView;
  /** The image's config. */
  readonly image: SourceView;
  /** Left: runtimeSpec, right: bundle. Absent unless both could be read. */
  readonly differences?: readonly DifferenceView[];
  /** Of all, where there are more than are listed. */
  readonly differenceCount: number;
}

/** One of them is set: where the text is, or why there is none. */
export interface SourceView {
  readonly place?: string;
  readonly missing?: string;
}

export interface DifferenceView {
  readonly path: JsonPath;
  /** Absent where there is nothing. */
  readonly left?: string;
  readonly right?: string;
  /** Both are left out: they may hold a secret. */
  readonly secret?: true;
}

/** Which rows are shown. */
export type RowFilter = 'all' | 'drift' | 'cri' | 'unknown';

export interface RevealedValue {
  readonly value: string;
  /** Of the whole value, when it was cut. */
  readonly length?: number;
}

/** The panel's texts. */
export interface InspectStrings {
  readonly sections: Readonly<Record<SectionId, string>>;
  readonly heading: string;
  readonly contents: string;
  readonly actions: string;
  readonly refresh: string;
  readonly openJson: string;
  readonly expandAll: string;
  readonly collapseAll: string;
  readonly reveal: string;
  readonly hide: string;
  readonly masked: string;
  readonly copyValue: string;
  readonly copyPath: string;
  readonly showInJson: string;
  readonly details: string;
  readonly more: string;
  readonly cut: string;
  readonly problems: string;
  readonly empty: string;
  readonly filter: string;
  readonly filters: Readonly<Record<RowFilter, string>>;
  readonly nothingPasses: string;
  readonly compare: string;
  readonly copyAs: string;
  readonly origins: Readonly<Record<Origin['kind'], string>>;
  readonly origin: string;
  readonly proofs: Readonly<Record<Origin['proof'], string>>;
  readonly hiddenValue: string;
  readonly same: string;
  readonly drift: string;
  readonly unreadable: string;
  readonly specSays: string;
  readonly kernelSays: string;
  readonly specification: string;
  readonly looking: string;
  readonly insightFailed: string;
  readonly findings: string;
  readonly noFindings: string;
  readonly severities: Readonly<Record<SpecFinding['severity'], string>>;
  readonly expected: string;
  readonly reality: string;
  readonly process: string;
  readonly realityCounts: string;
  readonly request: string;
  readonly noTrace: string;
  readonly goTo: string;
  readonly goneRow: string;
  readonly sources: string;
  readonly runtimeSpec: string;
  readonly bundle: string;
  readonly image: string;
  readonly sourcesSame: string;
  readonly sourcesDiffer: string;
  readonly compareSources: string;
  readonly openImage: string;
  readonly found: string;
  readonly nothingThere: string;
}
