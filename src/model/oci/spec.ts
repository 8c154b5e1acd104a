import type { JsonPath } from './json.js';

/** What a config.json says, laid out for reading. Rows hold the whole truth, secrets too: see view.ts before sending. */
export interface SpecReading {
  readonly sections: readonly SpecSection[];
  /** What is wrong with the document: keys that occur twice, values of a wrong type. Never holds a value. */
  readonly problems: readonly SpecProblem[];
}

export interface SpecProblem {
  readonly path: JsonPath;
  readonly message: string;
}

/** In the order in which they are shown. */
export const sectionIds = [
  'process',
  'environment',
  'capabilities',
  'root',
  'mounts',
  'namespaces',
  'resources',
  'seccomp',
  'hooks',
  'annotations',
  'paths',
  'sysctl',
  'devices',
  'other',
] as const;

export type SectionId = (typeof sectionIds)[number];

export interface SpecSection {
  readonly id: SectionId;
  readonly rows: readonly SpecRow[];
}

export interface SpecRow {
  /** Where in the document this stands, or would stand. */
  readonly path: JsonPath;
  /** Our label, or the document's own word where the document names things (a variable, a mount's destination). */
  readonly name: string;
  readonly value: string;
  /** What the value means, in plain words. */
  readonly note?: string;
  readonly secret?: true;
  /** Details, shown on demand. */
  readonly children?: readonly SpecRow[];
}

/** What the reader can be told about a node, to name what a namespace is shared with. */
export interface SpecContext {
  /** For example `sandbox default/web-0`. */
  readonly nameOfPid?: (pid: number) => string | undefined;
}
