import type { Reality } from '../insight.js';
import { nodeAt, type JsonNode } from '../json.js';
import { integerAt, itemsAt, textAt } from '../values.js';
import { comparedBytes } from './cgroupMemory.js';
import { binding, countText, limitIn, limitOf, memoryText, missing, whoChanges } from './cgroupWords.js';
import { compared, judged, notesOf, unreadable, type About, type KernelView } from './fact.js';
import { limitGroups, type Controller } from './limits.js';

const resources = ['linux', 'resources'];

/** `linux.resources.pids` against pids.max. */
export function pidsFacts(spec: JsonNode, kernel: KernelView): Reality[] {
  const groups = limitGroups(spec, kernel, 'pids');
  const wanted = limitOf(integerAt(spec, [...resources, 'pids', 'limit']));
  const source = groups ? `${groups.own.folder}/pids.max` : '';
  const about: About = { path: [...resources, 'pids', 'limit'], name: 'process limit', source };
  if (!groups) return [unreadable(about, countText(wanted), 'No pids cgroup of this process can be read.')];
  const read = kernel.read(source);
  const found = limitIn(read);
  if (!found) return [unreadable(about, countText(wanted), missing(read))];
  const binds = binding(groups.above, Number(found.value ?? Infinity), ({ folder }) => {
    const limit = limitIn(kernel.read(`${folder}/pids.max`));
    return limit?.value === undefined ? undefined : { size: Number(limit.value), words: countText(limit) };
  });
  const same = wanted.value === found.value;
  const note = notesOf(same ? undefined : whoChanges, binds);
  return [judged(about, countText(wanted), countText(found), same ? 'same' : 'drift', note)];
}

/** `linux.resources.hugepageLimits` against hugetlb.SIZE.max and, in v1, .limit_in_bytes. */
export function hugepageFacts(spec: JsonNode, kernel: KernelView): Reality[] {
  const path = [...resources, 'hugepageLimits'];
  return hugepageItems(spec).flatMap((item, index): Reality[] => {
    const size = textAt(item, ['pageSize']) ?? '';
    if (!isFileName(size)) return [];
    const wanted = limitOf(integerAt(item, ['limit']));
    const groups = limitGroups(spec, kernel, 'hugetlb');
    const source = groups ? `${groups.own.folder}/${hugepageFile(size, groups.version)}` : '';
    const about: About = { path: [...path, index], name: `huge pages of ${size}`, source };
    const read = groups
      ? kernel.read(source)
      : { reason: 'This node has no hugetlb cgroup, so no such limit holds.' };
    const found = limitIn(read);
    // 0 forbids huge pages, where for other limits it means none.
    const value = integerAt(item, ['limit']) === 0n ? { value: 0n } : wanted;
    return [found ? comparedBytes(about, value, found) : unreadable(about, memoryText(value), missing(read))];
  });
}

const hugepageItems = (spec: JsonNode): readonly JsonNode[] =>
  itemsAt(spec, [...resources, 'hugepageLimits']).slice(0, mostEntries);

const hugepageFile = (size: string, version: 1 | 2): string =>
  `hugetlb.${size}.${version === 1 ? 'limit_in_bytes' : 'max'}`;

/** `linux.resources.unified`: files of cgroup v2 by their names. */
export function unifiedFacts(spec: JsonNode, kernel: KernelView): Reality[] {
  return unifiedEntries(spec).map(([name, value]): Reality => {
    const groups = limitGroups(spec, kernel, 'memory');
    const source = groups ? `${groups.own.folder}/${name}` : '';
    const about: About = { path: [...resources, 'unified', name], name, source };
    if (groups?.version !== 2) return unreadable(about, value, 'Only cgroup v2 has this file.');
    const read = kernel.read(source);
    if ('reason' in read) return unreadable(about, value, read.reason);
    const [wanted, found] = [limitIn({ text: value }), limitIn(read)];
    if (name.startsWith('memory.') && wanted && found) return comparedBytes(about, wanted, found);
    return compared(about, wordsOf(value), wordsOf(read.text), { drift: whoChanges });
  });
}

const wordsOf = (text: string): string => text.trim().replace(/\s+/g, ' ');

function unifiedEntries(spec: JsonNode): (readonly [string, string])[] {
  const unified = nodeAt(spec, [...resources, 'unified']);
  if (unified?.type !== 'object') return [];
  return [...unified.members]
    .flatMap(([name, node]) =>
      node.type === 'string' && isFileName(name) ? [[name, node.text] as const] : [],
    )
    .slice(0, mostEntries);
}

/** More are no container's; each is a file to read. */
const mostEntries = 200;

/** What may become part of a path. */
const isFileName = (name: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.]{0,63}$/.test(name);

/** Files that a spec's huge pages and unified entries make worth reading. */
export function extraLimitFiles(spec: JsonNode, controller: Controller, version: 1 | 2): string[] {
  if (controller === 'hugetlb') {
    return hugepageItems(spec).flatMap((item) => {
      const size = textAt(item, ['pageSize']) ?? '';
      return isFileName(size) ? [hugepageFile(size, version)] : [];
    });
  }
  return controller === 'memory' && version === 2 ? unifiedEntries(spec).map(([name]) => name) : [];
}
