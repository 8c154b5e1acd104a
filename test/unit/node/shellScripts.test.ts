import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseEnv, parseLooks, parseStats } from '../../../src/node/shell/outputs.js';
import { envScript, lookScript, statScript } from '../../../src/node/shell/scripts.js';

/** The scripts in this machine's own shell. */
const sh = (script: string, args: readonly string[] = [], env: Record<string, string> = {}): Buffer =>
  execFileSync('sh', ['-c', script, 'sh', ...args], { env: { PATH: process.env.PATH, LC_ALL: 'C', ...env } });

let folder = '';
let server: Server | undefined;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cx-scripts-'));
  writeFileSync(at('a file'), 'x');
  writeFileSync(at("it's\n+1:1 1 1 c000\n$(echo) *"), 'xy');
  symlinkSync(at('nowhere'), at('dangling'));
  server = createServer();
  await new Promise<void>((resolve) => server?.listen(at('socket'), resolve));
});

afterAll(() => {
  server?.close();
  rmSync(folder, { recursive: true });
});

test('many paths are looked at at once, and a name forges nothing', () => {
  const paths = [
    at('a file'),
    at("it's\n+1:1 1 1 c000\n$(echo) *"),
    at('dangling'),
    at('absent\n+1:1 1 1 c000\n\\n+2:2 2 2 c000\n*'),
    at('socket'),
  ];
  const stats = parseStats(paths, sh(statScript, paths));
  const types = paths.map((path) => {
    const found = stats.get(path);
    return found instanceof Error ? found.kind : found?.type;
  });
  expect(types).toEqual(['file', 'file', 'missing', 'missing', 'socket']);
  const { dev, ino } = statSync(at('socket'));
  expect(stats.get(at('socket'))).toMatchObject({ identity: `${dev}:${ino}` });
  const looks = parseLooks(paths, sh(lookScript, paths));
  const said = paths.map((path) => {
    const look = looks.get(path);
    return look instanceof Error ? look.kind : look;
  });
  expect(said).toEqual(['unsupported', 'unsupported', 'missing', 'missing', 'ok']);
});

test('variables are told with whatever is in them, and a name that is none is unset', () => {
  const names = ['CX_SET', 'CX_EMPTY', 'CX_UNSET', 'x; echo y'];
  const output = sh(envScript(names), [], { CX_SET: "a'b\n-$(echo) %s", CX_EMPTY: '' });
  expect([...parseEnv(names, output).values()]).toEqual(["a'b\n-$(echo) %s", '', undefined, undefined]);
});
