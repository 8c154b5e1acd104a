import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, connect as connectSocket, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FollowEvent, NodeError } from '../../src/node/node.js';
import type { Prompt, PromptRequest } from '../../src/node/prompt.js';
import { SshNode, type SshNodeOptions } from '../../src/node/ssh/sshNode.js';
import { silentLogger } from '../../src/util/logger.js';
import { childrenOf, commandLine, kill, pids, SshLab, until, type LabUser, type Sshd } from '../lab/sshd.js';

let lab: SshLab;
let sshd: Sshd;
/** A user with uid 0. */
let root: LabUser;
/** A socket that only root may open, which echoes. */
let rootSocket: string;
let echo: Server;
let tcp: Server;
const nodes: SshNode[] = [];

beforeAll(async () => {
  lab = await SshLab.create();
  sshd = await lab.sshd();
  root = await lab.user({ root: true });
  rootSocket = join(lab.folder, 'root.sock');
  echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  const mask = process.umask(0o177);
  await new Promise<void>((resolve) => echo.listen(rootSocket, resolve));
  process.umask(mask);
  tcp = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  for (const node of nodes.splice(0)) node.dispose();
  await lab.clean();
});

afterAll(async () => {
  echo.close();
  tcp.close();
  await lab.dispose();
});

const port = (): number => (tcp.address() as AddressInfo).port;

function open(options: Partial<SshNodeOptions> & { readonly host: string }): SshNode {
  const node = new SshNode({
    sudo: 'never',
    prompt: neverAsked,
    logger: silentLogger,
    askpass: lab.askpass,
    configFile: lab.configFile,
    ...options,
  });
  nodes.push(node);
  return node;
}

const neverAsked: Prompt = ({ text }) => Promise.reject(new Error(`asked: ${text}`));

/** Answers in turn; keeps what was asked. */
function answering(...answers: (string | undefined)[]): { prompt: Prompt; asked: PromptRequest[] } {
  const asked: PromptRequest[] = [];
  const prompt: Prompt = (request) => {
    asked.push(request);
    return Promise.resolve(answers.shift());
  };
  return { prompt, asked };
}

async function ping(stream: Duplex): Promise<string> {
  stream.write('ping');
  const answer = await new Promise<string>((resolve, reject) => {
    stream.once('data', (data: Buffer) => resolve(data.toString()));
    stream.once('error', reject);
    stream.once('close', () => reject(new Error('closed without an answer')));
  });
  stream.destroy();
  return answer;
}

async function pingSocket(node: SshNode, path = rootSocket): Promise<string> {
  const socket = await node.socket(path);
  try {
    return await ping(connectSocket(socket.path));
  } finally {
    socket.dispose();
  }
}

test('root by key: sockets, ports, files, commands, processes', async () => {
  const node = open({ host: await lab.host('root-key', [`Port ${sshd.port}`, `User ${root.name}`]) });
  const states: string[] = [];
  node.onDidChangeState(({ name }) => states.push(name));
  expect(node.state.name).toBe('idle');
  expect(await pingSocket(node)).toBe('ping');
  expect(states).toEqual(['connecting', 'ready']);
  expect(await ping(await node.dial('127.0.0.1', port()))).toBe('ping');
  await expect(node.dial('127.0.0.1', 1)).rejects.toMatchObject({ kind: 'refused' });
  await expect(node.socket('/nothing/here')).rejects.toMatchObject({ kind: 'missing' });
  await expect(node.socket('/etc/passwd')).rejects.toMatchObject({ kind: 'unsupported' });
  expect(await node.env('HOME')).toBe(root.home);
  expect(await node.env('CRI_EXPLORER_NOT_SET')).toBeUndefined();
  const table = await node.sweep({ cwdOf: [] });
  expect(table.processes.get(process.pid)?.argv[0]).toContain('node');
  const again = await node.sweep({ cwdOf: [] });
  expect(again.processes.get(1)).toBe(table.processes.get(1));
});

test('commands: code, both outputs, input, a program that is not there, an end from outside', async () => {
  const node = open({ host: 'root-key' });
  const result = await node.run(['sh', '-c', 'echo out; echo err >&2; exit 3']);
  expect([result.code, result.stdout.toString(), result.stderr.toString()]).toEqual([3, 'out\n', 'err\n']);
  expect((await node.run(['cat'], { input: Buffer.from([0, 255, 10]) })).stdout).toEqual(
    Buffer.from([0, 255, 10]),
  );
  await expect(node.run(['no-such-program'])).rejects.toMatchObject({ kind: 'missing' });
  await expect(node.run(['yes'], { maxBytes: 100_000 })).rejects.toThrow('more than 100000 bytes');
  const cut = new AbortController();
  const sleeping = node.run(['sleep', '86399'], { signal: cut.signal });
  await until(() => runs('sleep 86399'), 'the command runs');
  cut.abort(new Error('no longer wanted'));
  await expect(sleeping).rejects.toThrow('no longer wanted');
  await until(() => !runs('sleep 86399'), 'the command ended on the node');
});

test('hostile paths are data', async () => {
  const node = open({ host: 'root-key' });
  const folder = join(lab.folder, "it's $(touch pwned) `id`\n\\n !x %s");
  mkdirSync(folder);
  const file = join(folder, '-n "q"\n*');
  writeFileSync(file, 'content');
  expect(await node.list(folder)).toEqual(['-n "q"\n*']);
  expect((await node.readFile(file)).toString()).toBe('content');
  expect((await node.readFile(file, { offset: 3, length: 2 })).toString()).toBe('te');
  expect((await node.stat(file)).size).toBe(7);
  const files = await node.readFiles([file, '/nothing', folder, '/proc/1/stat']);
  expect(files.get(file)).toEqual(Buffer.from('content'));
  expect(files.get('/nothing')).toMatchObject({ kind: 'missing' });
  expect(files.get(folder)).toMatchObject({ kind: 'unsupported' });
  expect(files.get('/proc/1/stat')?.toString()).toMatch(/^1 \(/);
  let followed = '';
  node.follow(file, 3, (event) => (followed += event.type === 'data' ? event.bytes.toString() : ''));
  await until(() => followed === 'tent', 'the file is followed');
  const path = join(folder, "s,o:'ck");
  const server = createServer((socket) => socket.pipe(socket)).listen(path);
  expect(await pingSocket(node, path)).toBe('ping');
  server.close();
});

test('a host that ssh would take for an option is refused', () => {
  expect(() => open({ host: '-oProxyCommand=touch /tmp/pwned' })).toThrow('begins with a dash');
  expect(() => open({ host: 'a@-b' })).toThrow('begins with a dash');
  expect(() => open({ host: 'a;b' })).toThrow('characters that a shell acts on');
});

test('a follow goes on over rotations, and ends on the node with its channel', async () => {
  const node = open({ host: 'root-key' });
  const path = join(lab.folder, 'follow.log');
  writeFileSync(path, 'one\ntwo\n');
  const events: FollowEvent[] = [];
  const text = (): string =>
    events.map((event) => (event.type === 'data' ? event.bytes.toString() : `<${event.type}>`)).join('');
  const follow = node.follow(path, 4, (event) => events.push(event));
  await until(() => text() === 'two\n', 'the end of the file');
  appendFileSync(path, 'three\n');
  await until(() => text() === 'two\nthree\n', 'an appended line');
  renameSync(path, `${path}.1`);
  appendFileSync(`${path}.1`, 'late\n');
  await until(() => text().endsWith('late\n<missing>'), 'the last line of the old file');
  writeFileSync(path, 'new\n');
  await until(() => text() === 'two\nthree\nlate\n<missing><rotated>new\n', 'the new file');
  follow.dispose();
  await until(() => !runs(path), 'the script ended on the node');
});

test('link killed mid-follow: the follow and the forward come back by themselves', async () => {
  const node = open({ host: 'root-key' });
  const path = join(lab.folder, 'killed.log');
  writeFileSync(path, 'before\n');
  let text = '';
  node.follow(
    path,
    0,
    (event) => (text += event.type === 'data' ? event.bytes.toString() : `<${event.type}>`),
  );
  const socket = await node.socket(rootSocket);
  await until(() => text === 'before\n', 'the first line');
  const states: string[] = [];
  node.onDidChangeState(({ name }) => states.push(name));
  for (const pid of sshd.sessions()) kill(pid, 'SIGKILL');
  await until(() => states.includes('lost'), 'the link is lost');
  appendFileSync(path, 'meanwhile\n');
  await until(() => node.state.name === 'ready', 'the link is back');
  await until(() => text === 'before\nmeanwhile\n', 'the line that came meanwhile, once');
  expect(await ping(connectSocket(socket.path))).toBe('ping');
});

test('link frozen: lost when nothing answers, ready again, and nothing stays after the thaw', async () => {
  const node = open({ host: 'root-key', keepAlive: { seconds: 1, count: 1 } });
  await node.env('HOME');
  const frozen = sshd.sessions();
  expect(frozen.length).toBeGreaterThan(0);
  for (const pid of frozen) kill(pid, 'SIGSTOP');
  await until(() => node.state.name === 'lost', 'the link is lost');
  expect(node.state).toMatchObject({ reason: expect.stringContaining('not responding') as string });
  await until(() => node.state.name === 'ready', 'the link is back');
  expect(await node.env('HOME')).toBe(root.home);
  for (const pid of frozen) kill(pid, 'SIGCONT');
});

test('the master stopped and continued: commands go on where they were', async () => {
  const node = open({ host: 'root-key', keepAlive: { seconds: 30, count: 3 } });
  await node.env('HOME');
  const [master = 0] = childrenOf(process.pid).filter((pid) => runs(`-F ${lab.configFile}`, pid));
  kill(master, 'SIGSTOP');
  const waiting = node.env('HOME');
  kill(master, 'SIGCONT');
  expect(await waiting).toBe(root.home);
});

test('a server that is away: lost with a reason and a time, ready when it is back', async () => {
  const other = await lab.sshd();
  const node = open({
    host: await lab.host('away', [
      `Port ${other.port}`,
      `User ${root.name}`,
      'StrictHostKeyChecking no',
      'UserKnownHostsFile /dev/null',
    ]),
  });
  await node.env('HOME');
  await other.stop();
  await until(
    () => node.state.name === 'lost' && node.state.reason.includes('refused'),
    'connections are refused',
  );
  expect(node.state).toMatchObject({ retryAt: expect.any(Number) as number });
  await expect(node.env('HOME')).rejects.toThrow(/no connection to away|not connected/i);
  const back = await lab.sshd({ port: other.port });
  node.reconnect();
  expect(await node.env('HOME')).toBe(root.home);
  node.disconnect();
  expect(node.state.name).toBe('idle');
  await expect(node.env('HOME')).rejects.toThrow('is not connected');
  await back.stop();
});

test('passwordless sudo: the root-only socket, files and processes', async () => {
  const user = await lab.user({ sudoers: ['ALL=(ALL) NOPASSWD: ALL'] });
  const host = await lab.host('nopass', [`Port ${sshd.port}`, `User ${user.name}`]);
  const without = open({ host });
  await expect(without.socket(rootSocket)).rejects.toMatchObject({
    kind: 'denied',
    message: expect.stringContaining('Use sudo') as string,
  });
  const secret = join(lab.folder, 'secret');
  writeFileSync(secret, 'x', { mode: 0o600 });
  await expect(without.readFile(secret)).rejects.toMatchObject({ kind: 'denied' });
  const node = open({ host, sudo: 'without password' });
  expect(await pingSocket(node)).toBe('ping');
  expect((await node.readFile(secret)).toString()).toBe('x');
  expect(await ping(await node.dial('127.0.0.1', port()))).toBe('ping');
  expect((await node.run(['id', '-u'])).stdout.toString()).toBe('0\n');
  expect(await node.env('HOME')).toBe(user.home);
  const table = await node.sweep({ cwdOf: ['node'] });
  expect(table.processes.get(process.pid)?.cwd).toBe(process.cwd());
});

test('a user who may not sudo is told so', async () => {
  const user = await lab.user({ password: 'pw' });
  const host = await lab.host('nosudo', [`Port ${sshd.port}`, `User ${user.name}`]);
  await expect(open({ host, sudo: 'without password' }).stat('/root')).rejects.toMatchObject({
    kind: 'denied',
  });
  const { prompt } = answering('pw');
  await expect(open({ host, sudo: 'ask', prompt }).stat('/root')).rejects.toThrow(
    'does not let this user act as root',
  );
});

test('sudo asks: a wrong password, the right one, once for all', async () => {
  const user = await lab.user({ password: 'sesame %s \'"$', sudoers: ['ALL=(ALL) ALL'] });
  const host = await lab.host('asks', [`Port ${sshd.port}`, `User ${user.name}`]);
  await expect(open({ host, sudo: 'without password' }).stat('/root')).rejects.toThrow(
    'sudo needs a password',
  );
  const { prompt, asked } = answering('wrong', 'sesame %s \'"$');
  const node = open({ host, sudo: 'ask', prompt });
  const [info, table] = await Promise.all([node.stat('/root'), node.sweep({ cwdOf: [] })]);
  expect(info.type).toBe('directory');
  expect(table.processes.has(1)).toBe(true);
  expect(await pingSocket(node)).toBe('ping');
  expect(asked.map(({ kind, secret }) => [kind, secret])).toEqual([
    ['password', true],
    ['password', true],
  ]);
  expect(asked[1]?.text).toContain('try again');
  const declined = answering(undefined, 'sesame %s \'"$');
  const other = open({ host, sudo: 'ask', prompt: declined.prompt });
  await expect(other.stat('/root')).rejects.toThrow('none was given');
  await expect(other.stat('/root')).rejects.toThrow('none was given');
  expect(declined.asked).toHaveLength(1);
  other.reconnect();
  expect((await other.stat('/root')).type).toBe('directory');
});

test('password login: wrong is refused without a retry, right is kept for the link’s return', async () => {
  const user = await lab.user({ password: 'open' });
  const host = await lab.host('password', [
    `Port ${sshd.port}`,
    `User ${user.name}`,
    'PubkeyAuthentication no',
    'NumberOfPasswordPrompts 2',
  ]);
  const wrong = answering('one', 'two', 'three');
  const refused = open({ host, prompt: wrong.prompt });
  await expect(refused.env('HOME')).rejects.toThrow('did not let us log in');
  expect(refused.state).toMatchObject({
    name: 'needsAuth',
    reason: expect.stringContaining('Permission denied') as string,
  });
  expect(wrong.asked).toHaveLength(2);
  const cancelled = answering(undefined);
  const none = open({ host, prompt: cancelled.prompt });
  await expect(none.env('HOME')).rejects.toThrow('No answer was given');
  expect(cancelled.asked).toHaveLength(1);
  const right = answering('open');
  const node = open({ host, prompt: right.prompt });
  expect(await node.env('HOME')).toBe(user.home);
  for (const pid of sshd.sessions()) kill(pid, 'SIGKILL');
  await until(() => node.state.name === 'lost', 'the link is lost');
  await until(() => node.state.name === 'ready', 'the link is back without a question');
  expect(right.asked.map(({ kind }) => kind)).toEqual(['password']);
});

test('a passphrase is asked for', async () => {
  const key = await lab.addKey('locked', 'hush');
  const host = await lab.host('locked', [
    `Port ${sshd.port}`,
    `User ${root.name}`,
    `IdentityFile ${key}`,
    'IdentityAgent none',
  ]);
  // The lab’s own key would do too: this host gets its own configuration.
  const configFile = join(lab.folder, 'locked.config');
  writeFileSync(
    configFile,
    `Host locked\n HostName 127.0.0.1\n Port ${sshd.port}\n User ${root.name}\n IdentityFile ${key}\n IdentitiesOnly yes\n IdentityAgent none\n UserKnownHostsFile ${lab.knownHosts}\n StrictHostKeyChecking accept-new\n`,
  );
  const { prompt, asked } = answering('wrong', 'hush');
  const node = open({ host, prompt, configFile });
  expect(await node.env('HOME')).toBe(root.home);
  expect(asked.map(({ kind }) => kind)).toEqual(['passphrase', 'passphrase']);
});

test('host keys: asked the first time, declined, accepted; a changed one is refused with the command that helps', async () => {
  const other = await lab.sshd();
  const hosts = join(lab.folder, 'fresh_known_hosts');
  const host = await lab.host('fresh', [
    `Port ${other.port}`,
    `User ${root.name}`,
    'StrictHostKeyChecking ask',
    `UserKnownHostsFile ${hosts}`,
  ]);
  const no = answering(undefined);
  await expect(open({ host, prompt: no.prompt }).env('HOME')).rejects.toThrow('did not let us log in');
  expect(no.asked.map(({ kind, secret }) => [kind, secret])).toEqual([['hostKey', false]]);
  expect(no.asked[0]?.text).toContain('SHA256:');
  const yes = answering('yes');
  const node = open({ host, prompt: yes.prompt });
  expect(await node.env('HOME')).toBe(root.home);
  node.disconnect();
  await other.stop();
  const changed = await lab.sshd({ port: other.port });
  const refused = open({ host });
  await expect(refused.env('HOME')).rejects.toThrow(
    `ssh-keygen -f '${hosts}' -R '[127.0.0.1]:${other.port}'`,
  );
  expect(refused.state).toMatchObject({
    name: 'failed',
    reason: expect.stringContaining('HOST IDENTIFICATION HAS CHANGED') as string,
  });
  await changed.stop();
});

test('ProxyJump through a second sshd, whose password is asked for', async () => {
  const jumper = await lab.user({ password: 'jump' });
  const jump = await lab.sshd();
  await lab.host('bastion', [`Port ${jump.port}`, `User ${jumper.name}`, 'PubkeyAuthentication no']);
  const host = await lab.host('behind', [`Port ${sshd.port}`, `User ${root.name}`, 'ProxyJump bastion']);
  const { prompt, asked } = answering('jump');
  const node = open({ host, prompt });
  expect(await pingSocket(node)).toBe('ping');
  expect(await ping(await node.dial('127.0.0.1', port()))).toBe('ping');
  expect(asked.map(({ kind }) => kind)).toEqual(['password']);
  expect(jump.sessions().length).toBeGreaterThan(0);
});

test('AllowStreamLocalForwarding no and AllowTcpForwarding no: bridges take over', async () => {
  const strict = await lab.sshd({ config: ['AllowStreamLocalForwarding no', 'AllowTcpForwarding no'] });
  const node = open({ host: await lab.host('strict', [`Port ${strict.port}`, `User ${root.name}`]) });
  expect(await pingSocket(node)).toBe('ping');
  expect(await ping(await node.dial('127.0.0.1', port()))).toBe('ping');
  await expect(node.dial('127.0.0.1', 1)).rejects.toMatchObject({ kind: 'refused' });
  expect(await pingSocket(node)).toBe('ping');
});

test('a socket that nobody serves is refused, forwarded or bridged', async () => {
  const dead = join(lab.folder, 'dead.sock');
  const server = createServer().listen(dead);
  await until(() => server.listening, 'it listens');
  linkSync(dead, `${dead}.kept`);
  await new Promise((resolve) => server.close(resolve));
  await expect(open({ host: 'root-key' }).socket(`${dead}.kept`)).rejects.toMatchObject({ kind: 'refused' });
  await expect(
    open({ host: 'nopass', sudo: 'without password' }).socket(`${dead}.kept`),
  ).rejects.toMatchObject({ kind: 'refused' });
  unlinkSync(`${dead}.kept`);
});

test('MaxSessions 1: a follow, a bridge and commands side by side', async () => {
  const narrow = await lab.sshd({ config: ['MaxSessions 1'] });
  const user = await lab.user({ sudoers: ['ALL=(ALL) NOPASSWD: ALL'] });
  const node = open({
    host: await lab.host('narrow', [`Port ${narrow.port}`, `User ${user.name}`]),
    sudo: 'without password',
  });
  const path = join(lab.folder, 'narrow.log');
  writeFileSync(path, 'line\n');
  let text = '';
  node.follow(path, 0, (event) => (text += event.type === 'data' ? event.bytes.toString() : ''));
  const socket = await node.socket(rootSocket);
  const answers = await Promise.all([
    ping(connectSocket(socket.path)),
    ping(connectSocket(socket.path)),
    node.env('HOME'),
    node.stat('/root').then(({ type }) => type),
    node.sweep({ cwdOf: [] }).then(({ processes }) => processes.has(1)),
  ]);
  expect(answers).toEqual(['ping', 'ping', user.home, 'directory', true]);
  await until(() => text === 'line\n', 'the followed line');
  socket.dispose();

  const direct = open({ host: await lab.host('narrow-root', [`Port ${narrow.port}`, `User ${root.name}`]) });
  const [answer, type, missing] = await Promise.all([
    pingSocket(direct),
    direct.stat('/root').then((info) => info.type),
    direct.socket('/nowhere.sock').catch((error: unknown) => (error as NodeError).kind),
  ]);
  expect([answer, type, missing]).toEqual(['ping', 'directory', 'missing']);
});

test('a login shell whose start-up files print, on both outputs, and without a newline', async () => {
  const noise = 'echo "Welcome D 0 5"; echo careful >&2; head -c 100000 /dev/zero; printf "no newline"';
  const user = await lab.user({ bashrc: noise, sudoers: ['ALL=(ALL) NOPASSWD: ALL'] });
  const host = await lab.host('noisy', [`Port ${sshd.port}`, `User ${user.name}`]);
  const node = open({ host, sudo: 'without password' });
  expect((await node.readFile('/etc/hostname')).toString()).not.toContain('Welcome');
  const result = await node.run(['sh', '-c', 'echo out; echo err >&2']);
  expect([result.stdout.toString(), result.stderr.toString()]).toEqual(['out\n', 'err\n']);
  expect(await pingSocket(node)).toBe('ping');
});

test('busybox only: everything works but the bridge, and that says what is missing', async () => {
  const tools = join(lab.folder, 'busybox');
  mkdirSync(tools);
  chmodSync(tools, 0o755);
  for (const name of execFileSync('/usr/bin/busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    symlinkSync('/usr/bin/busybox', join(tools, name));
  }
  const small = await lab.sshd({ config: [`SetEnv PATH=${tools}`] });
  const node = open({ host: await lab.host('small', [`Port ${small.port}`, `User ${root.name}`]) });
  expect(await node.env('PATH')).toBe(tools);
  expect(await pingSocket(node)).toBe('ping');
  const file = join(lab.folder, 'file');
  writeFileSync(file, 'content');
  expect((await node.readFile(file, { offset: 2, length: 3 })).toString()).toBe('nte');
  expect((await node.stat(file)).identity).toMatch(/^\d+:\d+$/);
  expect(await node.list(tools)).toContain('ls');
  expect((await node.readFiles([file, '/nothing'])).get('/nothing')).toMatchObject({ kind: 'missing' });
  const table = await node.sweep({ cwdOf: ['node'] });
  expect(table.processes.get(process.pid)).toMatchObject({ cwd: process.cwd(), ppid: process.ppid });
  let text = '';
  const follow = node.follow(
    file,
    3,
    (event) => (text += event.type === 'data' ? event.bytes.toString() : `<${event.type}>`),
  );
  await until(() => text === 'tent', 'the followed bytes');
  renameSync(file, `${file}.1`);
  writeFileSync(file, 'new');
  await until(() => text.endsWith('<rotated>new'), 'the rotation');
  follow.dispose();

  const user = await lab.user({ sudoers: ['Defaults:USER secure_path=' + tools, 'ALL=(ALL) NOPASSWD: ALL'] });
  const poor = open({
    host: await lab.host('poor', [`Port ${sshd.port}`, `User ${user.name}`]),
    sudo: 'without password',
  });
  expect((await poor.readFile(file)).toString()).toBe('new');
  await expect(poor.socket(rootSocket)).rejects.toThrow('none of socat, nc with -U, python3 and perl');
});

test('without a master, as on Windows: each stream logs in by itself', async () => {
  const user = await lab.user({ password: 'alone', sudoers: ['ALL=(ALL) NOPASSWD: ALL'] });
  const host = await lab.host('alone', [`Port ${sshd.port}`, `User ${user.name}`, 'PubkeyAuthentication no']);
  const { prompt, asked } = answering('alone');
  const node = open({ host, prompt, sudo: 'without password', multiplexed: false });
  expect(await pingSocket(node)).toBe('ping');
  expect(await ping(await node.dial('127.0.0.1', port()))).toBe('ping');
  expect((await node.sweep({ cwdOf: [] })).processes.has(1)).toBe(true);
  expect(asked).toHaveLength(1);
});

test('two hosts at once: one that hangs does not slow the other', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await until(() => silent.listening, 'it listens');
  const hanging = open({
    host: await lab.host('hanging', [`Port ${(silent.address() as AddressInfo).port}`, `User ${root.name}`]),
  });
  const waiting = hanging.env('HOME').catch(() => 'none');
  expect(await open({ host: 'root-key' }).env('HOME')).toBe(root.home);
  expect(hanging.state.name).toBe('connecting');
  hanging.dispose();
  expect(await waiting).toBe('none');
  silent.close();
});

/** Whether a process’s command line holds a text; of all processes but this one, or of one. */
function runs(text: string, only?: number): boolean {
  const all = only === undefined ? pids().filter((pid) => pid !== process.pid) : [only];
  return all.some((pid) => commandLine(pid).includes(text));
}
