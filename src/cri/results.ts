import type {
  Container,
  ContainerStatusResponse,
  FilesystemUsage,
  ImageFsInfoResponse,
  ImageStatusResponse,
  ImageSpec,
  PodSandbox,
  PodSandboxStatusResponse,
  RuntimeConfigResponse,
  StatusResponse,
} from './generated/api.js';
import { momentOf, nanosToMillis } from './int64.js';

type StringMap = Readonly<Record<string, string>>;

export interface VersionResult {
  /** VersionResponse.runtime_name: `containerd`, `cri-o`, `docker`. */
  readonly name: string;
  readonly version: string;
  /** The CRI package that answered. */
  readonly apiVersion: 'v1' | 'v1alpha2';
}

export interface StatusResult {
  /** RuntimeReady, NetworkReady, and the runtime's own. */
  readonly conditions: readonly {
    readonly type: string;
    readonly status: boolean;
    readonly reason: string;
    readonly message: string;
  }[];
  /** Only with verbose; values are mostly JSON text (cri.md section 6). */
  readonly info: StringMap;
}

/** One row of ListPodSandbox. */
export interface SandboxResult {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly attempt: number;
  readonly state: 'ready' | 'notready';
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Empty for the default handler. */
  readonly runtimeHandler: string;
  readonly labels: StringMap;
  readonly annotations: StringMap;
}

/** One row of ListContainers. */
export interface ContainerResult {
  readonly id: string;
  readonly sandboxId: string;
  readonly name: string;
  readonly attempt: number;
  readonly state: 'created' | 'running' | 'exited' | 'unknown';
  /** The image as the user asked for it, else as the runtime names it. */
  readonly image: string;
  readonly imageRef: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly labels: StringMap;
  readonly annotations: StringMap;
}

export interface ContainerStatusResult extends Omit<ContainerResult, 'sandboxId'> {
  /** Absolute path on the node; empty when the runtime has none. */
  readonly logPath: string;
  /** From the verbose info, and only while running: CRI-O goes on telling the pid after the exit. */
  readonly pid?: number;
  /** Milliseconds since the epoch; absent when it didn't happen. */
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** Only of an exited container. */
  readonly exitCode?: number;
  readonly reason: string;
  readonly message: string;
  /** Only with verbose; values are mostly JSON text (cri.md section 6). */
  readonly info: StringMap;
}

export interface SandboxStatusResult extends SandboxResult {
  /** Absent on the node's network and when the sandbox isn't ready. */
  readonly ip?: string;
  readonly additionalIps: readonly string[];
  /** From the verbose info, and only while ready. CRI-O and cri-dockerd may have none. */
  readonly pid?: number;
  /** Only with verbose; values are mostly JSON text (cri.md section 6). */
  readonly info: StringMap;
}

/** Of ImageStatus. */
export interface ImageResult {
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  /** Only with verbose; values are mostly JSON text (cri.md section 6). */
  readonly info: StringMap;
}

/** One filesystem of ImageFsInfo. Bytes and inodes are absent where the runtime doesn't report them. */
export interface FilesystemResult {
  readonly use: 'images' | 'containers';
  readonly mountpoint: string;
  readonly usedBytes?: number;
  readonly inodesUsed?: number;
}

const containerStates = ['created', 'running', 'exited', 'unknown'] as const;

/** A state that a later CRI may add counts as unknown. */
const containerState = (state: number): ContainerResult['state'] => containerStates[state] ?? 'unknown';
const sandboxState = (state: number): SandboxResult['state'] => (state === 0 ? 'ready' : 'notready');

/** `user_specified_image` is the kubelet's from 1.28 on; CRI-O has an id in `image`. */
function imageOf(image: ImageSpec | null, imageRef: string): string {
  return (
    [image?.userSpecifiedImage, image?.image].find((name) => name !== undefined && name !== '') ?? imageRef
  );
}

/** The `pid` of the verbose info's `info` (containerd, CRI-O, cri-dockerd); 0 there means none. */
function pidOf(info: StringMap): number | undefined {
  try {
    const { pid } = JSON.parse(info.info ?? '{}') as { readonly pid?: unknown };
    return typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

const present = <K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> =>
  (value === undefined ? {} : { [key]: value }) as Partial<Record<K, V>>;

export function sandboxResult(sandbox: PodSandbox): SandboxResult {
  return {
    id: sandbox.id,
    name: sandbox.metadata?.name ?? '',
    namespace: sandbox.metadata?.namespace ?? '',
    uid: sandbox.metadata?.uid ?? '',
    attempt: sandbox.metadata?.attempt ?? 0,
    state: sandboxState(sandbox.state),
    createdAt: nanosToMillis(sandbox.createdAt),
    runtimeHandler: sandbox.runtimeHandler,
    labels: sandbox.labels,
    annotations: sandbox.annotations,
  };
}

export function containerResult(container: Container): ContainerResult {
  return {
    id: container.id,
    sandboxId: container.podSandboxId,
    name: container.metadata?.name ?? '',
    attempt: container.metadata?.attempt ?? 0,
    state: containerState(container.state),
    image: imageOf(container.image, container.imageRef),
    imageRef: container.imageRef,
    createdAt: nanosToMillis(container.createdAt),
    labels: container.labels,
    annotations: container.annotations,
  };
}

/** Undefined when the runtime answered without a status. */
export function containerStatusResult(answer: ContainerStatusResponse): ContainerStatusResult | undefined {
  const { status, info } = answer;
  if (!status) return undefined;
  const state = containerState(status.state);
  return {
    id: status.id,
    name: status.metadata?.name ?? '',
    attempt: status.metadata?.attempt ?? 0,
    state,
    image: imageOf(status.image, status.imageRef),
    imageRef: status.imageRef,
    createdAt: nanosToMillis(status.createdAt),
    labels: status.labels,
    annotations: status.annotations,
    logPath: status.logPath,
    ...present('pid', state === 'running' ? pidOf(info) : undefined),
    ...present('startedAt', momentOf(status.startedAt)),
    ...present('finishedAt', momentOf(status.finishedAt)),
    ...present('exitCode', state === 'exited' ? status.exitCode : undefined),
    reason: status.reason,
    message: status.message,
    info,
  };
}

/** Undefined when the runtime answered without a status. */
export function sandboxStatusResult(answer: PodSandboxStatusResponse): SandboxStatusResult | undefined {
  const { status, info } = answer;
  if (!status) return undefined;
  return {
    ...sandboxResult(status),
    ...present('ip', status.network?.ip === '' ? undefined : status.network?.ip),
    additionalIps: (status.network?.additionalIps ?? []).map(({ ip }) => ip),
    ...present('pid', sandboxState(status.state) === 'ready' ? pidOf(info) : undefined),
    info,
  };
}

/** Undefined when the runtime has no such image: that is no error of the RPC. */
export function imageResult({ image, info }: ImageStatusResponse): ImageResult | undefined {
  return image ? { id: image.id, repoTags: image.repoTags, repoDigests: image.repoDigests, info } : undefined;
}

export function statusResult({ status, info }: StatusResponse): StatusResult {
  const conditions = (status?.conditions ?? []).map((condition) => ({
    type: condition.type,
    status: condition.status,
    reason: condition.reason,
    message: condition.message,
  }));
  return { conditions, info };
}

export function filesystemResults(answer: ImageFsInfoResponse): FilesystemResult[] {
  const of = (use: FilesystemResult['use'], list: readonly FilesystemUsage[]): FilesystemResult[] =>
    list.map(({ fsId, usedBytes, inodesUsed }) => ({
      use,
      mountpoint: fsId?.mountpoint ?? '',
      ...present('usedBytes', usedBytes?.value.toNumber()),
      ...present('inodesUsed', inodesUsed?.value.toNumber()),
    }));
  return [...of('images', answer.imageFilesystems), ...of('containers', answer.containerFilesystems)];
}

export function cgroupDriver({ linux }: RuntimeConfigResponse): 'systemd' | 'cgroupfs' | undefined {
  if (!linux) return undefined;
  return linux.cgroupDriver === 0 ? 'systemd' : 'cgroupfs';
}
