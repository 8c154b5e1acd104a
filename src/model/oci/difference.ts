import type { Steps } from '../steps.js';
import { isScalar } from './cursor.js';
import type { JsonNode, JsonPath } from './json.js';

/** A value that two documents don't have in common. */
export interface Difference {
  /** Where it stands in the left document; in the right one where the left has none. */
  readonly path: JsonPath;
  /** Absent where the left document has nothing there. */
  readonly left?: JsonNode;
  /** Absent where the right document has nothing there. */
  readonly right?: JsonNode;
  /** Where it stands in the right document, when that is another place. */
  readonly rightPath?: JsonPath;
}

/** No more are listed: a person reads no further, and documents are strangers'. */
export const mostDifferences = 10_000;

/** What differs further down is told at this depth. */
const deepest = 64;

/** A key on the way to a value, in both documents; paths are built only for what differs. */
interface Place {
  readonly parent: Place | undefined;
  readonly left: string | number;
  readonly right: string | number;
  readonly depth: number;
}

interface Pair {
  readonly at: Place | undefined;
  readonly left: JsonNode | undefined;
  readonly right: JsonNode | undefined;
}

/**
 * Where two config.json differ, in the left one's order. The order of keys is no difference, nor is the way a number is
 * written; 64-bit numbers are compared exactly. Mounts are matched by destination, variables by name, namespaces and
 * rlimits by type, devices by path; other lists by index. Lists at most {@link mostDifferences}.
 */
export function* differences(left: JsonNode, right: JsonNode): Steps<Difference[]> {
  const found: Difference[] = [];
  const waiting: Pair[] = [{ at: undefined, left, right }];
  let deep: Place | undefined;
  for (let pair = waiting.pop(); pair && found.length < mostDifferences; pair = waiting.pop()) {
    yield;
    const inside = yield* insidePairs(pair);
    if (inside) for (const one of inside.reverse()) waiting.push(one);
    else if (!sameScalar(pair.left, pair.right)) {
      const place = shallow(pair.at);
      if (place && place !== pair.at && place === deep) continue;
      deep = place;
      found.push(differenceAt(place, place === pair.at ? pair : {}));
    }
  }
  return found;
}

/** The pairs within two containers of one kind; undefined when there is nothing to go into. */
function* insidePairs({ at, left, right }: Pair): Steps<Pair[] | undefined> {
  if (left?.type === 'object' && right?.type === 'object') {
    const keys = new Set([...left.members.keys(), ...right.members.keys()]);
    return Array.from(keys, (key) => pairAt(at, key, key, left.members.get(key), right.members.get(key)));
  }
  if (left?.type !== 'array' || right?.type !== 'array') return undefined;
  const ours = yield* keyed(left.items, at?.left);
  const theirs = yield* keyed(right.items, at?.right);
  const keys = new Set([...ours.keys(), ...theirs.keys()]);
  return Array.from(keys, (key) => {
    const [here, there] = [ours.get(key), theirs.get(key)];
    const index = here?.index ?? there?.index ?? 0;
    return pairAt(at, index, there?.index ?? index, here?.item, there?.item);
  });
}

function pairAt(
  parent: Place | undefined,
  left: string | number,
  right: string | number,
  ours: JsonNode | undefined,
  theirs: JsonNode | undefined,
): Pair {
  return { at: { parent, left, right, depth: (parent?.depth ?? 0) + 1 }, left: ours, right: theirs };
}

/** What names an item, by the list that it is in (runtime-spec config.md and config-linux.md). */
const names = new Map([
  ['mounts', 'destination'],
  ['namespaces', 'type'],
  ['rlimits', 'type'],
  ['devices', 'path'],
  ['hugepageLimits', 'pageSize'],
]);

interface Item {
  readonly index: number;
  readonly item: JsonNode;
}

/** Items by name, the second of a name as its second; nameless ones by index. */
function* keyed(items: readonly JsonNode[], list: string | number | undefined): Steps<Map<string, Item>> {
  const found = new Map<string, Item>();
  const seen = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const name = nameIn(item, list);
    const count = name === undefined ? 0 : (seen.get(name) ?? 0) + 1;
    if (name !== undefined) seen.set(name, count);
    yield;
    found.set(name === undefined ? `#${index}` : `${count} ${name}`, { index, item });
  }
  return found;
}

function nameIn(item: JsonNode, list: string | number | undefined): string | undefined {
  if (list === 'env') return item.type === 'string' ? item.text.split('=', 1)[0] : undefined;
  const key = typeof list === 'string' ? names.get(list) : undefined;
  const name = key !== undefined && item.type === 'object' ? item.members.get(key) : undefined;
  return name?.type === 'string' ? name.text : undefined;
}

function sameScalar(left: JsonNode | undefined, right: JsonNode | undefined): boolean {
  if (!left || !right || !isScalar(left) || !isScalar(right) || left.type !== right.type) return false;
  return left.type === 'number' ? sameNumber(left.text, right.text) : left.text === right.text;
}

/** Whether two JSON numbers are the same, to the last digit: `1.0` and `1`, `1e3` and `1000`. */
export function sameNumber(left: string, right: string): boolean {
  return left === right || canonical(left) === canonical(right);
}

/** Digits without zeros at either end, and the power of ten they are to be taken with. */
function canonical(written: string): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(written) ?? [];
  if (whole === '' || power.length > 20) return written;
  const digits = whole + fraction;
  let start = 0;
  let end = digits.length;
  while (digits.charAt(start) === '0') start++;
  if (start === end) return '0';
  while (digits.charAt(end - 1) === '0') end--;
  return `${sign}${digits.slice(start, end)}e${BigInt(power) - BigInt(fraction.length - (digits.length - end))}`;
}

function shallow(place: Place | undefined): Place | undefined {
  let at = place;
  while (at && at.depth > deepest) at = at.parent;
  return at;
}

function differenceAt(place: Place | undefined, { left, right }: Partial<Pair>): Difference {
  const path: (string | number)[] = [];
  const rightPath: (string | number)[] = [];
  for (let at = place; at; at = at.parent) {
    path.unshift(at.left);
    rightPath.unshift(at.right);
  }
  const moved = path.some((step, index) => step !== rightPath[index]);
  return {
    path,
    ...(left ? { left } : {}),
    ...(right ? { right } : {}),
    ...(moved && right ? { rightPath } : {}),
  };
}
