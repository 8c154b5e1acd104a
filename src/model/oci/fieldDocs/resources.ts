import { list, record, says, type Field } from './field.js';

const throttled = (what: string): Field =>
  list(`The most ${what} of each device.`, {
    fields: record({ major: 'Of the device.', minor: 'Of the device.', rate: `The most ${what} a second.` }),
  });

export const resources: Field = says('The limits of the container’s cgroup.', {
  section: 'config-linux.md, Control groups',
  fields: {
    devices: list(
      'Which devices the container may use, as rules of which the last that fits counts.',
      {
        fields: record({
          allow: 'Whether the rule allows or denies.',
          type: 'a: all. c: character devices. b: block devices.',
          major: 'Absent for all.',
          minor: 'Absent for all.',
          access: 'r: read. w: write. m: make the device node.',
        }),
      },
      'config-linux.md, Allowed Device list',
    ),
    memory: says('Limits of memory, in bytes; -1 is without limit.', {
      section: 'config-linux.md, Memory',
      fields: record({
        limit:
          'The most memory. Beyond it the kernel reclaims, and then kills (memory.max; memory.limit_in_bytes).',
        reservation:
          'What the kernel tries to come down to when memory is short (memory.low or the soft limit).',
        swap: 'The most of memory and swap together; equal to the limit means no swap.',
        kernel: 'The most kernel memory. Cgroup v1 only, and ignored by newer kernels.',
        kernelTCP: 'The most memory of TCP buffers. Cgroup v1 only.',
        swappiness: 'How readily pages are swapped out, from 0 to 100. Cgroup v1 only.',
        disableOOMKiller: 'Stops processes that need more memory instead of killing one. Cgroup v1 only.',
        useHierarchy: 'Counts child groups too. Cgroup v1 only.',
        checkBeforeUpdate: 'Refuses a new limit that is below what is in use.',
      }),
    }),
    cpu: says('Limits of processor time.', {
      section: 'config-linux.md, CPU',
      fields: record({
        shares:
          'The weight against other groups when processors are short; 1024 is one by custom (cpu.shares, cpu.weight).',
        quota:
          'Microseconds of processor time in each period; negative is without limit (cpu.cfs_quota_us, cpu.max).',
        burst: 'Microseconds of unused quota that may be saved up and used at once.',
        period: 'The length of a period, in microseconds; 100,000 unless set.',
        realtimeRuntime: 'Microseconds of real-time scheduling in each real-time period. Cgroup v1 only.',
        realtimePeriod: 'The length of a real-time period, in microseconds. Cgroup v1 only.',
        cpus: 'Which processors may be used, as in 0-3,8 (cpuset.cpus).',
        mems: 'Which memory nodes may be used (cpuset.mems).',
        idle: '1: runs only when nothing else would (cpu.idle).',
      }),
    }),
    blockIO: says('Limits of block devices.', {
      section: 'config-linux.md, Block IO',
      fields: {
        weight: says('The weight against other groups, from 10 to 1000.'),
        leafWeight: says('The same for processes directly in the group. Cgroup v1 only.'),
        weightDevice: list('Weights of single devices.', {
          fields: record({
            major: 'Of the device.',
            minor: 'Of the device.',
            weight: 'Its weight.',
            leafWeight: 'As above.',
          }),
        }),
        throttleReadBpsDevice: throttled('bytes read'),
        throttleWriteBpsDevice: throttled('bytes written'),
        throttleReadIOPSDevice: throttled('reads'),
        throttleWriteIOPSDevice: throttled('writes'),
      },
    }),
    hugepageLimits: list(
      'The most huge pages, by page size.',
      { fields: record({ pageSize: 'For example 2MB.', limit: 'Bytes.' }) },
      'config-linux.md, Huge page limits',
    ),
    network: says('Marks of the container’s network packets. Cgroup v1 only.', {
      section: 'config-linux.md, Network',
      fields: {
        classID: says('The class that tc(8) sees (net_cls.classid).'),
        priorities: list('Priority of the packets by interface.', {
          fields: record({
            name: 'An interface of the runtime’s network namespace.',
            priority: 'Its priority.',
          }),
        }),
      },
    }),
    pids: says('Limits of the number of processes and threads.', {
      section: 'config-linux.md, PIDs',
      fields: record({ limit: 'The most tasks; 0 or negative is without limit (pids.max).' }),
    }),
    rdma: says('Limits of RDMA devices, by device.', {
      section: 'config-linux.md, RDMA',
      any: { fields: record({ hcaHandles: 'The most handles.', hcaObjects: 'The most objects.' }) },
    }),
    unified: says('Files of cgroup v2 and what is written to them, as they are.', {
      section: 'config-linux.md, Unified',
      any: says('Written to this file of the cgroup.'),
    }),
  },
});
