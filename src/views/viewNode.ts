import type { ProcessInfo } from '../model/process.js';
import type { Container, Sandbox } from '../model/snapshot.js';
import { inert } from '../model/visible.js';
import type { RuntimeConnection } from '../runtime/connection.js';
import type { EndpointStatus, NodeConnection } from '../runtime/nodes.js';
import type { Translate } from '../util/translate.js';
import type { Filter } from './filter.js';
import type { TooltipLine } from './markdown.js';
import type { Memo } from './memo.js';
import { age } from './times.js';

/** What an item of the tree stands for; commands act on it. */
export type Subject =
  | { readonly kind: 'node'; readonly node: NodeConnection }
  | { readonly kind: 'endpoint'; readonly node: NodeConnection; readonly endpoint: EndpointStatus }
  | { readonly kind: 'runtime'; readonly node: NodeConnection; readonly runtime: RuntimeConnection }
  | { readonly kind: 'sandbox'; readonly runtime: RuntimeConnection; readonly sandbox: Sandbox }
  | {
      readonly kind: 'container';
      readonly runtime: RuntimeConnection;
      readonly container: Container;
      /** Absent when the runtime doesn't list the sandbox any more. */
      readonly sandbox?: Sandbox;
    }
  | { readonly kind: 'process'; readonly runtime: RuntimeConnection; readonly process: ProcessInfo }
  | { readonly kind: 'survival'; readonly runtime: RuntimeConnection }
  /** An entry of it; `id` is of the sandbox or container to show. */
  | { readonly kind: 'survivor'; readonly runtime: RuntimeConnection; readonly id: string }
  | { readonly kind: 'lowLevel'; readonly bundle?: string; readonly statePath?: string }
  | { readonly kind: 'group' };

export interface Icon {
  /** A codicon's name. */
  readonly id: string;
  /** A theme colour's id; absent for the text's own. */
  readonly color?: string;
}

/** One item of the tree, as plain data. Ids are unique within the tree and stable over refreshes. */
export interface ViewNode {
  readonly id: string;
  /** Inert: fit for wherever VS Code shows it. */
  readonly label: string;
  /** The same as it was said, for the tooltip, which escapes it in its own way. */
  readonly title: string;
  /** Without the age, which {@link describe} adds. */
  readonly description: string;
  /** Milliseconds since the epoch; its age is part of the description. */
  readonly since?: number;
  readonly icon: Icon;
  /** Tags joined by `+`, for the `when` clauses in package.json. */
  readonly contextValue: string;
  readonly expand: 'leaf' | 'collapsed' | 'expanded';
  /** What a screen reader calls it, such as `container`. */
  readonly role: string;
  readonly subject: Subject;
  /** The command that a click runs, after `criExplorer.`; it gets the item as its argument. */
  readonly command?: string;
  /** All that it shows by itself but the age. */
  readonly look: string;
  tooltip(): readonly TooltipLine[];
  children(): readonly ViewNode[];
}

/** What the pure functions need besides the snapshots. */
export interface ViewContext {
  readonly t: Translate;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly groupByNamespace: boolean;
  readonly filter?: Filter;
  /** Kept from one picture to the next. */
  readonly memo?: Memo;
}

interface Draft extends Omit<
  ViewNode,
  'title' | 'look' | 'tooltip' | 'children' | 'description' | 'contextValue' | 'subject'
> {
  readonly description?: readonly (string | undefined)[];
  readonly contextValue?: string;
  readonly subject?: Subject;
  readonly tooltip?: () => readonly TooltipLine[];
  readonly children?: () => readonly ViewNode[];
}

/** The only maker of view nodes: whatever a node said is made inert here, and children are built once, when asked for. */
export function viewNode(draft: Draft): ViewNode {
  let children: readonly ViewNode[] | undefined;
  const node = {
    ...draft,
    label: inert(draft.label),
    title: draft.label,
    description: joined(draft.description ?? []),
    contextValue: draft.contextValue ?? 'group',
    subject: draft.subject ?? { kind: 'group' },
    tooltip: () => draft.tooltip?.() ?? [],
    children: () => (children ??= draft.expand === 'leaf' ? [] : (draft.children?.() ?? [])),
  };
  return { ...node, look: lookOf(node) };
}

const joined = (parts: readonly (string | undefined)[]): string =>
  parts.flatMap((part) => (part === undefined || part === '' ? [] : [inert(part)])).join(' · ');

/** The description with the age as of `now`. */
export function describe(node: ViewNode, now: number): string {
  if (node.since === undefined) return node.description;
  const text = age(node.since, now);
  return node.description === '' ? text : `${node.description} · ${text}`;
}

/** All that an item shows by itself; two equal ones need no repaint. Tooltips are read when hovered. */
export function signature(node: ViewNode, now: number): string {
  return node.since === undefined ? node.look : `${node.look}\n${age(node.since, now)}`;
}

/** Labels and descriptions have no newlines: they are inert. */
const lookOf = ({ label, description, icon, contextValue, expand, role }: Omit<ViewNode, 'look'>): string =>
  [label, description, icon.id, icon.color, contextValue, expand === 'leaf', role].join('\n');

/** What a screen reader says. */
export function spoken(node: ViewNode, now: number): string {
  return [node.label, node.role, describe(node, now).replaceAll(' · ', ', ')]
    .filter((part) => part !== '')
    .join(', ');
}
