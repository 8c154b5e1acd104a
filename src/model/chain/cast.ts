import type { ProcessRecord, ProcessTable } from '../process.js';
import { flagOf, programOf } from '../runtimes/family.js';
import type { Steps } from '../steps.js';
import { withoutVar } from '../varRun.js';
import type { Sockets } from './sockets.js';

/** The processes of a node that may play a part in a chain above the shims, oldest first. */
export interface Cast {
  readonly kubelets: readonly ProcessRecord[];
  readonly containerds: readonly ProcessRecord[];
  readonly crios: readonly ProcessRecord[];
  readonly criDockerds: readonly ProcessRecord[];
  readonly dockerds: readonly ProcessRecord[];
}

type Part = keyof Cast;

/** Each role by the programs that play it. k3s, RKE2, k0s and MicroK8s put the kubelet into a binary of their own. */
const parts: Readonly<Record<string, Part>> = {
  kubelet: 'kubelets',
  hyperkube: 'kubelets',
  k3s: 'kubelets',
  'k3s-server': 'kubelets',
  'k3s-agent': 'kubelets',
  rke2: 'kubelets',
  k0s: 'kubelets',
  kubelite: 'kubelets',
  containerd: 'containerds',
  'docker-containerd': 'containerds',
  crio: 'crios',
  'cri-dockerd': 'criDockerds',
  dockerd: 'dockerds',
};

/** Finds them by their programs' names, but for those in a pod, which may call themselves anything. */
export function* findingCast(table: ProcessTable | undefined): Steps<Cast> {
  const cast: Record<Part, ProcessRecord[]> = {
    ...{ kubelets: [], containerds: [], crios: [], criDockerds: [], dockerds: [] },
  };
  for (const process of table?.processes.values() ?? []) {
    yield;
    const part = Object.hasOwn(parts, programOf(process)) ? parts[programOf(process)] : undefined;
    if (part && !process.cgroups.some((path) => path.includes('kubepods'))) cast[part].push(process);
  }
  for (const list of Object.values(cast)) list.sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid);
  return cast;
}

export function everyone(cast: Cast): readonly ProcessRecord[] {
  return [cast.kubelets, cast.containerds, cast.crios, cast.criDockerds, cast.dockerds].flat();
}

/** A kubelet that is nothing else comes first: RKE2 and k0s start one as a child. */
const isPure = (process: ProcessRecord): boolean => programOf(process) === 'kubelet';

/** The kubelet of a CRI socket: connected to it, else told to use it, else the likeliest. */
export function kubeletOf(path: string, cast: Cast, sockets: Sockets): ProcessRecord | undefined {
  const { kubelets } = cast;
  return (
    kubelets.find(({ pid }) => sockets.isClient(pid, path)) ??
    kubelets.find(
      ({ argv }) => socketPathOf(flagOf(argv, 'container-runtime-endpoint')) === withoutVar(path),
    ) ??
    kubelets.find(isPure) ??
    kubelets[0]
  );
}

/** A socket as flags name it, `unix:///run/x.sock` or a path. */
export function socketPathOf(text: string | undefined): string | undefined {
  const path = /^(?:unix:(?:\/\/)?)?(\/.*)$/s.exec(text ?? '')?.[1];
  return path === undefined ? undefined : withoutVar(path);
}

export interface Served {
  readonly process: ProcessRecord;
  readonly proved: boolean;
}

/**
 * Who serves a socket: who listens there, else by name and command line, never one that is known not to listen there.
 * @param candidates likeliest first
 * @param others to look at for who listens, whatever they call themselves
 */
export function servedBy(
  path: string,
  candidates: readonly ProcessRecord[],
  sockets: Sockets,
  others: readonly ProcessRecord[] = [],
): Served | undefined {
  // Process 1 also holds the sockets that systemd opened for a service.
  const listening = [...candidates, ...others].find(({ pid }) => pid !== 1 && sockets.listens(pid, path));
  if (listening) return { process: listening, proved: true };
  const possible = candidates.filter(
    (one) =>
      sockets.listens(one.pid, path) !== false && [undefined, withoutVar(path)].includes(addressOf(one)),
  );
  const process = possible.find((one) => addressOf(one) ?? isBeside(one, path)) ?? possible[0];
  return process && { process, proved: false };
}

/** The socket that a daemon's command line tells it to serve. */
function addressOf({ argv }: ProcessRecord): string | undefined {
  return socketPathOf(flagOf(argv, 'address', 'a', 'listen', 'container-runtime-endpoint'));
}

/** Whether a configuration or state folder that the command line names is where the socket is, as dockerd's containerd has it. */
function isBeside({ argv }: ProcessRecord, path: string): boolean {
  const folder = withoutVar(path).replace(/[^/]*$/, '');
  return withoutVar(flagOf(argv, 'config', 'c', 'state') ?? '').startsWith(folder);
}
