import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  bridgeCommand,
  findBridge,
  type BridgeProgram,
  type BridgeTarget,
} from '../../src/node/shell/bridge.js';
import { Gateway } from '../../src/node/shell/gateway.js';
import { LocalStarter } from '../../src/node/shell/localStarter.js';
import { PrivateFolder } from '../../src/node/shell/privateFolder.js';
import { ShellLauncher } from '../../src/node/shell/shellLauncher.js';
import { SudoNode } from '../../src/node/sudoNode.js';
import { silentLogger } from '../../src/util/logger.js';
import { commandLine, kill, pids, SshLab, until } from '../lab/sshd.js';

let lab: SshLab;
let unix: Server;
let tcp: Server;
let socket: string;
const connections = new Set<Socket>();

beforeAll(async () => {
  lab = await SshLab.create();
  socket = join(lab.folder, "echo,o:'ck.sock");
  const echo = (client: Socket): void => {
    connections.add(client);
    client.on('error', () => undefined).on('close', () => connections.delete(client));
    client.pipe(client);
  };
  unix = createServer({ allowHalfOpen: false }, echo).listen(socket);
  tcp = createServer(echo).listen(0, '127.0.0.1');
  for (const server of [unix, tcp]) if (!server.listening) await once(server, 'listening');
});

afterAll(async () => {
  unix.close();
  tcp.close();
  await lab.clean();
  await lab.dispose();
});

const port = (): number => (tcp.address() as AddressInfo).port;

/** Sends a mebibyte through and takes it back. */
async function echoes(stream: Socket): Promise<boolean> {
  const sent = Buffer.alloc(1024 * 1024, 'abcdefg');
  const got: Buffer[] = [];
  let size = 0;
  const whole = new Promise<void>((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      got.push(chunk);
      size += chunk.length;
      if (size >= sent.length) resolve();
    });
    stream.on('error', reject).on('close', () => reject(new Error(`closed after ${size} bytes`)));
  });
  stream.write(sent);
  await whole;
  stream.destroy();
  return Buffer.concat(got).equals(sent);
}

test.each<[BridgeProgram, 'unix' | 'tcp']>(
  (['socat', 'nc', 'python3', 'perl'] as const).flatMap((program) => [
    [program, 'unix'],
    [program, 'tcp'],
  ]),
)('%s carries %s both ways and leaves nothing behind', async (program, kind) => {
  const starter = new LocalStarter();
  const launcher = new ShellLauncher(starter);
  const folder = new PrivateFolder();
  const target: BridgeTarget = kind === 'unix' ? { path: socket } : { host: '127.0.0.1', port: port() };
  const gateway = await Gateway.listen(
    folder.join('g'),
    (signal) => launcher.launch(bridgeCommand(program, target), signal),
    silentLogger,
  );
  expect(await echoes(connect(gateway.path))).toBe(true);
  expect(await echoes(connect(gateway.path))).toBe(true);
  await until(() => connections.size === 0, 'the server sees the end of both');
  gateway.dispose();
  starter.dispose();
  folder.dispose();
});

test('the first program that gets through is taken', async () => {
  const launcher = new ShellLauncher(new LocalStarter());
  expect(await findBridge(launcher, { path: socket })).toBe('socat');
  expect(await findBridge(launcher, { host: '127.0.0.1', port: port() })).toBe('socat');
  await expect(findBridge(launcher, { path: join(lab.folder, 'none') })).rejects.toMatchObject({
    kind: 'missing',
  });
  await expect(findBridge(launcher, { host: '127.0.0.1', port: 1 })).rejects.toMatchObject({
    kind: 'refused',
  });
  const tools = join(lab.folder, 'tools');
  mkdirSync(tools);
  for (const name of ['sh', 'stat', 'perl', 'nc'])
    symlinkSync(name === 'nc' ? '/usr/bin/busybox' : `/usr/bin/${name}`, join(tools, name));
  const path = process.env.PATH;
  process.env.PATH = tools;
  try {
    expect(await findBridge(launcher, { path: socket })).toBe('perl');
  } finally {
    process.env.PATH = path;
  }
});

test('this machine by sudo', async () => {
  const node = new SudoNode({
    sudo: 'without password',
    prompt: () => Promise.reject(new Error('asked')),
    logger: silentLogger,
  });
  const reachable = await node.socket(socket);
  expect(await echoes(connect(reachable.path))).toBe(true);
  expect((await node.run(['id', '-u'])).stdout.toString()).toBe('0\n');
  const stream = await node.dial('127.0.0.1', port());
  stream.destroy();
  await expect(node.dial('127.0.0.1', 1)).rejects.toMatchObject({ kind: 'refused' });
  expect((await node.sweep({ cwdOf: [] })).processes.has(process.pid)).toBe(true);
  node.dispose();
  expect(existsSync(reachable.path)).toBe(false);
});

test('a window that crashed leaves nothing to the next one', async () => {
  const sshd = await lab.sshd();
  const root = await lab.user({ root: true });
  const host = await lab.host('crash', [`Port ${sshd.port}`, `User ${root.name}`]);
  const options = JSON.stringify({ host, sudo: 'never', askpass: lab.askpass, configFile: lab.configFile });
  const script = join(lab.folder, 'crash.mts');
  writeFileSync(
    script,
    `import { SshNode } from '${process.cwd()}/src/node/ssh/sshNode.ts';
     const nothing = () => undefined;
     const logger = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
     const node = new SshNode({ ...${options}, logger, prompt: async () => undefined });
     await node.env('HOME');
     node.follow('/etc/hostname', 0, nothing);
     await node.socket('${socket.replaceAll("'", "\\'")}').catch(nothing);
     console.log('ready');`,
  );
  chmodSync(script, 0o600);
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const mine = `cri-explorer-${process.getuid?.() ?? 0}/${child.pid ?? 0}-`;
  const masters = (): number[] => pids().filter((pid) => commandLine(pid).includes(mine));
  const [master] = masters();
  const folder = /-S (\S+)\/[0-9a-f]{8} /.exec(commandLine(master ?? 0))?.[1] ?? '';
  expect(existsSync(folder)).toBe(true);
  kill(child.pid ?? 0, 'SIGKILL');
  await once(child, 'exit');
  const next = new PrivateFolder();
  await until(() => masters().length === 0 && !existsSync(folder), 'the master and its folder are gone');
  expect(sshd.sessions()).toEqual([]);
  next.dispose();
});
