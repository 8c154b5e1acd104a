import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { comparableJson, type Particulars } from '../../../../src/model/oci/comparable.js';
import { runNow } from '../../../../src/model/steps.js';

const comparable = (text: string, particulars: Particulars = {}): string =>
  runNow(comparableJson(text, particulars));

describe('a spec laid out to be compared', () => {
  it('has its keys sorted and its numbers as they were', () => {
    expect(comparable('{"b": [], "a": {"y": 9007199254740993, "x": [1, {}]}}')).toBe(
      '{\n  "a": {\n    "x": [\n      1,\n      {}\n    ],\n    "y": 9007199254740993\n  },\n  "b": []\n}\n',
    );
  });

  it('has placeholders for what is particular to the container', () => {
    const [c, s] = ['c'.repeat(64), 'a'.repeat(64)];
    const uid = '0a1b2c3d-0000-1111-2222-333344445555';
    const text = JSON.stringify({
      cgroup: `/kubepods/pod${uid}/${c}`,
      slice: `kubepods-pod${uid.replaceAll('-', '_')}.slice:cri-containerd:${c}`,
      net: '/proc/4711/ns/net',
      env: ['HOSTNAME=web-7f-x2', `OTHER=${'d'.repeat(64)}`, 'SHORT=dddd'],
      [s]: uid,
    });
    const particulars = { containerId: c, sandboxId: s, sandboxUid: uid, sandboxName: 'web-7f-x2' };
    expect(JSON.parse(comparable(text, particulars))).toEqual({
      '<sandbox id>': '<pod uid>',
      cgroup: '/kubepods/pod<pod uid>/<container id>',
      slice: 'kubepods-pod<pod uid>.slice:cri-containerd:<container id>',
      net: '/proc/<pid>/ns/net',
      env: ['HOSTNAME=<pod name>', 'OTHER=<id>', 'SHORT=dddd'],
    });
  });

  it('means the same as before, sorted', () => {
    const text = readFileSync('test/fixtures/oci/full.json', 'utf8');
    expect(JSON.parse(comparable(text))).toEqual(JSON.parse(text.replace('/proc/4242/', '/proc/<pid>/')));
  });

  it('takes any depth', () => {
    expect(comparable('['.repeat(20_000) + ']'.repeat(20_000))).toContain('[]');
  });
});
