/** What CPU shares (cgroup v1, 2 to 262,144) may have become as cpu.weight (cgroup v2, 1 to 10,000). */
export function weightsOf(shares: bigint): readonly bigint[] {
  if (shares === 0n) return [];
  const clamped = shares < 2n ? 2n : shares > 262_144n ? 262_144n : shares;
  return [...new Set([linear(clamped), quadratic(Number(clamped))])];
}

/** runc up to 1.3.1 and crun up to 1.22. */
const linear = (shares: bigint): bigint => 1n + ((shares - 2n) * 9999n) / 262_142n;

/** runc since 1.3.2 and crun since 1.23 (opencontainers/cgroups 0.0.3): keeps least, default and most in place. */
function quadratic(shares: number): bigint {
  if (shares <= 2) return 1n;
  if (shares >= 262_144) return 10_000n;
  const power = Math.log2(shares);
  return BigInt(Math.ceil(10 ** ((power * power + 125 * power) / 612 - 7 / 34)));
}

/** The kernel's own where nobody sets any. */
export const defaultShares = 1024n;
export const defaultWeight = 100n;
