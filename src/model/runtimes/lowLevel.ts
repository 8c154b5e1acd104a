import type { LowLevelRuntime, ProcessRecord } from '../process.js';
import { flagOf, programOf } from './family.js';

/** Where each low-level runtime keeps the state of container `id`, under its `--root`; runtimes.md and recorded state. */
const stateFiles: readonly { readonly program: RegExp; path(id: string): string }[] = [
  { program: /\bcrun\b/, path: (id) => `${id}/status` },
  { program: /\b(runc|youki)\b/, path: (id) => `${id}/state.json` },
];

/**
 * The state file under a runtime's `--root`, where the runtime is known.
 * @param name a program's name; wrappers like `crio-runc-wrap` count as what they wrap
 */
export function statePathUnder(root: string, name: string, id: string): string | undefined {
  const file = stateFiles.find(({ program }) => program.test(name));
  return file === undefined ? undefined : `${root.replace(/\/+$/, '')}/${file.path(id)}`;
}

/**
 * gVisor tells by the first process itself, whatever shim started it: `runsc-sandbox --root=… … boot … SANDBOX` is the pod
 * and all its containers. Its state: `ROOT/ID_sandbox:SANDBOX.state` (runsc/container/state_file.go).
 */
export function gvisorOf(first: ProcessRecord, id: string): Omit<LowLevelRuntime, 'bundle'> | undefined {
  if (programOf(first) !== 'runsc-sandbox') return undefined;
  const root = flagOf(first.argv, 'root');
  const sandbox = first.argv.at(-1) ?? id;
  return {
    name: 'runsc',
    ...(root === undefined ? {} : { statePath: `${root}/${id}_sandbox:${sandbox}.state` }),
    source: `command line of runsc-sandbox ${first.pid}`,
  };
}
