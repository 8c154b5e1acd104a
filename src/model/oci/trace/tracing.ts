import type { Origin, OriginKind } from '../insight.js';
import type { JsonNode, JsonPath } from '../json.js';
import { looksSecret, secretName } from '../secrets.js';
import { at, quote, shownValue, textOf } from './values.js';

/** What is known besides the spec, the request and the image. */
export interface TraceContext {
  readonly role: 'container' | 'sandbox';
  readonly id: string;
  /** VersionResponse.runtime_name: `containerd`, `cri-o`, `docker`. */
  readonly runtime: string;
  /** The PodSandboxConfig of a container's pod. */
  readonly sandboxRequest?: JsonNode;
  readonly sandboxId?: string;
  /** Of the pod's first process; its namespaces are the pod's. */
  readonly sandboxPid?: number;
  /** Names and digests of the container's image in the runtime's store. */
  readonly imageNames?: readonly string[];
  /** The runtime's own `config` of the verbose CRI Status. */
  readonly settings?: JsonNode;
  /** The runtime handler of the pod; the default one's name or empty for the default. */
  readonly handler?: string;
  /** Why there is no request or no image config. */
  readonly notes?: readonly string[];
}

/** What a rule found of one value of the spec. */
export interface Claim {
  readonly path: JsonPath;
  readonly kind: OriginKind;
  /** Fields whose values made this one, the telling one first; whole names. */
  readonly fields?: readonly string[];
  readonly value?: JsonNode | string;
  readonly how: string;
  /** Whether what the sources make of it is what is there. Absent where that can't be reckoned. */
  readonly fits?: boolean;
}

/** Who may have changed a value after the runtime made it of the request. */
export const changers = {
  any: 'a plugin (NRI, CDI), a hook or a wrapper around the low-level runtime may have changed it',
  resources: 'a later UpdateContainerResources or a plugin (NRI) may have changed it',
} as const;

/** A tracing under way: the sources, and what was found of each value and of each field. */
export class Tracing {
  readonly #origins = new Map<string, Origin>();
  readonly #became = new Map<string, Map<string, JsonPath>>();
  readonly #said = new Map<string, string>();

  constructor(
    readonly spec: JsonNode,
    readonly request: JsonNode | undefined,
    readonly image: JsonNode | undefined,
    readonly context: TraceContext,
  ) {}

  /** Of the spec. */
  has(...path: JsonPath): JsonNode | undefined {
    return at(this.spec, ...path);
  }

  /** Of the request. */
  wants(...path: JsonPath): JsonNode | undefined {
    return at(this.request, ...path);
  }

  /** Of the pod's request, whichever is traced. */
  podWants(...path: JsonPath): JsonNode | undefined {
    return at(this.context.role === 'sandbox' ? this.request : this.context.sandboxRequest, ...path);
  }

  /** Of the image's config. */
  imageHas(key: string): JsonNode | undefined {
    return at(this.image, 'config', key);
  }

  /** A field's whole name: `ContainerConfig.linux.resources.cpu_shares`. */
  name(field: string): string {
    return `${this.context.role === 'sandbox' ? 'PodSandboxConfig' : 'ContainerConfig'}.${field}`;
  }

  get privileged(): boolean {
    return textOf(this.wants('linux', 'security_context', 'privileged')) === 'true';
  }

  /** Notes where a value came from. The first claim of a path stands. */
  claim(claim: Claim): void {
    for (const field of claim.fields ?? []) this.#remember(field, claim);
    const key = JSON.stringify(claim.path);
    if (!this.#origins.has(key)) this.#origins.set(key, originOf(claim));
  }

  /** A value that isn't what the sources make of it. */
  mismatch(path: JsonPath, field: string, wanted: JsonNode | string, by: string = changers.any): void {
    const found = this.has(...path);
    const hidden = isSecretAt(path, wanted) || (found !== undefined && isSecretAt(path, found));
    const said = hidden
      ? 'The request says one value, the spec has another'
      : `The request says ${quote(wanted)}; the spec has ${quote(found)}`;
    this.claim({
      path,
      kind: 'unknown',
      fields: [field],
      value: wanted,
      how: `${said}: ${by}.`,
      fits: false,
    });
  }

  /** What became of a field that left no value. The first word stands. */
  say(field: string, how: string): void {
    if (!this.#said.has(field)) this.#said.set(field, how);
  }

  isClaimed(path: JsonPath): boolean {
    return this.#origins.has(JSON.stringify(path));
  }

  get origins(): Origin[] {
    return [...this.#origins.values()];
  }

  becameOf(field: string): JsonPath[] {
    return [...(this.#became.get(field)?.values() ?? [])];
  }

  howOf(field: string): string | undefined {
    return this.#said.get(field);
  }

  #remember(field: string, { path, how }: Claim): void {
    const paths = this.#became.get(field) ?? new Map<string, JsonPath>();
    paths.set(JSON.stringify(path), path);
    this.#became.set(field, paths);
    this.say(field, how);
  }
}

function originOf({ path, kind, fields, value, how, fits }: Claim): Origin {
  return {
    path,
    kind,
    ...(fields?.[0] === undefined ? {} : { field: fields[0] }),
    ...(value === undefined ? {} : maskable(path, value)),
    how,
    proof: fits === true ? 'checked' : 'rule',
  };
}

/** A value for a view: text, or only that there is one. */
export function maskable(
  path: JsonPath,
  value: JsonNode | string,
): { readonly value: string } | { readonly secret: true } {
  return isSecretAt(path, value)
    ? { secret: true }
    : { value: typeof value === 'string' ? value : shownValue(value) };
}

/** Text looked at in one value; more of it counts as secret, since nobody looked. */
const mostLookedAt = 40_000;

/** By the value's looks, its name's, and those of what is inside. Of env the name is in the value. */
export function isSecretAt(path: JsonPath, value: JsonNode | string): boolean {
  const key = path.findLast((step) => typeof step === 'string') ?? '';
  if (typeof value === 'string') return isSecretText(key, value);
  const waiting: (readonly [string, JsonNode])[] = [[key, value]];
  let looked = 0;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [name, node] = next;
    if ((looked += 20) > mostLookedAt) return true;
    if (node.type === 'array') {
      if (node.items.length > mostLookedAt / 20) return true;
      if (node.items.some((_, index) => followsSecretOption(node.items, index))) return true;
      for (const item of node.items) waiting.push([name, item]);
    } else if (node.type === 'object') {
      for (const member of node.members) waiting.push(member);
    } else {
      looked += Math.min(node.text.length, 8192);
      if (isSecretText(name, node.text)) return true;
    }
  }
  return false;
}

function isSecretText(name: string, text: string): boolean {
  return looksSecret(name, text) || isSecretAssignment(text);
}

/** `NAME=value` and `--name=value`. */
function isSecretAssignment(text: string): boolean {
  const [, name = '', value = ''] = /^-{0,2}([\w.-]{1,200})=(.*)$/s.exec(text) ?? [];
  return name !== '' && looksSecret(name, value);
}

/** `x` after `--password`. */
function followsSecretOption(items: readonly JsonNode[], index: number): boolean {
  const before = textOf(items[index - 1]) ?? '';
  if (!before.startsWith('-') || before.length > 200 || before.includes('=')) return false;
  const value = textOf(items[index]) ?? '';
  return !value.startsWith('-') && secretName(before) && value !== '';
}
