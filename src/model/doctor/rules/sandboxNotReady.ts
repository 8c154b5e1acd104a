import type { Sandbox } from '../../snapshot.js';
import { shortId } from '../containerId.js';
import type { Look, Suspicion } from '../look.js';
import { groupIn } from '../processIndex.js';
import { duration, iso } from './words.js';

/** CRI doesn't say since when a sandbox isn't ready; one this old has had time to be replaced. */
const longMs = 10 * 60_000;

/**
 * A sandbox that isn't ready, and no newer attempt of its pod is. Pods whose containers have all ended (Jobs) stay so
 * until they are deleted, and are left out.
 */
export function sandboxNotReady(look: Look): readonly Suspicion[] {
  return look.runtimes.flatMap(({ snapshot: { endpoint, sandboxes } }) => {
    const byPod = new Map<string, Sandbox[]>();
    for (const sandbox of sandboxes) groupIn(byPod, sandbox.uid).push(sandbox);
    return [...byPod.values()].flatMap((pod) => {
      const newest = pod.reduce((a, b) =>
        b.attempt > a.attempt || (b.attempt === a.attempt && b.createdAt > a.createdAt) ? b : a,
      );
      if (newest.state === 'ready' || look.now - newest.createdAt < longMs) return [];
      const containers = pod.flatMap((sandbox) => sandbox.containers);
      const running = newest.containers.filter(({ state }) => state === 'running');
      const done = containers.length > 0 && containers.every(({ state }) => state === 'exited');
      return done ? [] : suspicion(look, endpoint, newest, running.length);
    });
  });
}

function suspicion(look: Look, endpoint: string, sandbox: Sandbox, running: number): Suspicion {
  const { id, namespace, name, attempt, createdAt, containers } = sandbox;
  const source = `ListPodSandbox of ${endpoint}`;
  return {
    finding: {
      id: `sandboxNotReady:${endpoint}:${id}`,
      kind: 'sandboxNotReady',
      severity: running > 0 ? 'warning' : 'info',
      certainty: running > 0 ? 'certain' : 'likely',
      title:
        running > 0
          ? `The sandbox of ${namespace}/${name} is not ready, but ${running} of its containers run`
          : `The sandbox of ${namespace}/${name} is not ready and was not replaced`,
      explanation:
        running > 0
          ? 'The sandbox holds the pod’s network and is gone, so the containers that still run have no working pod around them.'
          : 'A kubelet replaces such a sandbox by a new attempt, or deletes the pod. It has done neither, though the pod’s ' +
            'containers have not simply come to their end. A pod that is about to be deleted, or was evicted, looks the same.',
      evidence: [
        { label: 'sandbox', value: `${id}, attempt ${attempt}`, source },
        { label: 'created', value: `${iso(createdAt)}, ${duration(look.now - createdAt)} ago`, source },
        {
          label: 'containers',
          value:
            containers.length === 0
              ? 'none'
              : containers
                  .slice(0, 10)
                  .map((one) => `${one.name} (${shortId(one.id)}) ${one.state}`)
                  .join(', '),
          source: `ListContainers of ${endpoint}`,
        },
      ],
      advice:
        'See what Kubernetes says of the pod: if it is gone there, the kubelet is behind with its cleaning. Else read the ' +
        'kubelet’s log for this pod; failing network set-up is the usual reason.',
      subject: { endpoint, id },
    },
  };
}
