import type { Steps } from '../../steps.js';
import type { JsonNode, JsonPath } from '../json.js';
import { sameMapping } from './mounts.js';
import type { Claim, Tracing } from './tracing.js';
import { askedText, at, itemsOf, textOf } from './values.js';

/** NamespaceMode. */
const modes = ['POD', 'CONTAINER', 'NODE', 'TARGET'];

/** Files below /proc/PID/ns by OCI's names. */
const files: ReadonlyMap<string, string> = new Map([
  ['network', 'net'],
  ['ipc', 'ipc'],
  ['uts', 'uts'],
  ['pid', 'pid'],
  ['user', 'user'],
]);

const context = ['linux', 'security_context', 'namespace_options'] as const;
const field = (tracing: Tracing, last: string): string => tracing.name([...context, last].join('.'));

interface Listed {
  readonly type: string;
  /** The namespace file that it joins, if it does. */
  readonly joined: string | undefined;
  readonly path: JsonPath;
}

function* listed(tracing: Tracing): Generator<Listed, void> {
  for (const [index, node] of itemsOf(tracing.has('linux', 'namespaces')).entries()) {
    const type = textOf(at(node, 'type')) ?? '';
    yield { type, joined: askedText(at(node, 'path')), path: ['linux', 'namespaces', index] };
  }
}

/** linux.namespaces of a container: those of the pod are joined through its first process. */
export function* traceNamespaces(tracing: Tracing): Steps<void> {
  for (const { type, joined, path } of listed(tracing)) {
    yield;
    if (type === 'mount' || type === 'cgroup') claimOwn(tracing, path, type, joined);
    else if (type === 'pid') claimPid(tracing, path, joined);
    else if (type === 'user') claimJoined(tracing, path, type, joined, 'userns_options');
    else if (type === 'uts') claimJoined(tracing, path, type, joined, undefined);
    else if (files.has(type)) claimJoined(tracing, path, type, joined, type);
  }
  claimMissing(tracing);
}

function claimOwn(tracing: Tracing, path: JsonPath, type: string, joined: string | undefined): void {
  if (joined !== undefined) return;
  const how =
    type === 'mount'
      ? 'Every container has its own.'
      : 'Containers that aren’t privileged have their own on cgroup v2.';
  tracing.claim({ path, kind: 'default', how, fits: true });
}

/** Whether a path is the pod's namespace; undefined where the pod's process isn't known. */
function isPods(tracing: Tracing, type: string, joined: string): boolean | undefined {
  const file = files.get(type) ?? '';
  const pid = tracing.context.sandboxPid;
  if (pid !== undefined) return joined === `/proc/${pid}/ns/${file}`;
  return new RegExp(`^/proc/\\d+/ns/${file}$`).test(joined) ? undefined : false;
}

function claimJoined(
  tracing: Tracing,
  path: JsonPath,
  type: string,
  joined: string | undefined,
  option: string | undefined,
): void {
  const fits = joined === undefined ? false : isPods(tracing, type, joined);
  if (fits === false) return;
  const wanted = option === undefined ? undefined : tracing.wants(...context, option);
  const mode = modes[Number(askedText(wanted) ?? 0)] ?? '';
  const node = mode === 'NODE' ? 'The pod’s, which is the node’s' : 'The pod’s';
  const how = `${node}, joined through its first process${fits === undefined ? ', which isn’t known any more' : ''}.`;
  const claim: Claim = { path, kind: 'default', how, ...(fits === undefined ? {} : { fits }) };
  const message = tracing.wants(...context);
  if (option === undefined || !message) tracing.claim(claim);
  else
    tracing.claim({
      ...claim,
      kind: 'cri',
      fields: [field(tracing, option)],
      value: option === 'userns_options' && wanted ? wanted : mode,
    });
}

function claimPid(tracing: Tracing, path: JsonPath, joined: string | undefined): void {
  const wanted = askedText(tracing.wants(...context, 'pid'));
  const name = field(tracing, 'pid');
  if (wanted === '1' && joined === undefined) {
    tracing.claim({
      path,
      kind: 'cri',
      fields: [name],
      value: 'CONTAINER',
      how: 'A new one of its own.',
      fits: true,
    });
  } else if (wanted === '3' && joined !== undefined && /^\/proc\/\d+\/ns\/pid$/.test(joined)) {
    const fields = [name, field(tracing, 'target_id')];
    const how = 'That of the target container, joined through its first process.';
    tracing.claim({ path, kind: 'cri', fields, value: 'TARGET', how });
  } else if (wanted === '1' || wanted === '3') {
    tracing.mismatch(path, name, modes[Number(wanted)] ?? '');
  } else claimJoined(tracing, path, 'pid', joined, 'pid');
}

/** What the list lacks is the node's; the panel shows that too. */
export function claimMissing(tracing: Tracing): void {
  const how =
    'A namespace that isn’t listed is the node’s. User namespaces come with userns_options; a cgroup namespace only with cgroup v2; a time namespace never.';
  tracing.claim({ path: ['linux', 'namespaces'], kind: 'default', how });
}

/** userns_options.uids and gids as linux.uidMappings and gidMappings. */
export function* traceMappings(tracing: Tracing): Steps<void> {
  const pairs = [
    ['uids', 'uidMappings'],
    ['gids', 'gidMappings'],
  ] as const;
  for (const [from, key] of pairs) {
    const wanted = itemsOf(tracing.wants(...context, 'userns_options', from));
    const name = field(tracing, `userns_options.${from}`);
    for (const [index, node] of itemsOf(tracing.has('linux', key)).entries()) {
      yield;
      const asked = wanted[index];
      const path = ['linux', key, index];
      if (asked && sameMapping(asked, node)) {
        tracing.claim({ path, kind: 'cri', fields: [name], value: asked, how: 'As it is.', fits: true });
      } else if (asked) tracing.mismatch(path, name, asked);
    }
  }
}

/** linux.namespaces of a sandbox: new ones, but those that were asked to be the node's are left out. */
export function* traceSandboxNamespaces(tracing: Tracing): Steps<void> {
  const message = tracing.wants(...context);
  for (const { type, joined, path } of listed(tracing)) {
    yield;
    if (type === 'mount' || type === 'cgroup') claimOwn(tracing, path, type, joined);
    else if (type === 'user') claimUser(tracing, path, joined);
    else claimNew(tracing, path, type, joined, message);
  }
  claimMissing(tracing);
  for (const option of ['network', 'pid', 'ipc']) {
    if (textOf(tracing.wants(...context, option)) === '2') {
      tracing.say(field(tracing, option), 'NODE: the sandbox gets none of its own, so the spec lists none.');
    }
  }
}

function claimNew(
  tracing: Tracing,
  path: JsonPath,
  type: string,
  joined: string | undefined,
  message: JsonNode | undefined,
): void {
  const option = type === 'uts' ? 'network' : type;
  if (!['network', 'pid', 'ipc'].includes(option)) return;
  const mode = askedText(at(message, option)) ?? '0';
  if (mode === '2' || (type === 'network') !== (joined !== undefined)) return;
  const how =
    type === 'network'
      ? 'The network namespace that was made for the pod and given to CNI.'
      : 'A new one for the pod.';
  const source = message
    ? { kind: 'cri' as const, fields: [field(tracing, option)], value: modes[Number(mode)] ?? '' }
    : { kind: 'default' as const };
  // The name of a network namespace is drawn at random: only its kind can be checked.
  tracing.claim({ path, ...source, how, ...(type === 'network' ? {} : { fits: true }) });
}

function claimUser(tracing: Tracing, path: JsonPath, joined: string | undefined): void {
  const wanted = tracing.wants(...context, 'userns_options');
  if (!wanted) return;
  const how = 'The pod’s own user namespace.';
  const fields = [field(tracing, 'userns_options')];
  tracing.claim({
    path,
    kind: 'cri',
    fields,
    value: wanted,
    how,
    ...(joined === undefined ? { fits: true } : {}),
  });
}
