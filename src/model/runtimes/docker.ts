import type { LowLevelRuntime, ProcessRecord } from '../process.js';
import { containerdShim, shimLowLevel } from './containerdShim.js';
import { baseName, flagOf, programOf, type MonitorFamily } from './family.js';
import { statePathUnder } from './lowLevel.js';

/** Docker's --exec-root, unless set otherwise, and the folder it makes in it for the runtime named runc. */
const RUNC_ROOT = '/run/docker/runtime-runc';

const OLD_PROGRAM = 'docker-containerd-shim';

/**
 * dockerd's own containerd: the same shims, one for each container, in the namespace `moby`, with Docker's runc root; named
 * `docker-containerd-shim` until Docker 18.06. It is the same below cri-dockerd and below the kubelet's dockershim.
 */
export const dockerShim: MonitorFamily = {
  ...containerdShim,
  name: 'containerd shim of Docker',
  comms: [...containerdShim.comms, OLD_PROGRAM.slice(0, 15)],
  recognises: (process) => {
    const namespace = flagOf(process.argv, 'namespace');
    return programOf(process) === OLD_PROGRAM
      ? namespace !== undefined
      : namespace === 'moby' && containerdShim.recognises(process);
  },
  lowLevel: (shim, id) => shimLowLevel(shim, id, RUNC_ROOT),
};

/** Docker 1.11 to 17.10: `docker-containerd-shim ID BUNDLE RUNTIME`, a child of docker-containerd. */
export const firstDockerShim: MonitorFamily = {
  name: 'first containerd shim of Docker',
  role: 'shim',
  comms: [OLD_PROGRAM.slice(0, 15)],
  recognises: (process) => programOf(process) === OLD_PROGRAM && process.argv[1]?.startsWith('-') === false,
  idOf: ({ argv }) => argv[1],
  lowLevel: firstLowLevel,
};

/** runc's own default root: dockerd gave the shim none. */
const DEFAULT_ROOT = '/run/runc';

function firstLowLevel(shim: ProcessRecord, id: string): LowLevelRuntime {
  const [, , bundle, runtime = 'docker-runc'] = shim.argv;
  const name = baseName(runtime);
  const statePath = statePathUnder(DEFAULT_ROOT, name, id);
  const assumed = statePath === undefined ? '' : `; state path assumed from the default ${DEFAULT_ROOT}`;
  return {
    name,
    ...(bundle === undefined ? {} : { bundle }),
    ...(statePath === undefined ? {} : { statePath }),
    source: `command line of shim ${shim.pid}${assumed}`,
  };
}
