import { parentOf } from '../../ancestry.js';
import type { ProcessRecord } from '../../process.js';
import { familyOf } from '../../runtimes/index.js';
import { containerIdIn, shortId } from '../containerId.js';
import type { Look, Suspicion } from '../look.js';
import { iso, some } from './words.js';

/** From here on zombies are more than untidy: each holds a pid, and a pod’s pids are limited. */
const many = 20;

/** Processes that ended and whose parent does not take their exit status, by parent. */
export function zombie(look: Look): readonly Suspicion[] {
  const byParent = new Map<ProcessRecord, ProcessRecord[]>();
  for (const one of look.processes.zombies) {
    const parent = parentOf(one, look.table);
    // A moment as a zombie is the normal end of a process.
    if (!parent || (look.before && !wasZombie(look.before, one))) continue;
    const children = byParent.get(parent);
    if (children) children.push(one);
    else byParent.set(parent, [one]);
  }
  return [...byParent].map(([parent, zombies]) => suspicion(look, parent, zombies));
}

function wasZombie({ table }: Look, { pid, startTicks }: ProcessRecord): boolean {
  const before = table.processes.get(pid);
  return before?.state === 'Z' && before.startTicks === startTicks;
}

function suspicion(look: Look, parent: ProcessRecord, zombies: readonly ProcessRecord[]): Suspicion {
  const id = parent.cgroups.map(containerIdIn).find((one) => one !== undefined);
  const { pid, comm, state, startTicks } = parent;
  const one = zombies.length === 1;
  const owner = look.runtimes.find(({ snapshot }) =>
    snapshot.sandboxes.some(
      (sandbox) => sandbox.id === id || sandbox.containers.some((container) => container.id === id),
    ),
  );
  return {
    finding: {
      id: `zombie:${pid}:${startTicks}`,
      kind: 'zombie',
      severity: zombies.length >= many ? 'warning' : 'info',
      certainty: 'certain',
      title: `${one ? 'A zombie' : `${zombies.length} zombies`} of process ${pid} (${comm})${id === undefined ? '' : ` in ${shortId(id)}`}`,
      explanation:
        `${one ? 'A process has' : 'Processes have'} ended, and the parent has not asked for the exit status. ${whoReaps(parent, id)} ` +
        'A zombie uses neither memory nor CPU, but its pid, of which a pod and a node have only so many.',
      evidence: [
        {
          label: 'parent',
          value: `pid ${pid} (${comm}), state ${state}${state === 'T' ? ' (stopped)' : ''}`,
          source: `/proc/${pid}/stat`,
        },
        {
          label: one ? 'zombie' : 'zombies',
          value: some(
            zombies.map((child) => `${child.pid} (${child.comm}, started ${iso(child.startedAt)})`),
            10,
          ),
          source: '/proc/PID/stat',
        },
        ...(id === undefined ? [] : [{ label: 'container', value: id, source: `/proc/${pid}/cgroup` }]),
      ],
      advice:
        'Killing a zombie does nothing: it is dead already. It goes when its parent asks for it, or ends itself. ' +
        (state === 'T'
          ? 'The parent is stopped: find out who stopped it, and let it go on with SIGCONT.'
          : 'Mend the parent, or have a small init (shareProcessNamespace, tini) as the container’s process 1.'),
      ...(id !== undefined && owner ? { subject: { endpoint: owner.snapshot.endpoint, id } } : {}),
      pid,
    },
  };
}

function whoReaps(parent: ProcessRecord, id: string | undefined): string {
  if (familyOf(parent))
    return `That is the work of the ${familyOf(parent)?.name ?? 'monitor'}, which is stopped or stuck.`;
  if (id !== undefined) {
    return 'In a container that is the work of whoever started it, and of the container’s process 1 for all others; a shell or an application as process 1 often does not do it.';
  }
  return 'That is the work of the program that started it.';
}
