import { describe, expect, it } from 'vitest';
import {
  bootTime,
  parseCgroups,
  parseCmdline,
  parseStat,
  parseUptime,
  processRecord,
  sameRecord,
} from '../../../src/model/proc.js';
import { parseFibTrie, parseIfInet6 } from '../../../src/model/procNet.js';
import { textOf } from '../../../src/model/procText.js';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** A stat line with the fields of proc_pid_stat(5) numbered by their own numbers where they matter. */
function statLine(pid: number, comm: string, fields: Record<number, string> = {}): Uint8Array {
  const rest = Array.from({ length: 50 }, (_, index) => fields[index + 3] ?? String(index + 3));
  return bytes(`${pid} (${comm}) ${rest.join(' ')}\n`);
}

describe('parseStat', () => {
  it('takes its fields by number', () => {
    expect(parseStat(statLine(42, 'sh', { 3: 'S', 4: '7', 22: '1234', 48: '140000', 49: '140020' }))).toEqual(
      {
        pid: 42,
        comm: 'sh',
        state: 'S',
        ppid: 7,
        startTicks: 1234,
        argArea: '140000 140020',
      },
    );
  });

  it.each(['a) S 1 1', 'a\nb', ') (', '((', 'two words ', ''])('takes comm %j as it is', (comm) => {
    const stat = parseStat(statLine(9, comm, { 3: 'R', 4: '1' }));
    expect(stat).toMatchObject({ pid: 9, comm, state: 'R', ppid: 1, startTicks: 22 });
  });

  it('shows odd bytes of comm', () => {
    expect(parseStat(statLine(9, 'a\xff\xc3\xa9'))?.comm).toBe('a\\xffé');
  });

  it('tolerates an old kernel with fewer fields', () => {
    const rest = Array.from({ length: 20 }, (_, index) => String(index + 3)).join(' ');
    expect(parseStat(bytes(`5 (x) ${rest}\n`))).toMatchObject({ startTicks: 22, argArea: '0 0' });
  });

  it.each(['', '12', '12 (sh', '12 (sh) S', 'x (sh) S 1'])('refuses %j', (line) => {
    expect(parseStat(bytes(line))).toBeUndefined();
  });
});

describe('parseCmdline', () => {
  it.each([
    ['', []],
    ['sh\0', ['sh']],
    ['sh\0-c\0\0x y\0', ['sh', '-c', '', 'x y']],
    ['sh\0\0', ['sh', '']],
    ['\0', ['']],
    ['nginx: worker process', ['nginx: worker process']],
    ['a\0\xfe\xffb\nc\0', ['a', '\\xfe\\xffb\nc']],
  ])('%j', (text, argv) => {
    expect(parseCmdline(bytes(text))).toEqual(argv);
  });
});

describe('parseCgroups', () => {
  it('reads cgroup v2', () => {
    expect(parseCgroups(bytes('0::/system.slice/x.service\n'))).toEqual(['/system.slice/x.service']);
    expect(parseCgroups(bytes('0::/\n'))).toEqual(['/']);
  });

  it('gives the distinct paths of ten hybrid lines, longest first', () => {
    const lines = ['9:name=systemd:/a', '8:pids:/k8s.io/id', '4:cpu,cpuacct:/k8s.io/id', '0::/'];
    expect(parseCgroups(bytes(lines.join('\n') + '\n'))).toEqual(['/k8s.io/id', '/a', '/']);
  });

  it('keeps colons and odd bytes of a path, and skips what is no line', () => {
    expect(parseCgroups(bytes('1:cpu:/kubepods-x.slice:cri-containerd:id\n0::/\xff\nnoise\n\n'))).toEqual([
      '/kubepods-x.slice:cri-containerd:id',
      '/\\xff',
    ]);
  });
});

describe('textOf', () => {
  it('keeps valid UTF-8, a byte order mark and controls', () => {
    expect(textOf(Buffer.from('\ufeffé€😀\x1b\0'))).toBe('\ufeffé€😀\x1b\0');
  });

  it('writes each odd byte, and only those', () => {
    // A cut sequence, an overlong one, a surrogate, a lone continuation byte.
    expect(
      textOf(Buffer.from([0x61, 0xe2, 0x82, 0x62, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0xc3, 0xa9, 0x80])),
    ).toBe('a\\xe2\\x82b\\xc0\\x80\\xed\\xa0\\x80é\\x80');
    expect(textOf(Buffer.from([0xf0, 0x9f, 0x98]))).toBe('\\xf0\\x9f\\x98');
  });
});

describe('bootTime', () => {
  it('does not jitter, but follows a clock that was set and a new boot', () => {
    const first = bootTime(undefined, 'a', 1_000_000, 100);
    expect(first).toEqual({ bootId: 'a', epoch: 900_000 });
    expect(bootTime(first, 'a', 1_002_007, 102)).toBe(first);
    expect(bootTime(first, 'a', 1_062_000, 102).epoch).toBe(960_000);
    expect(bootTime(first, 'b', 1_000_500, 100)).toEqual({ bootId: 'b', epoch: 900_500 });
  });

  it('reads the uptime', () => {
    expect(parseUptime(bytes('9433.27 18650.11\n'))).toBe(9433.27);
    expect(parseUptime(bytes(''))).toBeUndefined();
  });
});

describe('processRecord', () => {
  const stat = parseStat(statLine(42, 'sh', { 3: 'S', 4: '7', 22: '150' }))!;
  const boot = { bootId: 'a', epoch: 1_000 };

  it('turns ticks into a moment', () => {
    const record = processRecord(stat, { argv: ['sh'], cgroups: ['/'] }, boot);
    expect(record).toMatchObject({ startTicks: 150, startedAt: 2_500 });
    expect('cwd' in record).toBe(false);
  });

  it('compares by content', () => {
    const make = (cwd?: string) =>
      processRecord(stat, { argv: ['sh', 'a'], cgroups: ['/'], ...(cwd === undefined ? {} : { cwd }) }, boot);
    expect(sameRecord(make(), make())).toBe(true);
    expect(sameRecord(make(), make('/x'))).toBe(false);
    expect(sameRecord(make(), { ...make(), argv: ['sh'] })).toBe(false);
    expect(sameRecord(make(), { ...make(), state: 'R' })).toBe(false);
  });
});

describe('addresses of a network namespace', () => {
  it('takes local host addresses from fib_trie, once each', () => {
    const trie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.89.0.0/16 2 0 2
        |-- 10.89.0.0
           /16 link UNICAST
        |-- 10.89.0.7
           /32 host LOCAL
        |-- 10.89.255.255
           /32 link BROADCAST
     |-- 127.0.0.1
        /32 host LOCAL
Local:
        |-- 10.89.0.7
           /32 host LOCAL
`;
    expect(parseFibTrie(bytes(trie))).toEqual(['10.89.0.7']);
    expect(parseFibTrie(bytes(''))).toEqual([]);
  });

  it('takes global addresses from if_inet6, in their short form', () => {
    const table = [
      '00000000000000000000000000000001 01 80 10 80       lo',
      'fe80000000000000b8ca3afffe6dd2d4 02 40 20 80     eth0',
      'fd00000000010000000000000000000a 02 40 00 80     eth0',
      '20010db8000100020003000400050006 02 40 00 80     eth0',
      '20010db8000000000001000000000001 02 40 00 80     eth0',
    ].join('\n');
    expect(parseIfInet6(bytes(table))).toEqual(['fd00:0:1::a', '2001:db8:1:2:3:4:5:6', '2001:db8::1:0:0:1']);
  });
});
