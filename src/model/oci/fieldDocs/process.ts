import { list, record, says, type Field } from './field.js';

const capabilitySet = (text: string): Field =>
  list(text, 'A capability, see capabilities(7). The panel says what it allows.');

export const processField: Field = says('The process that the runtime starts in the container.', {
  section: 'config.md, Process',
  fields: {
    terminal: says('Whether the process gets a pseudo terminal as stdin, stdout and stderr.'),
    consoleSize: says('The terminal’s size at the start, in characters.', {
      fields: record({ height: 'Rows.', width: 'Columns.' }),
    }),
    cwd: says('The working directory, an absolute path inside the container.'),
    env: list('The environment, as NAME=value.', 'One variable, as NAME=value.'),
    args: list(
      'The program and its arguments, as execvp(3) takes them.',
      'The program, or one of its arguments.',
    ),
    commandLine: says('The whole command line, on Windows only.'),
    rlimits: list(
      'Resource limits of the process, see getrlimit(2). Without one the limit of the runtime’s own process holds.',
      {
        fields: record({
          type: 'Which limit, for example RLIMIT_NOFILE, the number of open files.',
          soft: 'What the kernel enforces; the process may raise it up to the hard limit.',
          hard: 'The ceiling of the soft limit; only CAP_SYS_RESOURCE may raise it.',
        }),
      },
      'config.md, POSIX process',
    ),
    apparmorProfile: says('The AppArmor profile that confines the process; it must be loaded on the host.'),
    capabilities: says('Which parts of root’s power the process has, by set, see capabilities(7).', {
      section: 'config.md, Linux Process',
      fields: {
        effective: capabilitySet('What the kernel checks when the process does something.'),
        bounding: capabilitySet(
          'The ceiling: what neither the process nor a program it executes can ever gain.',
        ),
        inheritable: capabilitySet('What is kept over execve(2) by programs whose file allows it.'),
        permitted: capabilitySet('What the process may make effective.'),
        ambient: capabilitySet('What is kept over execve(2) also by ordinary programs run without root.'),
      },
    }),
    ...record({
      noNewPrivileges:
        'Keeps the process and its children from gaining privileges by executing a file (setuid, file capabilities): no_new_privs of prctl(2).',
      oomScoreAdj:
        'Added to the score by which the kernel chooses what to kill when memory runs out: -1000 is never, 1000 is first (proc_pid_oom_score_adj(5)).',
      selinuxLabel: 'The SELinux label of the process.',
    }),
    scheduler: says('The scheduling policy of the process, as sched_setattr(2) takes it.', {
      section: 'config.md, Linux Process',
      fields: record({
        policy: 'For example SCHED_OTHER, SCHED_BATCH, SCHED_FIFO, SCHED_DEADLINE.',
        nice: 'From -20, the most urgent, to 19.',
        priority: 'The static priority of the real-time policies.',
        flags: 'For example SCHED_FLAG_RESET_ON_FORK.',
        runtime: 'SCHED_DEADLINE: how long it may run in each period, in nanoseconds.',
        deadline: 'SCHED_DEADLINE: by when it must have run, in nanoseconds.',
        period: 'SCHED_DEADLINE: the length of a period, in nanoseconds.',
      }),
    }),
    ioPriority: says('The I/O scheduling class and priority, see ioprio_set(2).', {
      section: 'config.md, Linux Process',
      fields: record({
        class: 'IOPRIO_CLASS_RT, IOPRIO_CLASS_BE or IOPRIO_CLASS_IDLE.',
        priority: 'From 0, the most urgent, to 7.',
      }),
    }),
    execCPUAffinity: says('On which CPUs a process executed into the container later runs.', {
      section: 'config.md, Linux Process',
      fields: record({
        initial: 'While it is not yet in the container’s cgroup.',
        final: 'Once it is.',
      }),
    }),
    user: says('Who the process is inside the container.', {
      section: 'config.md, User',
      fields: {
        ...record({
          uid: 'User id inside the container. 0 is root: the host’s own root unless there is a user namespace.',
          gid: 'Group id inside the container.',
          umask: 'The permission bits that new files don’t get, in decimal here.',
          username: 'On Windows only.',
        }),
        additionalGids: list('Further groups of the process.', 'A group id inside the container.'),
      },
    }),
  },
});
