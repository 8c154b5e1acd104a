import type { SudoMode } from '../node/sudo.js';
import type { NodeSetting } from './store.js';

/** The node that no entry of the setting names: this machine with whatever is found on it. */
export const localNodeId = 'local';

export const sudoModes: readonly SudoMode[] = ['never', 'without password', 'ask'];

/** One entry of the setting `criExplorer.nodes`, as it is written. It holds no secret. */
export interface NodeEntry {
  readonly name: string;
  readonly host?: string;
  readonly endpoint?: string;
  readonly sudo?: SudoMode;
}

export const nodeIdOf = (name: string): string => `node:${name}`;

/** The setting's schema is only a hint to the editor: what a person wrote may be anything. */
export function nodeSettings(setting: unknown): NodeSetting[] {
  return entries(setting).flatMap((value) => {
    const name = nameOf(value);
    if (name === undefined) return [];
    const { host, endpoint, sudo } = value as Readonly<Record<string, unknown>>;
    return [
      {
        id: nodeIdOf(name),
        name,
        ...(typeof host === 'string' && host !== '' ? { host } : {}),
        ...(typeof endpoint === 'string' && endpoint !== '' ? { endpoint } : {}),
        ...(sudo === 'without password' || sudo === 'ask' ? { sudo } : {}),
      },
    ];
  });
}

/** The setting with one entry more. */
export function addNode(setting: unknown, entry: NodeEntry): unknown[] {
  return [...entries(setting), entry];
}

/** The setting without the entries of a node. */
export function removeNode(setting: unknown, nodeId: string): unknown[] {
  return entries(setting).filter((value) => !isOf(value, nodeId));
}

/** The setting with some members of a node's entry changed; of several with its name the last is the one in use. */
export function changeNode(setting: unknown, nodeId: string, change: Partial<NodeEntry>): unknown[] {
  const all = entries(setting);
  const last = all.findLastIndex((value) => isOf(value, nodeId));
  return all.map((value, index) => (index === last ? { ...(value as object), ...change } : value));
}

/** Whether the setting has an entry of that name. */
export function hasNode(setting: unknown, name: string): boolean {
  return entries(setting).some((value) => isOf(value, nodeIdOf(name)));
}

const entries = (setting: unknown): readonly unknown[] => (Array.isArray(setting) ? setting : []);

function nameOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('name' in value)) return undefined;
  return typeof value.name === 'string' && value.name !== '' ? value.name : undefined;
}

function isOf(value: unknown, nodeId: string): boolean {
  const name = nameOf(value);
  return name !== undefined && nodeIdOf(name) === nodeId;
}
