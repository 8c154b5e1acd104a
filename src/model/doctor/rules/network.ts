import type { Evidence } from '../finding.js';
import type { Look, RuntimeLook, Suspicion } from '../look.js';
import { parsed, record, text } from '../places.js';

/** The runtime itself says that pods get no network. */
export function network(look: Look): readonly Suspicion[] {
  return look.runtimes.flatMap((runtime) => {
    const { endpoint, name, conditions } = runtime.snapshot;
    const condition = conditions.find(({ type }) => type === 'NetworkReady');
    if (condition?.status !== false) return [];
    return {
      finding: {
        id: `network:${endpoint}`,
        kind: 'network',
        severity: 'error',
        certainty: 'certain',
        title: `${name} has no network for pods: ${condition.reason === '' ? 'no reason given' : condition.reason}`,
        explanation:
          'No pod with a network of its own can start, and the kubelet reports the node as not ready. Pods that run keep ' +
          'the network they have. Mostly the network plugin’s configuration is missing because its own pod has not run yet.',
        evidence: [
          { label: 'NetworkReady', value: `false: ${condition.message}`, source: `Status of ${endpoint}` },
          ...cniEvidence(runtime),
        ],
        advice:
          'See whether the network plugin’s pod runs on this node and what it logs, and whether there is a .conf or .conflist ' +
          'file in the folder that the runtime reads. Don’t copy one from another node: it holds that node’s addresses.',
      },
    };
  });
}

/** What containerd's verbose status tells: `cniconfig` and `lastCNILoadStatus`. */
function cniEvidence({ info, snapshot: { endpoint } }: RuntimeLook): Evidence[] {
  const source = `verbose Status of ${endpoint}`;
  const config = record(parsed(info.cniconfig));
  const last = text(parsed(info.lastCNILoadStatus)) ?? info.lastCNILoadStatus;
  const folder = text(config.PluginConfDir);
  const networks = Array.isArray(config.Networks)
    ? config.Networks.map((one) => text(record(record(one).Config).Name)).filter((one) => one !== undefined)
    : undefined;
  return [
    ...(last === undefined ? [] : [{ label: 'last load of the CNI configuration', value: last, source }]),
    ...(folder === undefined ? [] : [{ label: 'configuration folder', value: folder, source }]),
    ...(networks === undefined
      ? []
      : [{ label: 'networks loaded', value: networks.join(', ') || 'none', source }]),
  ];
}
