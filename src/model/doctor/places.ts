import type { Monitor } from './processIndex.js';
import { flagOf, folderOf } from '../runtimes/family.js';
import type { RuntimeSnapshot } from '../snapshot.js';
import { withoutVar } from '../varRun.js';
import type { RuntimeLook, WatchedFolder } from './look.js';

/** The namespace of containerd's CRI plugin; all others are somebody else's (constants.K8sContainerdNamespace). */
export const criNamespace = 'k8s.io';
const TASKS = 'io.containerd.runtime.v2.task';
/** RuncRoot of containerd's runc shims, whatever its `state` is set to (runtimes.md). */
const runcRoot = '/run/containerd/runc';
const CRI = 'io.containerd.grpc.v1.cri';

/** `state` by socket, where neither the runtime nor a shim tells it. */
const knownStates: ReadonlyMap<string, string> = new Map([
  ['/run/containerd/containerd.sock', '/run/containerd'],
  ['/run/k3s/containerd/containerd.sock', '/run/k3s/containerd'],
  ['/run/k0s/containerd.sock', '/run/k0s/containerd'],
  ['/var/snap/microk8s/common/run/containerd.sock', '/var/snap/microk8s/common/run/containerd'],
]);

type Places = Pick<RuntimeLook, 'addresses' | 'folders' | 'exitDir'>;

/**
 * Where a runtime keeps its things. Known from its own verbose status, else from its monitors, else from defaults. Of
 * cri-dockerd none: what Docker keeps may be of containers that no CRI list has.
 */
export function placesOf(
  snapshot: RuntimeSnapshot,
  info: RuntimeLook['info'],
  monitors: readonly Monitor[],
): Places {
  const config = record(parsed(info.config));
  if (snapshot.name === 'containerd') return containerdPlaces(snapshot, config, monitors);
  if (snapshot.name === 'cri-o') return crioPlaces(snapshot, record(config.crio), monitors);
  return { addresses: [], folders: [] };
}

function containerdPlaces(
  { endpoint }: RuntimeSnapshot,
  config: Config,
  monitors: readonly Monitor[],
): Places {
  const addresses = [endpoint.replace(/^unix:\/\//, ''), text(config.containerdEndpoint)]
    .flatMap((address) => address ?? [])
    .map(withoutVar);
  const own = monitors.filter(({ process }) => isShimOf(addresses, process.argv));
  const criState = text(config.stateDir);
  const fromShim = own
    .map(({ process }) => process.cwd?.split(`/${TASKS}/${criNamespace}/`)[0])
    .find(Boolean);
  const [address = ''] = addresses;
  const state =
    criState?.endsWith(`/${CRI}`) === true ? folderOf(criState) : (fromShim ?? knownStates.get(address));
  const roots = runtimeOptions(config).flatMap((options) => nonEmpty(options.Root));
  const folder = (kind: WatchedFolder['kind'], path: string): WatchedFolder => ({ kind, endpoint, path });
  const ofState = (path: string): WatchedFolder[] => [
    folder('bundle', `${path}/${TASKS}/${criNamespace}`),
    folder('sandbox', `${path}/${CRI}/sandboxes`),
    folder('netns', `${path}/${CRI}/netns`),
  ];
  const states = [...new Set([runcRoot, ...roots])].map((root) => folder('state', `${root}/${criNamespace}`));
  return {
    addresses,
    folders: [...(state === undefined ? [] : ofState(state)), ...states, folder('netns', '/run/netns')],
  };
}

/** Whether a shim serves the CRI namespace of the containerd at one of the addresses. */
export function isShimOf(addresses: readonly string[], argv: readonly string[]): boolean {
  const address = flagOf(argv, 'address');
  return (
    address !== undefined &&
    flagOf(argv, 'namespace') === criNamespace &&
    addresses.includes(withoutVar(address.replace(/^unix:\/\//, '')))
  );
}

function crioPlaces({ endpoint }: RuntimeSnapshot, config: Config, monitors: readonly Monitor[]): Places {
  const exitDir = withoutVar(text(config.ContainerExitsDir) ?? '/var/run/crio/exits');
  const bundles = monitors.flatMap(({ process: { argv } }) =>
    withoutVar(flagOf(argv, 'exit-dir') ?? '') === exitDir ? (flagOf(argv, 'b', 'bundle') ?? []) : [],
  );
  const parts = bundles.map((bundle) => /^(.+)\/[^/]+(\/userdata)$/.exec(bundle)).find(Boolean);
  const roots = Object.values(record(config.Runtimes)).flatMap((one) => nonEmpty(record(one).RuntimeRoot));
  const states = [...new Set(roots.length > 0 ? roots : ['/run/runc', '/run/crun'])];
  return {
    addresses: [],
    exitDir,
    folders: [
      {
        ...{ kind: 'bundle', endpoint, within: '/userdata' },
        path: parts?.[1] ?? '/run/containers/storage/overlay-containers',
      },
      ...states.map((path): WatchedFolder => ({ kind: 'state', endpoint, path })),
    ],
  };
}

type Config = Readonly<Record<string, unknown>>;

function runtimeOptions(config: Config): Config[] {
  const runtimes = record(record(config.containerd).runtimes);
  return Object.values(runtimes).map((runtime) => record(record(runtime).options));
}

/** JSON that a runtime wrote; undefined when it is none. */
export function parsed(json: string | undefined): unknown {
  try {
    return json === undefined ? undefined : JSON.parse(json);
  } catch {
    return undefined;
  }
}

export function record(value: unknown): Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Config) : {};
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function nonEmpty(value: unknown): string[] {
  return typeof value === 'string' && value !== '' ? [value] : [];
}
