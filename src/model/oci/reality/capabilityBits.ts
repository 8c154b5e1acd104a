/** By their numbers from 0 (include/uapi/linux/capability.h). */
export const capabilityNames: readonly string[] = [
  ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP'],
  ...[
    'LINUX_IMMUTABLE',
    'NET_BIND_SERVICE',
    'NET_BROADCAST',
    'NET_ADMIN',
    'NET_RAW',
    'IPC_LOCK',
    'IPC_OWNER',
  ],
  ...[
    'SYS_MODULE',
    'SYS_RAWIO',
    'SYS_CHROOT',
    'SYS_PTRACE',
    'SYS_PACCT',
    'SYS_ADMIN',
    'SYS_BOOT',
    'SYS_NICE',
  ],
  ...['SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD', 'LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL'],
  ...['SETFCAP', 'MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ'],
  ...['PERFMON', 'BPF', 'CHECKPOINT_RESTORE'],
];

const bits: ReadonlyMap<string, bigint> = new Map(
  capabilityNames.map((name, number) => [name, 1n << BigInt(number)]),
);

/** Names of a spec as a set of the kernel's; names that this table doesn't know are no capability of any kernel yet. */
export function bitsOf(names: readonly string[]): bigint {
  return names.reduce((set, name) => set | (bits.get(bareName(name)) ?? 0n), 0n);
}

/** `NET_ADMIN` of `CAP_NET_ADMIN`. */
export function bareName(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, '');
}

/** The names in a set of the kernel's, by number; one without a name as its number. */
export function namesIn(set: bigint): string[] {
  const names: string[] = [];
  for (let number = 0; set >> BigInt(number) > 0n; number++) {
    if ((set >> BigInt(number)) & 1n) names.push(capabilityNames[number] ?? String(number));
  }
  return names;
}

/** A line of /proc/PID/status: 16 hexadecimal digits. */
export function parseBits(text: string | undefined): bigint | undefined {
  return text !== undefined && /^[0-9a-f]{1,16}$/i.test(text) ? BigInt(`0x${text}`) : undefined;
}
