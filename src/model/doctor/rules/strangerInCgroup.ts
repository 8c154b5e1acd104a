import { parentOf } from '../../ancestry.js';
import type { ProcessRecord } from '../../process.js';
import { boundaryOf, familyOf, helperOf } from '../../runtimes/index.js';
import { programOf } from '../../runtimes/family.js';
import type { Container, Sandbox } from '../../snapshot.js';
import { shortId } from '../containerId.js';
import type { Steps } from '../../steps.js';
import type { CgroupFolder, Look, Suspicion } from '../look.js';
import { iso } from './words.js';

/** What makes processes in containers itself, and is no part of them: `runc exec`, CRI-O's `crun exec`, `conmon -e`. */
const lowLevel = /^(runc|crun|youki|runsc|kata-runtime)\b/;

/**
 * A process in a container's cgroup that descends neither from its shim or conmon nor from a runtime's exec: somebody
 * moved it there. What has the container's own mount namespace entered it in another way (`runc exec --detach`).
 */
export function* strangerInCgroup(look: Look): Steps<readonly Suspicion[]> {
  const procs = new Map<string, Set<number>>();
  for (const { id, pids } of look.cgroups) {
    yield;
    const all = procs.get(id) ?? new Set();
    procs.set(id, all);
    for (const pid of pids) all.add(pid);
  }
  const found: Suspicion[] = [];
  for (const { snapshot } of look.runtimes) {
    for (const sandbox of snapshot.sandboxes) {
      for (const of of [sandbox, ...sandbox.containers]) {
        const subject = { endpoint: snapshot.endpoint, of, sandboxId: sandbox.id };
        found.push(...(yield* strangersOf(look, subject, membersOf(look, of.id, procs.get(of.id)))));
      }
    }
  }
  return found;
}

interface Subject {
  readonly endpoint: string;
  readonly of: Sandbox | Container;
  readonly sandboxId: string;
}

function membersOf(look: Look, id: string, pids: ReadonlySet<number> | undefined): readonly ProcessRecord[] {
  const known = look.processes.byContainer.get(id) ?? [];
  if (!pids || pids.size === 0) return known;
  const more = [...pids].flatMap((pid) => look.table.processes.get(pid) ?? []);
  return [...new Set([...known, ...more.filter(({ state }) => state !== 'Z')])];
}

function* strangersOf(
  look: Look,
  subject: Subject,
  members: readonly ProcessRecord[],
): Steps<readonly Suspicion[]> {
  const monitors = [subject.of.id, subject.sandboxId].flatMap(
    (id) => look.processes.monitorsOf.get(id) ?? [],
  );
  // Without a monitor none can be told from another.
  if (monitors.length === 0) return [];
  const isOwn = descent(look, new Set(monitors.map(({ process }) => process.pid)));
  const own: ProcessRecord[] = [];
  const strangers = new Map<number, ProcessRecord>();
  for (const member of members) {
    yield;
    // gVisor and Kata have helpers of the whole pod in one group.
    if (boundaryOf(member) ?? helperOf(member)) return [];
    if (isOwn(member)) own.push(member);
    else if (!familyOf(member)) strangers.set(member.pid, member);
  }
  // Children of a stranger were born in the group.
  return [...strangers.values()]
    .filter(({ ppid }) => !strangers.has(ppid))
    .flatMap((stranger) => suspicion(look, subject, stranger, own) ?? []);
}

/** Tells whether a process descends from a monitor, or from a low-level runtime that made it. */
function descent(look: Look, monitors: ReadonlySet<number>): (process: ProcessRecord) => boolean {
  const known = new Map<number, boolean>();
  return (process) => {
    const line: number[] = [];
    let own = false;
    for (let next: ProcessRecord | undefined = process; next; next = parentOf(next, look.table)) {
      const before = known.get(next.pid);
      own = before ?? (monitors.has(next.pid) || lowLevel.test(programOf(next)));
      if (before !== undefined || own) break;
      known.set(next.pid, false); // A circle, in a table read while pids were reused, ends here.
      line.push(next.pid);
    }
    for (const pid of line) known.set(pid, own);
    return own;
  };
}

function suspicion(
  look: Look,
  { endpoint, of }: Subject,
  stranger: ProcessRecord,
  own: readonly ProcessRecord[],
): Suspicion | undefined {
  const { pid, ppid, startTicks, startedAt, argv, comm } = stranger;
  const namespaces = look.told?.mountNamespaces;
  const inside = own.map((process) => namespaces?.get(process.pid)).find((one) => one !== undefined);
  const its = namespaces?.get(pid);
  if (its !== undefined && its === inside) return undefined;
  const groups = look.cgroups.filter(({ id, pids }) => id === of.id && pids.includes(pid));
  const parent = parentOf(stranger, look.table);
  const what = 'containers' in of ? 'sandbox' : 'container';
  return {
    finding: {
      id: `strangerInCgroup:${of.id}:${pid}:${startTicks}`,
      kind: 'strangerInCgroup',
      severity: 'warning',
      certainty: its !== undefined && inside !== undefined ? 'certain' : 'likely',
      title: `Process ${pid} (${comm}) is in the cgroup of ${what} ${of.name} (${shortId(of.id)}) but is not of it`,
      explanation:
        `It descends neither from the ${what}’s shim or conmon nor from an exec, so somebody moved it into the cgroup. It ` +
        `uses up the ${what}’s limits, is counted as its own, and is killed with it.`,
      evidence: [
        { label: 'pid', value: String(pid), source: `/proc/${pid}/stat` },
        { label: 'started', value: iso(startedAt), source: `/proc/${pid}/stat` },
        {
          label: 'command line',
          value: argv.length > 0 ? argv.join(' ') : `[${comm}]`,
          source: `/proc/${pid}/cmdline`,
        },
        {
          label: 'parent',
          value: parent ? `pid ${parent.pid} (${parent.comm})` : `pid ${ppid}`,
          source: `/proc/${pid}/stat`,
        },
        {
          label: 'cgroup',
          value: cgroupText(groups, stranger),
          source: groups.length > 0 ? 'cgroup.procs' : `/proc/${pid}/cgroup`,
        },
        ...(its !== undefined && inside !== undefined
          ? [
              {
                label: 'mount namespace',
                value: `${its}, the ${what}’s is ${inside}`,
                source: `/proc/${pid}/ns/mnt`,
              },
            ]
          : []),
      ],
      advice:
        'Find out who moved it: a debugging session, a script that writes to cgroup.procs, or an intruder who wants to ' +
        'pass for the container. If it is none of the container’s business, move it back to the group of its parent.',
      subject: { endpoint, id: of.id },
      pid,
    },
    wants: { mountNamespacesOf: [pid, ...own.slice(0, 1).map((process) => process.pid)] },
  };
}

/** Of v1's hierarchies, in which the same path comes again and again, one is enough. */
function cgroupText(groups: readonly CgroupFolder[], { cgroups }: ProcessRecord): string {
  const [first = '', ...others] = groups.length > 0 ? groups.map(({ path }) => path) : cgroups;
  if (others.length === 0) return first;
  return `${first} (and in ${others.length} more ${others.length === 1 ? 'hierarchy' : 'hierarchies'})`;
}
