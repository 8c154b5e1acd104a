import type Long from 'long';

/** An int64 or uint64 exactly. Protobufjs gives 64-bit fields as Long, two signed halves. */
export function toBigInt({ low, high, unsigned }: Long): bigint {
  const bits = (BigInt(high) << 32n) | BigInt(low >>> 0);
  return unsigned ? BigInt.asUintN(64, bits) : BigInt.asIntN(64, bits);
}

/** CRI's timestamps (nanoseconds since the epoch) as whole milliseconds since the epoch, rounded down. */
export function nanosToMillis(nanos: Long): number {
  const exact = toBigInt(nanos);
  const millis = exact / 1_000_000n;
  return Number(exact < 0n && millis * 1_000_000n !== exact ? millis - 1n : millis);
}

/**
 * As {@link nanosToMillis}, but undefined for what hasn't happened: 0, or (cri-dockerd) the int64 that is left of
 * Go's zero time, the year 1.
 */
export function momentOf(nanos: Long): number | undefined {
  const millis = nanosToMillis(nanos);
  return millis > 0 ? millis : undefined;
}
