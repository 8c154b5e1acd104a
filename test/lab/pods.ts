import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabPaths } from './config.js';
import { busyboxImage } from './images.js';

/** What a pod's manifest would say, as far as the lab needs it. */
export interface PodSpec {
  readonly name: string;
  /** `default` unless given. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Places the cgroup as a kubelet does; `burstable` unless given. */
  readonly qos?: 'guaranteed' | 'burstable' | 'besteffort';
  /** `crun` is runc under that name; containerd's default without one. */
  readonly runtimeHandler?: 'crun';
  /** Shares the machine's network instead of having one of its own. */
  readonly hostNetwork?: boolean;
  readonly containers: readonly ContainerSpec[];
}

export interface ContainerSpec {
  readonly name: string;
  /** Run in busybox. */
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: number;
  readonly addCapabilities?: readonly string[];
  readonly dropCapabilities?: readonly string[];
  readonly readOnlyRoot?: boolean;
  /** Thousandths of a CPU. */
  readonly cpuLimit?: number;
  /** Bytes. */
  readonly memoryLimit?: number;
  /** Made anew with the next attempt when it ends, each time a little later, as a kubelet does. */
  readonly restart?: boolean;
}

/** A pod as the lab made it. */
export interface LabPod {
  /** The sandbox's id. */
  readonly id: string;
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly logDirectory: string;
  /** Container names to the ids of their first attempts. */
  readonly containers: Readonly<Record<string, string>>;
}

/** runtime.v1.PodSandboxConfig, with the labels, annotations, paths and cgroup parent of a kubelet. */
export function sandboxConfig(spec: PodSpec, paths: LabPaths) {
  const uid = randomUUID();
  const namespace = spec.namespace ?? 'default';
  const qos = spec.qos ?? 'burstable';
  const group = qos === 'guaranteed' ? 'kubepods' : `kubepods/${qos}`;
  const namespaceOptions = { network: spec.hostNetwork ? 2 : 0, pid: 1, ipc: 0, targetId: '' };
  return {
    metadata: { name: spec.name, uid, namespace, attempt: 0 },
    ...(spec.hostNetwork ? {} : { hostname: spec.name }),
    logDirectory: join(paths.logs, `${namespace}_${spec.name}_${uid}`),
    dnsConfig: {
      servers: ['10.96.0.10'],
      searches: [`${namespace}.svc.cluster.local`],
      options: ['ndots:5'],
    },
    labels: {
      ...spec.labels,
      'io.kubernetes.pod.name': spec.name,
      'io.kubernetes.pod.namespace': namespace,
      'io.kubernetes.pod.uid': uid,
    },
    annotations: {
      ...spec.annotations,
      'kubernetes.io/config.seen': new Date().toISOString(),
      'kubernetes.io/config.source': 'api',
    },
    linux: {
      cgroupParent: `/${paths.name}/${group}/pod${uid}`,
      securityContext: { namespaceOptions, seccomp: { profileType: 0, localhostRef: '' } },
    },
  };
}

export type SandboxConfig = ReturnType<typeof sandboxConfig>;

/** runtime.v1.ContainerConfig of one attempt. Makes the files and folders that it mounts or logs into. */
export async function containerConfig(
  spec: ContainerSpec,
  sandbox: SandboxConfig,
  attempt: number,
  paths: LabPaths,
) {
  await mkdir(join(sandbox.logDirectory, spec.name), { recursive: true });
  return {
    metadata: { name: spec.name, attempt },
    image: { image: busyboxImage },
    command: [...spec.command],
    args: [],
    workingDir: '/',
    envs: Object.entries(spec.env ?? {}).map(([key, value]) => ({ key, value: Buffer.from(value) })),
    mounts: await kubeletMounts(spec, sandbox, paths),
    logPath: join(spec.name, `${attempt}.log`),
    labels: {
      'io.kubernetes.container.name': spec.name,
      'io.kubernetes.pod.name': sandbox.metadata.name,
      'io.kubernetes.pod.namespace': sandbox.metadata.namespace,
      'io.kubernetes.pod.uid': sandbox.metadata.uid,
    },
    annotations: {
      'io.kubernetes.container.hash': '5fa3c1d2',
      'io.kubernetes.container.restartCount': String(attempt),
      'io.kubernetes.container.terminationMessagePath': '/dev/termination-log',
      'io.kubernetes.container.terminationMessagePolicy': 'File',
      'io.kubernetes.pod.terminationGracePeriod': '30',
    },
    linux: {
      resources: {
        cpuShares: 102,
        cpuPeriod: 100_000,
        cpuQuota: (spec.cpuLimit ?? 0) * 100,
        memoryLimitInBytes: spec.memoryLimit ?? 0,
        oomScoreAdj: 1000,
      },
      securityContext: {
        capabilities: {
          addCapabilities: [...(spec.addCapabilities ?? [])],
          dropCapabilities: [...(spec.dropCapabilities ?? [])],
        },
        ...(spec.user === undefined ? {} : { runAsUser: { value: spec.user } }),
        readonlyRootfs: spec.readOnlyRoot ?? false,
        namespaceOptions: sandbox.linux.securityContext.namespaceOptions,
        seccomp: { profileType: 0, localhostRef: '' },
        maskedPaths: ['/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/timer_list', '/sys/firmware'],
        readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
      },
    },
  };
}

/** What a kubelet mounts into every container: hosts file, termination log, service account token, an emptyDir. */
async function kubeletMounts(spec: ContainerSpec, sandbox: SandboxConfig, paths: LabPaths) {
  const { name, uid } = sandbox.metadata;
  const pod = join(paths.folder, 'kubelet/pods', uid);
  const token = join(pod, 'volumes/kubernetes.io~projected/kube-api-access');
  const data = join(pod, 'volumes/kubernetes.io~empty-dir/data');
  const container = join(pod, 'containers', spec.name);
  for (const folder of [token, data, container]) await mkdir(folder, { recursive: true });
  await writeFile(join(pod, 'etc-hosts'), `127.0.0.1\tlocalhost\n127.0.1.1\t${name}\n`);
  await writeFile(join(container, 'termination-log'), '', { flag: 'a' });
  await writeFile(join(token, 'token'), 'not-a-real-token');
  const mount = (containerPath: string, hostPath: string, readonly = false) => ({
    containerPath,
    hostPath,
    readonly,
  });
  return [
    mount('/etc/hosts', join(pod, 'etc-hosts')),
    mount('/dev/termination-log', join(container, 'termination-log')),
    mount('/var/run/secrets/kubernetes.io/serviceaccount', token, true),
    mount('/data', data),
  ];
}
