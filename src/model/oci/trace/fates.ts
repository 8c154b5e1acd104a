import type { Steps } from '../../steps.js';
import type { Fate } from '../insight.js';
import type { JsonNode, JsonPath } from '../json.js';
import { maskable, type Tracing } from './tracing.js';
import { at, itemsOf, textOf } from './values.js';

/** Lists whose items are fields of their own, and what names an item. */
const itemNames: ReadonlyMap<string, string> = new Map([
  ['envs', 'key'],
  ['mounts', 'container_path'],
  ['devices', 'container_path'],
  ['CDI_devices', 'name'],
  ['linux.resources.hugepage_limits', 'page_size'],
]);

/** Maps whose keys are fields of their own. */
const maps = new Set(['annotations', 'linux.resources.unified', 'linux.sysctls']);

/** Messages that are one field; an empty one says something too. */
const wholes = new Set([
  'labels',
  'dns_config',
  ...['seccomp', 'apparmor', 'selinux_options', 'run_as_user', 'run_as_group'].map(
    (last) => `linux.security_context.${last}`,
  ),
  'linux.overhead',
]);

const deepest = 6;

interface Field {
  /** Below the config's root, with an item's name in brackets. */
  readonly name: string;
  readonly node: JsonNode;
  readonly depth: number;
}

/** What became of every field that the request sets, in its order. */
export function* fatesOf(tracing: Tracing): Steps<Fate[]> {
  const fates: Fate[] = [];
  if (tracing.request?.type !== 'object') return fates;
  const waiting: Field[] = [{ name: '', node: tracing.request, depth: 0 }];
  for (let field = waiting.pop(); field; field = waiting.pop()) {
    yield;
    const inside = insideOf(field);
    if (!inside) fates.push(fateOf(tracing, field));
    else for (const one of inside.reverse()) waiting.push(one);
  }
  return fates;
}

/** The fields within a message, list or map; undefined of what is one field. */
function insideOf({ name, node, depth }: Field): Field[] | undefined {
  const key = itemNames.get(name);
  const named = (item: string): string => `${name}[${JSON.stringify(item)}]`;
  if (key !== undefined && node.type === 'array') {
    return itemsOf(node).map((item) => ({
      name: named(textOf(at(item, key)) ?? ''),
      node: item,
      depth: deepest,
    }));
  }
  if (node.type !== 'object' || wholes.has(name) || depth >= deepest) return undefined;
  return Array.from(node.members, ([member, value]) =>
    maps.has(name)
      ? { name: named(member), node: value, depth: deepest }
      : { name: name === '' ? member : `${name}.${member}`, node: value, depth: depth + 1 },
  );
}

function fateOf(tracing: Tracing, { name, node }: Field): Fate {
  const field = tracing.name(name);
  const isEnv = name.startsWith('envs[');
  const value = isEnv ? `${textOf(at(node, 'key')) ?? ''}=${textOf(at(node, 'value')) ?? ''}` : node;
  const became = tracing.becameOf(field);
  return {
    field,
    ...maskable(pathOf(name), value),
    became,
    how: tracing.howOf(field) ?? unknownFate(tracing, field, became),
  };
}

/** By which a secret is known: the last word of the name. */
const pathOf = (name: string): JsonPath => [/\["(.*)"\]$/s.exec(name)?.[1] ?? name.split('.').at(-1) ?? ''];

function unknownFate(tracing: Tracing, field: string, became: readonly JsonPath[]): string {
  if (became.length > 0) return 'As it is.';
  const voids = tracing.privileged && field.includes('.security_context.');
  return voids ? 'Void: the container is privileged.' : 'It left nothing in the spec that is known of.';
}
