import { describe, expect, test } from 'vitest';
import { bitsOf, namesIn } from '../../../../src/model/oci/reality/capabilityBits.js';
import { capabilityFacts, lastCapabilityFile } from '../../../../src/model/oci/reality/capabilities.js';
import { lsmFacts } from '../../../../src/model/oci/reality/lsm.js';
import { namespaceFacts } from '../../../../src/model/oci/reality/namespaces.js';
import { oomFacts } from '../../../../src/model/oci/reality/oom.js';
import { rlimitFacts } from '../../../../src/model/oci/reality/rlimits.js';
import { seccompFacts } from '../../../../src/model/oci/reality/seccomp.js';
import { userFacts } from '../../../../src/model/oci/reality/user.js';
import { parseJson } from '../../../../src/model/oci/json.js';
import { fakeKernel, lineOf, specOf, statusText } from './realitySupport.js';

const hex = (...names: string[]): string => bitsOf(names).toString(16).padStart(16, '0');
const kernelWith = (fields: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}) =>
  fakeKernel({ files: { '/proc/100/status': statusText(fields), ...files } });

describe('capabilities', () => {
  const listed = ['CAP_CHOWN', 'CAP_NET_RAW'];
  const sets = { bounding: listed, effective: listed, permitted: listed };
  const held = (bnd: string, eff: string, prm = eff, inh = hex(), amb = hex()) =>
    kernelWith({ CapInh: inh, CapPrm: prm, CapEff: eff, CapBnd: bnd, CapAmb: amb });
  const facts = (process: object, kernel: ReturnType<typeof fakeKernel>) =>
    capabilityFacts(specOf({ process }), kernel);

  test('root keeps what the bounding set allows', () => {
    const both = hex('CHOWN', 'NET_RAW');
    expect(facts({ capabilities: sets }, held(both, both)).map(lineOf)).toEqual([
      'same bounding capabilities: CHOWN, NET_RAW | CHOWN, NET_RAW',
      'same effective capabilities: CHOWN, NET_RAW | CHOWN, NET_RAW',
      'same permitted capabilities: CHOWN, NET_RAW | CHOWN, NET_RAW',
    ]);
  });

  test('another user keeps only ambient ones, which is no drift', () => {
    const both = hex('CHOWN', 'NET_RAW');
    const process = { user: { uid: 1000 }, capabilities: sets };
    const [, effective] = facts(process, held(both, hex()));
    expect(effective).toMatchObject({ verdict: 'same', spec: 'none', kernel: 'none' });
    expect(effective?.note).toContain('user 1000');

    const ambient = { ...sets, inheritable: ['CAP_CHOWN'], ambient: ['CAP_CHOWN', 'CAP_NET_RAW'] };
    const one = hex('CHOWN');
    expect(
      facts({ user: { uid: 1000 }, capabilities: ambient }, held(both, one, one, one, one)).map(lineOf),
    ).toEqual([
      'same bounding capabilities: CHOWN, NET_RAW | CHOWN, NET_RAW',
      'same effective capabilities: CHOWN | CHOWN',
      'same permitted capabilities: CHOWN | CHOWN',
      'same inheritable capabilities: CHOWN | CHOWN',
      'same ambient capabilities: CHOWN | CHOWN',
    ]);
  });

  test('file capabilities of a program within the bounding set are no drift, beyond it they are', () => {
    const both = hex('CHOWN', 'NET_RAW');
    const process = { user: { uid: 1000 }, capabilities: sets };
    expect(facts(process, held(both, hex('NET_RAW')))[1]).toMatchObject({
      verdict: 'same',
      kernel: 'NET_RAW',
    });
    expect(facts(process, held(both, hex('SYS_ADMIN')))[1]).toMatchObject({ verdict: 'drift' });
  });

  test('dropped by the process, and gained', () => {
    const both = hex('CHOWN', 'NET_RAW');
    const [, dropped] = facts({ capabilities: sets }, held(both, hex('CHOWN')));
    expect(dropped).toMatchObject({ verdict: 'drift', spec: 'CHOWN, NET_RAW', kernel: 'CHOWN' });
    expect(dropped?.note).toMatch(/lacks NET_RAW: a process may give up/);
    const [gained] = facts({ capabilities: sets }, held(hex('CHOWN', 'NET_RAW', 'SYS_ADMIN'), both));
    expect(gained).toMatchObject({ verdict: 'drift', path: ['process', 'capabilities', 'bounding'] });
    expect(gained?.note).toContain('SYS_ADMIN');
  });

  test('what the kernel doesn’t know is left out, and no list means none', () => {
    const files = { [lastCapabilityFile]: '37\n' };
    const names = ['CAP_CHOWN', 'CAP_BPF', 'CAP_OF_THE_FUTURE'];
    const fields = {
      CapBnd: hex('CHOWN'),
      CapEff: hex('CHOWN'),
      CapPrm: hex('CHOWN'),
      CapInh: hex(),
      CapAmb: hex(),
    };
    const capabilities = { bounding: names, effective: names, permitted: names };
    const lines = facts({ capabilities }, kernelWith(fields, files)).map(lineOf);
    expect(lines[0]).toBe('same bounding capabilities: CHOWN | CHOWN');
    expect(facts({}, held(hex(), hex())).every(({ verdict }) => verdict === 'same')).toBe(true);
    expect(namesIn(1n << 60n)).toEqual(['60']);
  });

  test('no new privileges keep root within its permitted set', () => {
    const capabilities = { bounding: listed, effective: ['CAP_CHOWN'], permitted: ['CAP_CHOWN'] };
    const kernel = held(hex('CHOWN', 'NET_RAW'), hex('CHOWN'));
    expect(facts({ capabilities, noNewPrivileges: true }, kernel)[1]).toMatchObject({ verdict: 'same' });
    expect(facts({ capabilities }, kernel)[1]).toMatchObject({ verdict: 'drift', spec: 'CHOWN, NET_RAW' });
  });

  test('a status without the line', () => {
    expect(facts({}, kernelWith({}))[0]).toMatchObject({
      verdict: 'unreadable',
      note: expect.stringContaining('CapBnd') as string,
    });
  });
});

describe('user', () => {
  const status = {
    Uid: '1000\t1000\t1000\t1000',
    Gid: '3000\t3000\t3000\t3000',
    Groups: '20 3000 ',
    Umask: '0022',
  };

  test('ids, groups in any order, umask', () => {
    const user = { uid: 1000, gid: 3000, additionalGids: [3000, 20, 20], umask: 18 };
    expect(userFacts(specOf({ process: { user } }), kernelWith(status)).map(lineOf)).toEqual([
      'same user ID: 1000 | 1000',
      'same group ID: 3000 | 3000',
      'same additional group IDs: 20, 3000 | 20, 3000',
      'same umask: 022 | 022',
    ]);
  });

  test('changed by the process', () => {
    const fields = { ...status, Uid: '0\t101\t0\t101', Groups: '' };
    const facts = userFacts(
      specOf({ process: { user: { uid: 0, gid: 3000, additionalGids: [5] } } }),
      kernelWith(fields),
    );
    expect(facts.map(lineOf)).toEqual([
      'drift user ID: 0 | 0 (effective 101)',
      'same group ID: 3000 | 3000',
      'drift additional group IDs: 5 | none',
    ]);
    expect(facts[0]?.note).toMatch(/may change this itself/);
  });

  test('ids are those of the container where a user namespace maps them', () => {
    const fields = {
      Uid: '165536\t165536\t165536\t165536',
      Gid: '165541\t165541\t165541\t165541',
      Groups: '165541',
    };
    const map = '         0     165536      65536\n';
    const files = { '/proc/100/uid_map': map, '/proc/100/gid_map': map };
    const mapping = [{ containerID: 0, hostID: 165536, size: 65536 }];
    const spec = specOf({
      process: { user: { uid: 0, gid: 5, additionalGids: [5] } },
      linux: { uidMappings: mapping, gidMappings: [{ containerID: 0, hostID: 7, size: 65536 }] },
    });
    const facts = userFacts(spec, kernelWith(fields, files));
    expect(facts.map(lineOf)).toEqual([
      'same user ID: 0 | 0',
      'same group ID: 5 | 5',
      'same additional group IDs: 5 | 5',
      'same user ID mapping: 0 → 165536, 65536 of them | 0 → 165536, 65536 of them',
      'drift group ID mapping: 0 → 7, 65536 of them | 0 → 165536, 65536 of them',
    ]);
    expect(facts[0]?.note).toBe('165536 on the node, by its ID mapping.');
  });
});

describe('resource limits', () => {
  const limits = `Limit                     Soft Limit           Hard Limit           Units
Max processes             1048576              unlimited            processes
Max open files            1048576              1048576              files
Max core file size        0                    unlimited            bytes
`;
  const kernel = fakeKernel({ files: { '/proc/100/limits': limits } });

  test('set by the spec, raised by the process, unknown to the kernel', () => {
    const spec = parseJson(`{"process": {"rlimits": [
      {"type": "RLIMIT_NPROC", "soft": 1048576, "hard": 18446744073709551615},
      {"type": "RLIMIT_NOFILE", "soft": 1024, "hard": 1048576},
      {"type": "RLIMIT_RTTIME", "soft": 1, "hard": 1}]}}`);
    expect(rlimitFacts(specOf({}), kernel).map(lineOf)).toEqual([
      'same limits that the spec doesn’t set: inherited from the runtime | open files: soft 1048576, hard 1048576; processes: soft 1048576, hard unlimited; core file size: soft 0, hard unlimited',
    ]);
    expect(rlimitFacts(spec, kernel).map(lineOf)).toEqual([
      'same processes: soft 1048576, hard unlimited | soft 1048576, hard unlimited',
      'drift open files: soft 1024, hard 1048576 | soft 1048576, hard 1048576',
      'unreadable realtime timeout: soft 1, hard 1 | ',
      'same limits that the spec doesn’t set: inherited from the runtime | core file size: soft 0, hard unlimited',
    ]);
  });
});

describe('seccomp and no new privileges', () => {
  const facts = (spec: object, fields: Readonly<Record<string, string>>) =>
    seccompFacts(specOf(spec), kernelWith(fields)).map(lineOf);
  const filter = { linux: { seccomp: { defaultAction: 'SCMP_ACT_ERRNO' } } };

  test('as the spec says', () => {
    expect(
      facts({ process: { noNewPrivileges: true }, ...filter }, { Seccomp: '2', NoNewPrivs: '1' }),
    ).toEqual(['same seccomp: filter | filter', 'same no new privileges: yes | yes']);
    expect(facts({ linux: { seccomp: {} } }, { Seccomp: '0', NoNewPrivs: '0' })[0]).toBe(
      'same seccomp: off | off',
    );
  });

  test('lost, added by the process, or not built in', () => {
    expect(facts(filter, { Seccomp: '0', NoNewPrivs: '1' })).toEqual([
      'drift seccomp: filter | off',
      'drift no new privileges: no | yes',
    ]);
    expect(facts({}, { Seccomp: '2' })[0]).toBe('drift seccomp: off | filter');
    expect(facts(filter, {})[0]).toBe('unreadable seccomp: filter | ');
    const [more] = seccompFacts(specOf(filter), kernelWith({ Seccomp: '2', Seccomp_filters: '3' }));
    expect(more).toMatchObject({ verdict: 'same', note: expect.stringContaining('3 filters') as string });
  });
});

describe('OOM score', () => {
  const facts = (process: object, text: string) =>
    oomFacts(specOf({ process }), fakeKernel({ files: { '/proc/100/oom_score_adj': text } })).map(lineOf);

  test('as written, inherited, changed', () => {
    expect(facts({ oomScoreAdj: -998 }, '-998\n')).toEqual(['same OOM score adjustment: -998 | -998']);
    expect(facts({}, '5\n')).toEqual(['same OOM score adjustment: inherited from the runtime | 5']);
    expect(facts({ oomScoreAdj: 0 }, '1000\n')).toEqual(['drift OOM score adjustment: 0 | 1000']);
  });
});

describe('security modules', () => {
  const facts = (process: object, files: Readonly<Record<string, string>>) =>
    lsmFacts(specOf({ process }), fakeKernel({ files }));

  test('AppArmor', () => {
    const profile = { apparmorProfile: 'cri-containerd.apparmor.d' };
    const [enforced] = facts(profile, { '/proc/100/attr/current': 'cri-containerd.apparmor.d (enforce)\n' });
    expect(enforced).toMatchObject({ verdict: 'same', kernel: 'cri-containerd.apparmor.d' });
    expect(enforced?.note).toBeUndefined();
    const [complains] = facts(profile, {
      '/proc/100/attr/current': 'cri-containerd.apparmor.d (complain)\n',
    });
    expect(complains?.note).toContain('forbids nothing');
    const [lost] = facts(profile, { '/proc/100/attr/current': 'unconfined\n' });
    expect(lost).toMatchObject({ verdict: 'drift', kernel: 'unconfined' });
    const [off] = facts(profile, { '/proc/100/attr/current': '' });
    expect(off).toMatchObject({ verdict: 'unreadable', note: expect.stringContaining('neither') as string });
    expect(facts({}, {})).toEqual([]);
    const [stacked] = facts(profile, {
      '/proc/100/attr/current': 'system_u:system_r:container_t:s0\0',
      '/proc/100/attr/apparmor/current': 'cri-containerd.apparmor.d (enforce)\n',
    });
    expect(stacked).toMatchObject({ verdict: 'same', source: '/proc/100/attr/apparmor/current' });
  });

  test('SELinux', () => {
    const label = { selinuxLabel: 'system_u:system_r:container_t:s0:c1,c2' };
    const [same] = facts(label, { '/proc/100/attr/current': 'system_u:system_r:container_t:s0:c1,c2\0' });
    expect(same).toMatchObject({ verdict: 'same', path: ['process', 'selinuxLabel'] });
    const [other] = facts(label, { '/proc/100/attr/current': 'system_u:system_r:spc_t:s0\n' });
    expect(other).toMatchObject({ verdict: 'drift', kernel: 'system_u:system_r:spc_t:s0' });
    const apparmor = facts(label, { '/proc/100/attr/current': 'unconfined\n' });
    expect(apparmor.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['AppArmor profile', 'same'],
      ['SELinux label', 'unreadable'],
    ]);
  });
});

describe('namespaces', () => {
  const files = ['pid', 'net', 'mnt', 'ipc', 'uts', 'user', 'cgroup', 'time'];
  const of = (pid: number, own: readonly string[], base = '4:1'): Record<string, string> =>
    Object.fromEntries(
      files.map((file, index) => [
        `/proc/${pid}/ns/${file}`,
        own.includes(file) ? `4:${pid}${index}` : base + String(index),
      ]),
    );
  const pod = ['net', 'ipc', 'uts'];
  const identities = {
    ...of(1, []),
    ...of(50, []), // the shim
    ...of(60, [...pod, 'pid', 'mnt']), // the pause process
    ...of(100, ['pid', 'mnt']),
    ...Object.fromEntries(pod.map((file) => [`/proc/100/ns/${file}`, `4:60${files.indexOf(file)}`])),
  };
  const joined = { network: 'net', ipc: 'ipc', uts: 'uts' };
  const listed = [
    { type: 'pid' },
    { type: 'mount' },
    ...Object.entries(joined).map(([type, file]) => ({ type, path: `/proc/60/ns/${file}` })),
  ];
  const spec = specOf({ linux: { namespaces: listed } });
  const places = { sandboxPid: 60, monitorPid: 50 };

  test('of its own, the pod’s, the node’s', () => {
    expect(namespaceFacts(spec, fakeKernel({ identities, ...places })).map(lineOf)).toEqual([
      'same pid namespace: its own | its own',
      'same network namespace: the pod’s | the pod’s',
      'same mount namespace: its own | its own',
      'same ipc namespace: the pod’s | the pod’s',
      'same uts namespace: the pod’s | the pod’s',
      'same user namespace: the node’s | the node’s',
      'same cgroup namespace: the node’s | the node’s',
      'same time namespace: the node’s | the node’s',
    ]);
  });

  test('on the node’s where it should have its own, and the other way', () => {
    const moved = { ...identities, '/proc/100/ns/pid': '4:10', '/proc/100/ns/cgroup': '4:9999' };
    const lines = namespaceFacts(spec, fakeKernel({ identities: moved, ...places })).map(lineOf);
    expect(lines).toContain('drift pid namespace: its own | the node’s');
    expect(lines).toContain('drift cgroup namespace: the node’s | its own');
  });

  test('a joined process that may be a stranger by now is not drift', () => {
    const stranger = specOf({ linux: { namespaces: [{ type: 'network', path: '/proc/77/ns/net' }] } });
    const facts = namespaceFacts(
      stranger,
      fakeKernel({ identities: { ...identities, ...of(77, ['net']) }, ...places }),
    );
    expect(facts.find(({ name }) => name === 'network namespace')).toMatchObject({ verdict: 'unreadable' });
  });

  test('joined by a file', () => {
    const file = '/var/run/netns/cni-1';
    const byFile = specOf({ linux: { namespaces: [{ type: 'network', path: file }] } });
    const found = { ...identities, [file]: '4:601' };
    const network = (kernel: ReturnType<typeof fakeKernel>) =>
      namespaceFacts(byFile, kernel).find(({ name }) => name === 'network namespace');
    expect(network(fakeKernel({ identities: found, monitorPid: 50 }))).toMatchObject({
      verdict: 'same',
      spec: `that of ${file}`,
    });
    expect(network(fakeKernel({ identities: { ...found, [file]: '4:7' }, monitorPid: 50 }))).toMatchObject({
      verdict: 'drift',
    });
    expect(network(fakeKernel({ identities, monitorPid: 50 }))).toMatchObject({ verdict: 'unreadable' });
  });

  test('an additional process is where the first one is', () => {
    const inside = Object.fromEntries(
      files.map((file) => [`/proc/200/ns/${file}`, identities[`/proc/100/ns/${file}`] ?? '']),
    );
    const kernel = fakeKernel({
      identities: { ...identities, ...inside },
      pid: 200,
      firstPid: 100,
      ...places,
    });
    expect(namespaceFacts(spec, kernel).every(({ verdict }) => verdict === 'same')).toBe(true);
    const left = fakeKernel({
      identities: { ...identities, ...inside, '/proc/200/ns/mnt': '4:12' },
      pid: 200,
      firstPid: 100,
      ...places,
    });
    expect(namespaceFacts(spec, left).map(lineOf)).toContain(
      'drift mount namespace: the container’s | the node’s',
    );
  });

  test('not to be read', () => {
    expect(namespaceFacts(spec, fakeKernel({ identities: of(1, []) }))[0]).toMatchObject({
      verdict: 'unreadable',
      note: expect.stringContaining('sudo') as string,
    });
  });
});
