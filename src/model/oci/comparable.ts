import type { JsonNode } from './json.js';
import { parsing } from './json.js';
import type { Steps } from '../steps.js';

/** What is particular to one container, and to nothing that two of them could be compared by. */
export interface Particulars {
  readonly containerId?: string;
  readonly sandboxId?: string;
  readonly sandboxName?: string;
  readonly sandboxUid?: string;
}

/**
 * A config.json laid out so that two of them can be compared line by line: keys sorted, and what differs between any two
 * containers put behind placeholders: ids, uids, the pod's name, pids. Numbers stay exact.
 * @throws SyntaxError when it is no JSON
 */
export function* comparableJson(text: string, particulars: Particulars): Steps<string> {
  const root = yield* parsing(text);
  const fold = folder(particulars);
  const lines: string[] = [];
  interface Open {
    readonly entries: Iterator<readonly [string | undefined, JsonNode]>;
    readonly end: string;
    first: boolean;
  }
  const open: Open[] = [];
  const indent = (): string => '  '.repeat(Math.min(open.length, deepestIndent));
  const begin = (prefix: string, node: JsonNode): void => {
    if (node.type === 'array' && node.items.length > 0) {
      lines.push(`${prefix}[`);
      open.push({ entries: listEntries(node.items), end: ']', first: true });
    } else if (node.type === 'object' && node.members.size > 0) {
      lines.push(`${prefix}{`);
      open.push({ entries: sortedEntries(node.members), end: '}', first: true });
    } else lines.push(`${prefix}${scalarText(node, fold)}`);
  };
  begin('', root);
  // A stack of our own, since a hostile document may be nested deeper than the machine's.
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    yield;
    const next = top.entries.next();
    if (next.done) {
      open.pop();
      lines.push(`${indent()}${top.end}`);
      continue;
    }
    const [key, node] = next.value;
    if (!top.first) lines.push(`${lines.pop() ?? ''},`);
    top.first = false;
    begin(`${indent()}${key === undefined ? '' : `${JSON.stringify(fold(key))}: `}`, node);
  }
  return `${lines.join('\n')}\n`;
}

const deepestIndent = 60;

function* listEntries(items: readonly JsonNode[]): Generator<readonly [undefined, JsonNode], undefined> {
  for (const item of items) yield [undefined, item];
}

function* sortedEntries(
  members: ReadonlyMap<string, JsonNode>,
): Generator<readonly [string, JsonNode], undefined> {
  for (const key of [...members.keys()].sort()) {
    const node = members.get(key);
    if (node) yield [key, node];
  }
}

function scalarText(node: JsonNode, fold: (text: string) => string): string {
  if (node.type === 'array') return '[]';
  if (node.type === 'object') return '{}';
  return node.type === 'string' ? JSON.stringify(fold(node.text)) : node.text;
}

/** The longest first, so that no name is cut out of a longer one. */
function folder(particulars: Particulars): (text: string) => string {
  const known: (readonly [string | undefined, string])[] = [
    [particulars.containerId, '<container id>'],
    [particulars.sandboxId, '<sandbox id>'],
    [particulars.sandboxUid, '<pod uid>'],
    [particulars.sandboxUid?.replaceAll('-', '_'), '<pod uid>'],
    [particulars.sandboxName, '<pod name>'],
  ];
  const names = known.filter(
    (pair): pair is readonly [string, string] => pair[0] !== undefined && pair[0] !== '',
  );
  names.sort(([a], [b]) => b.length - a.length);
  return (text) => {
    let folded = text;
    for (const [name, placeholder] of names) folded = folded.replaceAll(name, placeholder);
    return (
      folded
        .replace(/\b[0-9a-f]{64}\b/g, '<id>')
        .replace(/\b[0-9a-f]{8}([-_])[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}\b/g, '<uuid>')
        // Process 1 is particular to none: it says that the namespace is the node's.
        .replace(/^\/proc\/(?!1\/)\d+\/ns\//, '/proc/<pid>/ns/')
    );
  };
}
