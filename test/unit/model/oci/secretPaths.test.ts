import { describe, expect, test } from 'vitest';
import { nodeAt, parseJson, type JsonPath } from '../../../../src/model/oci/json.js';
import { readSpec } from '../../../../src/model/oci/readSpec.js';
import { SecretPaths } from '../../../../src/model/oci/secretPaths.js';

const text = JSON.stringify({
  process: {
    args: ['run', '--password', 'hunter2'],
    cwd: '/srv',
    env: ['PATH=/bin', 'DB_PASSWORD=hunter2', 'LATER=x'],
  },
  mounts: [
    { destination: '/a', source: 'https://u:pw12@host/x' },
    { destination: '/b', source: '/b' },
  ],
  annotations: { 'a/token': 'abcdefgh', 'a/plain': 'abcdefgh' },
});
const root = parseJson(text);
const secrets = new SecretPaths(readSpec(text));

describe('paths of masked rows', () => {
  test.each<[JsonPath, boolean]>([
    [['process', 'args'], true],
    [['process', 'args', 2], true],
    [['process', 'cwd'], false],
    [['process', 'env', 0], false],
    [['process', 'env', 1], true],
    [['process', 'env'], true],
    [['mounts', 0], true],
    [['mounts', 0, 'source'], true],
    [['mounts', 0, 'destination'], true],
    [['mounts', 1, 'source'], false],
    [['annotations', 'a/token'], true],
    [['annotations', 'a/plain'], false],
  ])('%j: %s', (path, touched) => {
    expect(secrets.touches(path)).toBe(touched);
  });
});

describe('values of another text', () => {
  const other = parseJson(
    JSON.stringify({
      process: { env: ['A=1', 'B=2', 'C=3', 'API_TOKEN=zzzzzzzz', 'LOG=debug'] },
      annotations: { 'new/secret': 'zzzzzzzz', 'new/plain': 'zz' },
      hooks: { password: ['x'] },
    }),
  );
  test.each<[JsonPath, boolean]>([
    [['process', 'env', 3], true],
    [['process', 'env', 4], false],
    [['process', 'env', 1], true],
    [['annotations', 'new/secret'], true],
    [['annotations', 'new/plain'], false],
    [['hooks', 'password', 0], true],
  ])('%j: %s', (path, hidden) => {
    const node = nodeAt(other, path) ?? root;
    expect(secrets.hides(path, node)).toBe(hidden);
  });
});
