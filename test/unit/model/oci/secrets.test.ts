import { expect, test } from 'vitest';
import { looksSecret } from '../../../../src/model/oci/secrets.js';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';

test.each([
  ['DB_PASSWORD', 'x'],
  ['dbPassword', 'x'],
  ['PGPASSWORD', 'x'],
  ['API_KEY', 'x'],
  ['apiKey', 'x'],
  ['AWS_SECRET_ACCESS_KEY', 'x'],
  ['GITHUB_TOKEN', 'x'],
  ['google-credentials', '{}'],
  ['DB_PASS', 'x'],
  ['REDIS_AUTH', 'x'],
  ['X', jwt],
  ['X', `prefix ${jwt}`],
  ['X', '-----BEGIN RSA PRIVATE KEY-----\nMIIE'],
  ['X', 'postgres://user:pw@host/db'],
  ['X', 'redis://:pw@host'],
  ['X', 'ghp_0123456789012345678901234567890123456'],
  ['X', 'AKIAIOSFODNN7EXAMPLE'],
  ['X', 'Authorization: Bearer abcdefghijkl'],
  ['X', 'Server=db;Password=pw;'],
  ['X', '{"password": "pw"}'],
])('%s=%s is masked', (name, value) => {
  expect(looksSecret(name, value)).toBe(true);
});

test.each([
  ['PATH', '/usr/bin:/bin'],
  ['HOME', '/root'],
  ['PWD', '/srv'],
  ['OLDPWD', '/srv'],
  ['KEYBOARD', 'us'],
  ['MONKEY', 'x'],
  ['AUTHOR', 'x'],
  ['PASSENGERS', 'x'],
  ['DB_PASSWORD', ''],
  ['USE_TOKEN', 'true'],
  ['KUBERNETES_PORT', 'tcp://10.96.0.1:443'],
  ['URL', 'https://example.com/a:b@c'],
  ['URL', 'https://user@example.com/'],
  ['IMAGE', 'registry.test/busybox@sha256:190527239032326ae9257dc43f0b13c9147edea6ccc1369feb84d7accd1afc43'],
  ['io.kubernetes.cri.sandbox-id', '8cee98df502268b0aa796ffea38c5f1a331fff11a31bba4de78ebf19be303d47'],
])('%s=%s is not', (name, value) => {
  expect(looksSecret(name, value)).toBe(false);
});

test.each(['a', ':', '://:', 'eyJ-', '-----BEGIN ', 'secret ', 'basic '])(
  'a value of millions of %j is looked at and done with',
  (part) => {
    expect(typeof looksSecret('X', part.repeat(1_000_000))).toBe('boolean');
  },
);
