import { afterEach, describe, expect, it, vi } from 'vitest';
import { claimsBefore, type LogBatch, type LogEntry, type LogItem } from '../../../src/model/log/entry.js';
import { openLog, type OpenLog } from '../../../src/runtime/logReader.js';
import { FakeLogNode } from './fakeLogNode.js';

const path = '/var/log/pods/p/c/0.log';
const line = (text: string, tag = 'F', stream = 'stdout'): string =>
  `2026-11-24T04:15:29.42168816Z ${stream} ${tag} ${text}\n`;
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => line(`n${from + index}`)).join('');
const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `n${from + index}`);

let node = new FakeLogNode();
let log: OpenLog | undefined;
let batches: LogBatch[] = [];

const shown = (items: readonly LogItem[]): string[] =>
  items.map((item) => (item.kind === 'line' ? item.text : `-- file ${item.file}`));
const followed = (): string[] => batches.flatMap(({ items }) => shown(items));

async function open(tail = 10): Promise<OpenLog> {
  log = await openLog(node.node, path, { tail });
  log.follow((batch) => batches.push(batch));
  return log;
}

function fresh(content?: string | Buffer): FakeLogNode {
  node = new FakeLogNode();
  if (content !== undefined) node.create(path, content);
  batches = [];
  return node;
}

afterEach(() => {
  log?.dispose();
  log = undefined;
  expect(node.followers).toBe(0);
});

describe('the tail', () => {
  it('gives the last entries and where an earlier page ends', async () => {
    fresh(lines(0, 1000));
    const { first } = await open(3);
    expect(shown(first.entries)).toEqual(['n997', 'n998', 'n999']);
    expect(first.start).toBe(first.entries[0]?.offset);
  });

  it('gives all of a shorter file', async () => {
    fresh(lines(0, 2));
    const { first } = await open(3);
    expect([shown(first.entries), first.start]).toEqual([['n0', 'n1'], 0]);
  });

  it('reads no more than it needs of a long file', async () => {
    fresh(lines(0, 100_000));
    await open(100);
    expect(node.reads.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(100_000);
  });

  it('joins parts that lie before its first line, and counts entries, not lines', async () => {
    fresh(
      line('old') + line('e1 ', 'P', 'stderr') + line('o1 ', 'P') + line('e2', 'F', 'stderr') + line('o2'),
    );
    const { first } = await open(1);
    expect(shown(first.entries)).toEqual(['o1 o2']);
    const page = await log!.before({
      file: 0,
      end: first.start,
      count: 9,
      claimed: claimsBefore(first.start, first.entries),
    });
    expect(shown(page.entries)).toEqual(['old', 'e1 e2']);
  });

  it('keeps the unfinished line and parts for the follow', async () => {
    fresh(line('whole') + line('part ', 'P') + line('half').slice(0, -3));
    const { first } = await open();
    expect(shown(first.entries)).toEqual(['whole']);
    expect(first.pending.map(({ text }) => text)).toEqual(['part ', 'ha']);
    node.append(path, 'lf\n');
    node.pump();
    await vi.waitFor(() => expect(followed()).toEqual(['part half']));
    expect(batches.at(-1)?.pending).toEqual([]);
  });

  it('cuts a line of many MB without reading more than it and its neighbours', async () => {
    fresh(line('before') + line('x'.repeat(5_000_000)) + line('after'));
    const { first } = await open(3);
    expect(first.entries.map(({ text, fullLength }) => [text.length, fullLength])).toEqual([
      [6, undefined],
      [1024 * 1024, 5_000_000],
      [5, undefined],
    ]);
  });

  it('reads a file of nothing but parts in bounded pieces', async () => {
    fresh(line('y'.repeat(16_384), 'P').repeat(2000));
    const { first } = await open(3);
    expect(first.entries).toEqual([]);
    expect(first.pending[0]?.fullLength).toBeGreaterThan(16 * 1024 * 1024);
    expect(first.start).toBeGreaterThan(0);
  });
});

describe('earlier pages', () => {
  it.each([1, 2, 3, 7, 50])('of %i entries give every entry once', async (count) => {
    const streams = ['stdout', 'stderr'];
    const parts = Array.from({ length: 300 }, (_, n) =>
      line(`<${n}>`, n % 3 === 2 || n % 7 === 0 ? 'P' : 'F', streams[(n >> 1) % 2]),
    );
    fresh(parts.join(''));
    const { first } = await open(count);
    let known: LogEntry[] = [...first.entries];
    for (let { start } = first; start > 0;) {
      const claimed = claimsBefore(start, [...known, ...first.pending]);
      const page = await log!.before({ file: 0, end: start, count, claimed });
      expect(page.start).toBeLessThan(start);
      known = [...page.entries, ...known];
      start = page.start;
    }
    const seen = [...known, ...first.pending].flatMap(({ text }) => text.match(/\d+/g) ?? []).map(Number);
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, n) => n));
    const whole = await openLog(node.node, path, { tail: 1000 });
    const joined = shown(known).filter((text) => shown(whole.first.entries).includes(text)).length;
    // A chain is only taken apart where its end has no other line of its stream on the same page.
    expect(joined).toBeGreaterThan(whole.first.entries.length * 0.9);
    whole.dispose();
  });

  it('are refused once the file was rotated away', async () => {
    fresh(lines(0, 20));
    const { first } = await open(5);
    node.create(path, lines(20, 21));
    node.pump();
    await vi.waitFor(() => expect(followed()).toEqual(['-- file 1', 'n20']));
    await expect(log!.before({ file: 0, end: first.start, count: 5, claimed: {} })).rejects.toThrow(
      /rotated away/,
    );
    expect(await log!.before({ file: 1, end: 0, count: 5, claimed: {} })).toEqual({
      file: 1,
      entries: [],
      start: 0,
    });
  });
});

describe('between the tail and the follow', () => {
  it('loses nothing and repeats nothing while a writer races', async () => {
    fresh(lines(0, 50));
    let next = 50;
    const write = (): void => {
      node.append(path, lines(next, ++next));
      node.pump(7);
    };
    node.beforeRead = write;
    node.beforeFollow = write;
    const { first } = await open(5000);
    write();
    await vi.waitFor(() => expect([...shown(first.entries), ...followed()]).toEqual(numbers(0, next)));
  });

  it('notices a rotation just before the follow began', async () => {
    fresh(lines(0, 50));
    node.beforeFollow = () => {
      node.beforeFollow = undefined;
      node.create(path, lines(50, 120));
    };
    node.beforeRead = undefined;
    const { first } = await open(5000);
    node.pump(100);
    node.append(path, lines(120, 121));
    node.pump(100);
    // The tail and the follow agree: both read the new file, from where the old one ended.
    const all = (): string[] => [...shown(first.entries), ...followed()];
    await vi.waitFor(() => expect(all().at(-1)).toBe('n120'));
    expect(new Set(all()).size).toBe(all().length);
  });

  it('notices a rotation just after the tail was read, when the follow is already there', async () => {
    fresh(lines(0, 50));
    let reads = 0;
    node.beforeRead = () => {
      if (++reads === 1) {
        node.append(path, lines(50, 60));
        node.pump();
        node.create(path, lines(60, 61));
        node.pump();
      }
    };
    const { first } = await open(5000);
    // The new file is shorter than what the tail wanted to read: the log is opened anew.
    expect(shown(first.entries)).toEqual(['n60']);
  });

  it('takes what follows for a new file when the follow reads other bytes than the tail', async () => {
    fresh(lines(0, 50));
    const old = lines(0, 50);
    node.beforeFollow = () => {
      node.beforeFollow = undefined;
      node.create(path, lines(100, 160));
    };
    let reads = 0;
    node.beforeRead = () => {
      // The tail still sees the old file, the follow has the new one.
      if (++reads === 1) node.create(path, old);
    };
    const { first } = await open(5000);
    expect(shown(first.entries)).toEqual(numbers(0, 50));
    node.create(path, lines(100, 161));
    node.pump();
    node.pump();
    await vi.waitFor(() => expect(followed().at(-1)).toBe('n160'));
    expect(followed()).toEqual(['-- file 1', ...numbers(100, 161)]);
  });
});

describe('rotation', () => {
  it('by rename and create: the rest of the old file, a marker, the new one', async () => {
    fresh(lines(0, 3));
    await open();
    node.append(path, lines(3, 5) + line('unfinished', 'P'));
    node.create(path, line(' end') + lines(5, 7));
    node.pump();
    await vi.waitFor(() =>
      expect(followed()).toEqual(['n3', 'n4', '-- file 1', 'unfinished end', 'n5', 'n6']),
    );
  });

  it('by copy and truncate', async () => {
    fresh(lines(0, 30));
    await open();
    node.truncate(path);
    node.append(path, lines(30, 31));
    node.pump();
    await vi.waitFor(() => expect(followed()).toEqual(['-- file 1', 'n30']));
  });

  it('missing, then back', async () => {
    fresh(lines(0, 3));
    await open();
    node.remove(path);
    node.pump();
    await vi.waitFor(() => expect(batches.at(-1)?.state).toBe('missing'));
    node.create(path, lines(3, 4));
    node.pump();
    await vi.waitFor(() => expect(batches.at(-1)?.state).toBe('following'));
    expect(followed()).toEqual(['-- file 1', 'n3']);
  });

  it('missing from the start is waited for', async () => {
    fresh();
    const { first } = await open();
    expect([first.state, first.entries]).toEqual(['missing', []]);
    node.pump();
    node.create(path, lines(0, 2));
    node.pump();
    await vi.waitFor(() => expect(followed()).toEqual(['n0', 'n1']));
    expect(batches.at(-1)?.state).toBe('following');
  });
});

describe('what can’t be shown', () => {
  it('says that there is no log path', async () => {
    fresh();
    await expect(openLog(node.node, '', { tail: 1 })).rejects.toThrow(/keeps no log file/);
  });

  it('says that it is not allowed, and what to do', async () => {
    fresh(lines(0, 1)).denied = true;
    await expect(openLog(node.node, path, { tail: 1 })).rejects.toThrow(/Permission denied.*sudo/);
  });

  it('stops when told', async () => {
    fresh(lines(0, 10));
    const abort = new AbortController();
    node.beforeRead = () => abort.abort(new Error('enough'));
    await expect(openLog(node.node, path, { tail: 1, signal: abort.signal })).rejects.toThrow('enough');
  });

  it('hears nothing after it was closed', async () => {
    fresh(lines(0, 1));
    await open();
    log?.dispose();
    node.append(path, lines(1, 2));
    node.pump();
    expect(batches).toEqual([]);
  });
});

it('puts bursts together', async () => {
  fresh('');
  await open();
  for (let n = 0; n < 2000; n++) {
    node.append(path, lines(n, n + 1));
    node.pump();
  }
  await vi.waitFor(() => expect(followed()).toEqual(numbers(0, 2000)));
  expect(batches.length).toBeLessThan(50);
});
