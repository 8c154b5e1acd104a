import type {
  ContainerStatusResult,
  FilesystemResult,
  ImageResult,
  SandboxStatusResult,
  StatusResult,
} from '../cri/results.js';
import type { Node } from '../node/node.js';
import type { RuntimeSnapshot } from '../model/snapshot.js';
import type { Daemon, Survival } from '../model/survival.js';
import type { Event } from '../util/event.js';

/**
 * connecting: no answer yet. ready: the last refresh succeeded. lost: it answered before and doesn't now; the last
 * good lists stay and the ancestry goes on being read from /proc. failed: it never answered.
 */
export type RuntimeState = 'connecting' | 'ready' | 'lost' | 'failed';

/** What CRI's ContainerStatus (verbose) says besides what the snapshot has; read only for what a person opened. */
export type ContainerDetails = Pick<
  ContainerStatusResult,
  | 'id'
  | 'imageRef'
  | 'logPath'
  | 'pid'
  | 'startedAt'
  | 'finishedAt'
  | 'exitCode'
  | 'reason'
  | 'message'
  | 'info'
>;

export type SandboxDetails = SandboxStatusResult;
export type ImageDetails = ImageResult;
export type RuntimeStatus = StatusResult;
export type Filesystem = FilesystemResult;

/** An OCI config.json as text, and where it was read. */
export interface SpecText {
  readonly text: string;
  /** `runtimeSpec`: the verbose info of the CRI status. `bundle`: the file at `path`. */
  readonly source: 'runtimeSpec' | 'bundle';
  readonly path?: string;
}

/** A process that CRI's Exec started, behind its streaming connection. */
export interface ExecSession {
  /** Bytes of stdout (and of stderr too where there is a tty). */
  readonly onStdout: Event<Buffer>;
  readonly onStderr: Event<Buffer>;
  /** Fires once. `code` is absent when the connection ended without a status; `message` says why then. */
  readonly onExit: Event<ExecExit>;
  write(data: Buffer | string): void;
  resize(columns: number, rows: number): void;
  /** Closes the connection. The process in the container may go on (runtimes.md, trap 6). */
  close(): void;
}

export interface ExecExit {
  readonly code?: number;
  readonly message?: string;
}

export interface ExecRequest {
  readonly command: readonly [string, ...string[]];
  readonly tty: boolean;
  readonly stdin: boolean;
  /** Sent before anything else where there is a tty, since it starts at 0x0. */
  readonly size?: { readonly columns: number; readonly rows: number };
}

/** One runtime of one node: its present picture, and what to ask it for. Views and panels hold this. */
export interface RuntimeConnection {
  readonly nodeId: string;
  readonly nodeLabel: string;
  readonly node: Node;
  readonly endpoint: string;
  readonly state: RuntimeState;
  /** Why the state is lost or failed. */
  readonly reason: string | undefined;
  readonly snapshot: RuntimeSnapshot | undefined;
  /** The process that served the endpoint when it last answered, where that can be seen. */
  readonly daemon: Daemon | undefined;
  /**
   * How what ran came through the last time the runtime's daemon was away; absent before that, and from the next loss on.
   * Of a link to the node that was cut it says something only if the daemon is another process after it.
   */
  readonly survival: Survival | undefined;
  /** Marks it as seen. */
  dismissSurvival(): void;
  /** After each change of `state`, `snapshot` or `survival`. */
  readonly onDidChange: Event<void>;
  containerDetails(id: string, signal?: AbortSignal): Promise<ContainerDetails>;
  /** CRI's PodSandboxStatus, verbose. */
  sandboxDetails(id: string, signal?: AbortSignal): Promise<SandboxDetails>;
  /** CRI's ImageStatus, verbose, by name, digest or id. */
  imageDetails(image: string, signal?: AbortSignal): Promise<ImageDetails>;
  /** CRI's Status, verbose: conditions, and the runtime's own account of its configuration in `info`. */
  status(signal?: AbortSignal): Promise<RuntimeStatus>;
  /** CRI's ImageFsInfo. */
  filesystems(signal?: AbortSignal): Promise<readonly Filesystem[]>;
  /** The config.json of a container or a sandbox. Rejects with a reason fit for people when there is none. */
  readSpec(id: string, signal?: AbortSignal): Promise<SpecText>;
  exec(containerId: string, request: ExecRequest, signal?: AbortSignal): Promise<ExecSession>;
}
