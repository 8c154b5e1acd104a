import type { Ancestry } from './process.js';
import type {
  Container,
  ListedContainer,
  ListedSandbox,
  RuntimeCondition,
  RuntimeSnapshot,
  Sandbox,
} from './snapshot.js';
import type { Steps } from './steps.js';

/** Where the processes of a sandbox or container are; see join.ts. */
export interface Place {
  readonly pid?: number;
  readonly ancestry: Ancestry;
}

/** All that a snapshot is made of. */
export interface Parts {
  readonly header: Pick<RuntimeSnapshot, 'endpoint' | 'name' | 'version' | 'apiVersion' | 'takenAt'>;
  readonly conditions: readonly RuntimeCondition[];
  readonly sandboxes: readonly ListedSandbox[];
  readonly containers: readonly ListedContainer[];
  readonly place: (id: string) => Place;
  readonly ip: (sandboxId: string) => string | undefined;
  readonly processesReason?: string;
}

/**
 * Puts a snapshot together. Whatever is equal to its counterpart in `previous` is taken from there, so that identity
 * tells what changed.
 */
export function* makingSnapshot(parts: Parts, previous: RuntimeSnapshot | undefined): Steps<RuntimeSnapshot> {
  const old = indexOf(previous);
  const bySandbox = new Map<string, Container[]>(parts.sandboxes.map((sandbox) => [sandbox.id, []]));
  const orphans: Container[] = [];
  for (const listed of parts.containers) {
    yield;
    const container = sameOr<ListedContainer, Place>(
      old.containers.get(listed.id),
      listed,
      parts.place(listed.id),
    );
    (bySandbox.get(listed.sandboxId) ?? orphans).push(container);
  }
  const sandboxes: Sandbox[] = [];
  for (const listed of parts.sandboxes) {
    yield;
    const before = old.sandboxes.get(listed.id);
    const ip = parts.ip(listed.id);
    sandboxes.push(
      sameOr<ListedSandbox, Omit<Sandbox, keyof ListedSandbox>>(before, listed, {
        ...(ip === undefined ? {} : { ip }),
        ...parts.place(listed.id),
        containers: sameList(before?.containers, (bySandbox.get(listed.id) ?? []).sort(byNameThenNewest)),
      }),
    );
  }
  return {
    ...parts.header,
    conditions: parts.conditions.map((condition, index) =>
      sameOr(previous?.conditions[index], condition, {}),
    ),
    sandboxes: sameList(previous?.sandboxes, sandboxes.sort(byNamespace)),
    orphans: sameList(previous?.orphans, orphans.sort(byNameThenNewest)),
    ...(parts.processesReason === undefined ? {} : { processesReason: parts.processesReason }),
  };
}

interface Index {
  readonly sandboxes: ReadonlyMap<string, Sandbox>;
  readonly containers: ReadonlyMap<string, Container>;
}

function indexOf(snapshot: RuntimeSnapshot | undefined): Index {
  const sandboxes = new Map<string, Sandbox>();
  const containers = new Map<string, Container>();
  for (const sandbox of snapshot?.sandboxes ?? []) {
    sandboxes.set(sandbox.id, sandbox);
    for (const container of sandbox.containers) containers.set(container.id, container);
  }
  for (const container of snapshot?.orphans ?? []) containers.set(container.id, container);
  return { sandboxes, containers };
}

/** What an id names, as far as a picture knows it. */
export interface Found {
  readonly sandbox?: Sandbox;
  /** Absent when the id is the sandbox's own. */
  readonly container?: Container;
}

/** Finds a container, with its sandbox, or a sandbox. */
export function findById(snapshot: RuntimeSnapshot | undefined, id: string): Found {
  for (const sandbox of snapshot?.sandboxes ?? []) {
    if (sandbox.id === id) return { sandbox };
    const container = sandbox.containers.find((one) => one.id === id);
    if (container) return { sandbox, container };
  }
  const orphan = snapshot?.orphans.find((one) => one.id === id);
  return orphan ? { container: orphan } : {};
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byNameThenNewest(a: Container, b: Container): number {
  return compare(a.name, b.name) || compare(b.attempt, a.attempt) || compare(b.createdAt, a.createdAt);
}

function byNamespace(a: Sandbox, b: Sandbox): number {
  return compare(a.namespace, b.namespace) || compare(a.name, b.name) || compare(b.createdAt, a.createdAt);
}

/**
 * `before` if it has just the members of `a` and `b` (records of strings by content, all else by identity), else those
 * in a new object. Looks before it builds: at most refreshes nearly everything is as before.
 */
function sameOr<A extends object, B extends object>(before: (A & B) | undefined, a: A, b: B): A & B {
  if (before === undefined) return { ...a, ...b };
  const found = membersIn(before, a, true) + membersIn(before, b, true);
  return found === count(before) ? before : { ...a, ...b };
}

type Members = Readonly<Record<string, unknown>>;

/** How many members `part` has, if `whole` has them too; else NaN. Without lists of keys: this runs for every label. */
function membersIn(whole: object, part: object, deep: boolean): number {
  const [one, other] = [whole as Members, part as Members];
  let members = 0;
  for (const key in other) {
    if (one[key] !== other[key] && !(deep && sameRecord(one[key], other[key]))) return NaN;
    members++;
  }
  return members;
}

function sameRecord(a: unknown, b: unknown): boolean {
  return isRecord(a) && isRecord(b) && membersIn(a, b, false) === count(a);
}

function count(record: object): number {
  let members = 0;
  for (const _ in record) members++;
  return members;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sameList<T>(before: readonly T[] | undefined, now: readonly T[]): readonly T[] {
  const same = before?.length === now.length && before.every((item, index) => item === now[index]);
  return same ? before : now;
}
