import type {
  ChainBoxKind,
  ChainEdgeKind,
  ChainFactName,
  ChainGraph,
  StoryStep,
} from '../model/chain/graph.js';
import { notice, request } from './rpc.js';

/** The chain panel. The host reads anew by itself when the node changed, and tells of it by `changed`. */
export const chainApi = {
  requests: {
    /** The chain as read last, or read anew. Rejects with the reason when it can't be had. */
    load: request<{ readonly fresh: boolean }, ChainView>(),
    /** Puts what the view shows on the clipboard. */
    copy: request<{ readonly text: string }, null>(),
    /** What a box offers besides its facts; rejects when the runtime doesn't list its subject any more. */
    act: request<{ readonly box: string; readonly action: BoxAction }, null>(),
    /** Asks where to save a picture, and does; false when the person thought better of it. */
    save: request<{ readonly svg: string }, boolean>(),
  },
  notices: {
    changed: notice<ChainView>(),
    /** What is worth a line above the picture: the runtime is lost, the target is gone, a reading failed. */
    warning: notice<{ readonly text: string | undefined }>(),
  },
} as const;

export type ChainApi = typeof chainApi;

/** Spec and logs open their panels, reveal selects it in the sidebar. */
export type BoxAction = 'openSpec' | 'openLogs' | 'reveal';

export interface ChainView {
  /** For example `web-0/main`, or the node's label. */
  readonly title: string;
  readonly graph: ChainGraph;
  /** The box that the panel was opened for; absent for a node, and while it has no box. */
  readonly focus?: string;
  /** How the container or sandbox came to be; absent for a node. */
  readonly story?: Story;
}

export interface Story {
  readonly steps: readonly StoryStep[];
  /** Why there are none. */
  readonly problem?: string;
}

/** The panel's texts. */
export interface ChainStrings {
  readonly kinds: Readonly<Record<ChainBoxKind, string>>;
  readonly facts: Readonly<Record<ChainFactName, string>>;
  readonly passes: Readonly<Record<ChainEdgeKind, string>>;
  readonly heading: string;
  readonly actions: string;
  readonly picture: string;
  readonly pictureHelp: string;
  readonly list: string;
  readonly showList: string;
  readonly showPicture: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly fit: string;
  readonly turn: string;
  readonly refresh: string;
  readonly exportSvg: string;
  readonly saved: string;
  readonly legend: string;
  readonly proved: string;
  readonly inferred: string;
  readonly requests: string;
  readonly making: string;
  readonly parentage: string;
  readonly absent: string;
  readonly exited: string;
  readonly details: string;
  readonly nothingSelected: string;
  readonly pid: string;
  readonly since: string;
  readonly containers: string;
  readonly others: string;
  readonly copyFact: string;
  readonly openSpec: string;
  readonly openLogs: string;
  readonly reveal: string;
  readonly incoming: string;
  readonly outgoing: string;
  readonly from: string;
  readonly to: string;
  readonly story: string;
  readonly unknownTime: string;
  readonly after: string;
  readonly before: string;
  readonly seconds: string;
  readonly milliseconds: string;
  readonly notes: string;
  readonly empty: string;
}
