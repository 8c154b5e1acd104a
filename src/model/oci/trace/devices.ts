import type { Steps } from '../../steps.js';
import { sameNumber } from '../difference.js';
import type { JsonNode, JsonPath } from '../json.js';
import { changers, type Tracing } from './tracing.js';
import { askedText, at, itemsOf, membersOf, textOf } from './values.js';

const privileged = (tracing: Tracing): string => tracing.name('linux.security_context.privileged');

export const deviceField = (path: string): string => `ContainerConfig.devices[${JSON.stringify(path)}]`;

/** The device of the request that a path is of: itself, or a folder above it. */
function requestOf(wanted: ReadonlyMap<string, JsonNode>, path: string): JsonNode | undefined {
  for (
    let at = path, folders = 0;
    at !== '' && folders < 16;
    at = at.slice(0, at.lastIndexOf('/')), folders++
  ) {
    const request = wanted.get(at);
    if (request || !at.includes('/')) return request;
  }
  return undefined;
}

const numbersOf = (node: JsonNode): string =>
  ['type', 'major', 'minor'].map((key) => textOf(at(node, key)) ?? '').join(' ');

/** devices[] as linux.devices and as rules of linux.resources.devices; all of the node's where privileged. */
export function* traceDevices(tracing: Tracing): Steps<void> {
  const asked = itemsOf(tracing.wants('devices'));
  const wanted = new Map(asked.map((device) => [textOf(at(device, 'container_path')) ?? '', device]));
  const byNumbers = new Map<string, JsonNode>();
  const there = new Set<JsonNode>();
  for (const [index, node] of itemsOf(tracing.has('linux', 'devices')).entries()) {
    yield;
    const path = ['linux', 'devices', index];
    const request = requestOf(wanted, textOf(at(node, 'path')) ?? '');
    if (request) {
      byNumbers.set(numbersOf(node), request);
      there.add(request);
      const fields = [fieldOf(request)];
      const how = 'The path is container_path; kind, numbers and mode are those of host_path on the node.';
      tracing.claim({ path, kind: 'cri', fields, value: request, how, fits: true });
    } else if (tracing.privileged) {
      const how = 'A privileged container gets every device of the node.';
      tracing.claim({ path, kind: 'cri', fields: [privileged(tracing)], value: 'true', how });
    }
  }
  for (const request of asked) {
    if (!there.has(request)) tracing.say(fieldOf(request), `The spec has no such device: ${changers.any}.`);
  }
  for (const [index, node] of itemsOf(tracing.has('linux', 'resources', 'devices')).entries()) {
    yield;
    claimRule(tracing, ['linux', 'resources', 'devices', index], node, byNumbers);
  }
}

const fieldOf = (request: JsonNode): string => deviceField(textOf(at(request, 'container_path')) ?? '');

function claimRule(
  tracing: Tracing,
  path: JsonPath,
  node: JsonNode,
  devices: ReadonlyMap<string, JsonNode>,
): void {
  const allow = textOf(at(node, 'allow')) === 'true';
  const access = textOf(at(node, 'access')) ?? '';
  const any = ['major', 'minor'].every((key) => textOf(at(node, key)) === undefined);
  const request = devices.get(numbersOf(node));
  if (!allow && any && access === 'rwm' && path.at(-1) === 0) {
    const how = 'All devices are refused first; the low-level runtime allows the harmless ones by itself.';
    tracing.claim({ path, kind: 'default', how, fits: true });
  } else if (allow && request) {
    const wanted = textOf(at(request, 'permissions')) ?? '';
    if (wanted === access) {
      const how = 'The access is permissions; kind and numbers are those of the device.';
      tracing.claim({ path, kind: 'cri', fields: [fieldOf(request)], value: wanted, how, fits: true });
    } else tracing.mismatch(path, fieldOf(request), wanted);
  } else if (allow && any && access === 'rwm' && tracing.privileged) {
    const how = 'A privileged container may use every device.';
    tracing.claim({ path, kind: 'cri', fields: [privileged(tracing)], value: 'true', how, fits: true });
  } else if (allow && tracing.privileged) {
    const how = 'A privileged container gets every device of the node.';
    tracing.claim({ path, kind: 'cri', fields: [privileged(tracing)], value: 'true', how });
  }
}

/** CDI_devices: what they bring is in files of the node, so only that something was added can be told. */
export function* asksForCdi(tracing: Tracing): Generator<string, void> {
  for (const device of itemsOf(tracing.wants('CDI_devices'))) {
    yield `${tracing.name('CDI_devices')}[${JSON.stringify(textOf(at(device, 'name')) ?? '')}]`;
  }
  for (const [key] of membersOf(tracing.wants('annotations'))) {
    if (key.startsWith('cdi.k8s.io/')) yield `${tracing.name('annotations')}[${JSON.stringify(key)}]`;
  }
}

/** hugepage_limits[] by page size. */
export function* traceHugepages(tracing: Tracing): Steps<void> {
  const wanted = new Map(
    itemsOf(tracing.wants('linux', 'resources', 'hugepage_limits')).map((limit) => [
      textOf(at(limit, 'page_size')) ?? '',
      textOf(at(limit, 'limit')) ?? '0',
    ]),
  );
  const field = (size: string): string =>
    `${tracing.name('linux.resources.hugepage_limits')}[${JSON.stringify(size)}]`;
  const there = new Set<string>();
  for (const [index, node] of itemsOf(tracing.has('linux', 'resources', 'hugepageLimits')).entries()) {
    yield;
    const size = textOf(at(node, 'pageSize')) ?? '';
    const want = wanted.get(size);
    const path = ['linux', 'resources', 'hugepageLimits', index];
    there.add(size);
    if (want === undefined) continue;
    if (sameNumber(textOf(at(node, 'limit')) ?? '0', want)) {
      tracing.claim({ path, kind: 'cri', fields: [field(size)], value: want, how: 'As it is.', fits: true });
    } else tracing.mismatch(path, field(size), want, changers.resources);
  }
  for (const size of wanted.keys()) {
    if (!there.has(size))
      tracing.say(
        field(size),
        'The spec has none: the node has no hugetlb controller, or containerd was told to do without it.',
      );
  }
}

/** unified, key by key (cgroup v2). */
export function* traceUnified(tracing: Tracing): Steps<void> {
  for (const [key, node] of membersOf(tracing.wants('linux', 'resources', 'unified'))) {
    yield;
    const field = `${tracing.name('linux.resources.unified')}[${JSON.stringify(key)}]`;
    const path = ['linux', 'resources', 'unified', key];
    const found = tracing.has(...path);
    if (!found) tracing.say(field, `The spec has none: ${changers.resources}.`);
    else if (textOf(found) === textOf(node)) {
      tracing.claim({ path, kind: 'cri', fields: [field], value: node, how: 'As it is.', fits: true });
    } else tracing.mismatch(path, field, node, changers.resources);
  }
}

/** memory_swap_limit_in_bytes; with a memory limit alone, the same again, which allows no swap. */
export function traceSwap(tracing: Tracing): void {
  const path = ['linux', 'resources', 'memory', 'swap'];
  const text = (last: string): string | undefined => askedText(tracing.wants('linux', 'resources', last));
  const have = textOf(tracing.has(...path));
  const swap = text('memory_swap_limit_in_bytes');
  const limit = text('memory_limit_in_bytes');
  const field = tracing.name(
    `linux.resources.${swap === undefined ? 'memory_limit_in_bytes' : 'memory_swap_limit_in_bytes'}`,
  );
  const want = swap ?? limit;
  if (want === undefined) return;
  if (have === undefined) {
    if (swap !== undefined) tracing.say(field, 'The spec has none: the node has no swap controller.');
  } else if (sameNumber(have, want)) {
    const how = swap === undefined ? 'The memory limit again, which allows no swap.' : 'As it is.';
    tracing.claim({ path, kind: 'cri', fields: [field], value: want, how, fits: true });
  } else tracing.mismatch(path, field, want, changers.resources);
}

/** PodSandboxConfig.linux.cgroup_parent and the id: below a folder, or as a systemd scope. */
export function traceCgroup(tracing: Tracing): void {
  const path = ['linux', 'cgroupsPath'];
  const have = textOf(tracing.has(...path));
  const parent = askedText(tracing.podWants('linux', 'cgroup_parent'));
  const { id } = tracing.context;
  const field = 'PodSandboxConfig.linux.cgroup_parent';
  if (have === undefined) return;
  if (parent === undefined) {
    if (have === `/k8s.io/${id}` && tracing.podWants('metadata')) {
      tracing.claim({
        path,
        kind: 'default',
        how: 'containerd’s namespace and the id: the pod’s request names no parent.',
        fits: true,
      });
    }
    return;
  }
  const base = parent.split('/').findLast((part) => part !== '') ?? '';
  const want = base.endsWith('.slice')
    ? `${base}:cri-containerd:${id}`
    : `${parent.replace(/\/+$/, '')}/${id}`;
  if (have === want) {
    const how = 'The pod’s parent and this one’s id.';
    tracing.claim({ path, kind: 'cri', fields: [field], value: parent, how, fits: true });
  } else tracing.mismatch(path, field, parent);
}
