import { basename, join } from 'node:path';
import { pauseImage } from './images.js';

/** Where a lab keeps what; everything but the bridge and the cgroups is inside `folder`. */
export interface LabPaths {
  /** `/tmp/cri-lab-XXXXXX`: short, since a unix socket's path has room for 107 bytes. */
  readonly folder: string;
  /** The folder's own name, also that of its top cgroup. */
  readonly name: string;
  readonly socket: string;
  readonly root: string;
  readonly state: string;
  readonly config: string;
  readonly containerdLog: string;
  /** Of the process that may use this lab: `PID START-TICKS`. */
  readonly owner: string;
  /** Where a kubelet would have /var/log/pods. */
  readonly logs: string;
  readonly images: string;
  /** A program by the name of crun that is runc, behind the runtime handler `crun`. */
  readonly crun: string;
  readonly cniConfig: string;
  readonly cniData: string;
  /** An interface's name has room for 15 characters. */
  readonly bridge: string;
}

export const labPrefix = '/tmp/cri-lab-';

export function labPaths(folder: string): LabPaths {
  const at = (name: string): string => join(folder, name);
  return {
    folder,
    name: basename(folder),
    socket: at('containerd.sock'),
    root: at('root'),
    state: at('state'),
    config: at('config.toml'),
    containerdLog: at('containerd.log'),
    owner: at('owner'),
    logs: at('pods'),
    images: at('images'),
    crun: at('crun'),
    cniConfig: at('cni'),
    cniData: at('cni-data'),
    bridge: `crilab${folder.slice(labPrefix.length)}`,
  };
}

/** Config version 2, which containerd 1.6 and 1.7 read, and 2.x migrates as it reads it. */
export function containerdConfig(paths: LabPaths, snapshotter: string): string {
  const text = JSON.stringify;
  return `version = 2
root = ${text(paths.root)}
state = ${text(paths.state)}
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp",
]

[grpc]
  address = ${text(paths.socket)}

[plugins."io.containerd.internal.v1.opt"]
  path = ${text(join(paths.folder, 'opt'))}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(pauseImage)}
  # Machines of tests often lack CAP_SYS_RESOURCE; then a lower score than the parent's ends runc.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  tolerate_missing_hugetlb_controller = true

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = ${text(paths.cniConfig)}

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = ${text(snapshotter)}

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.crun]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.crun.options]
  BinaryName = ${text(paths.crun)}
`;
}

/**
 * A bridge of the lab's own. It has no gateway and no masquerading: pods reach one another and nothing else, no
 * route or sysctl of the machine changes, so labs may even share the subnet.
 */
export function cniConfig(paths: LabPaths): string {
  const bridge = {
    type: 'bridge',
    bridge: paths.bridge,
    isGateway: false,
    ipMasq: false,
    ipam: {
      type: 'host-local',
      dataDir: paths.cniData,
      ranges: [[{ subnet: '10.244.0.0/16' }]],
    },
  };
  return JSON.stringify({ cniVersion: '0.4.0', name: paths.bridge, plugins: [bridge] }, undefined, 2);
}
