import type { CgroupFolder } from '../../cgroupFiles.js';
import type { Reality } from '../insight.js';
import type { JsonNode } from '../json.js';
import { integerAt, integerOf, textAt } from '../values.js';
import { quotaText } from '../units.js';
import { binding, missing, whoChanges } from './cgroupWords.js';
import { defaultShares, defaultWeight, weightsOf } from './cpuShares.js';
import {
  compared,
  judged,
  notesOf,
  unreadable,
  type About,
  type KernelText,
  type KernelView,
} from './fact.js';
import { limitGroups, type LimitGroups } from './limits.js';

const cpu = ['linux', 'resources', 'cpu'];

/** `linux.resources.cpu` (runtime-spec config-linux.md, "CPU"; cgroup-v2 "CPU" and "Cpuset"). */
export function cpuFacts(spec: JsonNode, kernel: KernelView): Reality[] {
  const groups = limitGroups(spec, kernel, 'cpu');
  const facts = groups ? [quotaFact(spec, groups, kernel), sharesFact(spec, groups, kernel)] : [];
  return [...facts, ...cpusetFacts(spec, kernel)];
}

/** Microseconds of CPU in each period; no quota is undefined. */
interface Quota {
  readonly quota: bigint | undefined;
  readonly period: bigint;
}

const defaultPeriod = 100_000n;

function quotaFact(spec: JsonNode, { version, own, above }: LimitGroups, kernel: KernelView): Reality {
  const source = quotaFile(own, version);
  const about: About = { path: [...cpu, 'quota'], name: 'CPU quota', source };
  const quota = integerAt(spec, about.path) ?? 0n;
  const period = integerAt(spec, [...cpu, 'period']) ?? 0n;
  const wanted = { quota: quota > 0n ? quota : undefined, period: period > 0n ? period : defaultPeriod };
  const found = readQuota(kernel, own, version);
  if (!found) return unreadable(about, wordsOf(wanted), missing(kernel.read(source)));
  const binds = binding(above, coresOf(found), (group) => {
    const limit = readQuota(kernel, group, version);
    return limit?.quota === undefined ? undefined : { size: coresOf(limit), words: wordsOf(limit) };
  });
  const same = sameQuota(wanted, found);
  const text = wordsOf(wanted);
  return same
    ? judged(about, text, text, 'same', binds)
    : judged(about, text, wordsOf(found), 'drift', notesOf(whoChanges, binds));
}

function sameQuota(wanted: Quota, found: Quota): boolean {
  if (wanted.quota === undefined || found.quota === undefined) return wanted.quota === found.quota;
  // systemd rounds the quota of a second up to 10 ms (runc, docs/systemd.md), and may choose another period.
  const more = coresOf(found) - coresOf(wanted);
  return Math.abs(more) < 1e-6 || (more > 0 && more <= 0.01);
}

const quotaFile = ({ folder }: CgroupFolder, version: 1 | 2): string =>
  `${folder}/${version === 1 ? 'cpu.cfs_quota_us' : 'cpu.max'}`;

function readQuota(kernel: KernelView, group: CgroupFolder, version: 1 | 2): Quota | undefined {
  const read = kernel.read(quotaFile(group, version));
  if ('reason' in read) return undefined;
  if (version === 2) {
    const [quota = '', period = ''] = read.text.trim().split(/\s+/);
    return quotaOf(quota === 'max' ? '-1' : quota, period);
  }
  const period = kernel.read(`${group.folder}/cpu.cfs_period_us`);
  return quotaOf(read.text.trim(), 'text' in period ? period.text.trim() : '');
}

function quotaOf(quota: string, period: string): Quota | undefined {
  const value = integerOf(quota);
  if (value === undefined) return undefined;
  const every = integerOf(period) ?? defaultPeriod;
  return { quota: value < 0n ? undefined : value, period: every > 0n ? every : defaultPeriod };
}

const coresOf = ({ quota, period }: Quota): number =>
  quota === undefined ? Infinity : Number(quota) / Number(period);

function wordsOf({ quota, period }: Quota): string {
  if (quota === undefined) return 'no quota';
  return `${quotaText(String(quota), String(period)) ?? ''} (${quota} of ${period} µs)`;
}

function sharesFact(spec: JsonNode, { version, own }: LimitGroups, kernel: KernelView): Reality {
  const file = version === 1 ? 'cpu.shares' : 'cpu.weight';
  const about: About = { path: [...cpu, 'shares'], name: 'CPU shares', source: `${own.folder}/${file}` };
  const shares = integerAt(spec, about.path) ?? 0n;
  const read = kernel.read(about.source);
  const found = 'text' in read ? integerOf(read.text.trim()) : undefined;
  const set = shares > 0n;
  if (found === undefined) return unreadable(about, set ? `${shares}` : 'not set', missing(read));
  if (version === 1) {
    const wanted = set ? (shares < 2n ? 2n : shares > 262_144n ? 262_144n : shares) : defaultShares;
    return compared(about, `${wanted}`, `${found}`, {
      drift: whoChanges,
      same: set ? undefined : 'The kernel’s default.',
    });
  }
  const weights = set ? weightsOf(shares) : [defaultWeight];
  const wanted = weights.includes(found) ? found : weights[0];
  const how = set
    ? `${shares} shares are a weight of ${weights.join(' or, with runc 1.3.2 or crun 1.23 and newer, ')}.`
    : 'The kernel’s default.';
  return compared(about, `weight ${wanted ?? ''}`, `weight ${found}`, {
    same: how,
    drift: notesOf(whoChanges, how),
  });
}

function cpusetFacts(spec: JsonNode, kernel: KernelView): Reality[] {
  const wanted = (['cpus', 'mems'] as const).flatMap((key) => {
    const list = textAt(spec, [...cpu, key]) ?? '';
    return list === '' ? [] : [{ key, list }];
  });
  if (wanted.length === 0) return [];
  const groups = limitGroups(spec, kernel, 'cpuset');
  return wanted.map(({ key, list }) => {
    const source = groups ? `${groups.own.folder}/cpuset.${key}` : '';
    const about: About = { path: [...cpu, key], name: key === 'cpus' ? 'CPUs' : 'memory nodes', source };
    const expected = listText(list);
    const read: KernelText = groups
      ? kernel.read(source)
      : { reason: 'No cpuset cgroup of this process can be read.' };
    if ('reason' in read) return unreadable(about, expected, read.reason);
    const effective = kernel.read(`${source}.effective`);
    const narrower =
      'text' in effective && effective.text.trim() !== '' && listText(effective.text) !== listText(read.text)
        ? `Groups above leave only ${listText(effective.text)} of them.`
        : undefined;
    return compared(about, expected, listText(read.text), {
      same: narrower,
      drift: notesOf(whoChanges, narrower),
    });
  });
}

/** CONFIG_NR_CPUS is at most 8192. */
const mostNumbers = 8192;

/** The kernel writes a list of numbers in its shortest form: `0,1,2` is `0-2`. */
export function listText(list: string): string {
  const numbers = new Set<number>();
  let count = 0;
  for (const part of list.trim().split(',', mostNumbers + 1)) {
    const [from = NaN, to = from] = part.trim().split('-').map(Number);
    // A hostile list of millions is left as it is written.
    count += Math.max(to - from, 0) + 1;
    if (!Number.isInteger(from) || !Number.isInteger(to) || count > mostNumbers) return list.trim();
    for (let number = from; number <= to; number++) numbers.add(number);
  }
  const ranges: [number, number][] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}
