import { readdirSync, readFileSync } from 'node:fs';
import { status } from '@grpc/grpc-js';
import { rpcError, type FakeAnswers } from './fakeCri.js';

type Json = Record<string, unknown>;
export type RecordedRuntime = 'containerd-1.7' | 'containerd-2.1' | 'cri-o-1.37' | 'cri-dockerd';

const recordings = new URL('../fixtures/recorded/', import.meta.url);

/** What `crictl inspect` prints of times: RFC 3339, where the RPC has nanoseconds, and the year 1 for 0. */
function nanos(time: unknown): string {
  const text = String(time);
  if (text.startsWith('0001-')) return '0';
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  const seconds = Math.floor(Date.parse(text) / 1000);
  return (BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'))).toString();
}

/** Undoes what crictl does to a verbose status: times as text, and `info.info` parsed in the place of `info`. */
function statusAnswer({ status: plain, info }: { readonly status: Json; readonly info?: Json }): Json {
  const times = ['createdAt', 'startedAt', 'finishedAt'].filter((name) => name in plain);
  const exact = Object.fromEntries(times.map((name) => [name, nanos(plain[name])]));
  return { status: { ...plain, ...exact }, info: info ? { info: JSON.stringify(info) } : {} };
}

/** As the real ones: only containerd has a code for it (runtimes.md). */
function unknownId(runtime: RecordedRuntime, id: unknown): Error {
  const name = String(id);
  if (runtime.startsWith('containerd')) {
    return rpcError(status.NOT_FOUND, `an error occurred when try to find container "${name}": not found`);
  }
  return rpcError(status.UNKNOWN, `could not find container "${name}": ID does not exist`);
}

function versionAnswer(text: string): Json {
  const value = (name: string): string => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(text)?.[1] ?? '';
  return {
    version: value('Version'),
    runtimeName: value('RuntimeName'),
    runtimeVersion: value('RuntimeVersion'),
    runtimeApiVersion: value('RuntimeApiVersion'),
  };
}

/** The recorded answers of a real runtime: Version, Status, the lists, the verbose statuses, RuntimeConfig. */
export function recordedAnswers(runtime: RecordedRuntime): FakeAnswers {
  const folder = new URL(`${runtime}/`, recordings);
  const text = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
  const json = (name: string): Json => JSON.parse(text(name)) as Json;
  const details = new Map<unknown, Json>();
  for (const name of readdirSync(new URL('inspect/', folder))) {
    const answer = JSON.parse(text(`inspect/${name}`)) as { status: Json };
    details.set(answer.status.id, statusAnswer(answer));
  }
  const find = (id: unknown): Json => {
    const answer = details.get(id);
    if (!answer) throw unknownId(runtime, id);
    return answer;
  };
  const { status: conditions, ...info } = json('info.json');
  return {
    Version: versionAnswer(text('version.txt')),
    Status: ({ verbose }) => ({
      status: conditions,
      info: verbose ? { config: JSON.stringify(info.config) } : {},
    }),
    ListPodSandbox: json('pods.json'),
    ListContainers: json('ps.json'),
    ContainerStatus: ({ containerId }) => find(containerId),
    PodSandboxStatus: ({ podSandboxId }) => find(podSandboxId),
    RuntimeConfig: { linux: { cgroupDriver: 'CGROUPFS' } },
  };
}

const hex = (prefix: string, number: number): string => `${prefix}${number.toString(16).padStart(63, '0')}`;
const start = 1_795_494_000_000_000_000n;

function generatedSandbox(index: number): Json {
  const name = `pod-${index}`;
  return {
    id: hex('a', index),
    metadata: { name, uid: `uid-${index}`, namespace: `team-${index % 10}`, attempt: 0 },
    state: 'SANDBOX_READY',
    createdAt: (start + BigInt(index) * 1_000_000n).toString(),
    labels: {
      'io.kubernetes.pod.name': name,
      'io.kubernetes.pod.namespace': `team-${index % 10}`,
      'io.kubernetes.pod.uid': `uid-${index}`,
      app: name,
    },
    annotations: {
      'kubernetes.io/config.source': 'api',
      'kubernetes.io/config.seen': '2026-11-24T04:20:39Z',
    },
  };
}

function generatedContainer(index: number, podIndex: number): Json {
  const name = `container-${index}`;
  return {
    id: hex('b', index),
    podSandboxId: hex('a', podIndex),
    metadata: { name, attempt: index % 3 },
    image: { image: 'registry.test/app:1', userSpecifiedImage: 'registry.test/app:1' },
    imageRef: `sha256:${hex('c', 1)}`,
    state: index % 20 === 19 ? 'CONTAINER_EXITED' : 'CONTAINER_RUNNING',
    createdAt: (start + BigInt(index) * 1_000_000n).toString(),
    labels: {
      'io.kubernetes.container.name': name,
      'io.kubernetes.pod.name': `pod-${podIndex}`,
      'io.kubernetes.pod.namespace': `team-${podIndex % 10}`,
      'io.kubernetes.pod.uid': `uid-${podIndex}`,
    },
    annotations: {
      'io.kubernetes.container.hash': 'abcdef01',
      'io.kubernetes.container.restartCount': String(index % 3),
      'io.kubernetes.container.terminationMessagePath': '/dev/termination-log',
      'io.kubernetes.pod.terminationGracePeriod': '30',
    },
  };
}

/** A node of any size: ids, names and labels are made of the index; every 20th container has exited. */
export function generatedAnswers(size: {
  readonly sandboxes: number;
  readonly containers: number;
}): FakeAnswers {
  const items = Array.from({ length: size.sandboxes }, (_, index) => generatedSandbox(index));
  const containers = Array.from({ length: size.containers }, (_, index) =>
    generatedContainer(index, index % Math.max(1, size.sandboxes)),
  );
  const condition = (type: string): object => ({ type, status: true });
  return {
    Version: {
      version: '0.1.0',
      runtimeName: 'containerd',
      runtimeVersion: '2.1.9',
      runtimeApiVersion: 'v1',
    },
    Status: { status: { conditions: [condition('RuntimeReady'), condition('NetworkReady')] } },
    ListPodSandbox: { items },
    ListContainers: { containers },
  };
}
