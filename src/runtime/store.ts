import type { Node } from '../node/node.js';
import { DisposableStore, type Disposable } from '../util/dispose.js';
import { Emitter } from '../util/event.js';
import type { Logger } from '../util/logger.js';
import { RuntimesOfNode } from './nodeConnection.js';
import type { NodeStore } from './nodes.js';

/** An entry of the setting criExplorer.nodes. */
export interface NodeSetting {
  readonly name: string;
  readonly host?: string;
  readonly endpoint?: string;
  readonly sudo?: 'never' | 'without password' | 'ask';
}

export interface StoreSettings {
  readonly localEnabled: boolean;
  readonly nodes: readonly NodeSetting[];
  /** Milliseconds between two polls; 0: never. */
  readonly intervalMs: number;
}

/** All nodes, and the one owner of their refreshing: polls while visible, at once when it becomes so. */
export class Nodes implements NodeStore, Disposable {
  readonly #openNode: (setting: NodeSetting | undefined) => Node;
  readonly #logger: Logger;
  readonly #changed = new Emitter<{ readonly nodeId?: string }>();
  readonly onDidChange = this.#changed.event;
  #nodes: readonly {
    readonly key: string;
    readonly connection: RuntimesOfNode;
    readonly owned: DisposableStore;
  }[] = [];
  #visible = false;
  #intervalMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param openNode makes the machine of a setting; of none, this machine */
  constructor(openNode: (setting: NodeSetting | undefined) => Node, logger: Logger) {
    this.#openNode = openNode;
    this.#logger = logger;
  }

  get nodes(): readonly RuntimesOfNode[] {
    return this.#nodes.map((entry) => entry.connection);
  }

  /** Takes new settings. Nodes whose setting did not change stay as they are. */
  configure(settings: StoreSettings): void {
    const wanted: (NodeSetting | undefined)[] = [
      ...(settings.localEnabled ? [undefined] : []),
      ...settings.nodes,
    ];
    const old = new Map(this.#nodes.map((entry) => [entry.key, entry]));
    this.#nodes = wanted.flatMap((setting, index) => {
      if (wanted.findIndex((other) => other?.name === setting?.name) !== index) {
        this.#logger.warn(
          `setting criExplorer.nodes: a second node named "${setting?.name ?? ''}" is left out`,
        );
        return [];
      }
      const key = JSON.stringify(setting ?? null);
      const known = old.get(key);
      old.delete(key);
      return [known ?? { key, ...this.#open(setting) }];
    });
    for (const entry of old.values()) entry.owned.dispose();
    this.#intervalMs = settings.intervalMs;
    this.#changed.fire({});
    this.#schedule(true);
  }

  setVisible(visible: boolean): void {
    if (visible === this.#visible) return;
    this.#visible = visible;
    this.#schedule(true);
  }

  async refresh(nodeId?: string): Promise<void> {
    const chosen = this.nodes.filter((node) => nodeId === undefined || node.id === nodeId);
    if (nodeId !== undefined && chosen.length === 0) throw new Error(`there is no node "${nodeId}"`);
    await Promise.all(chosen.map((node) => node.refresh()));
  }

  #open(setting: NodeSetting | undefined): { connection: RuntimesOfNode; owned: DisposableStore } {
    const owned = new DisposableStore();
    const id = setting ? `node:${setting.name}` : 'local';
    const connection = owned.add(
      new RuntimesOfNode({
        id,
        label: setting?.name ?? 'local',
        node: owned.add(this.#openNode(setting)),
        ...(setting?.endpoint === undefined ? {} : { endpoint: setting.endpoint }),
        logger: this.#logger,
      }),
    );
    owned.add(connection.onDidChange(() => this.#changed.fire({ nodeId: id })));
    return { connection, owned };
  }

  /** Polls at once if asked to, then after each interval, counted from the start of the poll before. */
  #schedule(now: boolean): void {
    clearTimeout(this.#timer);
    if (!this.#visible) return;
    if (now) this.#poll();
    if (this.#intervalMs > 0) this.#timer = setTimeout(() => this.#schedule(true), this.#intervalMs);
  }

  /** Each node at its own pace: one that hangs doesn't hold up another. */
  #poll(): void {
    for (const node of this.nodes) {
      node
        .poll()
        .catch((error: unknown) => this.#logger.error(`${node.label}: refresh failed: ${String(error)}`));
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#visible = false;
    for (const { owned } of this.#nodes) owned.dispose();
    this.#nodes = [];
    this.#changed.dispose();
  }
}
