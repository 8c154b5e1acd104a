import type { Reality } from '../insight.js';
import type { JsonNode } from '../json.js';
import { integerAt, isSetAt } from '../values.js';
import { binding, limitIn, limitOf, memoryText, missing, whoChanges, type Limit } from './cgroupWords.js';
import { judged, notesOf, unreadable, type About, type KernelView } from './fact.js';
import { limitGroups, type LimitGroups } from './limits.js';

const memory = ['linux', 'resources', 'memory'];

/** `linux.resources.memory` (runtime-spec config-linux.md, "Memory"; cgroup-v1/memory, cgroup-v2 "Memory"). */
export function memoryFacts(spec: JsonNode, kernel: KernelView): Reality[] {
  const about: About = { path: [...memory, 'limit'], name: 'memory limit', source: '' };
  const groups = limitGroups(spec, kernel, 'memory');
  const wanted = limitOf(integerAt(spec, about.path));
  if (!groups)
    return [unreadable(about, memoryText(wanted), 'No memory cgroup of this process can be read.')];
  return [
    limitFact(about, wanted, groups, kernel),
    ...swapFacts(spec, groups, kernel),
    ...reservationFacts(spec, groups, kernel),
  ];
}

function limitFact(
  about: About,
  wanted: Limit,
  { version, own, above }: LimitGroups,
  kernel: KernelView,
): Reality {
  const file = version === 1 ? 'memory.limit_in_bytes' : 'memory.max';
  const named = { ...about, source: `${own.folder}/${file}` };
  const read = kernel.read(named.source);
  const found = limitIn(read);
  if (!found) return unreadable(named, memoryText(wanted), missing(read));
  const binds = binding(above, Number(found.value ?? Infinity), ({ folder }) => {
    const limit = limitIn(kernel.read(`${folder}/${file}`));
    return limit?.value === undefined ? undefined : { size: Number(limit.value), words: memoryText(limit) };
  });
  return comparedBytes(named, wanted, found, binds);
}

/** The spec's swap is memory and swap together; cgroup v2 limits swap alone (runtime-spec, "Memory"). */
function swapFacts(spec: JsonNode, { version, own }: LimitGroups, kernel: KernelView): Reality[] {
  const path = [...memory, 'swap'];
  const both = integerAt(spec, path);
  if (both === undefined || both === 0n) return [];
  const source = `${own.folder}/${version === 1 ? 'memory.memsw.limit_in_bytes' : 'memory.swap.max'}`;
  const about: About = { path, name: version === 1 ? 'memory and swap limit' : 'swap limit', source };
  const wanted = version === 1 || both < 0n ? limitOf(both) : { value: swapAlone(both, spec) };
  const read = kernel.read(source);
  const found = limitIn(read);
  if (!found) {
    const off =
      'This kernel doesn’t count swap for cgroups (swapaccount, CONFIG_MEMCG_SWAP), so no swap limit holds.';
    return [unreadable(about, memoryText(wanted), notesOf(off, missing(read)) ?? off)];
  }
  return [comparedBytes(about, wanted, found)];
}

function swapAlone(both: bigint, spec: JsonNode): bigint {
  const limit = integerAt(spec, [...memory, 'limit']) ?? 0n;
  return limit > 0n && both >= limit ? both - limit : both;
}

/** A soft limit in cgroup v1, memory.low in v2 (runc, cgroup v2 of opencontainers/cgroups). */
function reservationFacts(spec: JsonNode, { version, own }: LimitGroups, kernel: KernelView): Reality[] {
  const path = [...memory, 'reservation'];
  if (!isSetAt(spec, path)) return [];
  const wanted = limitOf(integerAt(spec, path));
  // 0 leaves the kernel's default, which is none in v1 and 0 in v2.
  if (wanted.value === undefined) return [];
  const source = `${own.folder}/${version === 1 ? 'memory.soft_limit_in_bytes' : 'memory.low'}`;
  const about: About = { path, name: 'memory reservation', source };
  const read = kernel.read(source);
  const found = limitIn(read);
  return [found ? comparedBytes(about, wanted, found) : unreadable(about, memoryText(wanted), missing(read))];
}

/** The kernel keeps whole pages, of 4 to 64 KiB, and rounds down (page_counter_memparse, mm/page_counter.c). */
export function comparedBytes(about: About, wanted: Limit, found: Limit, binds?: string): Reality {
  const less = wanted.value === undefined || found.value === undefined ? 0n : wanted.value - found.value;
  const rounded = less > 0n && less < 65_536n && (found.value ?? 0n) % 4096n === 0n;
  const same = rounded || wanted.value === found.value;
  const note = notesOf(
    rounded ? 'The kernel keeps whole pages.' : undefined,
    same ? undefined : whoChanges,
    binds,
  );
  return judged(about, memoryText(wanted), memoryText(found), same ? 'same' : 'drift', note);
}
