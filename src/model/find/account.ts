import { parentOf } from '../ancestry.js';
import type { ProcessRecord, ProcessTable } from '../process.js';
import { programOf } from '../runtimes/family.js';
import { familyOf } from '../runtimes/index.js';

/** What a process is that belongs to no container, for people. All values are the node's words. */
export interface Account {
  /** The program's name. */
  readonly title: string;
  /** `system service ssh.service`, `the kubelet`, … */
  readonly what: string;
  readonly lines: readonly { readonly name: string; readonly value: string }[];
}

/** kthreadd, the parent of all kernel threads (kernel/kthread.c). */
const KTHREADD = 2;

/** @param servers the endpoints that processes serve, by pid */
export function accountOf(
  process: ProcessRecord,
  table: ProcessTable,
  servers: ReadonlyMap<number, string>,
): Account {
  const { pid, argv, comm, cgroups, startedAt, state } = process;
  const title = argv.length === 0 ? `[${comm}]` : programOf(process);
  return {
    title,
    what: whatIs(process, servers.get(pid)),
    lines: [
      { name: 'PID', value: String(pid) },
      { name: 'Command', value: argv.length === 0 ? `[${comm}]` : argv.join(' ') },
      { name: 'Parents', value: parentsOf(process, table) },
      { name: 'Cgroup', value: cgroups[0] ?? '' },
      { name: 'Started', value: new Date(startedAt).toISOString() },
      ...(state === 'Z'
        ? [{ name: 'State', value: 'zombie: it ended, and its parent has not waited for it' }]
        : []),
    ],
  };
}

function whatIs(process: ProcessRecord, endpoint: string | undefined): string {
  const { pid, ppid, argv, cgroups } = process;
  const program = programOf(process);
  if (endpoint !== undefined) return `the CRI server of ${endpoint}`;
  const family = familyOf(process);
  if (family) {
    const id = family.idOf(process);
    return `a ${family.name}${id === undefined ? '' : ` started for ${id}`}, of nothing that a runtime lists here`;
  }
  if (pid === KTHREADD || (ppid === KTHREADD && argv.length === 0)) return 'a kernel thread';
  if (program === 'kubelet') return 'the kubelet';
  if (pid === 1) return 'process 1 of the node';
  return unitIn(cgroups) ?? 'a process of the node, in no container';
}

/** The systemd unit, or the container that no runtime lists, whose cgroup it is in. */
function unitIn(cgroups: readonly string[]): string | undefined {
  for (const path of cgroups) {
    const id = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/.exec(path)?.[0];
    if (id !== undefined) return `in the cgroup of container ${id}, which no runtime lists here`;
    const user = /\/user-(\d+)\.slice\b/.exec(path)?.[1];
    const units = path.split('/').filter((name) => /\.(?:service|scope)$/.test(name));
    const unit = units.findLast((name) => name.endsWith('.service')) ?? units.at(-1);
    if (unit === undefined) continue;
    if (user !== undefined) return `of user ${user}, in ${unit}`;
    return unit.endsWith('.service') ? `system service ${unit}` : `in scope ${unit}`;
  }
  return undefined;
}

function parentsOf(process: ProcessRecord, table: ProcessTable): string {
  const line = new Set([process]);
  for (let next = parentOf(process, table); next && !line.has(next); next = parentOf(next, table))
    line.add(next);
  return [...line]
    .reverse()
    .map((one) => `${programOf(one)} (${one.pid})`)
    .join(' > ');
}
