import { commandLine } from '../model/shell.js';
import type { Ancestry, LowLevelRuntime, ProcessInfo } from '../model/process.js';
import { clip } from '../model/visible.js';
import type { RuntimeConnection } from '../runtime/connection.js';
import { lowLevelIcon, processIcon, reasonIcon } from './icons.js';
import { timestamp } from './times.js';
import { viewNode, type ViewContext, type ViewNode } from './viewNode.js';

/** Children beyond this many start folded. */
const unfolded = 12;

interface Link {
  readonly index: number;
  readonly process: ProcessInfo;
}

interface Chain {
  /** Prefix of the ids. */
  readonly id: string;
  readonly runtime: RuntimeConnection;
  readonly ancestry: Ancestry;
  readonly context: ViewContext;
  /** Links by the index of the link that they hang under; -1 for the root. */
  readonly under: ReadonlyMap<number, readonly Link[]>;
  /** Where the low-level runtime stands between the monitor and the first process. */
  readonly lowLevelUnder: number | undefined;
}

/** The ancestry as nested items, root first; one item with the reason when none is known. */
export function ancestryNodes(
  id: string,
  runtime: RuntimeConnection,
  ancestry: Ancestry,
  context: ViewContext,
): readonly ViewNode[] {
  const { links, lowLevel } = ancestry;
  const under = nest(links);
  const first = links.findIndex(isFirst);
  const parent = first < 0 ? links.length - 1 : parentOf(first, under);
  const chain: Chain = {
    id,
    runtime,
    ancestry,
    context,
    under,
    lowLevelUnder: lowLevel ? parent : undefined,
  };
  const nodes = linksUnder(chain, -1);
  return links.length === 0 ? [...nodes, reasonNode(id, ancestry, context)] : nodes;
}

const isFirst = ({ role }: ProcessInfo): boolean => role === 'sandbox' || role === 'container';

/** Hangs each link under the nearest earlier one that is its parent by ppid, else under the one before it. */
function nest(links: readonly ProcessInfo[]): Chain['under'] {
  const seen = new Map<number, number>();
  const under = new Map<number, Link[]>();
  links.forEach((process, index) => {
    const parent = seen.get(process.ppid) ?? index - 1;
    const siblings = under.get(parent);
    if (siblings) siblings.push({ index, process });
    else under.set(parent, [{ index, process }]);
    seen.set(process.pid, index);
  });
  return under;
}

function parentOf(index: number, under: Chain['under']): number {
  for (const [parent, children] of under) if (children.some((link) => link.index === index)) return parent;
  return -1;
}

function linksUnder(chain: Chain, parent: number): readonly ViewNode[] {
  const { lowLevel } = chain.ancestry;
  const links = chain.under.get(parent) ?? [];
  if (lowLevel === undefined || chain.lowLevelUnder !== parent)
    return links.map((link) => processNode(chain, link));
  const made = links.filter(({ process }) => isFirst(process));
  const others = links.filter((link) => !made.includes(link));
  return [lowLevelNode(chain, lowLevel, made), ...others.map((link) => processNode(chain, link))];
}

function processNode(chain: Chain, { index, process }: Link): ViewNode {
  const { t } = chain.context;
  const children = (chain.under.get(index)?.length ?? 0) + (chain.lowLevelUnder === index ? 1 : 0);
  const inside = isFirst(process) || process.role === 'child';
  return viewNode({
    id: `${chain.id}/p${process.pid}`,
    label: programOf(process),
    description: [t('pid {0}', process.pid), roleOf(process, chain)],
    since: process.startedAt,
    icon: processIcon(process.role),
    contextValue: inside ? 'process+pid' : 'process',
    expand: children === 0 ? 'leaf' : children > unfolded ? 'collapsed' : 'expanded',
    role: t('process'),
    subject: { kind: 'process', runtime: chain.runtime, process },
    tooltip: () => [
      { name: t('Role'), value: roleOf(process, chain) },
      { name: t('PID'), value: String(process.pid) },
      { name: t('Parent PID'), value: String(process.ppid) },
      { name: t('Started'), value: timestamp(process.startedAt) },
      { name: t('Command'), value: commandLine(process.command) },
    ],
    children: () => linksUnder(chain, index),
  });
}

/** Of a monitor the program's name; of what runs inside, its command line. */
function programOf({ role, command }: ProcessInfo): string {
  const [program = '?', ...rest] = command;
  // Some programs write a title over their argv, such as `nginx: master process /usr/sbin/nginx`.
  const name =
    program.startsWith('/') && !program.includes(' ') ? program.replace(/^.*\/(?=.)/, '') : program;
  return role === 'shim' || role === 'monitor' || role === 'init'
    ? name
    : clip([name, ...rest].join(' '), 80);
}

function roleOf({ role, pid }: ProcessInfo, { context: { t } }: Chain): string {
  switch (role) {
    case 'init':
      return pid === 1 ? t('init') : t('ancestor');
    case 'shim':
      return t('shim');
    case 'monitor':
      return t('monitor');
    case 'sandbox':
      return t('sandbox’s first process');
    case 'container':
      return t('container’s first process');
    case 'child':
      return t('child');
  }
}

function lowLevelNode(chain: Chain, lowLevel: LowLevelRuntime, made: readonly Link[]): ViewNode {
  const { t } = chain.context;
  const { name, bundle, statePath, source } = lowLevel;
  const tags = ['lowlevel', ...(bundle ? ['bundle'] : []), ...(statePath ? ['statepath'] : [])];
  return viewNode({
    id: `${chain.id}/lowlevel`,
    label: name,
    description: [t('ran, wrote its state and exited')],
    icon: lowLevelIcon,
    contextValue: tags.join('+'),
    expand: made.length === 0 ? 'leaf' : 'expanded',
    role: t('low-level runtime, not a process any more'),
    subject: { kind: 'lowLevel', ...(bundle ? { bundle } : {}), ...(statePath ? { statePath } : {}) },
    tooltip: () => [
      { value: t('Not a process any more: it made the container, wrote its state and exited.') },
      { name: t('Bundle'), value: bundle ?? t('unknown') },
      { name: t('State'), value: statePath ?? t('unknown') },
      { name: t('Known from'), value: source },
    ],
    children: () => made.map((link) => processNode(chain, link)),
  });
}

function reasonNode(id: string, ancestry: Ancestry, { t }: ViewContext): ViewNode {
  const reason = ancestry.reason ?? t('No process is known.');
  return viewNode({
    id: `${id}/reason`,
    label: reason,
    icon: reasonIcon,
    contextValue: 'reason',
    expand: 'leaf',
    role: t('note'),
    tooltip: () => [{ value: reason }],
  });
}
