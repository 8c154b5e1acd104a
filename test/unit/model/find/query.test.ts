import { describe, expect, test } from 'vitest';
import { idsIn, looksFindable, parseQuery } from '../../../../src/model/find/query.js';

const id = 'a1b2c3d4e5f6'.padEnd(64, '0');

describe('parseQuery', () => {
  test.each([
    ['', undefined],
    ['   ', undefined],
    ['4711', { pid: 4711, innerPid: 4711, port: 4711, idPrefix: '4711', word: '4711' }],
    ['99999', { pid: 99999, innerPid: 99999, idPrefix: '99999' }],
    ['pid 4711', { pid: 4711, innerPid: 4711 }],
    ['PID: 4711', { pid: 4711, innerPid: 4711 }],
    ['port=8080', { port: 8080 }],
    [':8080', { port: 8080 }],
    ['localhost:8080', { port: 8080 }],
    ['10.244.0.3', { ip: '10.244.0.3' }],
    ['10.244.0.3:8080', { ip: '10.244.0.3', port: 8080 }],
    ['http://10.244.0.3:8080/healthz', { ip: '10.244.0.3', port: 8080 }],
    ['fd00::A5', { ip: 'fd00::a5' }],
    ['[fd00::a5]:80', { ip: 'fd00::a5', port: 80 }],
    [id, { idPrefix: id }],
    [`containerd://${id}`, { idPrefix: id }],
    ['A1B2C3D4', { idPrefix: 'a1b2c3d4' }],
    ['nginx:1.25', { word: 'nginx:1.25' }],
    ['image:nginx', { word: 'nginx' }],
    ['/proc/4711/root/etc/passwd', { pid: 4711, path: '/proc/4711/root/etc/passwd' }],
    ['0::/kubepods/burstable/podX/abc', { path: '/kubepods/burstable/podX/abc' }],
    ['12:cpu,cpuacct:/kubepods/podX', { path: '/kubepods/podX' }],
    ['/sys/fs/cgroup/kubepods/podX/abc/', { path: '/kubepods/podX/abc' }],
    ['/sys/fs/cgroup/memory/kubepods/podX', { path: '/kubepods/podX' }],
    ['/sys/fs/cgroup/cpu,cpuacct/kubepods/podX/tasks', { path: '/kubepods/podX' }],
    ['/sys/fs/cgroup/unified/system.slice/ssh.service/cgroup.procs', { path: '/system.slice/ssh.service' }],
    ['cgroup /system.slice', { path: '/system.slice' }],
  ])('%s', (text, meant) => {
    const query = parseQuery(text);
    if (meant) expect(query).toMatchObject(meant);
    else expect(query).toBeUndefined();
  });

  test('a pid is no port beyond the ports, nor a long number a pid', () => {
    expect(parseQuery('99999')).not.toHaveProperty('port');
    expect(parseQuery('99999999')).not.toHaveProperty('pid');
    expect(parseQuery('0')).not.toHaveProperty('pid');
    expect(parseQuery('pid nine')).toEqual({ text: 'pid nine' });
  });
});

test('what is worth offering from a clipboard', () => {
  for (const text of ['4711', '10.0.0.5:80', id, `starting ${id} now`, '/proc/1/root', id.slice(0, 13)])
    expect(looksFindable(text), text).toBe(true);
  for (const text of ['', 'hello', 'a line\nand another 4711', 'deadbeef', 'x'.repeat(5000)])
    expect(looksFindable(text), text).toBe(false);
});

test('ids in text stand alone', () => {
  expect(idsIn(`a ${id}, crio-${id}.scope and 0123456789ab!`).map((found) => found.index)).toEqual([
    2, 73, 148,
  ]);
  expect(idsIn(`x${id} ${id}0 0123456789a`)).toEqual([]);
});
