import { parse as parseYaml } from 'yaml';
import type { ProcessRecord } from '../model/process.js';
import { flagOf, programOf } from '../model/runtimes/family.js';
import { NodeError, type Node } from '../node/node.js';
import { mapLimit, messageOf } from '../util/async.js';
import { parseEndpoint, type Endpoint } from './endpoint.js';

/** A place where a CRI server might listen, with all who named it. */
export interface Candidate extends Endpoint {
  readonly sources: readonly string[];
  /** Named by a person, a configuration or the kubelet, so worth showing even when nothing is there. */
  readonly configured: boolean;
}

/** Something that named an endpoint which can't be understood. */
export interface BadCandidate {
  readonly text: string;
  readonly source: string;
  readonly reason: string;
}

export interface Discovery {
  readonly candidates: readonly Candidate[];
  readonly bad: readonly BadCandidate[];
}

/** The sockets that the distributions use (facts: cri-sockets.tsv), in the order crictl tries them. */
export const wellKnown: readonly { readonly uri: string; readonly of: string }[] = [
  { uri: 'unix:///run/containerd/containerd.sock', of: 'containerd' },
  { uri: 'unix:///var/run/crio/crio.sock', of: 'CRI-O' },
  { uri: 'unix:///var/run/cri-dockerd.sock', of: 'cri-dockerd' },
  { uri: 'unix:///run/k3s/containerd/containerd.sock', of: 'k3s and RKE2' },
  { uri: 'unix:///run/k3s/cri-dockerd/cri-dockerd.sock', of: 'k3s with Docker' },
  { uri: 'unix:///run/k0s/containerd.sock', of: 'k0s' },
  { uri: 'unix:///var/snap/microk8s/common/run/containerd.sock', of: 'MicroK8s' },
  { uri: 'unix:///var/run/dockershim.sock', of: 'dockershim (kubelet before 1.24)' },
];

const wellKnownPipes: typeof wellKnown = [
  { uri: 'npipe:////./pipe/containerd-containerd', of: 'containerd' },
  { uri: 'npipe:////./pipe/cri-dockerd', of: 'cri-dockerd' },
  { uri: 'npipe:////./pipe/dockershim', of: 'dockershim (kubelet before 1.24)' },
];

/** Programs that take the kubelet's flags: the kubelet itself and the single binaries that hold it. */
const kubelets = new Set(['kubelet', 'hyperkube', 'k3s', 'k3s-server', 'k3s-agent', 'rke2', 'kubelite']);
const kubeletFiles = ['/var/lib/kubelet/config.yaml', '/var/lib/kubelet/kubeadm-flags.env'];

interface Named {
  readonly text: string;
  readonly source: string;
  readonly configured: boolean;
}

/**
 * Looks for all that names a CRI endpoint on a node: the environment, crictl's configuration, the kubelet's flags and
 * configuration, the well-known sockets. Opens none of them. What can't be read is left out.
 * @param processes the node's process table, where the kubelet's flags are found
 */
export async function discover(
  node: Node,
  processes: Iterable<ProcessRecord>,
  signal?: AbortSignal,
): Promise<Discovery> {
  const named: Named[] = [];
  const runtimeEndpoint = await node.env('CONTAINER_RUNTIME_ENDPOINT');
  if (runtimeEndpoint) {
    named.push({ text: runtimeEndpoint, source: 'CONTAINER_RUNTIME_ENDPOINT', configured: true });
  }
  named.push(...(await fromFiles(node, kubeletArguments(processes), signal)));
  const known = process.platform === 'win32' && node.kind === 'local' ? wellKnownPipes : wellKnown;
  named.push(...known.map(({ uri, of }) => ({ text: uri, source: `well known: ${of}`, configured: false })));
  return merge(node, named, signal);
}

/** The endpoint flags and configuration files on the command lines of running kubelets. */
function kubeletArguments(processes: Iterable<ProcessRecord>): { endpoints: Named[]; configs: string[] } {
  const endpoints: Named[] = [];
  const configs: string[] = [];
  for (const process of processes) {
    const { pid, comm, argv, cgroups } = process;
    if (!kubelets.has(comm) && !kubelets.has(programOf(process))) continue;
    // A pod's process may call itself what it likes, and its paths are not the node's.
    if (cgroups.some((path) => path.includes('kubepods'))) continue;
    const endpoint = flagOf(argv, 'container-runtime-endpoint');
    if (endpoint) endpoints.push({ text: endpoint, source: `flag of ${comm}, pid ${pid}`, configured: true });
    const config = flagOf(argv, 'config');
    if (config?.startsWith('/')) configs.push(config);
  }
  return { endpoints, configs };
}

async function fromFiles(
  node: Node,
  kubelet: { endpoints: Named[]; configs: string[] },
  signal?: AbortSignal,
): Promise<Named[]> {
  const crictl = (await node.env('CRI_CONFIG_FILE')) ?? '/etc/crictl.yaml';
  const paths = [...new Set([crictl, ...kubeletFiles, ...kubelet.configs])];
  const files = await node.readFiles(paths, signal);
  const named: Named[] = [...kubelet.endpoints];
  const add = (text: unknown, source: string): void => {
    if (typeof text === 'string' && text.trim() !== '') named.push({ text, source, configured: true });
  };
  for (const [path, bytes] of files) {
    if (bytes instanceof NodeError) continue;
    const text = bytes.toString('utf8');
    if (path.endsWith('.env')) add(flagOf(envArguments(text), 'container-runtime-endpoint'), path);
    else if (path === crictl) add(yamlMember(text, 'runtime-endpoint'), path);
    else add(yamlMember(text, 'containerRuntimeEndpoint'), path);
  }
  return named;
}

/** kubeadm-flags.env: `KUBELET_KUBEADM_ARGS="--a=b --c=d"`, as an argument vector. */
function envArguments(text: string): string[] {
  return ['kubelet', ...(/="?([^"\n]*)"?/.exec(text)?.[1] ?? '').split(/\s+/)];
}

function yamlMember(text: string, name: string): unknown {
  try {
    const document: unknown = parseYaml(text);
    return typeof document === 'object' && document !== null
      ? (document as Record<string, unknown>)[name]
      : undefined;
  } catch {
    return undefined;
  }
}

/** One candidate for each socket: by device and inode where the path exists, else by its spelling. */
async function merge(node: Node, named: readonly Named[], signal?: AbortSignal): Promise<Discovery> {
  const bad: BadCandidate[] = [];
  const parsed = named.flatMap((one) => {
    try {
      return [{ ...one, endpoint: parseEndpoint(one.text) }];
    } catch (error) {
      bad.push({ text: one.text, source: one.source, reason: messageOf(error) });
      return [];
    }
  });
  // Over SSH each look is a command of its own.
  const keys = await mapLimit(parsed, 4, ({ endpoint }) => socketKey(node, endpoint, signal));
  const byKey = new Map<string, { endpoint: Endpoint; sources: string[]; configured: boolean }>();
  parsed.forEach(({ endpoint, source, configured }, index) => {
    const key = keys[index] ?? endpoint.path;
    const present = byKey.get(key);
    if (present) {
      if (!present.sources.includes(source)) present.sources.push(source);
      present.configured ||= configured;
    } else byKey.set(key, { endpoint, sources: [source], configured });
  });
  const candidates = [...byKey.values()].map(({ endpoint, sources, configured }) => ({
    ...endpoint,
    sources,
    configured,
  }));
  return { candidates, bad };
}

async function socketKey(node: Node, endpoint: Endpoint, signal?: AbortSignal): Promise<string> {
  try {
    return (await node.stat(endpoint.path, signal)).identity;
  } catch {
    // /var/run is a link to /run on every system since 2012; nothing there to tell them apart by.
    return endpoint.path.replace(/^\/var\/run\//, '/run/');
  }
}
