import { parse as parseYaml } from 'yaml';
import type { ProcessRecord } from '../model/process.js';
import { flagOf, programOf } from '../model/runtimes/family.js';
import { NodeError, type Node } from '../node/node.js';
import { messageOf } from '../util/async.js';
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
const endpointVariable = 'CONTAINER_RUNTIME_ENDPOINT';
const crictlFile = '/etc/crictl.yaml';
const kubeletFiles = ['/var/lib/kubelet/config.yaml', '/var/lib/kubelet/kubeadm-flags.env'];

interface Named {
  readonly text: string;
  readonly source: string;
  readonly configured: boolean;
}

export interface DiscoverOptions {
  /** Called with what is found before the process table is there: it has its place in the result, under the same URI. */
  readonly early?: (found: Discovery) => void;
  readonly signal?: AbortSignal;
}

/**
 * Looks for all that names a CRI endpoint on a node: the environment, crictl's configuration, the kubelet's flags and
 * configuration, the well-known sockets. Opens none of them. What can't be read is left out.
 * @param processes the node's process table, where the kubelet's flags are found
 */
export async function discover(
  node: Node,
  processes: Iterable<ProcessRecord> | Promise<Iterable<ProcessRecord>>,
  { early, signal }: DiscoverOptions = {},
): Promise<Discovery> {
  const { environment, files } = await fromSession(node, signal);
  const known = process.platform === 'win32' && node.kind === 'local' ? wellKnownPipes : wellKnown;
  const places = known.map(({ uri, of }) => ({ text: uri, source: `well known: ${of}`, configured: false }));
  const sockets = new Sockets(node, signal);
  const found = await merge(sockets, [...environment, ...files, ...places]);
  early?.(found);
  const kubelet = kubeletArguments(await processes);
  const configs = kubelet.configs.filter((path) => !kubeletFiles.includes(path));
  const more = fromFiles(await node.readFiles([...new Set(configs)], signal));
  if (kubelet.endpoints.length + more.length === 0) return found;
  return merge(sockets, [...environment, ...kubelet.endpoints, ...files, ...more, ...places]);
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

/** What the environment and the files say that are where they always are. */
async function fromSession(
  node: Node,
  signal?: AbortSignal,
): Promise<{ readonly environment: readonly Named[]; readonly files: readonly Named[] }> {
  const [endpoint, named, usual] = await Promise.all([
    node.env(endpointVariable),
    node.env('CRI_CONFIG_FILE'),
    node.readFiles([crictlFile, ...kubeletFiles], signal),
  ]);
  const crictl = named ?? crictlFile;
  const own = crictl === crictlFile ? usual : await node.readFiles([crictl], signal);
  const files = new Map([[crictl, own.get(crictl)], ...[...usual].filter(([path]) => path !== crictlFile)]);
  return {
    environment: endpoint ? [{ text: endpoint, source: endpointVariable, configured: true }] : [],
    files: fromFiles(files, crictl),
  };
}

/** @param crictl which of the files is crictl's; the others are the kubelet's */
function fromFiles(files: ReadonlyMap<string, Buffer | NodeError | undefined>, crictl?: string): Named[] {
  const named: Named[] = [];
  for (const [path, bytes] of files) {
    if (bytes === undefined || bytes instanceof NodeError) continue;
    const text = endpointIn(path, bytes.toString('utf8'), path === crictl);
    if (typeof text === 'string' && text.trim() !== '') named.push({ text, source: path, configured: true });
  }
  return named;
}

function endpointIn(path: string, text: string, isCrictl: boolean): unknown {
  if (path.endsWith('.env')) return flagOf(envArguments(text), 'container-runtime-endpoint');
  return yamlMember(text, isCrictl ? 'runtime-endpoint' : 'containerRuntimeEndpoint');
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

/** One candidate for each socket. */
async function merge(sockets: Sockets, named: readonly Named[]): Promise<Discovery> {
  const bad: BadCandidate[] = [];
  const parsed = named.flatMap((one) => {
    try {
      return [{ ...one, endpoint: parseEndpoint(one.text) }];
    } catch (error) {
      bad.push({ text: one.text, source: one.source, reason: messageOf(error) });
      return [];
    }
  });
  const keys = await Promise.all(parsed.map(({ endpoint }) => sockets.key(endpoint)));
  const byKey = new Map<string, { endpoint: Endpoint; sources: string[]; configured: boolean }>();
  parsed.forEach(({ endpoint, source, configured }, index) => {
    const key = keys[index] ?? endpoint.path;
    const present = byKey.get(key);
    if (present) {
      if (!present.sources.includes(source)) present.sources.push(source);
      present.configured ||= configured;
    } else byKey.set(key, { endpoint: sockets.spelling(key, endpoint), sources: [source], configured });
  });
  const candidates = [...byKey.values()].map(({ endpoint, sources, configured }) => ({
    ...endpoint,
    sources,
    configured,
  }));
  return { candidates, bad };
}

/** Tells sockets apart, each looked at once, by device and inode where the path exists, else by its spelling. */
class Sockets {
  readonly #node: Node;
  readonly #signal: AbortSignal | undefined;
  readonly #keys = new Map<string, Promise<string>>();
  readonly #spellings = new Map<string, Endpoint>();

  constructor(node: Node, signal: AbortSignal | undefined) {
    this.#node = node;
    this.#signal = signal;
  }

  key({ path }: Endpoint): Promise<string> {
    const key = this.#keys.get(path) ?? this.#look(path);
    this.#keys.set(path, key);
    return key;
  }

  /** How the socket was written first. */
  spelling(key: string, endpoint: Endpoint): Endpoint {
    const first = this.#spellings.get(key) ?? endpoint;
    this.#spellings.set(key, first);
    return first;
  }

  async #look(path: string): Promise<string> {
    try {
      return (await this.#node.stat(path, this.#signal)).identity;
    } catch {
      // /var/run is a link to /run on every system since 2012; nothing there to tell them apart by.
      return path.replace(/^\/var\/run\//, '/run/');
    }
  }
}
