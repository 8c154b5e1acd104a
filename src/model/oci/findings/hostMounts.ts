import type { JsonNode, JsonPath } from '../json.js';
import { below, cleanPath, lastStep } from '../paths.js';
import { lastOf } from '../reality/mountWords.js';
import { itemsAt, textAt, textsAt } from '../values.js';
import type { Found, Rule } from './rule.js';

/** Where runtimes listen (discovery of this extension, and the runtimes' own defaults). */
const knownSockets = [
  '/run/containerd/containerd.sock',
  '/run/crio/crio.sock',
  '/run/docker.sock',
  '/run/cri-dockerd.sock',
  '/run/dockershim.sock',
  '/run/k3s/containerd/containerd.sock',
  '/run/k0s/containerd.sock',
  '/run/podman/podman.sock',
  '/var/snap/microk8s/common/run/containerd.sock',
];

const socketNames: ReadonlySet<string> = new Set(knownSockets.map(lastStep));

interface HostMount {
  readonly path: JsonPath;
  readonly source: string;
  readonly destination: string;
  readonly writable: boolean;
  readonly recursive: boolean;
}

function hostMounts(spec: JsonNode): HostMount[] {
  return itemsAt(spec, ['mounts']).flatMap((item, index): HostMount[] => {
    const options = textsAt(item, ['options']);
    const bind = textAt(item, ['type']) === 'bind' || options.includes('bind') || options.includes('rbind');
    const written = textAt(item, ['source']) ?? '';
    if (!bind || !written.startsWith('/')) return [];
    const source = throughRun(cleanPath(written));
    const destination = cleanPath(textAt(item, ['destination']) ?? '');
    if (isOwn(source, destination)) return [];
    return [
      {
        path: ['mounts', index],
        source,
        destination,
        writable: !isReadonly(options),
        recursive: options.includes('rbind'),
      },
    ];
  });
}

/** Of options that undo each other the last one counts. */
export const isReadonly = (options: readonly string[]): boolean =>
  lastOf(options, ['ro', 'rro'], ['rw', 'rrw']);

/** /var/run is a link to /run on every system with containers. */
const throughRun = (path: string): string => {
  const rest = below(path, '/var/run');
  return rest === undefined ? path : rest === '' ? '/run' : `/run/${rest}`;
};

/** A folder of the kubelet's for one pod: volumes, hosts file, termination log. */
const podFolder =
  /\/pods\/([0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32})\/(volumes|volume-subpaths|containers|plugins|etc-hosts)(\/|$)/;

/** Files that runtimes put into every container. */
const runtimeFiles: ReadonlySet<string> = new Set([
  ...[
    '/etc/hosts',
    '/etc/hostname',
    '/etc/resolv.conf',
    '/etc/mtab',
    '/dev/shm',
    '/run/.containerenv',
    '/run/secrets',
  ],
  ...['/etc/passwd', '/etc/group', '/dev/termination-log'],
]);

function isOwn(source: string, destination: string): boolean {
  const place = throughRun(destination);
  // The same path on both sides is the node's own file.
  return podFolder.test(source) || (runtimeFiles.has(place) && source !== place);
}

/** Folders in which everything is what the node runs by. */
const sensitiveTrees = [
  ...[
    '/etc',
    '/root',
    '/boot',
    '/usr',
    '/bin',
    '/sbin',
    '/lib',
    '/lib64',
    '/opt/cni',
    '/proc',
    '/sys',
    '/var/lib/cni',
  ],
  ...['/var/lib/kubelet', '/var/lib/containerd', '/var/lib/containers', '/var/lib/docker', '/var/lib/etcd'],
  ...['/var/lib/rancher', '/var/spool/cron', '/run/containerd', '/run/crio', '/run/systemd', '/run/dbus'],
];
/** Those that hold such folders, while most of what is in them is harmless. */
const sensitiveFolders: ReadonlySet<string> = new Set([
  '/',
  '/dev',
  '/home',
  '/opt',
  '/run',
  '/var',
  '/var/lib',
]);

const isSensitive = (source: string): boolean =>
  sensitiveFolders.has(source) || sensitiveTrees.some((folder) => below(source, folder) !== undefined);

export const hostMountRule: Rule = (spec) =>
  hostMounts(spec).flatMap(({ path, source, writable }): Found[] => {
    if (writable) {
      const close = isSensitive(source);
      const title = source === '/' ? 'All files of the node, writable' : 'Writable files of the node';
      const reason = close
        ? 'It can change what the node itself runs by, and so become root on it.'
        : 'What it writes there outlives it, and other containers or the node may read it.';
      return [{ kind: 'hostMount', severity: close ? 'high' : 'medium', title, reason, path, value: source }];
    }
    if (source !== '/') return [];
    const reason = 'It can read every file of the node, secrets of other pods too.';
    return [
      { kind: 'hostMount', severity: 'medium', title: 'All files of the node', reason, path, value: source },
    ];
  });

export const runtimeSocket: Rule = (spec, context) => {
  const sockets = [...knownSockets, ...(context.sockets ?? []).map((path) => throughRun(cleanPath(path)))];
  return hostMounts(spec).flatMap((mount): Found[] => {
    const socket = socketIn(mount, sockets);
    if (socket === undefined) return [];
    const itself = socket === mount.source;
    return [
      {
        kind: 'runtimeSocket',
        severity: 'high',
        title: itself ? 'Socket of a container runtime' : 'A folder with the socket of a container runtime',
        reason:
          'Who may connect to it can start a privileged container, so is root on the node; a read-only mount doesn’t prevent that.' +
          (itself ? '' : ` ${socket} would be in it.`),
        path: mount.path,
        value: mount.source,
      },
    ];
  });
};

function socketIn({ source, recursive }: HostMount, sockets: readonly string[]): string | undefined {
  if (socketNames.has(lastStep(source)) || sockets.includes(source)) return source;
  const inside = sockets.find((socket) => below(socket, source) !== undefined);
  // /run is a file system of its own, which is only in a recursive bind of what is above it.
  return inside !== undefined && (recursive || below(source, '/run') !== undefined) ? inside : undefined;
}
