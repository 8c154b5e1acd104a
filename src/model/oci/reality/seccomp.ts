import type { Reality } from '../insight.js';
import type { JsonNode } from '../json.js';
import { isSetAt, isTrueAt, itemsAt, textAt } from '../values.js';
import { compared, unreadable, type About, type KernelView } from './fact.js';
import { statusFile, statusOf } from './status.js';

/** `linux.seccomp` and `process.noNewPrivileges` against /proc/PID/status (seccomp(2), prctl(2)). */
export function seccompFacts(spec: JsonNode, kernel: KernelView): Reality[] {
  const source = statusFile(kernel.pid);
  const seccomp: About = { path: ['linux', 'seccomp'], name: 'seccomp', source };
  const privileges: About = { path: ['process', 'noNewPrivileges'], name: 'no new privileges', source };
  const status = statusOf(kernel);
  const expected = filters(spec) ? 'filter' : 'off';
  if ('reason' in status) return [unreadable(seccomp, expected, status.reason)];
  const mode = modes.get(status.field('Seccomp') ?? '');
  return [
    mode === undefined
      ? unreadable(seccomp, expected, 'The kernel’s status has no Seccomp: it was built without.')
      : compared(seccomp, expected, mode, {
          same: countText(status.field('Seccomp_filters')),
          drift:
            mode === 'off'
              ? 'The filter was never loaded: the runtime may be built without seccomp, or another one started this process.'
              : 'A process may load a filter itself, and inherits those of the runtime’s own service.',
        }),
    compared(
      privileges,
      isTrueAt(spec, privileges.path) ? 'yes' : 'no',
      status.field('NoNewPrivs') === '1' ? 'yes' : 'no',
      { drift: 'A process may give up new privileges itself, never take them back.' },
    ),
  ];
}

const modes: ReadonlyMap<string, string> = new Map([
  ['0', 'off'],
  ['1', 'strict'],
  ['2', 'filter'],
]);

/** runc takes a profile without default action and without rules for none (specconv.SetupSeccomp). */
function filters(spec: JsonNode): boolean {
  const path = ['linux', 'seccomp'];
  if (!isSetAt(spec, path)) return false;
  const action = textAt(spec, [...path, 'defaultAction']) ?? '';
  return action !== '' || itemsAt(spec, [...path, 'syscalls']).length > 0;
}

/** Seccomp_filters is there since Linux 5.9. */
function countText(filters: string | undefined): string | undefined {
  return filters === undefined || Number(filters) <= 1
    ? undefined
    : `${filters} filters: the process, or the runtime’s own service, added to the spec’s.`;
}
