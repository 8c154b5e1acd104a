import { readFileSync } from 'node:fs';
import type { JoinTarget } from '../../../src/model/join.js';
import { parseCgroups, processRecord } from '../../../src/model/proc.js';
import type { ProcessRecord, ProcessTable } from '../../../src/model/process.js';

export const recordedRuntimes = ['containerd-1.7', 'containerd-2.1', 'cri-dockerd', 'cri-o-1.37'] as const;

interface ChainLink {
  readonly pid: number;
  readonly comm?: string;
  readonly state: string;
  readonly ppid: number;
  readonly starttime: string;
  readonly cmd: readonly string[];
}

/** An entry of proc.json: what /proc and the verbose status said of a sandbox or container. */
export interface RecordedEntry {
  readonly kind: 'pod' | 'ctr';
  readonly id: string;
  readonly state: string;
  readonly pid: number;
  readonly pidByCgroup?: number;
  readonly chain: readonly ChainLink[];
  readonly cgroup?: readonly string[];
  readonly shimCgroup?: readonly string[];
  readonly shimCwd?: string;
  readonly configJson: readonly string[];
}

export interface Recording {
  readonly entries: readonly RecordedEntry[];
  readonly table: ProcessTable;
  readonly targets: readonly JoinTarget[];
}

const json = (runtime: string, file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/recorded/${runtime}/${file}`, import.meta.url), 'utf8'));

/** The process table and the CRI lists of a real runtime. */
export function recording(runtime: (typeof recordedRuntimes)[number]): Recording {
  const entries = json(runtime, 'proc.json') as RecordedEntry[];
  const { items } = json(runtime, 'pods.json') as { items: { id: string; state: string }[] };
  const { containers } = json(runtime, 'ps.json') as {
    containers: { id: string; podSandboxId: string; state: string }[];
  };
  const targets: JoinTarget[] = [
    ...items.map(({ id, state }) => ({ id, role: 'sandbox' as const, running: state === 'SANDBOX_READY' })),
    ...containers.map(({ id, podSandboxId, state }) => ({
      id,
      role: 'container' as const,
      running: state === 'CONTAINER_RUNNING',
      sandboxId: podSandboxId,
    })),
  ];
  return { entries, targets, table: tableOf(entries.flatMap(processesOf)) };
}

function processesOf(entry: RecordedEntry): ProcessRecord[] {
  const paths = [entry.cgroup ?? [], entry.shimCgroup ?? [], ['0::/']];
  return entry.chain.flatMap((link, index) => {
    if (link.comm === undefined) return []; // it had gone when the chain was read
    const cgroups = parseCgroups(Buffer.from((paths[index] ?? []).join('\n')));
    const stat = { ...link, comm: link.comm, startTicks: Number(link.starttime), argArea: '' };
    const cwd = index === 1 ? entry.shimCwd : undefined;
    return [
      processRecord(
        stat,
        { argv: link.cmd, cgroups, ...(cwd === undefined ? {} : { cwd }) },
        { bootId: '', epoch: 0 },
      ),
    ];
  });
}

export function tableOf(processes: readonly ProcessRecord[]): ProcessTable {
  return { takenAt: 0, processes: new Map(processes.map((process) => [process.pid, process])) };
}
