import type { ProcessRecord } from '../../process.js';
import type { Container, RuntimeSnapshot, Sandbox } from '../../snapshot.js';
import { shortId } from '../containerId.js';
import type { Evidence } from '../finding.js';
import { isAlive, type Look, type Suspicion } from '../look.js';
import { iso } from './words.js';

/**
 * A ready sandbox or running container whose first process, by the pid that the runtime itself tells, is not there.
 * Without a told pid nothing is said: virtual machines and CRI-O's sandboxes without an infra container have none.
 */
export function processGone(look: Look): readonly Suspicion[] {
  // Where /proc hides others' processes, theirs is not gone.
  if (!look.table.processes.has(1)) return [];
  return look.runtimes.flatMap(({ snapshot }) => {
    if (snapshot.processesReason !== undefined || !isOfThisProc(look, snapshot)) return [];
    const { endpoint, name } = snapshot;
    return snapshot.sandboxes.flatMap((sandbox) => [
      ...(sandbox.state === 'ready' ? suspicion(look, { endpoint, name, what: 'sandbox', of: sandbox }) : []),
      ...sandbox.containers
        .filter(({ state }) => state === 'running')
        .flatMap((container) => suspicion(look, { endpoint, name, what: 'container', of: container })),
    ]);
  });
}

/** A socket may be mounted into a container, whose /proc has other pids: then there is nothing of the runtime's in it. */
function isOfThisProc(look: Look, { sandboxes }: RuntimeSnapshot): boolean {
  return sandboxes.some((sandbox) => [sandbox, ...sandbox.containers].some(({ id }) => isAlive(look, id)));
}

interface Subject {
  readonly endpoint: string;
  /** The runtime's. */
  readonly name: string;
  readonly what: 'sandbox' | 'container';
  readonly of: Sandbox | Container;
}

function suspicion(look: Look, subject: Subject): Suspicion[] {
  const { endpoint, what, of } = subject;
  if (of.pid !== undefined && livesAs(look, of.pid)) return [];
  const told = look.told?.statuses.get(of.id);
  if (look.told && (told?.pid === undefined || livesAs(look, told.pid))) return [];
  const status = { endpoint, id: of.id, sandbox: what === 'sandbox' };
  return [{ finding: findingOf(look, subject, told?.pid), wants: { statuses: [status] } }];
}

function livesAs(look: Look, pid: number): boolean {
  const process = look.table.processes.get(pid);
  return process !== undefined && process.state !== 'Z';
}

function findingOf(
  look: Look,
  { endpoint, name, what, of }: Subject,
  pid: number | undefined,
): Suspicion['finding'] {
  const rpc = what === 'sandbox' ? 'PodSandboxStatus' : 'ContainerStatus';
  const state = what === 'sandbox' ? 'ready' : 'running';
  const process = pid === undefined ? undefined : look.table.processes.get(pid);
  const evidence: Evidence[] = [
    { label: 'id', value: of.id, source: endpoint },
    { label: 'state', value: state, source: `${rpc} of ${endpoint}` },
    { label: 'created', value: iso(of.createdAt), source: rpc },
    ...(pid === undefined ? [] : [{ label: 'pid', value: String(pid), source: `${rpc}, verbose` }]),
    { label: 'process', value: seen(process), source: pid === undefined ? '/proc' : `/proc/${pid}` },
    ...monitorEvidence(look, of),
  ];
  return {
    id: `processGone:${endpoint}:${of.id}`,
    kind: 'processGone',
    severity: 'error',
    certainty: 'certain',
    title: `${what === 'sandbox' ? 'Sandbox' : 'Container'} ${of.name} (${shortId(of.id)}) is ${state} for ${name}, but its process is gone`,
    explanation:
      `${name} learns of the end of a process from the shim or conmon beside it. That news has not arrived: the ` +
      'monitor is stopped, stuck or dead, or the runtime lost the event. Until it does, the kubelet believes that all is ' +
      'well and restarts nothing.',
    evidence,
    advice:
      'See whether the shim or conmon is alive and not stopped (state T), and what the runtime’s log says of this id. ' +
      'A stopped monitor goes on with SIGCONT. If it is dead, deleting the pod makes the kubelet clean up; restarting the ' +
      'runtime makes it look at its shims anew, and leaves other containers running.',
    subject: { endpoint, id: of.id },
    ...(process ? { pid: process.pid } : {}),
  };
}

function seen(process: ProcessRecord | undefined): string {
  return process ? 'zombie: it ended and nobody took its exit status' : 'there is none';
}

/** Of a pod, the sandbox's monitor may be the only one. */
function monitorEvidence(look: Look, of: Sandbox | Container): Evidence[] {
  const ids = 'sandboxId' in of ? [of.id, of.sandboxId] : [of.id];
  const monitors = ids.flatMap((id) => look.processes.monitorsOf.get(id) ?? []);
  if (monitors.length === 0) {
    return [{ label: 'monitor', value: 'no shim or conmon names this id', source: '/proc/PID/cmdline' }];
  }
  return monitors.map(({ process: { pid, state }, family }) => ({
    label: family.role,
    value: `pid ${pid}, state ${state}${state === 'T' ? ' (stopped)' : ''}`,
    source: `/proc/${pid}/stat`,
  }));
}
