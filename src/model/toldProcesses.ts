import { childrenByParent, parentOf } from './ancestry.js';
import type { CgroupOwners } from './cgroupOwner.js';
import type { JoinInput, JoinTarget, Placement } from './join.js';
import type { ProcessRecord } from './process.js';
import { boundaryFamilies, boundaryOf, familyOf } from './runtimes/index.js';

/** Finds processes by the pids that the runtime told, and what no cgroup ties to them. */
export class ToldProcesses {
  readonly #input: JoinInput;
  readonly #owners: CgroupOwners;
  #children: ReadonlyMap<number, readonly ProcessRecord[]> | undefined;
  #shims: ReadonlyMap<string, readonly ProcessRecord[]> | undefined;

  constructor(input: JoinInput, owners: CgroupOwners) {
    this.#input = input;
    this.#owners = owners;
  }

  /** The told process, its helpers and their descendants; none when nothing was told, or what was told can't be true. */
  membersOf(target: JoinTarget, before: Placement | undefined): ProcessRecord[] {
    const first = this.#firstOf(target, before);
    if (!first) return [];
    const owner = this.#owners.ownerOf(first);
    const members = new Set([first, ...this.#helpersOf(first, target)]);
    // A set is walked over what is added on the way, and each process only once, even if parents go in a circle.
    for (const member of members) {
      for (const child of this.#childrenOf(member)) {
        if (this.#owners.ownerOf(child) === owner) members.add(child);
      }
    }
    return [...members];
  }

  /**
   * The monitor of a boundary that is not its child, as Kata's QEMU that daemonized: the shim that was started for the
   * sandbox. Not one in the cgroup of a container, which could call itself so.
   */
  monitorApart(first: ProcessRecord, target: JoinTarget): ProcessRecord | undefined {
    if (!boundaryOf(first)?.isShim) return undefined;
    const parent = parentOf(first, this.#input.table);
    if (parent && familyOf(parent)) return undefined;
    const sandboxId = target.sandboxId ?? target.id;
    this.#shims ??= this.#findShims();
    return this.#shims.get(sandboxId)?.find((shim) => shim.startTicks <= first.startTicks);
  }

  #firstOf(target: JoinTarget, before: Placement | undefined): ProcessRecord | undefined {
    // After exit CRI-O goes on telling the old pid, which may name a stranger by now (runtimes.md, trap 2).
    if (!target.running) return undefined;
    const { table, knownPids } = this.#input;
    const told = knownPids?.get(target.id);
    const remembered = before?.by === 'status' ? before : undefined;
    const process = table.processes.get(told ?? remembered?.pid ?? 0);
    if (!process) return undefined;
    if (told === undefined && process.startTicks !== remembered?.startTicks) return undefined;
    return this.#mayBeOf(target, process) ? process : undefined;
  }

  /** A boundary may be in the cgroup of the sandbox or in none, for each of the pod's containers. */
  #mayBeOf(target: JoinTarget, process: ProcessRecord): boolean {
    const owner = this.#owners.ownerOf(process);
    return owner === undefined || owner === target.id || owner === target.sandboxId;
  }

  #helpersOf(first: ProcessRecord, target: JoinTarget): readonly ProcessRecord[] {
    const family = boundaryOf(first);
    const monitor = family && (this.monitorApart(first, target) ?? parentOf(first, this.#input.table));
    if (!monitor || !familyOf(monitor)) return [];
    return this.#childrenOf(monitor).filter(
      (process) =>
        family.isHelper(process) &&
        this.#mayBeOf(target, process) &&
        (family.servedBy?.(process) ?? target.sandboxId ?? target.id) === target.id,
    );
  }

  #childrenOf({ pid }: ProcessRecord): readonly ProcessRecord[] {
    this.#children ??= childrenByParent(this.#input.table);
    return this.#children.get(pid) ?? [];
  }

  /** The shims of boundaries that may stand apart, by the sandbox that each was started for. */
  #findShims(): ReadonlyMap<string, readonly ProcessRecord[]> {
    const shims = new Map<string, ProcessRecord[]>();
    for (const process of this.#input.table.processes.values()) {
      const id = familyOf(process)?.idOf(process);
      if (id === undefined || !boundaryFamilies.some((family) => family.isShim?.(process))) continue;
      const owner = this.#owners.ownerOf(process);
      if (owner === undefined || owner === id) shims.set(id, [...(shims.get(id) ?? []), process]);
    }
    return shims;
  }
}
