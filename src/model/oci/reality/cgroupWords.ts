import { bytesText, plural } from '../units.js';
import { integerOf } from '../values.js';
import type { CgroupFolder } from '../../cgroupFiles.js';
import type { KernelText } from './fact.js';

/** A limit of a file: a number, or undefined for none (`max`, -1, and v1's largest number of whole pages). */
export interface Limit {
  readonly value: bigint | undefined;
}

const pageCounterMax = 0x7fff_ffff_ffff_0000n;

export function limitIn(read: KernelText): Limit | undefined {
  if ('reason' in read) return undefined;
  const text = read.text.trim();
  if (text === 'max') return { value: undefined };
  const value = integerOf(text);
  if (value === undefined) return undefined;
  return { value: value < 0n || value >= pageCounterMax ? undefined : value };
}

/** What a spec's number limits: nothing when it is missing, 0 or negative. */
export function limitOf(value: bigint | undefined): Limit {
  return { value: value === undefined || value <= 0n || value >= pageCounterMax ? undefined : value };
}

const noLimit = 'no limit';

/** `512 MiB (536870912)`: exact, since two that differ may round to the same. */
export function memoryText({ value }: Limit): string {
  if (value === undefined) return noLimit;
  const text = bytesText(String(value)) ?? '';
  return text.startsWith(`${value} `) ? text : `${text} (${value})`;
}

export function countText({ value }: Limit): string {
  return value === undefined ? noLimit : plural(String(value), 'process', 'processes');
}

/** Who may have changed a limit since. */
export const whoChanges =
  'It was changed since the container was made: by hand, by the kubelet (resize in place, CPU manager), or by another agent.';

/** Why a group's file isn't there. */
export function missing(read: KernelText): string {
  return 'reason' in read ? read.reason : `It holds “${read.text.trim().slice(0, 80)}”, which is no limit.`;
}

/** The tightest of the groups above that is tighter than the container's own limit. */
export function binding(
  above: readonly CgroupFolder[],
  own: number,
  limitAbove: (group: CgroupFolder) => { readonly size: number; readonly words: string } | undefined,
): string | undefined {
  let tightest: { readonly group: CgroupFolder; readonly size: number; readonly words: string } | undefined;
  for (const group of above) {
    const limit = limitAbove(group);
    if (limit && limit.size < (tightest?.size ?? own)) tightest = { group, ...limit };
  }
  if (!tightest) return undefined;
  const whose = tightest.group === above[0] ? 'The group right above' : 'A group above';
  return `${whose}, ${tightest.group.path}, allows ${tightest.words} and binds first.`;
}
