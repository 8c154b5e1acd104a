import { mkdir, mkdtemp, rm, writeFile, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { ensurePackages, labPackages } from '../../scripts/debian.mjs';
import { CriClient } from '../../src/cri/client.js';
import { mapLimit } from '../../src/util/async.js';
import { cniConfig, containerdConfig, labPaths, labPrefix, type LabPaths } from './config.js';
import { ensureContainerd, type NewerContainerd } from './containerdVersions.js';
import { Daemon } from './daemon.js';
import { buildImages } from './images.js';
import { cleanLeftovers, processStamp, removeLab } from './leftovers.js';
import { containerConfig, sandboxConfig, type LabPod, type PodSpec, type SandboxConfig } from './pods.js';
import { RestartLoops } from './restarts.js';
import { chooseSnapshotter } from './snapshotter.js';

export type { ContainerSpec, LabPod, PodSpec } from './pods.js';
export { samplePods } from './samples.js';

export interface LabOptions {
  /** A containerd of another Debian, with this one's runc; else this one's own (1.6 on bookworm). */
  readonly containerd?: NewerContainerd;
  /** Made before startLab resolves. */
  readonly pods?: readonly PodSpec[];
  readonly progress?: (line: string) => void;
}

/** Creating a sandbox may wait for the network, and a busy machine's disk. */
const patient = { timeoutMs: 60_000 };

/**
 * A real containerd with real runc, CNI and pods, private to one process: nothing of the machine is used but its
 * programs. Needs root on Debian or Ubuntu. Whoever starts it must await {@link Lab.stop}; what a crash leaves is
 * cleaned at the next start.
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { containerd, pods = [], progress = () => undefined } = options;
  await ensurePackages(labPackages, progress);
  const programs = containerd ? await ensureContainerd(containerd, progress) : '/usr/bin';
  await cleanLeftovers(progress);
  const paths = labPaths(await mkdtemp(labPrefix));
  const lab = new Lab(paths, programs);
  try {
    await prepare(paths);
    progress('starting containerd');
    await lab.restart();
    await lab.ctr('images', 'import', await buildImages(paths.images));
    await rm(paths.images, { recursive: true });
    if (pods.length > 0) progress(`starting ${pods.length} pods`);
    await mapLimit(pods, 4, (spec) => lab.runPod(spec));
  } catch (error) {
    await lab.stop();
    throw error;
  }
  return lab;
}

async function prepare(paths: LabPaths): Promise<void> {
  await writeFile(paths.owner, processStamp(process.pid) ?? '');
  // As /run/containerd: anyone may see that the socket is there, only root may open it.
  await chmod(paths.folder, 0o711);
  for (const folder of [paths.images, paths.cniConfig, paths.logs]) await mkdir(folder);
  await writeFile(paths.config, containerdConfig(paths, await chooseSnapshotter(paths.folder)));
  await writeFile(paths.crun, '#!/bin/sh\nexec runc "$@"\n', { mode: 0o755 });
  await writeFile(join(paths.cniConfig, '10-lab.conflist'), cniConfig(paths));
}

/** A running lab. Acts as its kubelet too: containers with `restart` get new attempts. */
export class Lab {
  readonly client: CriClient;
  readonly #paths: LabPaths;
  readonly #daemon: Daemon;
  readonly #restarts: RestartLoops;

  constructor(paths: LabPaths, programs: string) {
    this.#paths = paths;
    this.#daemon = new Daemon(paths, programs);
    this.client = new CriClient(paths.socket);
    this.#restarts = new RestartLoops(this.client);
  }

  get socket(): string {
    return this.#paths.socket;
  }

  /** For the setting criExplorer.nodes. */
  get endpoint(): string {
    return `unix://${this.#paths.socket}`;
  }

  /** containerd's `state`: bundles are in io.containerd.runtime.v2.task/k8s.io/ID. */
  get stateDir(): string {
    return this.#paths.state;
  }

  /** The place of a kubelet's /var/log/pods. */
  get logDirectory(): string {
    return this.#paths.logs;
  }

  /** containerd's own pid. */
  get pid(): number | undefined {
    return this.#daemon.pid;
  }

  /** Runs containerd's own client in the namespace k8s.io; resolves with what it printed. */
  async ctr(...args: string[]): Promise<string> {
    return this.#daemon.ctr(...args);
  }

  async runPod(spec: PodSpec): Promise<LabPod> {
    const config = sandboxConfig(spec, this.#paths);
    await mkdir(config.logDirectory, { recursive: true });
    const { podSandboxId: id } = await this.client.call(
      'RunPodSandbox',
      { config, runtimeHandler: spec.runtimeHandler ?? '' },
      patient,
    );
    const containers: Record<string, string> = {};
    for (const container of spec.containers) {
      const make = (attempt: number): Promise<string> => this.#startContainer(id, config, container, attempt);
      containers[container.name] = await make(0);
      if (container.restart) this.#restarts.add(containers[container.name]!, make);
    }
    const { name, namespace, uid } = config.metadata;
    return { id, uid, name, namespace, logDirectory: config.logDirectory, containers };
  }

  /** Removes a pod with its containers, as a kubelet does when the pod is deleted. */
  async removePod(id: string): Promise<void> {
    await this.client.call('StopPodSandbox', { podSandboxId: id }, patient);
    await this.client.call('RemovePodSandbox', { podSandboxId: id }, patient);
  }

  /** Ends a container: SIGTERM, and SIGKILL after `seconds`. */
  async stopContainer(id: string, seconds = 0): Promise<void> {
    await this.client.call('StopContainer', { containerId: id, timeout: seconds }, patient);
  }

  /** kill -9 of containerd alone: shims and containers go on, the socket's file stays. */
  async kill9(): Promise<void> {
    await this.#daemon.end('SIGKILL');
  }

  /** Starts containerd, after ending it if it runs. Resolves when it answers. */
  async restart(): Promise<void> {
    await this.#daemon.end('SIGTERM');
    await this.#daemon.start();
  }

  /** Removes pods, processes, mounts, network, cgroups and files. */
  async stop(): Promise<void> {
    await this.#restarts.stop();
    await this.#removePods().catch(() => undefined);
    this.client.dispose();
    await this.#daemon.end('SIGTERM');
    await removeLab(this.#paths);
  }

  async #removePods(): Promise<void> {
    if (!this.#daemon.running) return;
    const sandboxes = await this.client.listPodSandboxes();
    await mapLimit(sandboxes, 4, ({ id }) => this.removePod(id));
  }

  async #startContainer(
    podSandboxId: string,
    sandbox: SandboxConfig,
    spec: PodSpec['containers'][number],
    attempt: number,
  ): Promise<string> {
    const config = await containerConfig(spec, sandbox, attempt, this.#paths);
    const request = { podSandboxId, config, sandboxConfig: sandbox };
    const { containerId } = await this.client.call('CreateContainer', request, patient);
    await this.client.call('StartContainer', { containerId }, patient);
    return containerId;
  }
}
