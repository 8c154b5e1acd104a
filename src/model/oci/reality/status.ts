import type { KernelView } from './fact.js';

/** The lines of /proc/PID/status (proc_pid_status(5)) by their names. */
export interface ProcessStatus {
  field(name: string): string | undefined;
}

export const statusFile = (pid: number): string => `/proc/${pid}/status`;

/** The status of a process, or why it can't be read. */
export function statusOf(kernel: KernelView): ProcessStatus | { readonly reason: string } {
  const read = kernel.read(statusFile(kernel.pid));
  if ('reason' in read) return read;
  const fields = new Map<string, string>();
  // The process's own name comes first and has its newlines escaped (task_state, fs/proc/array.c): none is forged.
  for (const line of read.text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return fields.size === 0
    ? { reason: 'The process has ended. Refresh to see which one is there now.' }
    : { field: (name) => fields.get(name) };
}
