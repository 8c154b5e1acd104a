import type { LowLevelRuntime, ProcessRecord } from '../process.js';
import { baseName, flagOf, programOf, type BoundaryFamily } from './family.js';

/**
 * gVisor, whatever shim started it: `runsc-sandbox … boot … SANDBOX` is the pod, a `runsc-gofer … gofer --bundle BUNDLE`
 * serves the files of each container and of the sandbox. Both descend from the shim. They are in the cgroup of the
 * sandbox, of the pod, or in none (--ignore-cgroups), never in one named after the container
 * (runsc/container/container.go: gofers start in the sandbox's group).
 */
export const gvisor: BoundaryFamily = {
  name: 'gVisor',
  isBoundary: (process) => programOf(process) === 'runsc-sandbox',
  isHelper: (process) => programOf(process) === 'runsc-gofer',
  servedBy: (gofer) => {
    const bundle = flagOf(gofer.argv, 'bundle');
    return bundle === undefined ? undefined : baseName(bundle);
  },
  lowLevel,
};

/** The state is `ROOT/ID_sandbox:SANDBOX.state` (runsc/container/state_file.go). */
function lowLevel(boundary: ProcessRecord, id: string): LowLevelRuntime {
  const { argv, pid } = boundary;
  const root = flagOf(argv, 'root');
  const sandbox = argv.at(-1) ?? id;
  // Its own bundle is the sandbox's; those of the pod's containers are known by the shim.
  const bundle = id === sandbox ? flagOf(argv, 'bundle') : undefined;
  return {
    name: 'runsc',
    ...(bundle === undefined ? {} : { bundle }),
    ...(root === undefined ? {} : { statePath: `${root}/${id}_sandbox:${sandbox}.state` }),
    source: `command line of runsc-sandbox ${pid}`,
  };
}
