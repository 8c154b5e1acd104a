import type { LogBatch, LogPage, LogPageRequest } from '../model/log/entry.js';
import { notice, request } from './rpc.js';

/** What is known of the container whose log is shown. */
export interface LogHeader {
  /** `namespace/pod · container`, as far as it is known. */
  readonly title: string;
  /** For people: running, exited, gone, … */
  readonly status: string;
  /** No more lines will come. */
  readonly ended: boolean;
}

export interface OpenedLog extends LogPage, LogBatch {
  /** Of the file on the node. */
  readonly path: string;
}

export type LogNews =
  | (LogBatch & { readonly type: 'batch' })
  /** Nothing new; ask again. */
  | { readonly type: 'nothing' }
  /** More came than could be kept: the log is to be opened anew. */
  | { readonly type: 'tooMany' };

export const logsApi = {
  requests: {
    /** Opens the log, or opens it anew at its end. Fails with a reason fit for people. */
    open: request<undefined, OpenedLog>(),
    /** Waits some seconds for news at most. One at a time. */
    next: request<undefined, LogNews>(),
    before: request<LogPageRequest, LogPage>(),
    /** Opens the end of the file as a read-only document of the editor. */
    openDocument: request<undefined, undefined>(),
    /** Shows the container or sandbox whose id begins so in the tree. */
    reveal: request<string, undefined>(),
  },
  notices: {
    header: notice<LogHeader>(),
    /** The first twelve digits of all known ids, with blanks between. */
    ids: notice<string>(),
    /** Lines that came and weren't asked for yet. */
    waiting: notice<{ readonly count: number; readonly more: boolean }>(),
  },
} as const;

export type LogsApi = typeof logsApi;

/** The texts of the log panel; `{0}` … are filled in by the view. */
export interface LogsStrings {
  readonly toolbar: string;
  readonly log: string;
  readonly pause: string;
  readonly resume: string;
  /** One line came while paused. */
  readonly newLine: string;
  /** `{0}` lines did. */
  readonly newLines: string;
  /** More than `{0}`. */
  readonly manyNewLines: string;
  readonly toEnd: string;
  readonly showStdout: string;
  readonly showStderr: string;
  readonly timesLocal: string;
  readonly timesUtc: string;
  readonly timesOff: string;
  readonly wrap: string;
  readonly matchCase: string;
  /** Find looks through `{0}` loaded lines only. */
  readonly findScope: string;
  readonly openDocument: string;
  readonly empty: string;
  readonly emptyEnded: string;
  readonly missing: string;
  readonly allHidden: string;
  readonly rotated: string;
  /** Why nothing earlier can be had. */
  readonly rotatedAway: string;
  readonly startOfFile: string;
  readonly earlier: string;
  readonly partial: string;
  readonly raw: string;
  /** `{0}` lines are in the view. */
  readonly loaded: string;
  readonly paused: string;
  readonly following: string;
  readonly copiedAll: string;
  /** Of an id in a line. */
  readonly showContainer: string;
}
