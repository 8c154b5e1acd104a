import type { SudoMode } from '../node/sudo.js';
import { DisposableStore, toDisposable, type Disposable } from '../util/dispose.js';
import { Emitter } from '../util/event.js';
import type { Logger } from '../util/logger.js';
import { RuntimesOfNode, type OpenedNode } from './nodeConnection.js';
import type { NodeStore } from './nodes.js';

/** A machine that the settings name. */
export interface NodeSetting {
  /** Stays the same as long as the person means the same machine. */
  readonly id: string;
  readonly name: string;
  /** Of a machine over SSH: an alias of the ssh config, or `user@host:port`. */
  readonly host?: string;
  /** The only endpoint to use; without one they are looked for. */
  readonly endpoint?: string;
  readonly sudo?: SudoMode;
  /** The ssh program for `host`. */
  readonly sshPath?: string;
}

export interface StoreSettings {
  readonly nodes: readonly NodeSetting[];
  /** Milliseconds between two polls; 0: never. */
  readonly intervalMs: number;
}

interface Entry {
  readonly setting: NodeSetting;
  readonly opened: OpenedNode;
  readonly connection: RuntimesOfNode;
  /** All but the machine. */
  readonly owned: DisposableStore;
}

/** All nodes, and the one owner of their refreshing: polls while visible, at once when it becomes so. */
export class Nodes implements NodeStore, Disposable {
  readonly #openNode: (setting: NodeSetting) => OpenedNode;
  readonly #logger: Logger;
  readonly #changed = new Emitter<{ readonly nodeId?: string }>();
  readonly onDidChange = this.#changed.event;
  #nodes: readonly Entry[] = [];
  #watchers = 0;
  #intervalMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param openNode makes the machine of a setting */
  constructor(openNode: (setting: NodeSetting) => OpenedNode, logger: Logger) {
    this.#openNode = openNode;
    this.#logger = logger;
  }

  get nodes(): readonly RuntimesOfNode[] {
    return this.#nodes.map((entry) => entry.connection);
  }

  /** Takes new settings. Nodes whose setting did not change stay as they are; one that is only renamed stays connected. */
  configure(settings: StoreSettings): void {
    const wanted = new Map(settings.nodes.map((setting) => [setting.id, setting]));
    if (wanted.size < settings.nodes.length) {
      this.#logger.warn('setting criExplorer.nodes: of several nodes with one name only the last is used');
    }
    const all = new Set([...wanted.values()].map(wholeOf));
    const kept = new Map(this.#nodes.map((entry) => [wholeOf(entry.setting), entry]));
    const left = this.#nodes.filter(({ setting }) => !all.has(wholeOf(setting)));
    this.#nodes = [...wanted.values()].map((setting) => {
      const known = kept.get(wholeOf(setting));
      if (known) return known;
      const index = left.findIndex((entry) => machineOf(entry.setting) === machineOf(setting));
      const [renamed] = index < 0 ? [] : left.splice(index, 1);
      return renamed ? this.#rename(renamed, setting) : this.#enter(setting, this.#openNode(setting));
    });
    left.forEach(close);
    this.#intervalMs = settings.intervalMs;
    this.#changed.fire({});
    this.#schedule(true);
  }

  watch(): Disposable {
    this.#watchers++;
    if (this.#watchers === 1) this.#schedule(true);
    let watching = true;
    return toDisposable(() => {
      if (watching) this.#watchers--;
      watching = false;
      if (this.#watchers === 0) clearTimeout(this.#timer);
    });
  }

  async refresh(nodeId?: string): Promise<void> {
    const chosen = this.nodes.filter((node) =>
      nodeId === undefined ? node.state !== 'idle' : node.id === nodeId,
    );
    if (nodeId !== undefined && chosen.length === 0) throw new Error(`there is no node "${nodeId}"`);
    await Promise.all(chosen.map((node) => node.refresh()));
  }

  #enter(setting: NodeSetting, opened: OpenedNode): Entry {
    const { id, name: label, endpoint } = setting;
    const owned = new DisposableStore();
    const options = { ...opened, id, label, logger: this.#logger };
    const connection = owned.add(
      new RuntimesOfNode(endpoint === undefined ? options : { ...options, endpoint }),
    );
    owned.add(connection.onDidChange(() => this.#changed.fire({ nodeId: id })));
    return { setting, opened, connection, owned };
  }

  /** The same machine: nobody is asked for a password again. What is known of it is read anew under the new name. */
  #rename({ opened, owned }: Entry, setting: NodeSetting): Entry {
    owned.dispose();
    opened.rename?.(setting.name);
    return this.#enter(setting, opened);
  }

  /** Polls at once if asked to, then after each interval, counted from the start of the poll before. */
  #schedule(now: boolean): void {
    clearTimeout(this.#timer);
    if (this.#watchers === 0) return;
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
    this.#watchers = 0;
    this.#nodes.forEach(close);
    this.#nodes = [];
    this.#changed.dispose();
  }
}

function close({ owned, opened }: Entry): void {
  owned.dispose();
  opened.node.dispose();
}

const wholeOf = (setting: NodeSetting): string => JSON.stringify(setting);

/** All but what the machine is called. */
const machineOf = ({ host, endpoint, sudo, sshPath }: NodeSetting): string =>
  JSON.stringify([host, endpoint, sudo, sshPath]);
