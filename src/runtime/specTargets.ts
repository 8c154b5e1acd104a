import type { Container, RuntimeSnapshot, Sandbox } from '../model/snapshot.js';

/** A sandbox, or a container with its sandbox where that is known. */
export interface Target {
  readonly sandbox?: Sandbox;
  readonly container?: Container;
}

export function runningIn(snapshot: RuntimeSnapshot | undefined): {
  readonly sandboxes: readonly Target[];
  readonly containers: readonly Target[];
} {
  const ready = (snapshot?.sandboxes ?? []).filter(({ state }) => state === 'ready');
  const containers = (snapshot?.sandboxes ?? []).flatMap((sandbox) =>
    sandbox.containers.map((container): Target => ({ sandbox, container })),
  );
  const orphans = (snapshot?.orphans ?? []).map((container): Target => ({ container }));
  return {
    sandboxes: ready.map((sandbox) => ({ sandbox })),
    containers: [...containers, ...orphans].filter(({ container }) => container?.state === 'running'),
  };
}

export const idOf = ({ sandbox, container }: Target): string => (container ?? sandbox)?.id ?? '';

export function nameOf({ sandbox, container }: Target): string {
  const pod = sandbox ? `${sandbox.namespace}/${sandbox.name}` : '';
  return container ? [pod, container.name].filter((part) => part !== '').join(' · ') : pod;
}

export function bundleFile({ sandbox, container }: Target): string | undefined {
  const bundle = (container ?? sandbox)?.ancestry.lowLevel?.bundle;
  return bundle === undefined ? undefined : `${bundle}/config.json`;
}
