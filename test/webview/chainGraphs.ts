import type {
  ChainBox,
  ChainBoxKind,
  ChainEdge,
  ChainEdgeKind,
  ChainFact,
  ChainGraph,
  StoryStep,
} from '../../src/model/chain/graph.js';

/** Chains by hand, for the panel's tests. */
export const endpoint = 'unix:///run/containerd/containerd.sock';
export const began = Date.UTC(2026, 10, 24, 9, 58, 2, 140);

const facts = (values: Partial<Record<ChainFact['name'], string | number>>): readonly ChainFact[] =>
  Object.entries(values).map(([name, value]) => ({ name: name as ChainFact['name'], value: String(value) }));

export const box = (
  id: string,
  kind: ChainBoxKind,
  title: string,
  values: Parameters<typeof facts>[0] = {},
  extra: Partial<ChainBox> = {},
): ChainBox => ({ id, kind, title, absent: false, facts: facts(values), ...extra });

export const edge = (
  from: string,
  to: string,
  kind: ChainEdgeKind,
  proof: ChainEdge['proof'] = 'proved',
  evidence = kind === 'parent'
    ? `/proc says that ${from} is the parent of ${to}.`
    : `${from} is connected to ${to}.`,
): ChainEdge => ({ from, to, kind, proof, evidence });

const top: readonly ChainBox[] = [
  box('init', 'init', 'systemd', {
    pid: 1,
    started: began - 86_400_000,
    command: '/sbin/init',
    cgroup: '/init.scope',
  }),
  box('kubelet', 'kubelet', 'kubelet', {
    pid: 701,
    version: 'v1.33.4',
    started: began - 80_000_000,
    command:
      '/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml --kubeconfig=/etc/kubernetes/kubelet.conf',
    cgroup: '/system.slice/kubelet.service',
  }),
  box('socket', 'socket', 'containerd.sock', { path: '/run/containerd/containerd.sock' }),
  box('server', 'server', 'containerd', {
    pid: 812,
    version: 'v2.1.4',
    started: began - 80_500_000,
    command: '/usr/bin/containerd --config /etc/containerd/config.toml',
    cgroup: '/system.slice/containerd.service',
  }),
];

const topEdges: readonly ChainEdge[] = [
  edge('init', 'kubelet', 'parent'),
  edge('init', 'server', 'parent'),
  edge('kubelet', 'socket', 'cri'),
  edge('socket', 'server', 'cri'),
];

/** A pod's boxes below the server. @param index makes its ids and pids its own */
function pod(index: number, name: string, containers: readonly string[]): ChainGraph {
  const pid = 4000 + index * 20;
  const shim = `shim${index}`;
  const cgroup = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${index}b6f.slice`;
  const boxes = [
    box(shim, 'shim', 'containerd-shim-runc-v2', {
      pid,
      parent: 1,
      started: began,
      command: `/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id ${'3f2a'.repeat(16)} -address /run/containerd/containerd.sock`,
      cgroup: '/system.slice/containerd.service',
    }),
  ];
  const edges = [
    edge('init', shim, 'parent'),
    edge(
      'server',
      shim,
      'ttrpc',
      index % 2 === 0 ? 'proved' : 'inferred',
      'containerd starts a shim for each pod and calls it over ttrpc.',
    ),
  ];
  ['', ...containers].forEach((container, nth) => {
    const [low, first] = [`lowLevel:${index}-${nth}`, `first${index}-${nth}`];
    const subject = { endpoint, id: `c${index}-${nth}` };
    boxes.push(
      box(
        low,
        'lowLevel',
        'runc',
        {
          bundle: `/run/containerd/io.containerd.runtime.v2.task/k8s.io/c${index}-${nth}`,
          source: 'the shim’s working directory',
        },
        { absent: true, subject },
      ),
      box(
        first,
        container === '' ? 'sandbox' : 'container',
        container === '' ? name : `${name}/${container}`,
        {
          pid: pid + nth + 2,
          parent: pid,
          started: began + 300 * nth,
          command: container === '' ? '/pause' : `httpd -f -p 8080 -h /srv/${container}`,
          cgroup,
          ...(container === '' ? {} : { image: 'busybox:1.36' }),
        },
        { subject },
      ),
    );
    edges.push(
      edge(
        shim,
        low,
        'oci',
        'inferred',
        'The shim ran runc with the bundle’s config.json; runc has exited since.',
      ),
      edge(
        low,
        first,
        'forkExec',
        'inferred',
        'runc forked, set up namespaces and cgroups, and exec’d the first process.',
      ),
      edge(shim, first, 'parent'),
    );
  });
  return { boxes, edges, notes: [] };
}

/** The chain of a pod under containerd with one container, which has a child. */
export function podChain(): ChainGraph {
  const { boxes, edges } = pod(0, 'web-0', ['main']);
  const child = box('child', 'child', 'worker', {
    pid: 4010,
    parent: 4003,
    started: began + 900,
    command: 'worker --threads 2',
  });
  return {
    boxes: [...top, ...boxes, child],
    edges: [...topEdges, ...edges, edge('first0-1', 'child', 'parent')],
    notes: [],
  };
}

/** The chain of a node with many pods. */
export function nodeChain(pods: number): ChainGraph {
  const all = Array.from({ length: pods }, (_, index) =>
    pod(index, `web-${index}`, index % 3 === 0 ? ['main', 'proxy'] : ['main']),
  );
  return {
    boxes: [...top, ...all.flatMap(({ boxes }) => boxes)],
    edges: [...topEdges, ...all.flatMap(({ edges }) => edges)],
    notes: [],
  };
}

/** CRI by way of Docker: cri-dockerd, dockerd, containerd, and a kubelet of which nothing could be read. */
export function dockerChain(): ChainGraph {
  const { boxes, edges } = pod(0, 'web-0', ['main']);
  return {
    boxes: [
      top[0]!,
      box('kubelet', 'kubelet', 'kubelet', {}, { absent: true }),
      box('socket', 'socket', 'cri-dockerd.sock', { path: '/run/cri-dockerd.sock' }),
      box('cridockerd', 'server', 'cri-dockerd', { pid: 900, version: '0.3.16' }),
      box('docker', 'socket', 'docker.sock', { path: '/run/docker.sock' }),
      box('dockerd', 'daemon', 'dockerd', {
        pid: 910,
        version: '28.1.1',
        command: '/usr/bin/dockerd -H fd://',
      }),
      box('server', 'daemon', 'containerd', { pid: 812, version: 'v1.7.27', command: '/usr/bin/containerd' }),
      ...boxes,
    ],
    edges: [
      edge('kubelet', 'socket', 'cri', 'inferred', 'No kubelet runs here; it would use this socket.'),
      edge('socket', 'cridockerd', 'cri'),
      edge('cridockerd', 'docker', 'dockerApi'),
      edge('docker', 'dockerd', 'dockerApi'),
      edge('dockerd', 'server', 'containerdApi'),
      edge('init', 'cridockerd', 'parent'),
      edge('init', 'dockerd', 'parent'),
      edge('init', 'server', 'parent'),
      ...edges,
    ],
    notes: ['The open sockets of other users’ processes can’t be read: use sudo on this node.'],
  };
}

export const story: readonly StoryStep[] = [
  {
    text: 'The kubelet asked for the sandbox web-0 (RunPodSandbox).',
    source: 'No one keeps the time of the request.',
  },
  { text: 'containerd made the sandbox.', at: began, source: 'PodSandboxStatus.created_at' },
  { text: 'containerd started the shim, pid 4000.', at: began + 41, source: '/proc/4000/stat' },
  { text: 'The bundle was written.', at: began + 2_160, source: 'mtime of config.json' },
  { text: 'runc wrote its state.', source: 'state.json can’t be read: permission denied; use sudo.' },
  { text: 'The container’s first process started, pid 4003.', at: began + 2_420, source: '/proc/4003/stat' },
];

/** Every field that a node can fill, filled with what it should not be able to do. */
export function hostileChain(hostile: string): ChainGraph {
  const { boxes, edges } = podChain();
  return {
    boxes: boxes.map((each) => ({
      ...each,
      title: `${each.title}${hostile}`,
      facts: [
        ...each.facts.filter(({ name }) => name === 'pid'),
        ...(['command', 'cgroup', 'version', 'path', 'started'] as const).map((name) => ({
          name,
          value: hostile,
        })),
      ],
    })),
    edges: edges.map((each) => ({ ...each, evidence: hostile })),
    notes: [hostile],
  };
}

/** A containerd that somebody's shell started, as in a lab: the ways from process 1 to it and to the shim differ. */
export function deepChain(): ChainGraph {
  const { boxes, edges } = podChain();
  return {
    boxes: [...boxes, box('shell', 'init', 'bash', { pid: 50 }), box('task', 'init', 'node', { pid: 60 })],
    edges: [
      ...edges.filter(({ from, to, kind }) => !(from === 'init' && to === 'server' && kind === 'parent')),
      edge('init', 'shell', 'parent'),
      edge('shell', 'task', 'parent'),
      edge('task', 'server', 'parent'),
    ],
    notes: [],
  };
}
