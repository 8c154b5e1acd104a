import type { Steps } from '../../steps.js';
import { isScalar } from '../cursor.js';
import type { JsonNode, JsonPath } from '../json.js';
import { isEmpty } from './values.js';

/** One value of a config.json that has an origin of its own. */
export interface PlaceOfSpec {
  readonly path: JsonPath;
  readonly node: JsonNode;
}

/** Lists whose items come from different places; other lists are one value. */
const itemized = new Set([
  'env',
  'rlimits',
  'mounts',
  'namespaces',
  'uidMappings',
  'gidMappings',
  'devices',
  'hugepageLimits',
  'maskedPaths',
  'readonlyPaths',
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
]);

/** Objects that come from one place as a whole. */
const whole = new Set([
  'seccomp',
  'consoleSize',
  'scheduler',
  'ioPriority',
  'intelRdt',
  'blockIO',
  'windows',
  'vm',
]);

const deepest = 5;

/** The values of a config.json that have an origin each, in the document's order: `process.env[2]`, `mounts[0]`. */
export function* placesOf(spec: JsonNode): Steps<PlaceOfSpec[]> {
  const found: PlaceOfSpec[] = [];
  const waiting: PlaceOfSpec[] = [{ path: [], node: spec }];
  for (let place = waiting.pop(); place; place = waiting.pop()) {
    yield;
    if (place.path.length > 0 && isEmpty(place.node)) continue;
    if (isUnit(place)) found.push(place);
    else for (const one of (yield* inside(place)).reverse()) waiting.push(one);
  }
  return found;
}

function* inside({ path, node }: PlaceOfSpec): Steps<PlaceOfSpec[]> {
  const found: PlaceOfSpec[] = [];
  const entries = node.type === 'object' ? node.members : node.type === 'array' ? node.items.entries() : [];
  for (const [key, item] of entries) {
    found.push({ path: [...path, key], node: item });
    yield;
  }
  return found;
}

function isUnit({ path, node }: PlaceOfSpec): boolean {
  const key = path.at(-1);
  if (key === undefined) return false;
  if (typeof key === 'number' || isScalar(node) || path.length >= deepest) return true;
  return node.type === 'array' ? !itemized.has(key) : whole.has(key);
}
