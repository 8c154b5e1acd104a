import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LogParser, maxContent } from '../../../../src/model/log/parser.js';
import type { LogEntry } from '../../../../src/model/log/entry.js';

const at = '2026-11-24T04:15:29.42168816Z';
const parse = (input: string | Buffer): LogEntry[] => new LogParser().push(Buffer.from(input), 0);
const texts = (entries: readonly LogEntry[]): string[] => entries.map((entry) => entry.text);

describe('recorded logs', () => {
  const samples = new Map<string, string>();
  const file = readFileSync(join(import.meta.dirname, '../../../fixtures/log/samples.txt'), 'utf8');
  for (const part of file.split(/^-- /m).slice(1)) {
    const [name = '', ...lines] = part.split('\n');
    const log = lines.filter((line) => !line.startsWith('/lab/')).join('\n');
    // Recorded by `cat -A`.
    samples.set(name.replace('$', ''), log.replaceAll('^M', '\r').replaceAll('$\n', '\n'));
  }

  it.each(['ctrd21-runc', 'crio-runc', 'docker26-runc'])('reads both streams of %s', (runtime) => {
    const entries = parse(samples.get(`${runtime}/main`) ?? '');
    expect(entries.slice(0, 3).map(({ stream, text }) => [stream, text])).toEqual([
      ['stdout', 'line 0'],
      ['stderr', 'err 0'],
      ['stdout', 'line 1'],
    ]);
    expect(entries.every((entry) => entry.ms !== undefined && !entry.raw)).toBe(true);
  });

  it.each(['ctrd21-runc', 'crio-runc', 'docker26-runc'])('takes the tty’s \\r off in %s', (runtime) => {
    expect(texts(parse(samples.get(`${runtime}/tty`) ?? '')).slice(0, 3)).toEqual([
      '',
      '',
      'BusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1+b1) built-in shell (ash)',
    ]);
  });
});

describe('CRI lines', () => {
  it('keeps the time as written and in milliseconds', () => {
    const [first, second] = parse(`${at} stdout F a\n2026-11-24T05:15:29.421688160+01:00 stdout F b\n`);
    expect(first).toEqual({
      kind: 'line',
      offset: 0,
      end: 41,
      stream: 'stdout',
      time: at,
      ms: 1795493729421,
      text: 'a',
    });
    expect(second?.ms).toBe(first?.ms);
  });

  it('joins parts as bytes, cut within a character', () => {
    const euro = Buffer.from('€');
    const head = Buffer.from(`${at} stdout P price: `);
    const tail = Buffer.from(`\n${at} stdout F `);
    const [entry] = parse(
      Buffer.concat([head, euro.subarray(0, 1), tail, euro.subarray(1), Buffer.from('5\n')]),
    );
    expect(entry?.text).toBe('price: €5');
    expect(entry?.offset).toBe(0);
  });

  it('keeps one chain a stream', () => {
    const entries = parse(
      `${at} stdout P o1\n${at} stderr P e1\n${at} stdout P o2\n${at} stderr F e2\n${at} stdout F o3\n`,
    );
    expect(entries.map(({ stream, text }) => [stream, text])).toEqual([
      ['stderr', 'e1e2'],
      ['stdout', 'o1o2o3'],
    ]);
    expect(entries.map(({ offset }) => offset)).toEqual([42, 0]);
  });

  it('ignores further tags, allows no content and spaces in the content', () => {
    expect(texts(parse(`${at} stdout F:x:y a b  c\n${at} stdout F \n${at} stdout F\n`))).toEqual([
      'a b  c',
      '',
      '',
    ]);
  });

  it('gives what is not complete as pending, and joins it when it is', () => {
    const parser = new LogParser();
    expect(parser.push(Buffer.from(`${at} stdout P / # \n${at} stderr F half`), 0)).toEqual([]);
    expect(parser.pending().map(({ stream, text, partial }) => [stream, text, partial])).toEqual([
      ['stdout', '/ # ', true],
      ['stderr', 'half', true],
    ]);
    expect(texts(parser.push(Buffer.from(` done\n${at} stdout F ls\n`), 87))).toEqual([
      'half done',
      '/ # ls',
    ]);
    expect(parser.pending()).toEqual([]);
  });

  it('gives the same whatever the pieces', () => {
    const bytes = Buffer.from(
      `${at} stdout P ä\n${at} stderr F 1\nnonsense\n${at} stdout F ö\r\n{"log":"d\\n","stream":"stderr","time":"${at}"}\n`,
    );
    const whole = parse(bytes);
    for (let size = 1; size < bytes.length; size++) {
      const parser = new LogParser();
      const entries: LogEntry[] = [];
      for (let from = 0; from < bytes.length; from += size)
        entries.push(...parser.push(bytes.subarray(from, from + size), from));
      expect(entries).toEqual(whole);
    }
    expect(texts(whole)).toEqual(['1', 'nonsense', 'äö', 'd']);
  });
});

describe('docker json-file lines', () => {
  const line = (log: string, stream = 'stdout'): string => `${JSON.stringify({ log, stream, time: at })}\n`;

  it('joins parts without a newline, and reads escapes', () => {
    const entries = parse(line('one ') + line('err\n', 'stderr') + line('two "\u001b[1m" \\\r\n'));
    expect(texts(entries)).toEqual(['err', 'one two "\u001b[1m" \\']);
  });

  it('notices when the format changes', () => {
    expect(
      parse(`${line('a\n')}${at} stdout F b\n${line('c\n')}`).map(({ text, raw }) => [text, raw]),
    ).toEqual([
      ['a', undefined],
      ['b', undefined],
      ['c', undefined],
    ]);
  });

  it.each(['{"log":"x\\n","stream":"stdin","time":"t"}', '{"log":', '{}', 'null', '[1]'])(
    'shows %s as it is',
    (text) => {
      expect(parse(`${line('a\n')}${text}\n`).at(-1)).toMatchObject({ raw: true, text, stream: 'unknown' });
    },
  );
});

describe('what is wrong', () => {
  it.each([
    'plain words',
    '',
    `${at} stdin F x`,
    `${at} stdout X x`,
    `${at} stdout`,
    `${at} stdoutF x`,
    `yesterday stdout F x`,
    `${at}stdout F x`,
  ])('shows %j raw', (text) => {
    expect(parse(`${text}\n`)).toEqual([
      { kind: 'line', offset: 0, end: text.length + 1, stream: 'unknown', raw: true, text },
    ]);
  });

  it('shows invalid UTF-8 and keeps NUL', () => {
    const bytes = Buffer.concat([
      Buffer.from(`${at} stdout F a`),
      Buffer.from([0xff, 0x00]),
      Buffer.from('b\n'),
    ]);
    expect(texts(parse(bytes))).toEqual(['a\ufffd\0b']);
  });

  it('cuts a line of many MB and says how long it was', () => {
    const content = Buffer.alloc(5 * maxContent, 'x');
    const bytes = Buffer.concat([
      Buffer.from(`${at} stdout F `),
      content,
      Buffer.from(`\n${at} stdout F after\n`),
    ]);
    const parser = new LogParser();
    const entries: LogEntry[] = [];
    for (let from = 0; from < bytes.length; from += 65_536)
      entries.push(...parser.push(bytes.subarray(from, from + 65_536), from));
    expect(entries.map(({ text, fullLength }) => [text.length, fullLength])).toEqual([
      [maxContent, 5 * maxContent],
      [5, undefined],
    ]);
    expect(entries[1]?.end).toBe(bytes.length);
    expect(entries).toEqual(parse(bytes));
  });

  it('cuts a chain of parts the same way', () => {
    const part = `${at} stdout P ${'y'.repeat(16_384)}\n`;
    const [entry] = parse(`${part.repeat(100)}${at} stdout F end\n`);
    expect([entry?.text.length, entry?.fullLength]).toEqual([maxContent, 100 * 16_384 + 3]);
  });

  it('cuts raw lines too, and not a line that is just as long as allowed', () => {
    expect(parse(`${'z'.repeat(maxContent + 1)}\n`)[0]).toMatchObject({
      fullLength: maxContent + 1,
      raw: true,
    });
    expect(parse(`${at} stdout F ${'z'.repeat(maxContent)}\r\n`)[0]?.fullLength).toBeUndefined();
  });
});

describe('the end of a file', () => {
  it('gives the line without a newline, and lets a chain go on in the next file', () => {
    const parser = new LogParser();
    parser.push(Buffer.from(`${at} stderr P begin \n${at} stdout F cut`), 1000);
    expect(parser.endFile()).toMatchObject([{ text: 'cut', offset: 1046 }]);
    expect(parser.push(Buffer.from(`${at} stderr F end\n`), 0)).toMatchObject([
      { text: 'begin end', offset: 0 },
    ]);
  });
});
