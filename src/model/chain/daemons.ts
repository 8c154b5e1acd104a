import { parentOf } from '../ancestry.js';
import type { ProcessRecord, ProcessTable } from '../process.js';
import { flagOf, programOf } from '../runtimes/family.js';
import type { RuntimeSnapshot } from '../snapshot.js';
import { fact, type ChainBuilder } from './builder.js';
import { kubeletOf, servedBy, socketPathOf, type Cast, type Served } from './cast.js';
import * as evidence from './evidence.js';
import type { ChainBox, ChainEdgeKind } from './graph.js';
import type { Sockets } from './sockets.js';

/** One runtime of the node, as it answered last. */
export interface ChainRuntime {
  readonly snapshot: RuntimeSnapshot;
  /** It doesn't answer now. */
  readonly away: boolean;
}

export interface Stage {
  readonly builder: ChainBuilder;
  readonly table: ProcessTable | undefined;
  readonly cast: Cast;
  readonly sockets: Sockets;
}

/** A box of a daemon, and its process where that is known. */
export interface Daemon {
  readonly id: string;
  readonly title: string;
  readonly process?: ProcessRecord;
}

/**
 * Draws the kubelet, the CRI socket and who serves it, and below cri-dockerd or dockershim also dockerd and its containerd.
 * @returns who starts the shims
 */
export function drawDaemons(stage: Stage, runtime: ChainRuntime): Daemon {
  const path = pathOf(runtime.snapshot);
  const served = servedBy(path, candidatesFor(runtime.snapshot, stage.cast), stage.sockets, seen(stage));
  const kubelet = drawKubelet(stage, path, served);
  const server = drawServer(stage, runtime, served);
  if (server.id !== kubelet.id) throughSocket(stage, 'cri', path, kubelet, server, served?.proved);
  return runtime.snapshot.name === 'docker' ? drawDocker(stage, runtime.snapshot, server) : server;
}

/** The socket of an endpoint; a Windows pipe stays as it is. */
export function pathOf({ endpoint }: RuntimeSnapshot): string {
  return endpoint.replace(/^unix:\/\//, '');
}

/** By CRI's runtime_name. Docker's is cri-dockerd's; k3s has that inside, and kubelets up to 1.23 had dockershim. */
export function candidatesFor(snapshot: RuntimeSnapshot, cast: Cast): readonly ProcessRecord[] {
  if (snapshot.name === 'cri-o') return cast.crios;
  if (snapshot.name !== 'docker') return cast.containerds;
  return [...cast.criDockerds, ...(/dockershim|k3s/.test(pathOf(snapshot)) ? cast.kubelets : [])];
}

/** Whose open sockets were read, whatever they are called. */
function seen({ table, sockets }: Stage): readonly ProcessRecord[] {
  return sockets.known.flatMap((pid) => table?.processes.get(pid) ?? []);
}

function drawKubelet({ builder, cast, sockets }: Stage, path: string, served: Served | undefined): Daemon {
  // dockershim, and what k3s has inside of it, is the kubelet itself.
  const own = cast.kubelets.find((kubelet) => kubelet === served?.process);
  const process = own ?? kubeletOf(path, cast, sockets);
  if (!process) {
    return {
      id: builder.box('kubelet', { kind: 'kubelet', title: 'kubelet', absent: true }),
      title: 'kubelet',
    };
  }
  const facts = own ? fact('path', path) : [];
  return daemonBox(builder, process, 'kubelet', facts);
}

function drawServer(
  { builder }: Stage,
  { snapshot, away }: ChainRuntime,
  served: Served | undefined,
): Daemon {
  const { name, version, endpoint } = snapshot;
  // cri-dockerd gives Docker's version for its own (measured).
  const own = name === 'docker' ? undefined : version;
  const facts = [...fact('version', own), ...fact('state', away ? 'does not answer' : undefined)];
  if (served) return daemonBox(builder, served.process, 'server', facts);
  const id = builder.box(`server:${endpoint}`, { kind: 'server', title: name, absent: away, facts });
  if (!away) builder.note(evidence.serverUnknown(name));
  return { id, title: name };
}

function daemonBox(
  builder: ChainBuilder,
  process: ProcessRecord,
  kind: ChainBox['kind'],
  facts: ChainBox['facts'] = [],
): Daemon {
  const title = programOf(process);
  return { id: builder.process(process, { kind, title, facts }), title, process };
}

const DOCKER_SOCKET = '/var/run/docker.sock';

/** dockerd behind its socket, and the containerd that it uses; that one starts the shims. */
function drawDocker(stage: Stage, { version }: RuntimeSnapshot, client: Daemon): Daemon {
  const { builder, cast, sockets } = stage;
  const path =
    socketPathOf(client.process && flagOf(client.process.argv, 'docker-endpoint')) ?? DOCKER_SOCKET;
  const served = servedBy(path, cast.dockerds, sockets);
  const dockerd = served
    ? daemonBox(builder, served.process, 'daemon', fact('version', version))
    : absentDaemon(builder, `daemon:${path}`, 'dockerd');
  throughSocket(stage, 'dockerApi', path, client, dockerd, served?.proved);
  return drawDockersContainerd(stage, dockerd);
}

function drawDockersContainerd(stage: Stage, dockerd: Daemon): Daemon {
  const { builder, cast, sockets, table } = stage;
  const { process } = dockerd;
  const children = cast.containerds.filter((one) => table && process && parentOf(one, table) === process);
  const path = containerdSocket(dockerd, children.length > 0);
  const served = servedBy(path, children.length > 0 ? children : cast.containerds, sockets);
  const containerd = served
    ? daemonBox(builder, served.process, 'daemon')
    : absentDaemon(builder, `daemon:${path}`, 'containerd');
  throughSocket(stage, 'containerdApi', path, dockerd, containerd, served?.proved);
  return containerd;
}

/** dockerd's --containerd; without it dockerd uses the system's, or starts one of its own below its exec root. */
function containerdSocket({ process }: Daemon, own: boolean): string {
  const told = process && socketPathOf(flagOf(process.argv, 'containerd'));
  return told ?? (own ? '/run/docker/containerd/containerd.sock' : '/run/containerd/containerd.sock');
}

function absentDaemon(builder: ChainBuilder, id: string, title: string): Daemon {
  return { id: builder.box(id, { kind: 'daemon', title, absent: true }), title };
}

/** Draws a socket between who calls and who serves, and both lines. */
function throughSocket(
  { builder, sockets }: Stage,
  kind: ChainEdgeKind,
  path: string,
  client: Daemon,
  server: Daemon,
  listens = false,
): void {
  const title = path.replace(/^.*[/\\]/, '');
  const socket = builder.box(`socket:${path}`, { kind: 'socket', title, facts: fact('path', path) });
  const calls = client.process !== undefined && sockets.isClient(client.process.pid, path) === true;
  builder.edge({
    ...{ from: client.id, to: socket, kind, proof: calls ? 'proved' : 'inferred' },
    evidence: evidence.ofClient(sockets, path, client, server),
  });
  builder.edge({
    ...{ from: socket, to: server.id, kind, proof: listens ? 'proved' : 'inferred' },
    evidence: evidence.ofListener(sockets, path, server),
  });
}
