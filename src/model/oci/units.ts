const binary = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Cgroup v1 reads this back for "no limit": the largest 64-bit number that is a multiple of the page size. */
const noLimit = 9223372036854771712n;

/** Bytes for people: `512 MiB`, `1.5 GiB`; `unlimited` for -1 and for the kernel's own upper end. */
export function bytesText(written: string): string | undefined {
  if (!/^-?\d+$/.test(written)) return undefined;
  const exact = BigInt(written);
  if (exact < 0n || exact >= noLimit) return 'unlimited';
  let value = Number(exact);
  if (value < 1024) return `${value} bytes`;
  let unit = -1;
  while (value >= 1024 && unit < binary.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${rounded(value)} ${binary[unit] ?? ''}`;
}

/** The cores that a CFS quota allows (cgroup v1 cpu.cfs_quota_us and cpu.cfs_period_us; period 100,000 µs by default). */
export function quotaText(quota: string, period: string | undefined): string | undefined {
  const microseconds = Number(quota);
  const every = period === undefined || Number(period) === 0 ? 100_000 : Number(period);
  if (!Number.isFinite(microseconds) || !Number.isFinite(every)) return undefined;
  if (microseconds <= 0) return 'no quota';
  return plural(rounded(microseconds / every), 'core', 'cores');
}

/** What CPU shares mean: a request of shares / 1024 cores, as the kubelet reckons; 2 is the kernel's least. */
export function sharesText(shares: string): string | undefined {
  const value = Number(shares);
  if (!Number.isFinite(value)) return undefined;
  if (value === 0) return 'the kernel’s default';
  return value <= 2 ? 'the least: no request' : `a request of ${rounded((value * 1000) / 1024, 0)}m cores`;
}

/** File modes come as decimal numbers: 438 is `0666`. */
export function octalText(written: string): string | undefined {
  const value = Number(written);
  return Number.isInteger(value) && value >= 0 ? `0${value.toString(8)}` : undefined;
}

export function plural(count: string | number, one: string, many: string): string {
  return `${count} ${String(count) === '1' ? one : many}`;
}

function rounded(value: number, digits = 2): string {
  return String(Number(value.toFixed(digits)));
}
