import { cgroupPaths } from '../../cgroupFiles.js';
import type { Reality } from '../insight.js';
import type { JsonNode } from '../json.js';
import { textAt } from '../values.js';
import { cgroupEnd, ownGroup } from './cgroupPath.js';
import { cpuFacts } from './cgroupCpu.js';
import { memoryFacts } from './cgroupMemory.js';
import { hugepageFacts, pidsFacts, unifiedFacts } from './cgroupOthers.js';
import { judged, unreadable, type About, type KernelView } from './fact.js';
import { cgroupFile } from './limits.js';

/** `linux.cgroupsPath` and `linux.resources` against /proc/PID/cgroup and the files of the groups. */
export function cgroupFacts(spec: JsonNode, kernel: KernelView): Reality[] {
  const group = groupFacts(spec, kernel);
  if (!kernel.first) return group;
  const limits = [
    ...memoryFacts(spec, kernel),
    ...cpuFacts(spec, kernel),
    ...pidsFacts(spec, kernel),
    ...hugepageFacts(spec, kernel),
  ];
  const unified = unifiedFacts(spec, kernel);
  // What the spec writes into a file of cgroup v2 by name goes before what it says of the same limit otherwise.
  const named = new Set(unified.map(({ source }) => source).filter((source) => source !== ''));
  return [...group, ...limits.filter(({ source }) => !named.has(source)), ...unified];
}

/** In hierarchies that a runtime doesn't use a process may be anywhere, so one that fits is enough. */
function groupFacts(spec: JsonNode, kernel: KernelView): Reality[] {
  const written = textAt(spec, ['linux', 'cgroupsPath']) ?? '';
  const end = cgroupEnd(spec);
  if (end === undefined) return [];
  const source = cgroupFile(kernel.pid);
  const about: About = { path: ['linux', 'cgroupsPath'], name: 'cgroup', source };
  const read = kernel.read(source);
  if ('reason' in read) return [unreadable(about, written, read.reason)];
  const paths = cgroupPaths(read.text).map(({ path }) => path);
  if (paths.length === 0) return [unreadable(about, written, 'The process has ended.')];
  const inside = paths.filter((path) => ownGroup(path, end).endsWith(end));
  const found = inside[0] ?? longest(paths);
  if (inside.length === 0) {
    return [
      judged(
        about,
        written,
        found,
        'drift',
        'It was moved, so other limits hold for it, or its number was given to another process.',
      ),
    ];
  }
  const own = ownGroup(found, end);
  return [judged(about, written, written, 'same', found === own ? undefined : `In a group below, ${found}.`)];
}

const longest = (paths: readonly string[]): string =>
  paths.reduce((best, path) => (path.length > best.length ? path : best), '');
