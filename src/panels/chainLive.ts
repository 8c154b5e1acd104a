import * as vscode from 'vscode';
import type { ChainGraph, ChainScope, StoryStep } from '../model/chain/graph.js';
import { findById } from '../model/picture.js';
import type { ChainView, Story } from '../protocol/chain.js';
import type { PanelTarget } from '../protocol/panel.js';
import type { RuntimeConnection } from '../runtime/connection.js';
import type { NodeConnection } from '../runtime/nodes.js';
import { messageOf } from '../util/async.js';
import type { Disposable } from '../util/dispose.js';

/** Milliseconds between a change of the node and the reading that looks at it; more changes are one reading. */
const settleTime = 1_000;
/** Milliseconds that a reading nobody waits for may take. */
const deadline = 30_000;

/** Where chains and stories are read. */
export interface ChainSource {
  readChain(node: NodeConnection, scope: ChainScope, signal: AbortSignal): Promise<ChainGraph>;
  readStory(connection: RuntimeConnection, id: string, signal: AbortSignal): Promise<readonly StoryStep[]>;
}

export interface LiveChainOptions {
  readonly source: ChainSource;
  readonly target: PanelTarget;
  /** Rejects with a reason for people. */
  readonly node: (signal: AbortSignal) => Promise<NodeConnection>;
  readonly title: () => string;
  /** Told of what a reading of its own found, if it differs from what was read before. */
  readonly onChanged: (view: ChainView) => void;
  /** Told of each reading of its own: why it failed, undefined when it went well. */
  readonly onRead: (failure: string | undefined) => void;
}

/** The chain of one panel: the last reading, and readings anew while the node changes, never two at a time. */
export class LiveChain implements Disposable {
  readonly #options: LiveChainOptions;
  readonly #closed = new AbortController();
  #view: ChainView | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reading = false;
  #changedMeanwhile = false;
  /** Of what the story was read: the container or sandbox as it was then. */
  #storyOf: unknown;

  constructor(options: LiveChainOptions) {
    this.#options = options;
  }

  get view(): ChainView | undefined {
    return this.#view;
  }

  /** The last reading, looked at again soon, or one anew. */
  async load(fresh: boolean, asked: AbortSignal): Promise<ChainView> {
    if (this.#view && !fresh) {
      this.refreshSoon();
      return this.#view;
    }
    if (fresh) this.#storyOf = undefined;
    this.#view = await this.#read(AbortSignal.any([asked, this.#closed.signal]));
    return this.#view;
  }

  /** The node changed. Before the first `load` nobody looks yet. */
  refreshSoon(): void {
    if (!this.#view || this.#closed.signal.aborted) return;
    if (this.#reading) this.#changedMeanwhile = true;
    else this.#timer ??= setTimeout(() => void this.#refresh(), settleTime);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#closed.abort(new Error('the panel was closed'));
  }

  async #refresh(): Promise<void> {
    this.#timer = undefined;
    this.#reading = true;
    const { signal } = this.#closed;
    try {
      const view = await this.#read(AbortSignal.any([signal, AbortSignal.timeout(deadline)]));
      const same = JSON.stringify(view) === JSON.stringify(this.#view);
      this.#view = view;
      if (signal.aborted) return;
      if (!same) this.#options.onChanged(view);
      this.#options.onRead(undefined);
    } catch (error) {
      if (signal.aborted) return;
      this.#options.onRead(
        vscode.l10n.t('This is the last picture; reading anew failed: {0}', messageOf(error)),
      );
    } finally {
      this.#reading = false;
    }
    if (this.#changedMeanwhile) {
      this.#changedMeanwhile = false;
      this.refreshSoon();
    }
  }

  async #read(signal: AbortSignal): Promise<ChainView> {
    const { source, target, title } = this.#options;
    const node = await this.#options.node(signal);
    const scope = scopeOf(node, target);
    if (!scope) {
      // What was true of it is still worth looking at.
      if (this.#view) return this.#view;
      throw new Error(vscode.l10n.t('The runtime does not list this any more; it was removed.'));
    }
    const [graph, story] = await Promise.all([
      source.readChain(node, scope, signal),
      this.#story(node, signal),
    ]);
    signal.throwIfAborted();
    const focus = focusOf(graph, target);
    return { title: title(), graph, ...(focus === undefined ? {} : { focus }), ...(story ? { story } : {}) };
  }

  async #story(node: NodeConnection, signal: AbortSignal): Promise<Story | undefined> {
    const { source, target } = this.#options;
    const connection = node.runtimes.find(({ endpoint }) => endpoint === target.endpoint);
    if (target.id === '' || !connection) return undefined;
    const { sandbox, container } = findById(connection.snapshot, target.id);
    const now = container ?? sandbox;
    if (this.#view?.story && now === this.#storyOf) return this.#view.story;
    try {
      const steps = await source.readStory(connection, target.id, signal);
      this.#storyOf = now;
      return { steps };
    } catch (error) {
      signal.throwIfAborted();
      return { steps: [], problem: messageOf(error) };
    }
  }
}

/** What to read of a target; undefined when the runtime doesn't list it. */
function scopeOf(node: NodeConnection, { endpoint, id }: PanelTarget): ChainScope | undefined {
  if (id === '') return { kind: 'node' };
  const runtime = node.runtimes.find((one) => one.endpoint === endpoint);
  const { sandbox, container } = findById(runtime?.snapshot, id);
  if (container) return { kind: 'container', endpoint, id };
  return sandbox && { kind: 'sandbox', endpoint, id };
}

/** The first process of what the panel was opened for, else any box about it. */
function focusOf({ boxes }: ChainGraph, target: PanelTarget): string | undefined {
  if (target.id === '') return undefined;
  const about = boxes.filter(
    ({ subject }) => subject?.endpoint === target.endpoint && subject.id === target.id,
  );
  const first = about.find(({ kind }) => kind === 'container' || kind === 'sandbox');
  return (first ?? about[0])?.id;
}
