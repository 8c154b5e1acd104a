import type { Reality } from '../insight.js';
import type { JsonNode } from '../json.js';
import { octalText } from '../units.js';
import { integerAt, integerOf, itemsAt } from '../values.js';
import { compared, notesOf, orNone, unreadable, type About, type KernelView } from './fact.js';
import { statusFile, statusOf, type ProcessStatus } from './status.js';

export const mapFile = (pid: number, kind: 'uid' | 'gid'): string => `/proc/${pid}/${kind}_map`;

/** `process.user` and the id mappings against /proc/PID/status and /proc/PID/uid_map (user_namespaces(7)). */
export function userFacts(spec: JsonNode, kernel: KernelView): Reality[] {
  const status = statusOf(kernel);
  const source = statusFile(kernel.pid);
  if ('reason' in status) {
    const about: About = { path: ['process', 'user', 'uid'], name: 'user ID', source };
    return [unreadable(about, idText(spec, 'uid'), status.reason)];
  }
  return [
    idFact(spec, kernel, status, 'uid'),
    idFact(spec, kernel, status, 'gid'),
    groupFact(spec, kernel, status),
    ...umaskFacts(spec, status, source),
    ...mappingFacts(spec, kernel, 'uid'),
    ...mappingFacts(spec, kernel, 'gid'),
  ];
}

type IdKind = 'uid' | 'gid';

const idText = (spec: JsonNode, kind: IdKind): string =>
  String(integerAt(spec, ['process', 'user', kind]) ?? 0n);

function idFact(spec: JsonNode, kernel: KernelView, status: ProcessStatus, kind: IdKind): Reality {
  const about: About = {
    path: ['process', 'user', kind],
    name: kind === 'uid' ? 'user ID' : 'group ID',
    source: statusFile(kernel.pid),
  };
  // Real, effective, saved, file system.
  const outside = (status.field(kind === 'uid' ? 'Uid' : 'Gid') ?? '').split(/\s+/);
  const map = mapOf(kernel, kind);
  const [real = '?', effective = '?'] = outside.map((id) => insideOf(id, map));
  const found = real === effective ? real : `${real} (effective ${effective})`;
  const mapped = outside[0] === real ? undefined : `${outside[0] ?? '?'} on the node, by its ID mapping.`;
  return compared(about, idText(spec, kind), found, {
    same: mapped,
    drift: notesOf(
      'A process may change this itself after its start, as servers that drop privileges do.',
      mapped,
    ),
  });
}

function groupFact(spec: JsonNode, kernel: KernelView, status: ProcessStatus): Reality {
  const about: About = {
    path: ['process', 'user', 'additionalGids'],
    name: 'additional group IDs',
    source: statusFile(kernel.pid),
  };
  const map = mapOf(kernel, 'gid');
  const found = (status.field('Groups') ?? '').split(/\s+/).filter((id) => id !== '');
  const listed = itemsAt(spec, about.path).flatMap((item) => (item.type === 'number' ? [item.text] : []));
  return compared(about, groupsText(listed), groupsText(found.map((id) => insideOf(id, map))), {
    drift: 'A process may change its groups itself after its start.',
  });
}

/** The kernel sorts them, and a spec may name one twice. */
function groupsText(ids: readonly string[]): string {
  return orNone([...new Set(ids)].sort((a, b) => Number(a) - Number(b)));
}

function umaskFacts(spec: JsonNode, status: ProcessStatus, source: string): Reality[] {
  const umask = integerAt(spec, ['process', 'user', 'umask']);
  const found = status.field('Umask');
  if (umask === undefined || found === undefined) return [];
  const about: About = { path: ['process', 'user', 'umask'], name: 'umask', source };
  const text = (octal: string): string => octalText(String(Number.parseInt(octal, 8))) ?? octal;
  return [
    compared(about, octalText(String(umask)) ?? String(umask), text(found), {
      drift: 'A process may change its umask itself.',
    }),
  ];
}

interface IdRange {
  readonly inside: bigint;
  readonly outside: bigint;
  readonly size: bigint;
}

function mapOf(kernel: KernelView, kind: IdKind): readonly IdRange[] {
  const read = kernel.read(mapFile(kernel.pid, kind));
  return 'text' in read ? parseMap(read.text) : [];
}

function parseMap(text: string): IdRange[] {
  return text.split('\n').flatMap((line) => {
    const [inside, outside, size] = line.trim().split(/\s+/).map(integerOf);
    return inside === undefined || outside === undefined || size === undefined
      ? []
      : [{ inside, outside, size }];
  });
}

/** An id as the node has it, as the container sees it; as it is where no mapping covers it. */
function insideOf(id: string, map: readonly IdRange[]): string {
  const outside = integerOf(id);
  if (outside === undefined) return id;
  const range = map.find((one) => outside >= one.outside && outside < one.outside + one.size);
  return String(range ? range.inside + (outside - range.outside) : outside);
}

function mappingFacts(spec: JsonNode, kernel: KernelView, kind: IdKind): Reality[] {
  const key = `${kind}Mappings`;
  const written = itemsAt(spec, ['linux', key]).flatMap((item): IdRange[] => {
    const [inside, outside, size] = ['containerID', 'hostID', 'size'].map((part) => integerAt(item, [part]));
    return size === undefined ? [] : [{ inside: inside ?? 0n, outside: outside ?? 0n, size }];
  });
  if (written.length === 0) return [];
  const source = mapFile(kernel.pid, kind);
  const about: About = {
    path: ['linux', key],
    name: `${kind === 'uid' ? 'user' : 'group'} ID mapping`,
    source,
  };
  const read = kernel.read(source);
  if ('reason' in read) return [unreadable(about, rangesText(written), read.reason)];
  return [compared(about, rangesText(written), rangesText(parseMap(read.text)))];
}

function rangesText(ranges: readonly IdRange[]): string {
  const sorted = [...ranges].sort((a, b) => (a.inside < b.inside ? -1 : 1));
  return orNone(sorted.map(({ inside, outside, size }) => `${inside} → ${outside}, ${size} of them`));
}
