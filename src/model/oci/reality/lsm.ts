import type { Reality } from '../insight.js';
import type { JsonNode } from '../json.js';
import { textAt } from '../values.js';
import { compared, unreadable, type About, type KernelText, type KernelView } from './fact.js';

/** The label of the process by the only security module, or by the one that the kernel shows there. */
export const labelFile = (pid: number): string => `/proc/${pid}/attr/current`;
/** AppArmor's own, where modules are stacked (since Linux 5.8). */
export const apparmorFile = (pid: number): string => `/proc/${pid}/attr/apparmor/current`;

/** `process.apparmorProfile` and `process.selinuxLabel` against /proc/PID/attr (apparmor(7), proc_pid_attr(5)). */
export function lsmFacts(spec: JsonNode, kernel: KernelView): Reality[] {
  return [...apparmorFacts(spec, kernel), ...selinuxFacts(spec, kernel)];
}

function apparmorFacts(spec: JsonNode, kernel: KernelView): Reality[] {
  const written = textAt(spec, ['process', 'apparmorProfile']) ?? '';
  const own = labelIn(kernel.read(apparmorFile(kernel.pid)));
  const label = 'text' in own ? own : labelIn(kernel.read(labelFile(kernel.pid)));
  const about: About = {
    path: ['process', 'apparmorProfile'],
    name: 'AppArmor profile',
    source: 'text' in own ? apparmorFile(kernel.pid) : labelFile(kernel.pid),
  };
  const expected = written === '' ? 'unconfined' : written;
  if ('reason' in label) return written === '' ? [] : [unreadable(about, expected, label.reason)];
  const [, profile = label.text, mode] = /^(.*) \((\w+)\)$/s.exec(label.text) ?? [];
  // Without a mode, and not unconfined, it is another module's label.
  if (mode === undefined && profile !== 'unconfined') {
    return written === ''
      ? []
      : [unreadable(about, expected, 'AppArmor is off on this node: the profile protects nothing.')];
  }
  return [
    compared(about, expected, profile, {
      always:
        mode === undefined || mode === 'enforce' ? undefined : `In the mode “${mode}” it forbids nothing.`,
      drift:
        written === ''
          ? 'Inherited from the runtime, or taken on by the process itself.'
          : 'A process may change to another profile if its own allows that.',
    }),
  ];
}

function selinuxFacts(spec: JsonNode, kernel: KernelView): Reality[] {
  const written = textAt(spec, ['process', 'selinuxLabel']) ?? '';
  if (written === '') return [];
  const source = labelFile(kernel.pid);
  const about: About = { path: ['process', 'selinuxLabel'], name: 'SELinux label', source };
  const label = labelIn(kernel.read(source));
  if ('reason' in label) return [unreadable(about, written, label.reason)];
  if (label.text.split(':').length < 3) {
    return [unreadable(about, written, 'SELinux is off on this node: the label protects nothing.')];
  }
  return [
    compared(about, written, label.text, {
      drift: 'The policy gives a process another label when it runs certain programs.',
    }),
  ];
}

/** A kernel without a security module answers with an error, over SSH with nothing. */
function labelIn(read: KernelText): KernelText {
  if ('text' in read) {
    // SELinux ends it with NUL, AppArmor with a newline.
    const text = read.text.replace(/[\0\n]+$/, '');
    if (text !== '') return { text };
  } else if (/permission denied/i.test(read.reason)) return read;
  return { reason: 'The kernel names no label: neither AppArmor nor SELinux is on, on this node.' };
}
