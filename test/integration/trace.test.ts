import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Trace } from '../../src/model/oci/insight.js';
import { pathText } from '../../src/model/oci/json.js';
import { readSpec } from '../../src/model/oci/readSpec.js';
import { RuntimesOfNode } from '../../src/runtime/nodeConnection.js';
import type { RuntimeConnection } from '../../src/runtime/connection.js';
import { readSpecSources } from '../../src/runtime/specReader.js';
import { readTrace, readTraceSources } from '../../src/runtime/traceReader.js';
import { silentLogger } from '../../src/util/logger.js';
import { startLab, type Lab, type LabPod } from '../lab/containerd.js';
import { busyboxImage } from '../lab/images.js';
import { localNodeFromSource } from './nodeSupport.js';

const patient = { timeoutMs: 60_000 };
const podNamespaces = { network: 0, pid: 1, ipc: 0, targetId: '' };
const sleep = ['sleep', '3600'];

/** Request parts of runtime.v1.ContainerConfig, by the name of the container made of them. */
const requests = (folder: string) => {
  const security = (part: object) => ({
    linux: { securityContext: { namespaceOptions: podNamespaces, ...part } },
  });
  const mount = (containerPath: string, hostPath: string, more: object = {}) => ({
    containerPath,
    hostPath,
    ...more,
  });
  return {
    plain: { command: sleep },
    'image-args': { args: ['-c', 'sleep 3600'] },
    process: {
      command: ['sh', '-c'],
      args: ['sleep 3600; : --password=hunter2'],
      workingDir: '/tmp',
      envs: [
        { key: 'A', value: Buffer.from('1') },
        { key: 'DB_PASSWORD', value: Buffer.from('hunter2') },
        { key: 'EMPTY', value: Buffer.from('') },
        { key: 'WORD', value: Buffer.from('abcdefgh') },
        { key: 'PATH', value: Buffer.from('/bin:/sbin') },
      ],
      labels: { 'io.kubernetes.container.name': 'process' },
      annotations: { 'io.kubernetes.container.hash': 'abc' },
    },
    tty: { command: ['sh'], tty: true, stdin: true, stdinOnce: true },
    resources: {
      command: sleep,
      linux: {
        resources: {
          ...{ cpuPeriod: 100_000, cpuQuota: 50_000, cpuShares: 512, cpusetCpus: '0', cpusetMems: '0' },
          ...{ memoryLimitInBytes: 64 * 1024 * 1024, oomScoreAdj: 1000 },
          hugepageLimits: [{ pageSize: '2MB', limit: 0 }],
        },
      },
    },
    capabilities: {
      command: sleep,
      ...security({
        capabilities: { addCapabilities: ['NET_ADMIN', 'sys_ptrace'], dropCapabilities: ['MKNOD', 'KILL'] },
      }),
    },
    'drop-all': {
      command: sleep,
      ...security({ capabilities: { addCapabilities: ['CHOWN'], dropCapabilities: ['ALL'] } }),
    },
    'add-all': {
      command: sleep,
      ...security({ capabilities: { addCapabilities: ['ALL'], dropCapabilities: ['MKNOD'] } }),
    },
    user: {
      command: sleep,
      ...security({
        ...{ runAsUser: { value: 1234 }, runAsGroup: { value: 2345 }, supplementalGroups: [3456, 4567] },
        ...{ noNewPrivs: true, readonlyRootfs: true, seccomp: { profileType: 1, localhostRef: '' } },
        ...{ maskedPaths: ['/proc/kcore', '/proc/keys'], readonlyPaths: ['/proc/sys'] },
      }),
    },
    'root-user': { command: sleep, ...security({ runAsUser: { value: 0 } }) },
    username: { command: sleep, ...security({ runAsUsername: 'web' }) },
    seccomp: { command: sleep, ...security({ seccomp: { profileType: 0, localhostRef: '' } }) },
    'seccomp-file': {
      command: sleep,
      ...security({ seccomp: { profileType: 2, localhostRef: join(folder, 'seccomp.json') } }),
    },
    'pid-pod': { command: sleep, ...security({ namespaceOptions: { ...podNamespaces, pid: 0 } }) },
    mounts: {
      command: sleep,
      mounts: [
        mount('/data', folder),
        mount('/data/ro', folder, { readonly: true }),
        mount('/linked', join(folder, 'link')),
        mount('/etc/hosts', join(folder, 'hosts')),
        mount('/sys', '/sys', { readonly: true }),
      ],
    },
    devices: {
      command: sleep,
      devices: [
        { containerPath: '/dev/x-null', hostPath: '/dev/null', permissions: 'rw' },
        { containerPath: '/dev/full', hostPath: '/dev/full', permissions: 'rwm' },
      ],
    },
  };
};

/** What isn't proved of untouched containers: of which ones, what, and why. */
const unproved: readonly (readonly [name: RegExp, line: RegExp, why: string])[] = [
  [/./, /^\.ociVersion default$/, 'the build of containerd says it, not a request'],
  [/./, /^\.linux\.namespaces default$/, 'what isn’t listed'],
  [
    /^(kubelet|seccomp|seccomp-file|host|.*sandbox)$/,
    /^\.linux\.seccomp cri$/,
    'the profile itself isn’t compared',
  ],
  [
    /^(add-all|privileged)$/,
    /^\.process\.capabilities\.\w+ cri$/,
    'ALL is what containerd’s own process has',
  ],
  [/^(host|privileged)$/, /^\.process\.env\[1\] default$/, 'the node’s own host name'],
  [/^(root-user|host-sandbox)$/, /^\.process\.user\.gid image$/, 'of the image’s /etc/passwd'],
  [/^username$/, /^\.process\.user\.(uid|gid) cri$/, 'of the image’s /etc/passwd'],
  [/^mounts$/, /^\.mounts\[\d+\] cri$/, 'host_path is a symbolic link'],
  [/sandbox$/, /image-name"\] default$/, 'the pause image is of containerd’s configuration'],
  [/^sandbox$/, /^\.linux\.namespaces\[4\] cri$/, 'the network namespace’s name is drawn at random'],
  [/sandbox$/, /^\.process\.oomScoreAdj default$/, 'the lab restricts it'],
  [/^privileged$/, /^\.linux\.(resources\.)?devices\[\d+\] cri$/, 'every device of the node'],
];

describe.each(['1.6', '2.1'] as const)('containerd %s', (version) => {
  const folder = mkdtempSync(join(tmpdir(), 'criex-trace-'));
  const ids = new Map<string, string>();
  let lab: Lab;
  let node: RuntimesOfNode;
  let pod: LabPod;

  beforeAll(async () => {
    writeFileSync(join(folder, 'hosts'), '127.0.0.1 localhost\n');
    writeFileSync(join(folder, 'seccomp.json'), '{"defaultAction":"SCMP_ACT_ALLOW"}');
    symlinkSync(folder, join(folder, 'link'));
    lab = await startLab(version === '1.6' ? {} : { containerd: version });
    pod = await lab.runPod({
      name: 'traced',
      containers: [{ name: 'kubelet', command: ['sleep', '3600'], env: { A: 'b' } }],
    });
    ids.set('kubelet', pod.containers.kubelet!);
    ids.set('sandbox', pod.id);
    const status = await lab.client.podSandboxStatus(pod.id, true);
    const { config } = JSON.parse(status.info.info ?? '') as { config: { linux: { cgroup_parent: string } } };
    const cgroupParent = config.linux.cgroup_parent;
    const { name, namespace, uid } = pod;
    const sandbox = {
      ...{ metadata: { name, namespace, uid, attempt: 0 }, hostname: name, logDirectory: pod.logDirectory },
      linux: { cgroupParent, securityContext: { namespaceOptions: podNamespaces } },
    };
    for (const [name, part] of Object.entries(requests(folder))) await create(name, part, pod.id, sandbox);

    const privileged = {
      metadata: { name: 'host', namespace: 'default', uid: 'host-uid', attempt: 0 },
      logDirectory: pod.logDirectory,
      linux: {
        sysctls: {},
        securityContext: {
          ...{ privileged: true, namespaceOptions: { network: 2, pid: 2, ipc: 2, targetId: '' } },
          ...{
            runAsUser: { value: 1000 },
            supplementalGroups: [77],
            seccomp: { profileType: 1, localhostRef: '' },
          },
        },
      },
    };
    const { podSandboxId } = await lab.client.call('RunPodSandbox', { config: privileged }, patient);
    ids.set('host-sandbox', podSandboxId);
    const namespaceOptions = privileged.linux.securityContext.namespaceOptions;
    const privilegedPart = { privileged: true, namespaceOptions, maskedPaths: ['/proc/kcore'] };
    await create(
      'host',
      { command: sleep, linux: { securityContext: { namespaceOptions } } },
      podSandboxId,
      privileged,
    );
    await create(
      'privileged',
      { command: sleep, linux: { securityContext: privilegedPart } },
      podSandboxId,
      privileged,
    );
    node = new RuntimesOfNode({
      ...{ id: 'lab', label: 'lab', node: localNodeFromSource() },
      ...{
        endpoint: lab.endpoint,
        logger: silentLogger,
      },
    });
    await node.refresh();
  });

  async function create(
    name: string,
    part: object,
    podSandboxId: string,
    sandboxConfig: object,
  ): Promise<void> {
    const config = {
      ...{ metadata: { name, attempt: 0 }, image: { image: busyboxImage }, logPath: `${name}.log` },
      ...part,
    };
    const request = { podSandboxId, config, sandboxConfig };
    const { containerId } = await lab.client.call('CreateContainer', request, patient);
    await lab.client.call('StartContainer', { containerId }, patient);
    ids.set(name, containerId);
  }

  afterAll(async () => {
    node.dispose();
    node.node.dispose();
    await lab.stop();
    rmSync(folder, { recursive: true });
  });

  const runtime = (): RuntimeConnection => node.runtimes[0]!;
  const tracedById = async (id: string): Promise<Trace> =>
    readTrace(runtime(), id, (await runtime().readSpec(id)).text);
  const traced = (name: string): Promise<Trace> => tracedById(ids.get(name)!);
  /** `.process.cwd` to `cri checked ContainerConfig.working_dir`. */
  const originsOf = (trace: Trace): Record<string, string> =>
    Object.fromEntries(
      trace.origins.map(({ path, kind, proof, field }) => [
        pathText(path),
        `${kind} ${proof} ${field ?? ''}`.trim(),
      ]),
    );
  const security = (last: string): string => `cri checked ContainerConfig.linux.security_context.${last}`;
  const resource = (last: string): string => `cri checked ContainerConfig.linux.resources.${last}`;

  test('nothing of an untouched container or sandbox is unknown, and what isn’t proved has a reason', async () => {
    const odd: string[] = [];
    for (const [name, id] of ids) {
      const { origins, notes } = await tracedById(id);
      expect(notes, name).toEqual([]);
      for (const { path, kind, proof, how } of origins) {
        const line = `${pathText(path)} ${kind}`;
        const reason = unproved.some(([names, lines]) => names.test(name) && lines.test(line));
        if (kind === 'unknown' || (proof === 'rule' && !reason)) odd.push(`${name}: ${line} (${how})`);
      }
    }
    expect(odd).toEqual([]);
  });

  test('every value that the panel shows has an origin, its own or that of what it is in', async () => {
    for (const [name, id] of ids) {
      const { text } = await runtime().readSpec(id);
      const { origins } = await readTrace(runtime(), id, text);
      const known = new Set(origins.map(({ path }) => pathText(path)));
      expect(known.size, name).toBe(origins.length);
      const missing = readSpec(text)
        .sections.flatMap(({ rows }) => rows)
        .filter(({ path }) => !path.some((_, index) => known.has(pathText(path.slice(0, index + 1)))))
        .map(({ path }) => pathText(path))
        // A row over rows: `Device rules`, `Console size`.
        .filter((path) => !origins.some((origin) => pathText(origin.path).startsWith(`${path}[`)));
      expect(missing, name).toEqual([]);
    }
  });

  test('resources', async () => {
    expect(originsOf(await traced('resources'))).toMatchObject({
      '.linux.resources.cpu.period': resource('cpu_period'),
      '.linux.resources.cpu.quota': resource('cpu_quota'),
      '.linux.resources.cpu.shares': resource('cpu_shares'),
      '.linux.resources.cpu.cpus': resource('cpuset_cpus'),
      '.linux.resources.cpu.mems': resource('cpuset_mems'),
      '.linux.resources.memory.limit': resource('memory_limit_in_bytes'),
      '.process.oomScoreAdj': resource('oom_score_adj'),
      '.linux.cgroupsPath': 'cri checked PodSandboxConfig.linux.cgroup_parent',
    });
  });

  test('security', async () => {
    expect(originsOf(await traced('user'))).toMatchObject({
      '.process.user.uid': security('run_as_user'),
      '.process.user.gid': security('run_as_group'),
      '.process.user.additionalGids': security('supplemental_groups'),
      '.process.noNewPrivileges': security('no_new_privs'),
      '.root.readonly': security('readonly_rootfs'),
      '.linux.seccomp': security('seccomp'),
      '.linux.maskedPaths[1]': security('masked_paths'),
      '.linux.readonlyPaths[0]': security('readonly_paths'),
    });
    expect(originsOf(await traced('capabilities'))).toMatchObject({
      '.process.capabilities.effective': security('capabilities.add_capabilities'),
    });
    expect(originsOf(await traced('drop-all'))).toMatchObject({
      '.process.capabilities.bounding': security('capabilities.add_capabilities'),
    });
    expect(originsOf(await traced('plain'))).toMatchObject({ '.linux.seccomp': 'default checked' });
    const privileged = await traced('privileged');
    expect(originsOf(privileged)).toMatchObject({ '.linux.seccomp': 'default checked' });
    expect(privileged.fates.find(({ field }) => field.endsWith('masked_paths'))).toMatchObject({
      became: [],
      how: 'Void: a privileged container has none.',
    });
  });

  test('process', async () => {
    const trace = await traced('process');
    expect(originsOf(trace)).toMatchObject({
      '.process.args': 'cri checked ContainerConfig.command',
      '.process.args[2]': 'cri checked ContainerConfig.args[0]',
      '.process.cwd': 'cri checked ContainerConfig.working_dir',
      '.process.env[0]': 'cri checked ContainerConfig.envs["PATH"]',
      '.process.env[1]': 'cri checked PodSandboxConfig.hostname',
      '.process.env[3]': 'cri checked ContainerConfig.envs["DB_PASSWORD"]',
      '.process.env[5]': 'cri checked ContainerConfig.envs["WORD"]',
    });
    expect(JSON.stringify(trace)).not.toContain('hunter2');
    expect(trace.fates.find(({ field }) => field.includes('DB_PASSWORD'))).toMatchObject({ secret: true });
    expect(originsOf(await traced('plain'))).toMatchObject({ '.process.env[0]': 'image checked config.Env' });
    expect(originsOf(await traced('image-args'))).toMatchObject({
      '.process.args[0]': 'image checked config.Entrypoint[0]',
      '.process.args[1]': 'cri checked ContainerConfig.args[0]',
    });
    expect(originsOf(await traced('tty'))).toMatchObject({
      '.process.terminal': 'cri checked ContainerConfig.tty',
      '.process.env[1]': 'cri checked ContainerConfig.tty',
    });
  });

  test('what leaves no trace says so', async () => {
    const fates = [...(await traced('tty')).fates, ...(await traced('process')).fates];
    for (const field of [
      'stdin',
      'stdin_once',
      'log_path',
      'labels',
      'annotations["io.kubernetes.container.hash"]',
    ]) {
      const fate = fates.find((one) => one.field === `ContainerConfig.${field}`);
      expect(fate, field).toMatchObject({ became: [] });
      expect(fate?.how, field).toMatch(/nothing in the spec|Kept by containerd/);
    }
  });

  test('mounts and devices', async () => {
    const { origins, fates } = await traced('mounts');
    const fieldOf = (destination: string): string => `ContainerConfig.mounts["${destination}"]`;
    const of = (destination: string) => origins.find(({ field }) => field === fieldOf(destination));
    for (const destination of ['/data', '/data/ro', '/etc/hosts', '/sys']) {
      expect(of(destination), destination).toMatchObject({ kind: 'cri', proof: 'checked' });
    }
    expect(of('/linked')).toMatchObject({ kind: 'cri', proof: 'rule' });
    expect(fates.find(({ field }) => field === fieldOf('/data'))?.became).toEqual([of('/data')!.path]);
    expect(originsOf(await traced('devices'))).toMatchObject({
      '.linux.devices[0]': 'cri checked ContainerConfig.devices["/dev/x-null"]',
      '.linux.resources.devices[1]': 'cri checked ContainerConfig.devices["/dev/x-null"]',
    });
  });

  test('both texts are read, and agree', async () => {
    const sources = await readSpecSources(runtime(), ids.get('resources')!);
    expect(sources).toMatchObject({
      missing: {},
      status: { source: 'runtimeSpec' },
      bundle: { source: 'bundle' },
    });
    expect(sources.differences).toEqual([]);
    const { image } = await readTraceSources(runtime(), ids.get('plain')!);
    expect(image.details?.repoTags).toEqual([busyboxImage]);
  });

  test('a later UpdateContainerResources is told from the request, and from the bundle', async () => {
    const containerId = ids.get('resources')!;
    await lab.client.call('UpdateContainerResources', { containerId, linux: { cpuShares: 300 } }, patient);
    const { origins } = await traced('resources');
    const shares = origins.find(({ path }) => pathText(path) === '.linux.resources.cpu.shares');
    expect(shares).toMatchObject({ kind: 'unknown', proof: 'rule', value: '512' });
    expect(shares?.how).toContain('The request says 512; the spec has 300');
    const { differences } = await readSpecSources(runtime(), containerId);
    expect(differences).toEqual([
      {
        path: ['linux', 'resources', 'cpu', 'shares'],
        left: expect.objectContaining({ text: '300' }) as unknown,
        right: expect.objectContaining({ text: '512' }) as unknown,
      },
    ]);
  });

  test('after the exit there is no bundle, and it says so', async () => {
    const id = ids.get('plain')!;
    await lab.stopContainer(id);
    await node.refresh();
    const { status, bundle, missing, differences } = await readSpecSources(runtime(), id);
    expect(status?.source).toBe('runtimeSpec');
    expect([bundle, differences]).toEqual([undefined, undefined]);
    expect(missing.bundle).toMatch(/It has exited, and most runtimes remove the bundle then/);
    expect((await traced('plain')).origins.filter(({ kind }) => kind === 'unknown')).toEqual([]);
  });
});
