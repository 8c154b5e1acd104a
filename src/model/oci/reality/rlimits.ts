import type { Reality } from '../insight.js';
import type { JsonNode } from '../json.js';
import { integerAt, itemsAt, textAt } from '../values.js';
import { compared, judged, unreadable, type About, type KernelView } from './fact.js';

export const limitsFile = (pid: number): string => `/proc/${pid}/limits`;

/** As getrlimit(2) names them, and as /proc/PID/limits does (lnames, fs/proc/base.c). */
const titles: ReadonlyMap<string, string> = new Map([
  ['RLIMIT_CPU', 'Max cpu time'],
  ['RLIMIT_FSIZE', 'Max file size'],
  ['RLIMIT_DATA', 'Max data size'],
  ['RLIMIT_STACK', 'Max stack size'],
  ['RLIMIT_CORE', 'Max core file size'],
  ['RLIMIT_RSS', 'Max resident set'],
  ['RLIMIT_NPROC', 'Max processes'],
  ['RLIMIT_NOFILE', 'Max open files'],
  ['RLIMIT_MEMLOCK', 'Max locked memory'],
  ['RLIMIT_AS', 'Max address space'],
  ['RLIMIT_LOCKS', 'Max file locks'],
  ['RLIMIT_SIGPENDING', 'Max pending signals'],
  ['RLIMIT_MSGQUEUE', 'Max msgqueue size'],
  ['RLIMIT_NICE', 'Max nice priority'],
  ['RLIMIT_RTPRIO', 'Max realtime priority'],
  ['RLIMIT_RTTIME', 'Max realtime timeout'],
]);

/** Of those that a spec leaves to the runtime, what people look for. */
const worthTelling = ['RLIMIT_NOFILE', 'RLIMIT_NPROC', 'RLIMIT_CORE', 'RLIMIT_MEMLOCK'];

/** `process.rlimits` against /proc/PID/limits. What the spec doesn't set is inherited from the runtime. */
export function rlimitFacts(spec: JsonNode, kernel: KernelView): Reality[] {
  const source = limitsFile(kernel.pid);
  const read = kernel.read(source);
  const limits = parseLimits('text' in read ? read.text : '');
  const listed = new Set<string>();
  const facts = itemsAt(spec, ['process', 'rlimits']).flatMap((item, index): Reality[] => {
    const type = textAt(item, ['type']);
    if (type === undefined) return [];
    listed.add(type);
    const about: About = { path: ['process', 'rlimits', index], name: nameOf(type), source };
    const expected = pairText(boundOf(item, 'soft'), boundOf(item, 'hard'));
    const found = limits.get(titles.get(type) ?? '');
    if ('reason' in read) return [unreadable(about, expected, read.reason)];
    if (found === undefined) return [unreadable(about, expected, 'The kernel doesn’t know this limit.')];
    return [
      compared(about, expected, found, {
        drift:
          'A process may raise its soft limit up to the hard one itself (Go programs do so for open files).',
      }),
    ];
  });
  return [...facts, ...inherited(limits, listed, source)];
}

function inherited(
  limits: ReadonlyMap<string, string>,
  listed: ReadonlySet<string>,
  source: string,
): Reality[] {
  const found = worthTelling.flatMap((type) => {
    const text = listed.has(type) ? undefined : limits.get(titles.get(type) ?? '');
    return text === undefined ? [] : [`${nameOf(type)}: ${text}`];
  });
  if (found.length === 0) return [];
  const about: About = { path: ['process', 'rlimits'], name: 'limits that the spec doesn’t set', source };
  return [judged(about, 'inherited from the runtime', found.join('; '), 'same')];
}

/** `open files` */
function nameOf(type: string): string {
  return titles.get(type)?.replace('Max ', '') ?? type;
}

/** RLIM_INFINITY is the largest unsigned 64-bit number. */
function boundOf(limit: JsonNode, key: 'soft' | 'hard'): string {
  const value = integerAt(limit, [key]) ?? 0n;
  return value === 0xffff_ffff_ffff_ffffn || value === -1n ? 'unlimited' : String(value);
}

const pairText = (soft: string, hard: string): string => `soft ${soft}, hard ${hard}`;

/** A title, two bounds and most often a unit, in columns. */
function parseLimits(text: string): ReadonlyMap<string, string> {
  const limits = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, title, soft, hard] = /^(Max .+?)\s{2,}(\S+)\s+(\S+)/.exec(line) ?? [];
    if (title !== undefined && soft !== undefined && hard !== undefined)
      limits.set(title, pairText(soft, hard));
  }
  return limits;
}
