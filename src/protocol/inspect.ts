import type { JsonPath } from '../model/oci/json.js';
import type { SectionId } from '../model/oci/spec.js';
import type { ViewSection } from '../model/oci/view.js';
import { notice, request } from './rpc.js';

/** The OCI spec panel. Secrets stay in the host until a person asks for one. */
export const inspectApi = {
  requests: {
    /** The spec as read last, or read anew. Rejects with the reason when there is none. */
    load: request<{ readonly fresh: boolean }, SpecView>(),
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
  },
} as const;

export type InspectApi = typeof inspectApi;

export interface SpecView {
  /** For example `web-0/main`. */
  readonly title: string;
  /** Where the spec was read, for people. */
  readonly source: string;
  readonly sections: readonly ViewSection[];
  readonly problems: readonly { readonly path: JsonPath; readonly message: string }[];
}

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
}
