import type { Container, Sandbox } from '../../snapshot.js';
import { shortId } from '../containerId.js';
import type { Evidence } from '../finding.js';
import type { Look, Suspicion } from '../look.js';
import { groupIn } from '../processIndex.js';
import { duration, iso } from './words.js';

/** Fewer attempts are no loop yet. */
const enough = 3;
/** A kubelet waits 5 minutes at most between attempts, so a loop has at least one in this time. */
const soonMs = 10 * 60_000;

interface Attempt {
  readonly id: string;
  readonly attempt: number;
  readonly createdAt: number;
  readonly state: string;
}

/** Containers, and sandboxes, that the kubelet has made anew several times, and lately. */
export function restartLoop(look: Look): readonly Suspicion[] {
  return look.runtimes.flatMap(({ snapshot: { endpoint, sandboxes } }) => {
    const byPod = new Map<string, Sandbox[]>();
    for (const sandbox of sandboxes) groupIn(byPod, sandbox.uid).push(sandbox);
    return [...byPod.values()].flatMap((pod) => {
      const ofSandboxes = loopOf(look, pod);
      return [
        ...(ofSandboxes ? [suspicion(endpoint, 'sandbox', nameOf(pod[0]), ofSandboxes)] : []),
        ...containerLoops(look, endpoint, pod),
      ];
    });
  });
}

function nameOf(pod: Sandbox | undefined): string {
  return `${pod?.namespace ?? ''}/${pod?.name ?? ''}`;
}

function containerLoops(look: Look, endpoint: string, pod: readonly Sandbox[]): Suspicion[] {
  const byName = new Map<string, Container[]>();
  for (const container of pod.flatMap(({ containers }) => containers))
    groupIn(byName, container.name).push(container);
  return [...byName].flatMap(([name, containers]) => {
    const loop = loopOf(look, containers);
    return loop ? suspicion(endpoint, 'container', `${nameOf(pod[0])} ${name}`, loop) : [];
  });
}

interface Loop {
  /** The newest first. */
  readonly attempts: readonly [Attempt, ...Attempt[]];
  /** Milliseconds from one attempt to the next, the newest first. */
  readonly gaps: readonly number[];
}

function loopOf({ now }: Look, items: readonly Attempt[]): Loop | undefined {
  const [newest, ...older] = [...items].sort((a, b) => b.attempt - a.attempt || b.createdAt - a.createdAt);
  const [previous] = older;
  if (!newest || !previous || newest.attempt < enough || now - newest.createdAt > soonMs) return undefined;
  const steps = newest.attempt - previous.attempt;
  const gap = (newest.createdAt - previous.createdAt) / Math.max(steps, 1);
  if (steps < 1 || gap > soonMs) return undefined;
  const attempts = [newest, ...older] as const;
  return { attempts, gaps: older.map((one, index) => (attempts[index]?.createdAt ?? 0) - one.createdAt) };
}

function suspicion(
  endpoint: string,
  what: 'container' | 'sandbox',
  name: string,
  { attempts, gaps }: Loop,
): Suspicion {
  const [newest] = attempts;
  const source = `${what === 'container' ? 'ListContainers' : 'ListPodSandbox'} of ${endpoint}`;
  const evidence = attempts.slice(0, 10).map(({ id, attempt, createdAt, state }, index): Evidence => ({
    label: `attempt ${attempt}`,
    value: `${iso(createdAt)}, ${state}, ${shortId(id)}${gaps[index] === undefined ? '' : `, ${duration(gaps[index])} after the one before`}`,
    source,
  }));
  return {
    finding: {
      id: `restartLoop:${endpoint}:${what}:${name}`,
      kind: 'restartLoop',
      severity: 'warning',
      certainty: 'certain',
      title: `${what === 'container' ? 'Container' : 'The sandbox of'} ${name} is at attempt ${newest.attempt}, the last ${duration(gaps[0] ?? 0)} after the one before`,
      explanation:
        what === 'container'
          ? 'The container ends soon after each start, and the kubelet makes it anew, each time a little later.'
          : 'The kubelet makes the pod’s sandbox anew again and again. Then it is not the application that fails: the pause ' +
            'process is killed, or the network is torn down under it.',
      evidence,
      advice:
        what === 'container'
          ? 'Read the log of the last attempt that ended, and its exit code: 137 with reason OOMKilled is too little memory, ' +
            '127 or 126 a command that can’t be started, 143 an answer to SIGTERM, for example after a failed liveness probe.'
          : 'Read what the kubelet and the runtime log of this pod: SandboxChanged, CNI errors, an OOM kill of the pause process.',
      subject: { endpoint, id: newest.id },
    },
  };
}
