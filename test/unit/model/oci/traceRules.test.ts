import { describe, expect, test } from 'vitest';
import type { Origin, Trace } from '../../../../src/model/oci/insight.js';
import { parseJson, pathText } from '../../../../src/model/oci/json.js';
import { originLookup } from '../../../../src/model/oci/trace/originLookup.js';
import { trace, type TraceContext } from '../../../../src/model/oci/trace/traceSpec.js';

interface Sources {
  readonly image?: object;
  readonly pod?: object;
  readonly settings?: object;
  readonly context?: Partial<TraceContext>;
}

const node = (value: object) => parseJson(JSON.stringify(value));

function traced(spec: object, request: object | undefined, sources: Sources = {}): Trace {
  const { image, pod, settings, context } = sources;
  return trace(node(spec), request && node(request), image && node({ config: image }), {
    ...{ role: 'container', id: 'c1', runtime: 'containerd', sandboxId: 's1', sandboxPid: 7 },
    ...(pod ? { sandboxRequest: node(pod) } : {}),
    ...(settings ? { settings: node(settings) } : {}),
    ...context,
  });
}

const at = ({ origins }: Trace, path: string): Origin | undefined =>
  origins.find((origin) => pathText(origin.path) === path);
const fate = ({ fates }: Trace, field: string) =>
  fates.find((one) => one.field === `ContainerConfig.${field}`);

describe('what the request says and the spec doesn’t', () => {
  test('is told with both values, unless they may be secrets', () => {
    const spec = { process: { env: ['MODE=b', 'API_TOKEN=changed-value'], cwd: '/b' } };
    const envs = [
      { key: 'MODE', value: 'a' },
      { key: 'API_TOKEN', value: 'first-value' },
    ];
    const trace = traced(spec, { envs, working_dir: '/a' });
    expect(at(trace, '.process.cwd')).toMatchObject({ kind: 'unknown', proof: 'rule', value: '/a' });
    expect(at(trace, '.process.cwd')?.how).toContain('The request says /a; the spec has /b');
    expect(at(trace, '.process.env[0]')?.how).toContain('MODE=a; the spec has MODE=b');
    expect(at(trace, '.process.env[1]')).toMatchObject({ kind: 'unknown', secret: true });
    expect(JSON.stringify(trace)).not.toMatch(/first-value|changed-value/);
  });

  test('is a fate without a place where the spec has nothing', () => {
    const request = {
      envs: [{ key: 'A', value: '1' }],
      mounts: [{ container_path: '/data', host_path: '/srv' }],
      devices: [{ container_path: '/dev/x', host_path: '/dev/x', permissions: 'r' }],
      linux: { resources: { cpu_shares: 5 }, security_context: { apparmor: {} } },
    };
    const trace = traced({ process: {} }, request);
    for (const field of ['envs["A"]', 'mounts["/data"]', 'devices["/dev/x"]', 'linux.resources.cpu_shares']) {
      expect(fate(trace, field), field).toMatchObject({ became: [] });
      expect(fate(trace, field)?.how, field).toContain('may have changed it');
    }
    expect(fate(trace, 'linux.security_context.apparmor')?.how).toContain('AppArmor is off');
  });

  test('secret labels, annotations and arguments stay out', () => {
    const command = ['app', '--password', 'hunter2'];
    const request = { command, labels: { token: 'hunter2' }, annotations: { 'x/password': 'hunter2' } };
    expect(JSON.stringify(traced({ process: { args: command } }, request))).not.toContain('hunter2');
  });
});

describe('64-bit numbers', () => {
  test.each([
    ['9223372036854775807', '9223372036854775807', 'checked'],
    ['9223372036854775807', '9223372036854775806', 'rule'],
  ])('%s and %s', (wanted, have, proof) => {
    const spec = parseJson(`{"linux":{"resources":{"memory":{"limit":${have}}}}}`);
    const request = parseJson(`{"linux":{"resources":{"memory_limit_in_bytes":${wanted}}}}`);
    const found = trace(spec, request, undefined, { role: 'container', id: 'c1', runtime: 'containerd' });
    expect(at(found, '.linux.resources.memory.limit')).toMatchObject({ proof, value: wanted });
  });
});

describe('plugins and configuration', () => {
  const spec = {
    hooks: { prestart: [{ path: '/bin/hook' }] },
    linux: { devices: [{ path: '/dev/gpu', type: 'c' }] },
  };

  test('hooks are never CRI’s', () => {
    expect(at(traced(spec, {}), '.hooks.prestart[0]')).toMatchObject({ kind: 'plugin', proof: 'rule' });
    expect(at(traced(spec, undefined), '.hooks.prestart[0]')).toMatchObject({
      kind: 'plugin',
      proof: 'rule',
    });
    expect(at(traced(spec, {}), '.linux.devices[0]')).toMatchObject({ kind: 'unknown' });
  });

  test('a CDI device may bring what the request doesn’t have', () => {
    const trace = traced(spec, { CDI_devices: [{ name: 'vendor.com/gpu=0' }] });
    const field = 'ContainerConfig.CDI_devices["vendor.com/gpu=0"]';
    expect(at(trace, '.linux.devices[0]')).toMatchObject({ kind: 'plugin', proof: 'rule', field });
    expect(fate(trace, 'CDI_devices["vendor.com/gpu=0"]')?.became).toHaveLength(2);
  });

  test('base_runtime_spec explains what nothing else does', () => {
    const runtimes = { runc: { baseRuntimeSpec: '/etc/base.json' }, other: { baseRuntimeSpec: '' } };
    const settings = { containerd: { defaultRuntimeName: 'runc', runtimes } };
    const rlimits = { process: { rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1, hard: 1 }] } };
    const of = (handler: string) =>
      at(traced(rlimits, {}, { settings, context: { handler } }), '.process.rlimits[0]');
    expect(of('')).toMatchObject({ kind: 'default', value: '/etc/base.json' });
    expect(of('other')).toMatchObject({ kind: 'unknown' });
  });
});

test('a class is named by an annotation of the container or the pod', () => {
  const spec = { linux: { intelRdt: { closID: 'gold' }, resources: { blockIO: { weight: 5 } } } };
  const annotations = { 'rdt.resources.beta.kubernetes.io/container.c': 'gold' };
  const pod = { annotations: { 'blockio.resources.beta.kubernetes.io/pod': 'slow' } };
  const trace = traced(spec, { annotations }, { pod });
  expect(at(trace, '.linux.intelRdt')).toMatchObject({ kind: 'cri', value: 'gold' });
  expect(at(trace, '.linux.resources.blockIO')).toMatchObject({ kind: 'cri', value: 'slow' });
});

test('a value has its own origin, or that of what it is in', () => {
  const mounts = [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  ];
  const namespaces = [{ type: 'mount' }, { type: 'strange' }];
  const find = originLookup(traced({ mounts, linux: { namespaces } }, {}));
  expect(find(['mounts', 0, 'options', 1])).toMatchObject({ path: ['mounts', 0] });
  expect(find(['linux', 'namespaces', 0, 'type'])).toMatchObject({ path: ['linux', 'namespaces', 0] });
  expect(find(['linux', 'namespaces'])).toBeDefined();
  expect(find(['linux', 'namespaces', 7])).toBeUndefined();
  expect(find(['mounts'])).toBeUndefined();
});

describe('the image', () => {
  test('gives what the request leaves open', () => {
    const spec = {
      process: { args: ['/entry', 'cmd'], cwd: '/app', env: ['PATH=/x', 'A=1'], user: { uid: 0, gid: 5 } },
      mounts: [
        {
          destination: '/vol',
          type: 'bind',
          source: '/root/containers/c1/volumes/9',
          options: ['rbind', 'rprivate', 'rw'],
        },
      ],
    };
    const image = {
      Entrypoint: ['/entry'],
      Cmd: ['cmd'],
      WorkingDir: '/app',
      Env: ['PATH=/x', 'A=1'],
      User: '0:5',
      Volumes: { '/vol': {} },
    };
    const { origins } = traced(spec, {}, { image });
    const seen = origins
      .filter(({ path }) => path[0] !== 'linux')
      .map(({ path, kind, proof, field }) => `${pathText(path)} ${kind} ${proof} ${field ?? ''}`);
    expect(seen.sort()).toEqual([
      '.mounts[0] image checked config.Volumes',
      '.process.args image checked config.Entrypoint',
      '.process.args[0] image checked config.Entrypoint[0]',
      '.process.args[1] image checked config.Cmd[0]',
      '.process.cwd image checked config.WorkingDir',
      '.process.env[0] image checked config.Env',
      '.process.env[1] image checked config.Env',
      '.process.user.gid image checked config.User',
      '.process.user.uid image checked config.User',
    ]);
  });

  test('that isn’t to be had proves nothing', () => {
    const { origins } = traced(
      { process: { args: ['x'], cwd: '/', env: ['A=1'], user: { uid: 0, gid: 0 } } },
      {},
    );
    expect(origins.filter(({ path, proof }) => path[0] === 'process' && proof === 'checked')).toEqual([]);
  });
});

describe('namespaces', () => {
  const options = (namespace_options: object) => ({ linux: { security_context: { namespace_options } } });
  const spec = (type: string, path?: string) => ({
    linux: { namespaces: [{ type, ...(path === undefined ? {} : { path }) }] },
  });
  const of = (...args: Parameters<typeof traced>) => at(traced(...args), '.linux.namespaces[0]');

  test.each([
    ['the pod’s', spec('network', '/proc/7/ns/net'), options({}), 'cri', 'checked'],
    ['another process’s', spec('network', '/proc/8/ns/net'), options({}), 'unknown', 'rule'],
    ['none where the pod’s was to be', spec('ipc'), options({}), 'unknown', 'rule'],
    ['its own pid', spec('pid'), options({ pid: 1 }), 'cri', 'checked'],
    ['the pod’s pid', spec('pid', '/proc/7/ns/pid'), options({}), 'cri', 'checked'],
    ['a target’s pid', spec('pid', '/proc/99/ns/pid'), options({ pid: 3, target_id: 'c0' }), 'cri', 'rule'],
    ['the pod’s pid, not its own', spec('pid', '/proc/7/ns/pid'), options({ pid: 1 }), 'unknown', 'rule'],
    ['a user namespace', spec('user', '/proc/7/ns/user'), options({ userns_options: {} }), 'cri', 'checked'],
  ])('%s', (_, config, request, kind, proof) => {
    expect(of(config, request)).toMatchObject({ kind, proof });
  });

  test('of a pod whose process isn’t known', () => {
    const { sandboxPid: _, ...rest } = {
      sandboxPid: 7,
      role: 'container' as const,
      id: 'c1',
      runtime: 'containerd',
    };
    const found = trace(node(spec('uts', '/proc/7/ns/uts')), node(options({})), undefined, rest);
    expect(at(found, '.linux.namespaces[0]')).toMatchObject({ kind: 'default', proof: 'rule' });
  });

  test('mappings', () => {
    const mapping = { container_id: 0, host_id: 100_000, length: 65_536 };
    const uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    const request = options({ userns_options: { uids: [mapping] } });
    expect(at(traced({ linux: { uidMappings } }, request), '.linux.uidMappings[0]')).toMatchObject({
      kind: 'cri',
      proof: 'checked',
    });
    const other = [{ ...uidMappings[0], size: 1 }];
    expect(at(traced({ linux: { uidMappings: other } }, request), '.linux.uidMappings[0]')).toMatchObject({
      kind: 'unknown',
    });
  });
});

describe('options that few nodes have', () => {
  test('files of cgroup v2 by their names, each for itself', () => {
    const unified = { 'memory.high': '1048576', 'memory.low': '0', 'io.weight': '50' };
    const wanted = { 'memory.high': '1048576', 'memory.low': '4096', 'cpu.idle': '1' };
    const trace = traced(
      { linux: { resources: { unified } } },
      { linux: { resources: { unified: wanted } } },
    );
    const field = (key: string) => `linux.resources.unified["${key}"]`;
    const origin = (key: string) => at(trace, `.linux.resources.unified["${key}"]`);
    expect(origin('memory.high')).toMatchObject({ kind: 'cri', proof: 'checked', value: '1048576' });
    expect(origin('memory.low')).toMatchObject({ kind: 'unknown', proof: 'rule' });
    expect(origin('io.weight')).toMatchObject({ kind: 'unknown' });
    expect(fate(trace, field('memory.high'))?.became).toHaveLength(1);
    expect(fate(trace, field('cpu.idle'))?.became).toEqual([]);
  });

  test('a mount that is read-only with all below it', () => {
    const mount = (readonly: string) => ({
      mounts: [{ destination: '/a', type: 'bind', source: '/b', options: ['rbind', 'rprivate', readonly] }],
    });
    const request = {
      mounts: [{ container_path: '/a/', host_path: '/b', readonly: true, recursive_read_only: true }],
    };
    expect(at(traced(mount('rro'), request), '.mounts[0]')).toMatchObject({ kind: 'cri', proof: 'checked' });
    expect(at(traced(mount('ro'), request), '.mounts[0]')).toMatchObject({ kind: 'unknown' });
  });

  test('SELinux labels, whole and in part', () => {
    const spec = (selinuxLabel: string) => ({
      process: { selinuxLabel },
      linux: { mountLabel: 'system_u:object_r:container_file_t:s0:c1,c2' },
    });
    const asked = (selinux_options: object) => ({ linux: { security_context: { selinux_options } } });
    const whole = asked({ user: 'u', role: 'r', type: 't', level: 's0:c1,c2' });
    const label = (selinuxLabel: string, request: object) =>
      at(traced(spec(selinuxLabel), request), '.process.selinuxLabel');
    expect(label('u:r:t:s0:c1,c2', whole)).toMatchObject({ kind: 'cri', proof: 'checked' });
    expect(label('u:r:other_t:s0:c1,c2', whole)).toMatchObject({ kind: 'unknown', proof: 'rule' });
    const level = asked({ level: 's0:c1,c2' });
    expect(label('system_u:system_r:container_t:s0:c1,c2', level)).toMatchObject({
      kind: 'cri',
      proof: 'rule',
    });
    expect(label('system_u:system_r:container_t:s0:c3,c4', level)).toMatchObject({ kind: 'unknown' });
    const high = asked({ level: 's0' });
    expect(label('system_u:system_r:container_t:s0:c1,c2', high)).toMatchObject({ kind: 'unknown' });
    expect(label('system_u:system_r:container_t:s0:c3,c4', {})).toMatchObject({ kind: 'default' });
    expect(at(traced(spec('x'), level), '.linux.mountLabel')).toMatchObject({ kind: 'cri', proof: 'rule' });
    expect(fate(traced({}, whole), 'linux.security_context.selinux_options')?.how).toContain(
      'SELinux is off',
    );
  });
});

describe('cgroups', () => {
  test.each([
    ['/kubepods/podx', '/kubepods/podx/c1', 'cri'],
    ['/kubepods.slice/podx.slice', 'podx.slice:cri-containerd:c1', 'cri'],
    ['/kubepods/podx', '/elsewhere/c1', 'unknown'],
    ['', '/k8s.io/c1', 'default'],
  ])('%s %s', (cgroup_parent, cgroupsPath, kind) => {
    const pod = { metadata: { name: 'p' }, linux: { cgroup_parent } };
    expect(at(traced({ linux: { cgroupsPath } }, {}, { pod }), '.linux.cgroupsPath')?.kind).toBe(kind);
  });

  test('a swap limit', () => {
    const spec = { linux: { resources: { memory: { limit: 10, swap: 30 } } } };
    const of = (resources: object) =>
      at(traced(spec, { linux: { resources } }), '.linux.resources.memory.swap');
    expect(of({ memory_limit_in_bytes: 10, memory_swap_limit_in_bytes: 30 })).toMatchObject({
      kind: 'cri',
      proof: 'checked',
    });
    expect(of({ memory_limit_in_bytes: 10 })).toMatchObject({ kind: 'unknown' });
  });

  test('a score that containerd may not lower', () => {
    const spec = { process: { oomScoreAdj: 0 } };
    const request = { linux: { resources: { oom_score_adj: -998 } } };
    const of = (restrictOOMScoreAdj: boolean) =>
      at(traced(spec, request, { settings: { restrictOOMScoreAdj } }), '.process.oomScoreAdj');
    expect(of(true)).toMatchObject({ kind: 'cri', proof: 'rule', value: '-998' });
    expect(of(false)).toMatchObject({ kind: 'unknown' });
  });
});
