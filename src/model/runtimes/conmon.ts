import type { LowLevelRuntime, ProcessRecord } from '../process.js';
import { baseName, flagOf, programOf, type MonitorFamily } from './family.js';
import { statePathUnder } from './lowLevel.js';

/** CRI-O's conmon: one for each container and one for the sandbox; its command line tells everything. */
export const conmon: MonitorFamily = {
  name: 'conmon',
  role: 'monitor',
  comms: ['conmon'],
  recognises: (process) => programOf(process) === 'conmon',
  idOf: ({ argv }) => flagOf(argv, 'c', 'cid'),
  lowLevel,
  // With the systemd driver, and below a pod's cgroup with `conmon_cgroup = "pod"` (crio.conf(5)).
  ownCgroups: ['crio-conmon-'],
};

function lowLevel(monitor: ProcessRecord, id: string): LowLevelRuntime {
  const { argv } = monitor;
  const name = baseName(flagOf(argv, 'r', 'runtime') ?? 'unknown');
  const bundle = flagOf(argv, 'b', 'bundle');
  const root = rootArgument(argv);
  const statePath = root === undefined ? undefined : statePathUnder(root, name, id);
  return {
    name,
    ...(bundle === undefined ? {} : { bundle }),
    ...(statePath === undefined ? {} : { statePath }),
    source: `command line of conmon ${monitor.pid}`,
  };
}

/** conmon passes each `--runtime-arg` on to the runtime; CRI-O gives `--root=FOLDER` that way. */
function rootArgument(argv: readonly string[]): string | undefined {
  for (const [index, argument] of argv.entries()) {
    if (argument !== '--runtime-arg') continue;
    const root = /^--root=(.+)$/s.exec(argv[index + 1] ?? '')?.[1];
    if (root !== undefined) return root;
  }
  return undefined;
}
