import type { LowLevelRuntime, ProcessRecord } from '../process.js';
import { baseName, flagOf, folderOf, programOf, type MonitorFamily } from './family.js';
import { statePathUnder } from './lowLevel.js';

const PREFIX = 'containerd-shim';

/** RuncRoot of containerd's runc shims (cmd/containerd-shim-runc-v2/process/init.go), whatever its `state` is set to. */
const RUNC_ROOT = '/run/containerd/runc';

/**
 * containerd's shims, also of k3s, RKE2, k0s and MicroK8s: `containerd-shim-runc-v2` (one for a pod),
 * `containerd-shim-runc-v1` and the first one, plain `containerd-shim` (one for a container, and containerd's child), and
 * others' that keep to the same contract, like `containerd-shim-kata-v2` and `containerd-shim-runsc-v1`.
 */
export const containerdShim: MonitorFamily = {
  name: 'containerd shim',
  role: 'shim',
  comms: [PREFIX],
  recognises: (process) => programOf(process).startsWith(PREFIX),
  idOf: shimId,
  lowLevel: (shim, id) => shimLowLevel(shim, id, RUNC_ROOT),
};

function shimId({ argv, cwd }: ProcessRecord): string | undefined {
  const id = flagOf(argv, 'id');
  if (id !== undefined) return id;
  // The first shim has no -id; its working folder's name is one: …/io.containerd.runtime.v1.linux/NAMESPACE/ID.
  const folder = flagOf(argv, 'workdir') ?? (cwd !== undefined && bundleFolder.test(cwd) ? cwd : undefined);
  return folder === undefined ? undefined : baseName(folder);
}

/** `STATE/io.containerd.runtime.v2.task/NAMESPACE/ID`, and `…v1.linux/…` of the first shim. */
const bundleFolder = /\/io\.containerd\.runtime\.v\d\.[a-z]+\/[^/]+\/[^/]+$/;

/** @param defaultRoot the runtime's `--root` where the shim's command line names none */
export function shimLowLevel(shim: ProcessRecord, id: string, defaultRoot: string): LowLevelRuntime {
  const { name, assumed } = lowLevelName(shim);
  const bundle = bundleBeside(shim, id);
  const namespace = flagOf(shim.argv, 'namespace');
  const told = flagOf(shim.argv, 'runtime-root');
  // The default is that of runc's own shims only.
  const root = told ?? (name === 'runc' ? defaultRoot : undefined);
  const statePath =
    namespace === undefined || root === undefined
      ? undefined
      : statePathUnder(`${root}/${namespace}`, name, id);
  const sources = [
    bundle === undefined ? `command line of shim ${shim.pid}` : `cwd of shim ${shim.pid}`,
    assumed ? nameAssumed(name) : `name by the shim's program`,
    ...(statePath === undefined || told !== undefined ? [] : [`${stateAssumed} ${root}`]),
  ];
  return {
    name,
    ...(bundle === undefined ? {} : { bundle }),
    ...(statePath === undefined ? {} : { statePath }),
    source: sources.join('; '),
  };
}

/** `containerd-shim-NAME-vN` runs NAME; that for runc also crun, youki or runsc, if its options (BinaryName) say so. */
function lowLevelName(shim: ProcessRecord): { readonly name: string; readonly assumed: boolean } {
  const name = /^containerd-shim-(.+?)(-v\d+)?$/.exec(programOf(shim))?.[1] ?? 'runc';
  return { name, assumed: name === 'runc' };
}

const nameAssumed = (name: string): string =>
  `${name} assumed, as the bundle's options.json may name another`;
const stateAssumed = 'state path assumed from the default';

/** The file that tells what a shim for runc really runs; of other shims, and where the bundle is unknown, there is none. */
export function optionsPath({ name, bundle, source }: LowLevelRuntime): string | undefined {
  return bundle !== undefined && source.includes(nameAssumed(name)) ? `${bundle}/options.json` : undefined;
}

/**
 * Puts right what was assumed of a shim for runc.
 * @param options the bundle's options.json: containerd's `runc.v1.Options` as JSON, of which `binary_name` and `root` matter
 * and are left out where they are not set (containerd 1.6 and 2.1, measured)
 */
export function withOptions(lowLevel: LowLevelRuntime, id: string, options: unknown): LowLevelRuntime {
  if (typeof options !== 'object' || options === null) return lowLevel;
  const told = options as { readonly binary_name?: unknown; readonly root?: unknown };
  const name =
    typeof told.binary_name === 'string' && told.binary_name !== '' ? baseName(told.binary_name) : 'runc';
  const root = typeof told.root === 'string' && told.root !== '' ? told.root : undefined;
  const { bundle, statePath: assumed } = lowLevel;
  // ROOT/NAMESPACE/ID/state.json
  const [, base = '', namespace = ''] = /^(.*)\/([^/]+)\/[^/]+\/[^/]+$/s.exec(assumed ?? '') ?? [];
  const statePath =
    assumed === undefined ? undefined : statePathUnder(`${root ?? base}/${namespace}`, name, id);
  const sources = lowLevel.source.split('; ').flatMap((part) => {
    if (part === nameAssumed(lowLevel.name)) return ["name by the bundle's options.json"];
    return part.startsWith(stateAssumed) && (root !== undefined || statePath === undefined) ? [] : [part];
  });
  return {
    name,
    ...(bundle === undefined ? {} : { bundle }),
    ...(statePath === undefined ? {} : { statePath }),
    source: sources.join('; '),
  };
}

/** A shim works in the bundle it was started for; those of the pod's other containers are that one's siblings. */
function bundleBeside(shim: ProcessRecord, id: string): string | undefined {
  const { cwd } = shim;
  if (cwd === undefined || baseName(cwd) !== shimId(shim)) return undefined;
  return `${folderOf(cwd)}/${id}`;
}
