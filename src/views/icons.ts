import type { ProcessRole } from '../model/process.js';
import type { Container, Sandbox } from '../model/snapshot.js';
import type { RuntimeState } from '../runtime/connection.js';
import type { EndpointState, NodeConnection } from '../runtime/nodes.js';
import type { Icon } from './viewNode.js';

// Shapes differ as well as colours, so that a state can be told without seeing colours.
const good = 'testing.iconPassed';
const warning = 'list.warningForeground';
const bad = 'list.errorForeground';
const dim = 'disabledForeground';

export function nodeIcon({ state, endpoints }: NodeConnection): Icon {
  // A machine that was searched and has no runtime, such as a laptop, is nothing to worry about.
  const none = endpoints.length > 0 && endpoints.every((endpoint) => endpoint.state === 'absent');
  return {
    connecting: { id: 'loading~spin' },
    idle: { id: 'debug-disconnect' },
    needsAuth: { id: 'key', color: 'list.warningForeground' },
    ready: { id: 'server-environment' },
    lost: { id: 'warning', color: warning },
    failed: none ? { id: 'circle-slash', color: dim } : { id: 'error', color: bad },
  }[state];
}

/** @param healthy whether the runtime says of itself that all is well */
export function runtimeIcon(state: RuntimeState, healthy: boolean): Icon {
  return {
    connecting: { id: 'loading~spin' },
    ready: healthy ? { id: 'server-process', color: good } : { id: 'server-process', color: warning },
    lost: { id: 'debug-disconnect', color: warning },
    failed: { id: 'error', color: bad },
  }[state];
}

export function endpointIcon(state: EndpointState): Icon {
  return {
    connecting: { id: 'loading~spin' },
    ready: { id: 'pass', color: good },
    lost: { id: 'debug-disconnect', color: warning },
    absent: { id: 'circle-slash', color: dim },
    denied: { id: 'lock', color: warning },
    refused: { id: 'plug', color: warning },
    hung: { id: 'watch', color: warning },
    notCri: { id: 'question', color: dim },
    failed: { id: 'error', color: bad },
  }[state];
}

/** @param whole whether each of its containers runs */
export function sandboxIcon(sandbox: Sandbox, whole: boolean, stale: boolean): Icon {
  if (sandbox.state === 'notready') return { id: 'circle-slash', color: dim };
  return { id: 'layers', color: stale ? dim : whole ? good : warning };
}

/** @param newest false for an attempt that a later one replaced */
export function containerIcon(container: Container, newest: boolean, stale: boolean): Icon {
  const icon = liveIcon(container, newest);
  return stale ? { id: icon.id, color: dim } : icon;
}

function liveIcon({ state, attempt }: Container, newest: boolean): Icon {
  switch (state) {
    case 'running':
      return { id: 'play-circle', color: attempt > 0 ? warning : good };
    case 'created':
      return { id: 'circle-outline', color: 'testing.iconQueued' };
    case 'exited':
      // Made anew before and down again: most likely a crash loop.
      return newest && attempt > 0 ? { id: 'error', color: bad } : { id: 'stop-circle', color: dim };
    case 'unknown':
      return { id: 'question', color: warning };
  }
}

export function processIcon(role: ProcessRole): Icon {
  return {
    init: { id: 'gear' },
    shim: { id: 'link' },
    monitor: { id: 'link' },
    sandbox: { id: 'pulse' },
    container: { id: 'pulse' },
    child: { id: 'circle-small-filled' },
  }[role];
}

export const lowLevelIcon: Icon = { id: 'history', color: dim };
export const reasonIcon: Icon = { id: 'info', color: dim };
