import type { Evidence } from '../finding.js';
import type { Look, Suspicion } from '../look.js';
import { parsed, record, text } from '../places.js';

/** What the runtime itself says is deprecated: containerd's condition (1.7.12, 2.0 and later), and CRI v1alpha2. */
export function deprecation(look: Look): readonly Suspicion[] {
  return look.runtimes.flatMap(({ snapshot: { endpoint, name, version, apiVersion, conditions } }) => {
    const told = conditions
      .filter(({ type, status }) => type === 'ContainerdHasNoDeprecationWarnings' && !status)
      .flatMap(({ message, reason }) => warnings(message, reason));
    const warned = told.map(([what, words]) =>
      suspicion(endpoint, what, `${name} ${version}: ${words}`, {
        label: what,
        value: words,
        source: `condition ContainerdHasNoDeprecationWarnings, Status of ${endpoint}`,
      }),
    );
    if (apiVersion !== 'v1alpha2') return warned;
    const words = 'it answers CRI v1alpha2 only, which kubelets from 1.26 on don’t speak';
    const evidence = { label: 'CRI', value: 'runtime.v1alpha2', source: `Version of ${endpoint}` };
    return [...warned, suspicion(endpoint, 'v1alpha2', `${name} ${version}: ${words}`, evidence)];
  });
}

/** The message is a JSON object of warnings by their ids (containerd internal/cri/server/status.go). */
function warnings(message: string, reason: string): (readonly [string, string])[] {
  const all = Object.entries(record(parsed(message))).flatMap(([id, words]) => {
    const said = text(words);
    return said === undefined ? [] : [[id, said] as const];
  });
  return all.length > 0 ? all : [[reason === '' ? 'deprecation' : reason, message] as const];
}

function suspicion(endpoint: string, what: string, title: string, evidence: Evidence): Suspicion {
  return {
    finding: {
      id: `deprecation:${endpoint}:${what}`,
      kind: 'deprecation',
      severity: 'info',
      certainty: 'certain',
      title,
      explanation:
        'The runtime says so itself. All works now; after an update of the runtime, or of the kubelet, it will not.',
      evidence: [evidence],
      advice:
        'Read the release notes of the version you mean to update to, and change the configuration before, on one node first.',
    },
  };
}
