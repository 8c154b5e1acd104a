import type { Reality } from '../insight.js';
import type { JsonNode } from '../json.js';
import { integerAt } from '../values.js';
import { compared, judged, unreadable, type About, type KernelView } from './fact.js';

export const oomFile = (pid: number): string => `/proc/${pid}/oom_score_adj`;

/** `process.oomScoreAdj` against /proc/PID/oom_score_adj. */
export function oomFacts(spec: JsonNode, kernel: KernelView): Reality[] {
  const source = oomFile(kernel.pid);
  const about: About = { path: ['process', 'oomScoreAdj'], name: 'OOM score adjustment', source };
  const expected = integerAt(spec, about.path);
  const read = kernel.read(source);
  const words = expected === undefined ? 'inherited from the runtime' : String(expected);
  if ('reason' in read) return [unreadable(about, words, read.reason)];
  const found = read.text.trim();
  if (expected === undefined) return [judged(about, words, found, 'same')];
  return [
    compared(about, words, found, {
      drift: 'The process or an agent of the node changed it; only one with CAP_SYS_RESOURCE may lower it.',
    }),
  ];
}
