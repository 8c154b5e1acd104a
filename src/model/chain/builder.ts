import { parentOf } from '../ancestry.js';
import type { ProcessInfo, ProcessRecord, ProcessTable } from '../process.js';
import { programOf } from '../runtimes/family.js';
import { commandLine } from '../shell.js';
import type { ChainBox, ChainEdge, ChainFact, ChainFactName, ChainGraph } from './graph.js';

/** What is said of a box besides what its process tells. */
export type BoxParts = Pick<ChainBox, 'kind' | 'title'> &
  Partial<Pick<ChainBox, 'absent' | 'facts' | 'subject'>>;

/** A fact, or none where there is no value. */
export function fact(name: ChainFactName, value: string | number | undefined): readonly ChainFact[] {
  return value === undefined || value === '' ? [] : [{ name, value: String(value) }];
}

/** Processes between process 1 and a daemon's parent that are drawn one by one. */
const ancestorsAtMost = 4;

/** Collects boxes and edges; what is added twice is there once, as it was added first. */
export class ChainBuilder {
  readonly #table: ProcessTable | undefined;
  readonly #boxes = new Map<string, ChainBox>();
  readonly #edges = new Map<string, ChainEdge>();
  readonly #notes = new Set<string>();

  constructor(table: ProcessTable | undefined) {
    this.#table = table;
  }

  box(id: string, { kind, title, absent = false, facts = [], subject }: BoxParts): string {
    if (!this.#boxes.has(id)) {
      this.#boxes.set(id, { id, kind, title, absent, facts, ...(subject ? { subject } : {}) });
    }
    return id;
  }

  /** A process that is in the table, or that an ancestry remembers. */
  process(process: ProcessRecord | ProcessInfo, parts: BoxParts): string {
    const record = 'argv' in process ? process : this.#table?.processes.get(process.pid);
    const { pid, startedAt, ppid } = process;
    const command = 'command' in process ? process.command : process.argv;
    return this.box(`pid:${pid}:${record?.startTicks ?? startedAt}`, {
      ...parts,
      facts: [
        ...fact('pid', pid),
        ...fact('parent', ppid),
        ...fact('started', Math.round(startedAt)),
        ...fact('command', commandLine(command)),
        ...fact('cgroup', record?.cgroups[0]),
        ...(parts.facts ?? []),
      ],
    });
  }

  /**
   * Draws what stands above a process, and the lines to it. A parent that is drawn already stays what it is; of many that
   * are not (a daemon started by hand, in a terminal) only the nearest and the topmost are.
   */
  above(pid: number): void {
    const process = this.#table?.processes.get(pid);
    if (!process) return;
    const line = this.#ancestors(process);
    const undrawn = line.slice(1, -1).filter((one) => this.drawn(one.pid) === undefined);
    const hidden = new Set(undrawn.length >= ancestorsAtMost ? undrawn : []);
    let below = process;
    for (const parent of line) {
      if (hidden.has(parent)) continue;
      const box = this.process(parent, { kind: 'init', title: programOf(parent) });
      if (below.ppid === parent.pid) this.parent(box, this.idOf(below), below);
      else this.#hidden(box, below, hidden.size);
      below = parent;
    }
  }

  /** What stands above a process, nearest first. */
  #ancestors(process: ProcessRecord): readonly ProcessRecord[] {
    const line = new Set<ProcessRecord>();
    const up = (one: ProcessRecord): ProcessRecord | undefined => this.#table && parentOf(one, this.#table);
    for (let next = up(process); next && !line.has(next); next = up(next)) line.add(next);
    return [...line];
  }

  #hidden(from: string, below: ProcessRecord, count: number): void {
    const id = this.box(`more:above:${below.pid}`, {
      kind: 'more',
      title: 'processes',
      facts: fact('count', count),
    });
    const evidence = `${count} processes stand between the two, each the parent of the next.`;
    this.edge({ from, to: id, kind: 'parent', proof: 'proved', evidence });
    this.edge({ from: id, to: this.idOf(below), kind: 'parent', proof: 'proved', evidence });
  }

  parent(from: string, to: string, { pid, ppid }: Pick<ProcessInfo, 'pid' | 'ppid'>): void {
    const evidence = `The kernel names ${ppid} as the parent of ${pid} (/proc/${pid}/stat).`;
    this.edge({ from, to, kind: 'parent', proof: 'proved', evidence });
  }

  edge(edge: ChainEdge): void {
    const key = `${edge.kind} ${edge.from} ${edge.to}`;
    if (edge.from !== edge.to && !this.#edges.has(key)) this.#edges.set(key, edge);
  }

  note(text: string): void {
    this.#notes.add(text);
  }

  idOf({ pid, startTicks }: Pick<ProcessRecord, 'pid' | 'startTicks'>): string {
    return `pid:${pid}:${startTicks}`;
  }

  /** The box of a process, if it is drawn. */
  drawn(pid: number): string | undefined {
    const record = this.#table?.processes.get(pid);
    const id = record && this.idOf(record);
    return id !== undefined && this.#boxes.has(id) ? id : undefined;
  }

  finish(): ChainGraph {
    return {
      boxes: [...this.#boxes.values()],
      edges: [...this.#edges.values()],
      notes: [...this.#notes],
    };
  }
}
