import { containerdShim, shimLowLevel } from './containerdShim.js';
import { flagOf, type MonitorFamily } from './family.js';

/** Docker's --exec-root, unless set otherwise, and the folder it makes in it for the runtime named runc. */
const RUNC_ROOT = '/run/docker/runtime-runc';

/** dockerd's own containerd: the same shims, one for each container, in the namespace `moby`, with Docker's runc root. */
export const dockerShim: MonitorFamily = {
  ...containerdShim,
  name: 'containerd shim of Docker',
  recognises: (process) => containerdShim.recognises(process) && flagOf(process.argv, 'namespace') === 'moby',
  lowLevel: (shim, id) => shimLowLevel(shim, id, RUNC_ROOT),
};
