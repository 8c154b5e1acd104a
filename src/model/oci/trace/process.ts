import { sameStrings } from '../../proc.js';
import type { Steps } from '../../steps.js';
import type { JsonNode } from '../json.js';
import { changers, type Claim, type Tracing } from './tracing.js';
import { askedText, at, itemsOf, textOf, textsOf } from './values.js';

/** What Go's oci package gives a process that has no PATH. */
export const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const path = ['process', 'args'];

/** One part of a command line and where it was taken from. */
interface Part {
  readonly kind: Claim['kind'];
  readonly field: string;
  readonly node: JsonNode | undefined;
}

/**
 * ContainerConfig.command and args, with the image's Entrypoint and Cmd where they are missing: a command makes the
 * image's Cmd void, args alone go to its Entrypoint.
 */
export function* traceArgs(tracing: Tracing): Steps<void> {
  const found = tracing.has(...path);
  const command = tracing.wants('command');
  const args = tracing.wants('args');
  const parts: Part[] = [];
  const cri = (field: string, node: JsonNode | undefined): void => {
    if (itemsOf(node).length > 0) parts.push({ kind: 'cri', field: tracing.name(field), node });
  };
  if (itemsOf(command).length > 0) {
    cri('command', command);
    cri('args', args);
  } else {
    // containerd drops an Entrypoint that is one empty string.
    const entrypoint = tracing.imageHas('Entrypoint');
    if (!sameStrings(textsOf(entrypoint), [''])) {
      parts.push({ kind: 'image', field: 'config.Entrypoint', node: entrypoint });
    }
    if (itemsOf(args).length > 0) cri('args', args);
    else parts.push({ kind: 'image', field: 'config.Cmd', node: tracing.imageHas('Cmd') });
  }
  if (found) yield* claimArgs(tracing, found, parts);
}

function* claimArgs(tracing: Tracing, found: JsonNode, parts: readonly Part[]): Steps<void> {
  const used = parts.filter((part) => itemsOf(part.node).length > 0);
  const wanted = used.flatMap(({ node }) => textsOf(node));
  const main = used.find((part) => part.kind === 'cri') ?? used[0];
  const fromImage = parts.some((part) => part.kind === 'image');
  if (fromImage && !tracing.image) {
    const how =
      'From the image’s Entrypoint and Cmd, as far as the request says nothing; the image’s config isn’t to be had.';
    const fields = main ? [main.field] : ['config.Entrypoint'];
    tracing.claim({ path, kind: main?.kind ?? 'image', fields, how });
  } else if (!sameStrings(textsOf(found), wanted)) {
    if (main) tracing.mismatch(path, main.field, main.node ?? '');
  } else if (main) {
    const how = used.length === 1 ? 'As it is.' : `${used.map((part) => part.field).join(', then ')}.`;
    const fields = [main.field, ...used.filter((part) => part !== main).map(({ field }) => field)];
    tracing.claim({
      path,
      kind: main.kind,
      fields,
      ...(main.node ? { value: main.node } : {}),
      how,
      fits: true,
    });
    if (used.length > 1) yield* claimEach(tracing, used);
  }
}

/** Where a command line has two sources, each argument has its own. */
function* claimEach(tracing: Tracing, parts: readonly Part[]): Steps<void> {
  let index = 0;
  for (const { kind, field, node } of parts) {
    for (const [at, item] of itemsOf(node).entries()) {
      yield;
      tracing.claim({
        ...{ path: [...path, index++], kind, fields: [`${field}[${at}]`], fits: true },
        ...{ value: item, how: 'As it is.' },
      });
    }
  }
}

/** ContainerConfig.working_dir, else the image's WorkingDir, else the root. */
export function traceCwd(tracing: Tracing): void {
  const place = ['process', 'cwd'];
  const have = textOf(tracing.has(...place));
  if (have === undefined) return;
  const wanted = askedText(tracing.wants('working_dir'));
  const image = askedText(tracing.imageHas('WorkingDir'));
  const field = tracing.name('working_dir');
  if (wanted !== undefined) {
    if (wanted === have)
      tracing.claim({
        path: place,
        kind: 'cri',
        fields: [field],
        value: wanted,
        how: 'As it is.',
        fits: true,
      });
    else tracing.mismatch(place, field, wanted);
  } else if (image === have) {
    const how = 'The image’s own, since the request has none.';
    tracing.claim({
      path: place,
      kind: 'image',
      fields: ['config.WorkingDir'],
      value: image,
      how,
      fits: true,
    });
  } else if (have === '/' && image === undefined) {
    const how = tracing.image
      ? 'Neither the request nor the image has one.'
      : 'The request has none; the image isn’t to be had.';
    tracing.claim({ path: place, kind: 'default', how, ...(tracing.image ? { fits: true } : {}) });
  }
}

/**
 * process.env: the PATH that Go's oci package knows, TERM with a terminal, HOSTNAME, the image's Env, and the
 * request's envs, each overriding what came before it.
 */
export function* traceEnv(tracing: Tracing): Steps<void> {
  const asked = new Map<string, JsonNode>();
  for (const env of itemsOf(tracing.wants('envs'))) {
    asked.set(textOf(at(env, 'key')) ?? '', env);
    yield;
  }
  const image = new Set(textsOf(tracing.imageHas('Env')));
  const there = new Set<string>();
  for (const [index, item] of itemsOf(tracing.has('process', 'env')).entries()) {
    yield;
    if (item.type !== 'string') continue;
    const name = item.text.split('=', 1)[0] ?? '';
    there.add(name);
    const place = ['process', 'env', index];
    const wanted = asked.get(name);
    if (wanted) claimAsked(tracing, place, name, wanted, item.text);
    else claimOther(tracing, place, item.text, image);
  }
  for (const name of asked.keys()) {
    if (!there.has(name))
      tracing.say(envField(tracing, name), `The spec has no such variable: ${changers.any}.`);
  }
}

export const envField = (tracing: Tracing, name: string): string =>
  `${tracing.name('envs')}[${JSON.stringify(name)}]`;

function claimAsked(
  tracing: Tracing,
  place: (string | number)[],
  name: string,
  wanted: JsonNode,
  have: string,
): void {
  const value = textOf(at(wanted, 'value')) ?? '';
  const field = envField(tracing, name);
  if (have !== `${name}=${value}` && have !== `${name}=${fromBase64(value) ?? value}`) {
    tracing.mismatch(place, field, `${name}=${value}`);
    return;
  }
  const how = 'As it is; it overrides the image’s and the runtime’s own.';
  tracing.claim({ path: place, kind: 'cri', fields: [field], value: have, how, fits: true });
}

/** Newer CRI has bytes where there was a string, and Go writes bytes as base64 into JSON. */
function fromBase64(text: string): string | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}

function claimOther(
  tracing: Tracing,
  place: (string | number)[],
  have: string,
  image: ReadonlySet<string>,
): void {
  const claim = (claim: Omit<Claim, 'path'>): void => tracing.claim({ path: place, ...claim });
  const terminal = textOf(tracing.wants('tty')) === 'true';
  if (image.has(have)) {
    claim({ kind: 'image', fields: ['config.Env'], value: have, how: 'As the image has it.', fits: true });
  } else if (have.startsWith('HOSTNAME=') && tracing.context.role === 'container') {
    claimHostname(tracing, place, have.slice('HOSTNAME='.length));
  } else if (have === 'TERM=xterm' && terminal) {
    const how = 'Set for a terminal.';
    claim({ kind: 'cri', fields: [tracing.name('tty')], value: 'true', how, fits: true });
  } else if (have === defaultPath) {
    const known = tracing.image ? { fits: true } : {};
    claim({ kind: 'default', how: 'The path where neither the request nor the image has one.', ...known });
  } else if (!tracing.image) {
    const how =
      'Not in the request. It is the image’s, unless a plugin (NRI, CDI) added it: the image’s config isn’t to be had.';
    claim({ kind: 'image', fields: ['config.Env'], how });
  }
}

function claimHostname(tracing: Tracing, place: (string | number)[], have: string): void {
  const wanted = askedText(tracing.podWants('hostname'));
  const fields = ['PodSandboxConfig.hostname'];
  if (wanted !== undefined && wanted === have) {
    tracing.claim({
      path: place,
      kind: 'cri',
      fields,
      value: wanted,
      how: 'The pod’s host name.',
      fits: true,
    });
  } else if (wanted !== undefined) tracing.mismatch(place, 'PodSandboxConfig.hostname', wanted);
  else
    tracing.claim({ path: place, kind: 'default', how: 'The node’s host name: the pod’s request has none.' });
}

/** oom_score_adj; restrict_oom_score_adj keeps it from going below containerd's own. */
export function traceOomScore(tracing: Tracing): void {
  const place = ['process', 'oomScoreAdj'];
  const have = textOf(tracing.has(...place));
  const resources = tracing.wants('linux', 'resources');
  const wanted = textOf(at(resources, 'oom_score_adj')) ?? '0';
  const field = tracing.name('linux.resources.oom_score_adj');
  if (have === undefined || !resources) return;
  if (have === wanted) {
    const how = wanted === '0' ? 'The request has resources without a score: 0 is written.' : 'As it is.';
    const source =
      wanted === '0'
        ? { kind: 'default' as const }
        : { kind: 'cri' as const, fields: [field], value: wanted };
    tracing.claim({ path: place, ...source, how, fits: true });
  } else claimRestricted(tracing, Number(wanted), Number(have), field);
}

/** A score that was to be lower than containerd's own. */
export function claimRestricted(
  tracing: Tracing,
  wanted: number,
  have: number,
  field: string | undefined,
): void {
  const place = ['process', 'oomScoreAdj'];
  const restricted = textOf(at(tracing.context.settings, 'restrictOOMScoreAdj'));
  if (have > wanted && restricted !== 'false') {
    const how = `${wanted} was to be; containerd goes no lower than its own ${have} where restrict_oom_score_adj is set${restricted === 'true' ? ', as it is here' : ''}.`;
    const source =
      field === undefined ? { kind: 'default' as const } : { kind: 'cri' as const, fields: [field] };
    tracing.claim({ path: place, ...source, value: String(wanted), how });
  } else if (field !== undefined) tracing.mismatch(place, field, String(wanted), changers.resources);
}
