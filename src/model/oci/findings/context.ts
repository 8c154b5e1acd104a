/** What a spec alone doesn't tell. */
export interface FindingContext {
  readonly kind: 'container' | 'sandbox';
  /** Of the pod. */
  readonly namespace?: string;
  readonly podName?: string;
  readonly containerName?: string;
  readonly image?: string;
  /** The pod's sandbox, whose namespaces a container joins by its process, and which may have the node's own. */
  readonly sandbox?: {
    readonly pid: number;
    /** What {@link nodeNamespaces} says of its spec. */
    readonly shares: readonly string[];
  };
  /** Whether the node has AppArmor on; undefined when it isn't known. */
  readonly apparmor?: boolean;
  /** Sockets of the node's runtimes, besides the well-known ones. */
  readonly sockets?: readonly string[];
}

/** What such agents are called: network plugins, kube-proxy, and storage drivers’ node parts. */
const agents =
  /^(kube-proxy|kube-flannel|canal|calico-node|cilium|weave-net|antrea-agent|kube-router|kube-ovn|ovnkube-node|multus|aws-node|azure-cni|azure-npm|ebs-csi-node|csi-node|csi-|nodelocaldns|node-local-dns|konnectivity-agent|aws-ebs|gke-metadata|ip-masq-agent|metallb-speaker|speaker)/;

const systemNamespaces: ReadonlySet<string> = new Set([
  ...[
    'kube-system',
    'kube-flannel',
    'calico-system',
    'tigera-operator',
    'cilium',
    'kube-ovn',
    'cattle-system',
  ],
]);

/**
 * Why the platform itself would make a container like this, undefined for all others. A name is only a name, and anyone may
 * take it outside of the platform's namespaces: a label for people, never a reason to hide something.
 */
export function expectedOf(context: FindingContext): string | undefined {
  const { kind, namespace = '', podName = '', containerName = '', image = '' } = context;
  if (kind === 'sandbox') return 'a pod’s sandbox: it holds the namespaces and runs nothing but pause';
  const name = [podName, containerName, imageName(image)].find((one) => agents.test(one));
  if (systemNamespaces.has(namespace)) {
    return name === undefined
      ? `a part of the platform: namespace ${namespace}`
      : `an agent of the node: ${name}`;
  }
  if (name !== undefined) return `by its name an agent of the node, ${name}; its namespace is ${namespace}`;
  return undefined;
}

/** `kube-proxy` of `registry.k8s.io/kube-proxy:v1.34@sha256:…`. */
function imageName(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1);
  return last.replace(/[@:].*$/s, '');
}
