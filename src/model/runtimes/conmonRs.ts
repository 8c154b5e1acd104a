import type { LowLevelRuntime, ProcessRecord } from '../process.js';
import { baseName, flagOf, programOf, type MonitorFamily } from './family.js';
import { statePathUnder } from './lowLevel.js';

/**
 * CRI-O's conmon-rs (`runtime_type = "pod"`): one for a pod, started with the sandbox's container and serving the others
 * over a socket. `conmonrs --runtime R --runtime-dir STORAGE/overlay-containers/SANDBOX/userdata --runtime-root ROOT …`
 * (conmon-rs pkg/client/client.go, CRI-O internal/oci/runtime_pod.go).
 */
export const conmonRs: MonitorFamily = {
  name: 'conmon-rs',
  role: 'monitor',
  comms: ['conmonrs', 'conmon-rs'],
  recognises: (process) => /^conmon-?rs$/.test(programOf(process)),
  idOf: ({ argv }) => containerFolder(argv)?.id,
  lowLevel,
  ownCgroups: ['crio-conmon-'],
};

/** The sandbox's persistent folder in containers/storage; the containers of the pod have theirs beside it. */
function containerFolder(argv: readonly string[]): { readonly all: string; readonly id: string } | undefined {
  const folder = flagOf(argv, 'runtime-dir', 'd') ?? '';
  const [, all, id] = /^(.+)\/([^/]+)\/userdata\/?$/.exec(folder) ?? [];
  return all === undefined || id === undefined ? undefined : { all, id };
}

/** The bundle itself is in CRI-O's runroot, which no argument tells; CRI-O keeps the same config.json in the folder here. */
function lowLevel({ argv, pid }: ProcessRecord, id: string): LowLevelRuntime {
  const name = baseName(flagOf(argv, 'runtime', 'r') ?? 'unknown');
  const folder = containerFolder(argv);
  const root = flagOf(argv, 'runtime-root');
  const statePath = root === undefined ? undefined : statePathUnder(root, name, id);
  return {
    name,
    ...(folder === undefined ? {} : { bundle: `${folder.all}/${id}/userdata` }),
    ...(statePath === undefined ? {} : { statePath }),
    source: `command line of conmon-rs ${pid}${folder === undefined ? '' : '; bundle: CRI-O’s persistent copy'}`,
  };
}
