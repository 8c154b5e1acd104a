import type { Mount } from '../../mountinfo.js';
import type { SpecMount } from './specMounts.js';

/** Options of which mountinfo shows each for itself (proc_pid_mountinfo(5)); others are the filesystem's own affair. */
export const flags = [
  { option: 'ro', off: 'rw', words: 'read-only', offWords: 'writable' },
  { option: 'nosuid', off: 'suid', words: 'nosuid', offWords: 'without nosuid' },
  { option: 'nodev', off: 'dev', words: 'nodev', offWords: 'without nodev' },
  { option: 'noexec', off: 'exec', words: 'noexec', offWords: 'without noexec' },
] as const;

/** Of options that undo each other the last one counts. */
export function lastOf(options: readonly string[], on: readonly string[], off: readonly string[]): boolean {
  const last = options.findLast((option) => on.includes(option) || off.includes(option));
  return last !== undefined && on.includes(last);
}

export function hasFlag(mount: Mount, option: string): boolean {
  return mount.options.includes(option) || (option === 'ro' && isReadonly(mount));
}

export function isReadonly({ options, superOptions }: Mount): boolean {
  return options.includes('ro') || superOptions.includes('ro');
}

export function kernelText(mount: Mount): string {
  const where = mount.root === '/' ? '' : ` of ${mount.root}`;
  return withFlags(
    `${mount.fsType} ${mount.source}${where}`,
    flags.filter(({ option }) => hasFlag(mount, option)),
  );
}

export function specText(mount: SpecMount): string {
  return withFlags(
    whatOf(mount),
    flags.filter(({ option, off }) => lastOf(mount.options, [option, `r${option}`], [off, `r${off}`])),
  );
}

export const whatOf = ({ bind, source, type }: SpecMount): string => (bind ? `bind of ${source}` : type);

export function withFlags(what: string, held: readonly { readonly words: string }[]): string {
  return [what, ...held.map(({ words }) => words)].join(', ');
}
