import { list, record, says, type Field } from './field.js';

import { resources } from './resources.js';
const idMappings = (what: string): Field =>
  list(`How ${what} ids inside the user namespace stand for ids of the host.`, {
    fields: record({
      containerID: 'The first id inside the container.',
      hostID: 'The first id on the host that it stands for.',
      size: 'How many ids in a row are mapped.',
    }),
  });

const namespaces: Field = list(
  'The kernel namespaces of the container. One without a path is made new; a kind that is not listed is the host’s.',
  {
    fields: record({
      type: 'pid, network, mount, ipc, uts, user, cgroup or time, see namespaces(7).',
      path: 'A namespace file to join instead of making a new one, such as /proc/PID/ns/net of the pod’s sandbox.',
    }),
  },
  'config-linux.md, Namespaces',
);

const device = record({
  type: 'c or u: character device. b: block device. p: FIFO.',
  path: 'Where it appears inside the container.',
  major: 'The major number, see mknod(1).',
  minor: 'The minor number.',
  fileMode: 'Permission bits, in decimal here.',
  uid: 'Its owner inside the container.',
  gid: 'Its group inside the container.',
});

const seccomp: Field = says('Which system calls the container may make, see seccomp(2).', {
  section: 'config-linux.md, Seccomp',
  fields: {
    ...record({
      defaultAction:
        'What happens to a call that no rule names: SCMP_ACT_ALLOW, SCMP_ACT_ERRNO, SCMP_ACT_KILL_PROCESS, …',
      defaultErrnoRet: 'The error number that such a call gets; EPERM unless set.',
      listenerPath: 'A unix socket to which calls with SCMP_ACT_NOTIFY are passed for a decision.',
      listenerMetadata: 'Handed to that socket as it is.',
    }),
    architectures: list(
      'The processor architectures that the filter is for.',
      'An architecture of libseccomp.',
    ),
    flags: list('Flags of seccomp(2).', 'For example SECCOMP_FILTER_FLAG_LOG.'),
    syscalls: list('Rules for named calls.', {
      fields: {
        names: list('The calls that the rule is for.', 'A system call.'),
        action: says('What happens to them.'),
        errnoRet: says('The error number that they get, where the action is an error.'),
        args: list('Only if the call’s arguments fit, all of them.', {
          fields: record({
            index: 'Which argument, from 0.',
            value: 'What it is compared with.',
            valueTwo: 'The second value, of a masked comparison.',
            op: 'How it is compared, for example SCMP_CMP_EQ.',
          }),
        }),
      },
    }),
  },
});

export const linux: Field = says('What only Linux has.', {
  section: 'config-linux.md, Linux Container Configuration',
  fields: {
    namespaces,
    uidMappings: { ...idMappings('user'), section: 'config-linux.md, User namespace mappings' },
    gidMappings: { ...idMappings('group'), section: 'config-linux.md, User namespace mappings' },
    timeOffsets: says('How far the clocks of a new time namespace are from the host’s.', {
      section: 'config-linux.md, Offset for Time Namespace',
      any: {
        text: 'The offset of this clock.',
        fields: record({ secs: 'Seconds.', nanosecs: 'Nanoseconds.' }),
      },
    }),
    devices: list(
      'Device nodes that are made in the container.',
      { fields: device },
      'config-linux.md, Devices',
    ),
    netDevices: says('Network devices of the host that are moved into the container.', {
      section: 'config-linux.md, Network Devices',
      any: { text: 'This device.', fields: record({ name: 'Its name inside the container.' }) },
    }),
    cgroupsPath: says(
      'The container’s cgroup: a path for the cgroupfs driver, SLICE:PREFIX:NAME for the systemd driver.',
      { section: 'config-linux.md, Cgroups Path' },
    ),
    resources,
    intelRdt: says('Shares of cache and memory bandwidth, by resctrl.', {
      section: 'config-linux.md, IntelRdt',
      fields: record({
        closID: 'The class of service to join or make.',
        l3CacheSchema: 'Which ways of the L3 cache.',
        memBwSchema: 'How much memory bandwidth.',
        schemata: 'Lines for the schemata file, as they are.',
        enableMonitoring: 'Makes a monitoring group for the container.',
        enableCMT: 'Counts cache use.',
        enableMBM: 'Counts memory bandwidth.',
      }),
    }),
    memoryPolicy: says('From which memory nodes the process gets its memory, see set_mempolicy(2).'),
    sysctl: says('Kernel parameters that are set in the container’s namespaces.', {
      section: 'config-linux.md, Sysctl',
      any: says('The value of this parameter.'),
    }),
    seccomp,
    rootfsPropagation: says('Whether mounts travel between the container’s root and the host.', {
      section: 'config-linux.md, Rootfs Mount Propagation',
    }),
    maskedPaths: list(
      'Files and folders that can’t be read inside: /dev/null or an empty folder is mounted over each.',
      'Hidden from the container.',
      'config-linux.md, Masked Paths',
    ),
    readonlyPaths: list(
      'Files and folders that can’t be written inside.',
      'Read-only for the container.',
      'config-linux.md, Readonly Paths',
    ),
    mountLabel: says('The SELinux context of the container’s mounts.', {
      section: 'config-linux.md, Mount Label',
    }),
    personality: says('The execution domain of the process, see personality(2).', {
      section: 'config-linux.md, Personality',
      fields: record({ domain: 'LINUX or LINUX32.', flags: 'None are defined yet.' }),
    }),
  },
});
