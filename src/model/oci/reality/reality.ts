import type { Reality } from '../insight.js';
import type { JsonNode } from '../json.js';
import { capabilityFacts, lastCapabilityFile } from './capabilities.js';
import { cgroupFacts } from './cgroup.js';
import { extraLimitFiles } from './cgroupOthers.js';
import { unreadable, type About, type KernelView } from './fact.js';
import { cgroupFile, limitFiles } from './limits.js';
import { apparmorFile, labelFile, lsmFacts } from './lsm.js';
import { kernelPaths, mountFacts } from './mounts.js';
import { isPlainPath, joinedFiles, namespaceFacts, namespaceFilesOf } from './namespaces.js';
import { oomFacts, oomFile } from './oom.js';
import { limitsFile, rlimitFacts } from './rlimits.js';
import { seccompFacts } from './seccomp.js';
import { statusFile, statusOf } from './status.js';
import { mapFile, userFacts } from './user.js';

/** A config.json against what the kernel says of one process of its container. Throws for no spec, however odd. */
export function realityOf(spec: JsonNode, kernel: KernelView): Reality[] {
  const status = statusOf(kernel);
  if ('reason' in status) {
    const about: About = { path: ['process'], name: 'process', source: statusFile(kernel.pid) };
    return [unreadable(about, 'running', status.reason)];
  }
  return [
    ...userFacts(spec, kernel),
    ...capabilityFacts(spec, kernel),
    ...seccompFacts(spec, kernel),
    ...lsmFacts(spec, kernel),
    ...rlimitFacts(spec, kernel),
    ...oomFacts(spec, kernel),
    ...namespaceFacts(spec, kernel),
    ...cgroupFacts(spec, kernel),
    // The other processes' mounts are the first one's, or their mount namespace shows as another.
    ...(kernel.first ? mountFacts(spec, kernel) : []),
  ];
}

/** Small files that {@link realityOf} wants of the node and of one process. */
export function processFiles(pid: number): string[] {
  return [
    ...[statusFile, limitsFile, oomFile, labelFile, apparmorFile, cgroupFile].map((file) => file(pid)),
    ...[mapFile(pid, 'uid'), mapFile(pid, 'gid'), lastCapabilityFile],
  ];
}

/** Paths of which {@link realityOf} wants to know what they name. */
export function identityPaths(spec: JsonNode, pids: readonly number[]): string[] {
  const paths = [
    ...pids.flatMap(namespaceFilesOf),
    ...joinedFiles(spec),
    ...kernelPaths(spec).filter(isPlainPath),
  ];
  let left = longestPaths;
  return [...new Set(paths)].filter((path) => (left -= path.length) >= 0);
}

/** More are no container's; they are the arguments of one program, and over SSH a word of the shell (at most 128 KiB). */
const longestPaths = 24_000;

/** Files of cgroups that {@link realityOf} wants of the first process, by what was read of it so far. */
export function secondFiles(spec: JsonNode, kernel: KernelView): string[] {
  return limitFiles(spec, kernel, (controller, version) => extraLimitFiles(spec, controller, version));
}
