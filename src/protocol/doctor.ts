import type { Changes } from '../model/doctor/changes.js';
import type { Diagnosis, Finding, FindingKind, Severity } from '../model/doctor/finding.js';
import { notice, request } from './rpc.js';

/** The doctor's panel, of a node. A look may take longer than a request, and goes on while nobody sees the panel. */
export const doctorApi = {
  requests: {
    /** What is known now. Begins a look when there was none yet. */
    open: request<null, DoctorState>(),
    /** Begins a look, unless one is under way; `state` tells of its beginning and its end. */
    look: request<null, null>(),
    /** Ends the look that is under way; what was found before stays. */
    cancel: request<null, null>(),
    copy: request<{ readonly text: string }, null>(),
    /** Selects the container or sandbox of a finding in the sidebar. */
    reveal: request<{ readonly findingId: string }, null>(),
    openSpec: request<{ readonly findingId: string }, null>(),
    exportMarkdown: request<null, null>(),
  },
  notices: {
    state: notice<DoctorState>(),
    progress: notice<DoctorProgress>(),
  },
} as const;

export type DoctorApi = typeof doctorApi;

export interface DoctorProgress {
  /** What is done now, a sentence; absent until something is. */
  readonly step?: string;
}

export interface DoctorState {
  /** Present while a look is under way. */
  readonly looking?: DoctorProgress;
  /** Why the last look gave nothing. */
  readonly failure?: string;
  /** Of the last look that came to its end. */
  readonly result?: DoctorResult;
}

export interface DoctorResult {
  readonly diagnosis: Diagnosis;
  /** Absent at the first look. */
  readonly changes?: Changes;
}

export type Certainty = Finding['certainty'];

/** The panel's texts. */
export interface DoctorStrings {
  readonly kinds: Readonly<Record<FindingKind, string>>;
  readonly severities: Readonly<Record<Severity, string>>;
  /** With a count, for buttons: `Errors: {0}`. */
  readonly severityCounts: Readonly<Record<Severity, string>>;
  readonly certainties: Readonly<Record<Certainty, string>>;
  readonly heading: string;
  readonly toolbar: string;
  readonly filter: string;
  readonly filterHint: string;
  readonly filterClear: string;
  readonly filterNone: string;
  readonly shown: string;
  readonly allKinds: string;
  readonly kindCount: string;
  readonly kindFilter: string;
  readonly sortBy: string;
  readonly sortSeverity: string;
  readonly sortKind: string;
  readonly sortName: string;
  readonly expandAll: string;
  readonly collapseAll: string;
  readonly exportMarkdown: string;
  readonly look: string;
  readonly cancel: string;
  readonly looking: string;
  readonly lookingAgain: string;
  readonly lookedAt: string;
  readonly failed: string;
  readonly old: string;
  readonly findings: string;
  readonly skipped: string;
  readonly nothing: string;
  readonly nothingOfSome: string;
  readonly nothingRead: string;
  readonly announceFound: string;
  readonly isNew: string;
  readonly likely: string;
  readonly evidence: string;
  readonly evidenceOf: string;
  readonly value: string;
  readonly source: string;
  readonly copyValue: string;
  readonly advice: string;
  readonly certainty: string;
  readonly reveal: string;
  readonly openSpec: string;
  readonly process: string;
  readonly copyPid: string;
  readonly more: string;
  readonly gone: string;
  readonly goneNow: string;
  readonly goneUnknown: string;
  readonly checks: string;
  readonly checksCount: string;
  readonly checkDone: string;
  readonly checkSkipped: string;
  readonly noReason: string;
}
