import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, chown, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { ensurePackages, sshPackages } from '../../scripts/debian.mjs';
import type { AskpassProgram } from '../../src/node/ssh/askpassServer.js';
import { delay } from '../../src/util/async.js';
import type { Netns } from './netns.js';

const run = promisify(execFile);
const prefix = '/tmp/cri-sshlab-';

export interface SshdOptions {
  /** Lines of sshd_config(5), before the lab's own, so that they win. */
  readonly config?: readonly string[];
  /** The port of one that was stopped. */
  readonly port?: number;
  /** Another host by address; default this machine's 127.0.0.1. */
  readonly netns?: Netns;
}

export interface UserOptions {
  readonly password?: string;
  /** A line of sudoers(5) after the user's name; default none. */
  readonly sudoers?: readonly string[];
  /** Text of ~/.bashrc, which bash(1) reads for commands of sshd too. */
  readonly bashrc?: string;
  /** Another name for root, whose own start-up files may be anything. */
  readonly root?: boolean;
}

export interface LabUser {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
}

/** A real sshd. */
export interface Sshd {
  readonly address: string;
  readonly port: number;
  readonly pid: number;
  /** The sshd processes that serve connections. */
  sessions(): number[];
  log(): string;
  stop(): Promise<void>;
}

/**
 * Real sshds with users of their own, made and removed here, and a client configuration that knows them. Needs root and
 * Debian's openssh-server and sudo.
 */
export class SshLab {
  readonly folder: string;
  readonly askpass: AskpassProgram;
  readonly key: string;
  readonly configFile: string;
  readonly knownHosts: string;
  readonly #name = `cxt${randomBytes(3).toString('hex')}`;
  readonly #sshds: Sshd[] = [];
  readonly #users: LabUser[] = [];
  readonly #hosts: string[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.key = join(folder, 'id');
    this.configFile = join(folder, 'config');
    this.knownHosts = join(folder, 'known_hosts');
    this.askpass = { execPath: process.execPath, script: join(folder, 'askpass.cjs') };
  }

  static async create(): Promise<SshLab> {
    await ensurePackages(sshPackages, () => undefined);
    await cleanAbandoned();
    const lab = new SshLab(mkdtempSync(`${prefix}${process.pid}-`));
    await chmod(lab.folder, 0o755); // The users' homes are in it.
    mkdirSync('/run/sshd', { recursive: true }); // sshd's empty folder for privilege separation
    await lab.#makeKey(lab.key, '');
    await build({
      entryPoints: ['src/node/ssh/askpass.ts'],
      outfile: lab.askpass.script,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'error',
    });
    return lab;
  }

  /** A key that every sshd of the lab accepts for every user. */
  async addKey(name: string, passphrase: string): Promise<string> {
    const file = join(this.folder, name);
    await this.#makeKey(file, passphrase);
    return file;
  }

  async #makeKey(file: string, passphrase: string): Promise<void> {
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', file]);
    const accepted = join(this.folder, 'authorized_keys');
    await writeFile(accepted, readFileSync(`${file}.pub`), { flag: 'a' });
  }

  async sshd({ config = [], port, netns }: SshdOptions = {}): Promise<Sshd> {
    const address = netns?.address ?? '127.0.0.1';
    const at = port ?? (await freePort());
    const base = join(this.folder, `sshd-${at}-${randomBytes(2).toString('hex')}`);
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${base}.key`]);
    const own = [
      `Port ${at}`,
      `ListenAddress ${address}`,
      `HostKey ${base}.key`,
      `AuthorizedKeysFile ${join(this.folder, 'authorized_keys')}`,
      'StrictModes no',
      'UsePAM no',
      'UseDNS no',
      'PidFile none',
      'PermitRootLogin prohibit-password',
      'KbdInteractiveAuthentication no',
      'PrintMotd no',
      'LogLevel INFO',
    ];
    await writeFile(`${base}.conf`, [...config, ...own, ''].join('\n'));
    const log = openSync(`${base}.log`, 'a');
    const command = [...(netns?.enter ?? []), '/usr/sbin/sshd', '-D', '-e', '-f', `${base}.conf`];
    const child = spawn(command[0] ?? '', command.slice(1), {
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const sshd: Sshd = {
      address,
      port: at,
      pid: child.pid ?? 0,
      sessions: () => sessionsOf(child.pid ?? 0),
      log: () => readFileSync(`${base}.log`, 'utf8'),
      stop: () => stop(child),
    };
    this.#sshds.push(sshd);
    await until(() => sshd.log().includes('Server listening'), `sshd on port ${at} listens`);
    return sshd;
  }

  async user({ password, sudoers = [], bashrc, root = false }: UserOptions = {}): Promise<LabUser> {
    const name = `${this.#name}${this.#users.length}`;
    const home = join(this.folder, name);
    const hash =
      password === undefined ? '*' : (await run('openssl', ['passwd', '-6', password])).stdout.trim();
    const same = root ? ['-o', '-u', '0', '-g', '0'] : [];
    await run('/usr/sbin/useradd', ['-M', '-d', home, '-s', '/bin/bash', '-p', hash, ...same, name]);
    const uid = Number((await run('id', ['-u', name])).stdout);
    const user = { name, uid, home };
    this.#users.push(user);
    mkdirSync(home, { mode: 0o700 });
    await chown(home, uid, uid);
    if (bashrc !== undefined) await writeFile(join(home, '.bashrc'), bashrc);
    if (sudoers.length > 0) {
      const lines = sudoers.map((line) =>
        line.startsWith('Defaults') ? line.replace('USER', name) : `${name} ${line}`,
      );
      await writeFile(`/etc/sudoers.d/${name}`, `${lines.join('\n')}\n`, { mode: 0o440 });
    }
    return user;
  }

  /** Adds a host to the client's configuration. */
  async host(alias: string, lines: readonly string[]): Promise<string> {
    this.#hosts.push([`Host ${alias}`, ...lines.map((line) => `  ${line}`)].join('\n'));
    const common = [
      'Host *',
      '  HostName 127.0.0.1',
      `  IdentityFile ${this.key}`,
      '  IdentitiesOnly yes',
      `  UserKnownHostsFile ${this.knownHosts}`,
      '  GlobalKnownHostsFile /dev/null',
      '  StrictHostKeyChecking accept-new',
    ];
    await writeFile(this.configFile, [...this.#hosts, ...common, ''].join('\n'));
    return alias;
  }

  /** Processes, folders and sockets of ours or of a test's users that are still there; each a line. */
  leftovers(): string[] {
    const servers = new Set(this.#sshds.flatMap(({ pid }) => [pid]));
    const found: string[] = [];
    for (const pid of pids()) {
      if (pid === process.pid || servers.has(pid)) continue;
      const command = commandLine(pid);
      if (command === '') continue; // A zombie, or ended meanwhile.
      if (this.#isOurs(pid, command)) found.push(`${pid} ${command.slice(0, 200)}`);
    }
    for (const base of [process.env.XDG_RUNTIME_DIR, '/tmp']) {
      const parent = base === undefined ? undefined : join(base, `cri-explorer-${process.getuid?.() ?? 0}`);
      for (const name of parent === undefined ? [] : names(parent)) {
        if (name.startsWith(`${process.pid}-`)) found.push(join(parent ?? '', name));
      }
    }
    return found;
  }

  #isOurs(pid: number, command: string): boolean {
    if (this.#users.some(({ uid }) => uid !== 0 && ownerOf(pid) === uid)) return true;
    if (command.includes(`cri-explorer-0/${process.pid}-`) || command.includes(`-F ${this.folder}`))
      return true;
    if (/^sshd: .*(\[priv\]|@notty|\[net\]|\[preauth\])/.test(command)) {
      return this.#sshds.some((sshd) =>
        sshd.sessions().some((session) => session === pid || childrenOf(session).includes(pid)),
      );
    }
    const environment = read(`/proc/${pid}/environ`);
    return (
      this.#sshds.some(({ address, port }) => environment.includes(`${address} ${port}\0`)) ||
      environment.includes(this.#name)
    );
  }

  /** Resolves when nothing of ours is left; rejects with what is after some seconds. */
  async clean(): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const left = this.leftovers();
      if (left.length === 0) return;
      if (Date.now() > deadline) throw new Error(`left behind:\n${left.join('\n')}`);
      await delay(50);
    }
  }

  async dispose(): Promise<void> {
    for (const sshd of this.#sshds) await sshd.stop();
    for (const { name, uid } of this.#users) await removeUser(name, uid);
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function removeUser(name: string, uid: number): Promise<void> {
  for (const pid of pids()) if (uid !== 0 && ownerOf(pid) === uid) kill(pid, 'SIGKILL');
  await rm(`/etc/sudoers.d/${name}`, { force: true });
  await rm(`/run/sudo/ts/${name}`, { force: true });
  await rm(`/var/lib/sudo/lectured/${name}`, { force: true });
  await run('/usr/sbin/userdel', ['-f', name]).catch(() => undefined);
}

/** What a test run left that was killed: users and sshds whose folder names a dead process. */
async function cleanAbandoned(): Promise<void> {
  const isAbandoned = (path: string): boolean => {
    const owner = /^\/tmp\/cri-sshlab-(\d+)-/.exec(path)?.[1];
    return owner !== undefined && names(`/proc/${owner}`).length === 0;
  };
  for (const pid of pids()) {
    const config = /sshd -D -e -f (\S+)/.exec(commandLine(pid))?.[1];
    if (config !== undefined && isAbandoned(config)) kill(pid, 'SIGTERM');
  }
  for (const line of read('/etc/passwd').split('\n')) {
    const [name = '', , uid, , , home = ''] = line.split(':');
    if (isAbandoned(`${home}/`)) await removeUser(name, Number(uid));
  }
  for (const name of names('/tmp')) {
    if (isAbandoned(`/tmp/${name}`)) await rm(`/tmp/${name}`, { recursive: true, force: true });
  }
}

/** Waits until a condition holds. */
export async function until(condition: () => unknown, what: string, ms = 40_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
    await delay(20);
  }
}

/** Sends a signal to a process that may have ended. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}

/** For a user who is not root there are two for each connection, and the second one alone would keep it up. */
function sessionsOf(listener: number): number[] {
  const first = childrenOf(listener);
  return [...first, ...first.flatMap(childrenOf).filter((pid) => commandLine(pid).startsWith('sshd:'))];
}

export function childrenOf(parent: number): number[] {
  return pids().filter((pid) => {
    const stat = read(`/proc/${pid}/stat`);
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Ends the listener and those who serve connections, stopped ones too. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const sessions = sessionsOf(child.pid ?? 0);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await ended;
  for (const pid of sessions) {
    kill(pid, 'SIGCONT');
    kill(pid, 'SIGTERM');
  }
}

export const pids = (): number[] =>
  names('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Its arguments with blanks between; empty when it ended. */
export function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

function ownerOf(pid: number): number | undefined {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
}
