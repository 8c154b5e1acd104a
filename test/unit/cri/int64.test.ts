import Long from 'long';
import { describe, expect, it } from 'vitest';
import { momentOf, nanosToMillis, toBigInt } from '../../../src/cri/int64.js';

describe('64-bit integers', () => {
  it.each([
    '0',
    '1',
    '-1',
    '9223372036854775807',
    '-9223372036854775808',
    '4294967296',
    '1795494039813813882',
  ])('keeps int64 %s exact', (text) => expect(toBigInt(Long.fromString(text))).toBe(BigInt(text)));

  it.each(['18446744073709551615', '9223372036854775808'])('keeps uint64 %s exact', (text) =>
    expect(toBigInt(Long.fromString(text, true))).toBe(BigInt(text)),
  );

  it('rounds nanoseconds down to milliseconds', () => {
    expect(nanosToMillis(Long.fromString('1795494039813999999'))).toBe(1795494039813);
    expect(nanosToMillis(Long.fromString('-1'))).toBe(-1);
    expect(nanosToMillis(Long.fromString('-2000000'))).toBe(-2);
  });

  it('takes 0 and Go’s zero time for what didn’t happen', () => {
    expect(momentOf(Long.ZERO)).toBeUndefined();
    expect(momentOf(Long.fromString('-6795364578871345152'))).toBeUndefined();
    expect(momentOf(Long.fromString('1795494039813813882'))).toBe(1795494039813);
  });
});
