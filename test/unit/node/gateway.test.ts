import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Gateway } from '../../../src/node/shell/gateway.js';
import type { Channel } from '../../../src/node/shell/launcher.js';
import { silentLogger } from '../../../src/util/logger.js';

let folder = '';

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cx-gate-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const echo = (): Channel => {
  const stdin = new PassThrough();
  const dispose = (): void => void stdin.destroy();
  return { stdin, stdout: stdin, ended: new Promise(() => undefined), dispose };
};

test('a way that stays broken is told once, until it was open again', async () => {
  const warned: string[] = [];
  let isBroken = true;
  const open = (): Promise<Channel> =>
    isBroken ? Promise.reject(new Error('the link is lost')) : Promise.resolve(echo());
  const logger = { ...silentLogger, warn: (line: string) => void warned.push(line) };
  const gateway = await Gateway.listen(join(folder, 's'), open, logger);
  const refused = async (): Promise<void> => {
    const socket = connect(gateway.path).resume();
    socket.on('error', () => undefined);
    await once(socket, 'close');
  };
  await refused();
  await refused();
  expect(warned).toEqual(['a connection could not be opened: the link is lost']);
  isBroken = false;
  const socket = connect(gateway.path);
  socket.write('hello');
  expect(String((await once(socket, 'data'))[0])).toBe('hello');
  socket.destroy();
  isBroken = true;
  await refused();
  expect(warned).toHaveLength(2);
  gateway.dispose();
});
