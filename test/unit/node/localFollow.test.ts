import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { followFile } from '../../../src/node/localFollow.js';
import type { FollowEvent } from '../../../src/node/node.js';
import type { Disposable } from '../../../src/util/dispose.js';
import { silentLogger } from '../../../src/util/logger.js';

let folder: string;
let log: string;
let follow: Disposable | undefined;
let events: FollowEvent[];

/** What was heard: `@offset text` for runs of data, or the event's type. */
function heard(): string[] {
  const lines: string[] = [];
  let text: { offset: number; bytes: Buffer } | undefined;
  const flush = (): void => {
    if (text) lines.push(`@${text.offset} ${text.bytes.toString()}`);
    text = undefined;
  };
  for (const event of events) {
    if (event.type !== 'data') {
      flush();
      lines.push(event.type);
    } else if (text?.offset !== undefined && text.offset + text.bytes.length === event.offset) {
      text = { offset: text.offset, bytes: Buffer.concat([text.bytes, event.bytes]) };
    } else {
      flush();
      text = event;
    }
  }
  flush();
  return lines;
}

const start = (from = 0, path = log): void => {
  follow = followFile(path, from, (event) => events.push(event), { pollMs: 5, logger: silentLogger });
};
const until = (expected: string[]): Promise<void> =>
  vi.waitFor(() => expect(heard()).toEqual(expected), { timeout: 5000, interval: 5 });

const openHere = (): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(folder) ? [target] : [];
    } catch {
      return [];
    }
  });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'criex-follow-'));
  log = join(folder, '0.log');
  events = [];
});
afterEach(() => {
  follow?.dispose();
  rmSync(folder, { recursive: true });
});

describe('followFile', () => {
  it('begins where it is told and goes on', async () => {
    writeFileSync(log, 'one two');
    start(4);
    await until(['@4 two']);
    appendFileSync(log, ' three');
    await until(['@4 two three']);
  });

  it('gives large files in chunks, each with its offset', async () => {
    const text = 'x'.repeat(200_000);
    writeFileSync(log, text);
    start();
    await until([`@0 ${text}`]);
    const sizes = events.map((event) => (event.type === 'data' ? event.bytes.length : 0));
    expect(Math.max(...sizes)).toBe(65536);
  });

  it('reads the old file to its end over a rename, and what is written to it in the gap', async () => {
    writeFileSync(log, 'a');
    start();
    await until(['@0 a']);
    renameSync(log, `${log}.20260101-000000`);
    await until(['@0 a', 'missing']);
    appendFileSync(`${log}.20260101-000000`, 'b');
    await until(['@0 a', 'missing', '@1 b']);
    appendFileSync(`${log}.20260101-000000`, 'c');
    writeFileSync(log, 'd');
    await until(['@0 a', 'missing', '@1 bc', 'rotated', '@0 d']);
    appendFileSync(log, 'e');
    await until(['@0 a', 'missing', '@1 bc', 'rotated', '@0 de']);
  });

  it('reads late lines of the old file after the new one appeared', async () => {
    writeFileSync(log, 'a');
    start();
    await until(['@0 a']);
    writeFileSync(join(folder, 'new'), 'new');
    renameSync(log, `${log}.1`);
    renameSync(join(folder, 'new'), log);
    appendFileSync(`${log}.1`, 'late');
    await until(['@0 alate', 'rotated', '@0 new']);
  });

  it('starts anew when the file was truncated', async () => {
    writeFileSync(log, 'long enough');
    start();
    await until(['@0 long enough']);
    truncateSync(log);
    appendFileSync(log, 'new');
    await until(['@0 long enough', 'rotated', '@0 new']);
  });

  it('starts anew when the file is shorter than where it should begin', async () => {
    writeFileSync(log, 'short');
    start(100);
    await until(['rotated', '@0 short']);
  });

  it('waits for a file that is not there yet', async () => {
    start(50);
    await until(['missing']);
    writeFileSync(log, 'here');
    await until(['missing', 'rotated', '@0 here']);
  });

  it('goes on with a file that came back', async () => {
    writeFileSync(log, 'a');
    start();
    await until(['@0 a']);
    renameSync(log, `${log}.1`);
    await until(['@0 a', 'missing']);
    renameSync(`${log}.1`, log);
    appendFileSync(log, 'b');
    await until(['@0 a', 'missing', '@1 b']);
  });

  it('follows what a symbolic link names, and the link itself', async () => {
    const target = join(folder, 'id-json.log');
    writeFileSync(target, 'a');
    symlinkSync(target, log);
    start();
    await until(['@0 a']);
    renameSync(target, `${target}.1`);
    writeFileSync(target, 'b');
    await vi.waitFor(() => expect(heard().slice(-2)).toEqual(['rotated', '@0 b']));
    writeFileSync(join(folder, 'other'), 'c');
    unlinkSync(log);
    symlinkSync(join(folder, 'other'), log);
    await vi.waitFor(() => expect(heard().slice(-2)).toEqual(['rotated', '@0 c']));
  });

  it('says nothing more and holds nothing open once disposed', async () => {
    writeFileSync(log, 'a');
    start();
    await until(['@0 a']);
    expect(openHere()).toEqual([log]);
    follow?.dispose();
    await vi.waitFor(() => expect(openHere()).toEqual([]));
    appendFileSync(log, 'b');
    expect(heard()).toEqual(['@0 a']);
  });

  it('holds one file open, whatever the rotations', async () => {
    writeFileSync(log, '0');
    start();
    for (let turn = 1; turn <= 5; turn++) {
      await vi.waitFor(() => expect(heard().at(-1)).toBe(`@0 ${turn - 1}`));
      renameSync(log, `${log}.${turn}`);
      writeFileSync(log, String(turn));
    }
    await vi.waitFor(() => expect(heard().at(-1)).toBe('@0 5'));
    expect(openHere()).toEqual([log]);
  });
});
