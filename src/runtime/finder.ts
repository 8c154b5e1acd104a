import { matchesOf, type Match } from '../model/find/matches.js';
import { parseQuery, type Query } from '../model/find/query.js';
import { Subjects, type FindNode } from '../model/find/subjects.js';
import { messageOf } from '../util/async.js';
import type { Disposable } from '../util/dispose.js';
import { needsReading, readFor, type Look } from './findReader.js';
import type { NodeConnection } from './nodes.js';

/** What a search has come to. */
export interface Findings {
  readonly matches: readonly Match[];
  /** Something is still being read. */
  readonly busy: boolean;
  /** What was looked at, and what couldn't be read; sentences for people, by node. */
  readonly looked: readonly string[];
  readonly unread: readonly string[];
}

/** A node that takes longer is told of as such. Milliseconds. */
const patience = 15_000;

/**
 * One search, over some nodes at once, each at its own pace: one that hangs holds up no other. Dispose to call it off.
 */
export class Search implements Disposable {
  readonly query: Query | undefined;
  readonly #nodes: () => readonly NodeConnection[];
  readonly #changed: (findings: Findings) => void;
  readonly #end = new AbortController();
  readonly #looks = new Map<NodeConnection, Look | Error>();
  readonly #reading = new Set<NodeConnection>();

  /** @param changed told of what was found at first, then after each step */
  constructor(text: string, nodes: () => readonly NodeConnection[], changed: (findings: Findings) => void) {
    this.query = parseQuery(text);
    this.#nodes = nodes;
    this.#changed = changed;
  }

  start(): void {
    const { query } = this;
    if (query && needsReading(query)) {
      for (const node of this.#nodes()) if (node.connected) void this.#read(query, node);
    }
    this.update();
  }

  /** Finds anew in the present pictures; what was read for the search stays. */
  update(): void {
    if (this.#end.signal.aborted) return;
    const found = this.#nodes().map((node) => this.#findOn(node));
    this.#changed({
      matches: found.flatMap(({ matches }) => matches),
      busy: this.#reading.size > 0,
      looked: found.flatMap(({ looked }) => looked),
      unread: found.flatMap(({ unread }) => unread),
    });
  }

  async #read(query: Query, node: NodeConnection): Promise<void> {
    const late = AbortSignal.timeout(patience);
    const signal = AbortSignal.any([this.#end.signal, late]);
    this.#reading.add(node);
    try {
      const known = findNodeOf(node);
      this.#looks.set(node, await readFor(query, known, new Subjects(known), node.node, signal));
    } catch (error) {
      const slow = new Error(`no answer within ${patience / 1000} s`);
      this.#looks.set(node, late.aborted ? slow : new Error(messageOf(error)));
    }
    this.#reading.delete(node);
    this.update();
  }

  #findOn(node: NodeConnection): Omit<Findings, 'busy'> {
    const { query } = this;
    const where = (text: string): string => `${node.label}: ${text}`;
    if (!query) return { matches: [], looked: [], unread: [] };
    const known = findNodeOf(node);
    const subjects = new Subjects(known);
    const look = this.#looks.get(node);
    const reads = look instanceof Error ? undefined : look;
    const unread = [
      ...(node.connected ? [] : ['it is not connected']),
      ...(look instanceof Error ? [look.message] : []),
      ...(reads?.unread ?? []),
      ...(known.runtimes.length === 0 && node.connected ? ['no runtime answered'] : []),
    ];
    const looked = [`${subjects.all.length} containers and sandboxes`, ...(reads?.looked ?? [])];
    return {
      matches: matchesOf(query, known, subjects, reads),
      looked: [where(looked.join(', '))],
      unread: unread.map(where),
    };
  }

  dispose(): void {
    this.#end.abort(new Error('the search was called off'));
  }
}

function findNodeOf({ id, label, runtimes, processes }: NodeConnection): FindNode {
  return {
    nodeId: id,
    label,
    processes,
    runtimes: runtimes.map(({ endpoint, snapshot, daemon }) => ({
      endpoint,
      snapshot,
      ...(daemon ? { daemonPid: daemon.pid } : {}),
    })),
  };
}
