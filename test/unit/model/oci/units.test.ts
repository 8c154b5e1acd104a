import { expect, test } from 'vitest';
import { bytesText, octalText, plural, quotaText, sharesText } from '../../../../src/model/oci/units.js';

test.each([
  ['0', '0 bytes'],
  ['1023', '1023 bytes'],
  ['1024', '1 KiB'],
  ['536870912', '512 MiB'],
  ['1610612736', '1.5 GiB'],
  ['-1', 'unlimited'],
  ['9223372036854771712', 'unlimited'],
  ['9223372036854775807', 'unlimited'],
  ['1.5', undefined],
  ['1e9', undefined],
])('%s bytes: %s', (written, text) => {
  expect(bytesText(written)).toBe(text);
});

test.each([
  ['50000', '100000', '0.5 cores'],
  ['100000', undefined, '1 core'],
  ['200000', '50000', '4 cores'],
  ['100000', '0', '1 core'],
  ['-1', '100000', 'no quota'],
  ['0', '100000', 'no quota'],
])('a quota of %s in %s: %s', (quota, period, text) => {
  expect(quotaText(quota, period)).toBe(text);
});

test('shares are requests, as the kubelet reckons', () => {
  expect(sharesText('1024')).toBe('a request of 1000m cores');
  expect(sharesText('102')).toBe('a request of 100m cores');
  expect(sharesText('2')).toBe('the least: no request');
});

test('file modes are octal, counts agree with their noun', () => {
  expect(octalText('438')).toBe('0666');
  expect(octalText('-1')).toBeUndefined();
  expect(plural(1, 'rule', 'rules')).toBe('1 rule');
  expect(plural(0, 'rule', 'rules')).toBe('0 rules');
});
