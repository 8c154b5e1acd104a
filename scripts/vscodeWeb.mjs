// VS Code for the browser, from npm alone: made once in .cache/, then served on loopback. Runs before `npm ci`.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { standIns } from './vscodeStandIns.mjs';

const cache = join(import.meta.dirname, '../.cache');
const version = '4.139.1';
/** Grows with each change of how the folder is made, so that an older one is made anew. */
const recipe = 1;
const nodeMajor = 24;

/** Neither needed to show an extension nor installable without a compiler or a licence. */
const dropped = [
  '@devcontainers/cli',
  '@github/copilot-sdk',
  '@microsoft/mxc-sdk',
  '@vscode/copilot-api',
  '@vscode/native-watchdog',
  '@vscode/sandbox-runtime',
  '@vscode/spdlog',
  '@vscode/sqlite3',
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
  'kerberos',
  'ssh2',
];

/** Keep VS Code from showing, asking or fetching anything of its own accord. */
export const quietSettings = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'remote.autoForwardPorts': false,
  'telemetry.telemetryLevel': 'off',
  'terminal.integrated.enablePersistentSessions': false,
  'update.mode': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/** Makes what is missing; a second call is instant. Returns the program and VS Code's folder. */
export async function ensureVsCodeWeb(progress = console.log) {
  const node = await ensureNode(progress);
  const root = await once(`vscode-web-${version}-${recipe}`, async (stage) => {
    progress(`installing VS Code for the browser ${version} (about 300 MB, once, into .cache)`);
    await unpack(`code-server@${version}`, stage, 'package/lib/vscode', 3);
    await dropDependencies(stage);
    await rm(join(stage, 'extensions/copilot'), { recursive: true, force: true });
    progress('installing its dependencies with npm');
    await run(
      'npm',
      ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'],
      stage,
    );
    await writeStandIns(stage);
    await symlink('node_modules', join(stage, 'node_modules.asar'));
  });
  return { node, root };
}

/**
 * Serves VS Code on 127.0.0.1 and resolves when it answers.
 * @param {import('./vscodeWeb.mjs').VsCodeWebOptions} options
 */
export async function startVsCodeWeb(options) {
  const { node, root } = await reachable(await ensureVsCodeWeb(options.progress), options);
  const { port, token, userDataDir, extensionsDir, settings, extensionDevelopmentPath, asUser } = options;
  for (const scope of ['User', 'Machine']) {
    await mkdir(join(userDataDir, scope), { recursive: true });
    await writeFile(join(userDataDir, scope, 'settings.json'), JSON.stringify(settings, undefined, 2));
  }
  await mkdir(extensionsDir, { recursive: true });
  const args = [
    join(root, 'out/server-main.js'),
    ...['--host', '127.0.0.1', '--port', String(port)],
    ...(token ? ['--connection-token', token] : ['--without-connection-token']),
    ...['--accept-server-license-terms', '--telemetry-level', 'off', '--disable-workspace-trust'],
    ...['--server-data-dir', join(userDataDir, 'server'), '--user-data-dir', userDataDir],
    ...['--extensions-dir', extensionsDir],
    ...(extensionDevelopmentPath ? ['--enable-smoke-test-driver'] : []),
  ];
  if (asUser) await run('chown', ['-R', `${asUser.uid}:${asUser.gid}`, userDataDir, extensionsDir], '/');
  const [program, ...before] = [...become(asUser), node];
  const server = spawnGroup(program, [...before, ...args], {
    ...process.env,
    ...(asUser ? { HOME: asUser.home ?? userDataDir, USER: asUser.name, LOGNAME: asUser.name } : {}),
    EXTENSIONS_GALLERY: '{}',
  });
  try {
    await answers(`http://127.0.0.1:${port}/version`, server);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { url: pageUrl(options), output: server.output, ended: server.ended, stop: server.stop };
}

/**
 * Installs a .vsix into an extensions folder, with no server running.
 * @param {{ vsix: string, extensionsDir: string, userDataDir: string }} options
 */
export async function installVsix({ vsix, extensionsDir, userDataDir }, progress = console.log) {
  const { node, root } = await ensureVsCodeWeb(progress);
  await run(
    node,
    [
      join(root, 'out/server-main.js'),
      ...[
        '--install-extension',
        vsix,
        '--force',
        '--accept-server-license-terms',
        '--telemetry-level',
        'off',
      ],
      ...['--server-data-dir', join(userDataDir, 'server'), '--user-data-dir', userDataDir],
      ...['--extensions-dir', extensionsDir],
    ],
    '/',
    { EXTENSIONS_GALLERY: '{}' },
  );
}

/** The words before a command that make it run as another user. */
function become(user) {
  return user ? ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : [];
}

/** A checkout in root's home is closed to other users: they get a copy. */
async function reachable(programs, { asUser, userDataDir }) {
  if (!asUser) return programs;
  const [setpriv, ...rest] = become(asUser);
  const open = await run(
    setpriv,
    [...rest, 'test', '-x', programs.node, '-a', '-r', programs.root],
    '/',
  ).then(
    () => true,
    () => false,
  );
  if (open) return programs;
  const copy = { node: join(userDataDir, 'node'), root: join(userDataDir, 'vscode') };
  await mkdir(userDataDir, { recursive: true });
  for (const part of ['node', 'root']) await run('cp', ['-a', programs[part], copy[part]], '/');
  return copy;
}

function pageUrl({ port, token, extensionDevelopmentPath }) {
  const url = new URL(`http://127.0.0.1:${port}/`);
  if (token) url.searchParams.set('tkn', token);
  url.searchParams.set('ew', 'true');
  if (extensionDevelopmentPath) {
    const path = `vscode-remote://127.0.0.1:${port}${extensionDevelopmentPath}`;
    url.searchParams.set('payload', JSON.stringify([['extensionDevelopmentPath', path]]));
  }
  return url.href;
}

/** VS Code 1.139 needs Node 22; where this one is older, npm carries a newer one. */
async function ensureNode(progress) {
  if (Number.parseInt(process.versions.node, 10) >= 22) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  if (process.platform !== 'linux')
    throw new Error('VS Code for the browser needs Node 22 or newer on this machine');
  const folder = await once(`${name}-${nodeMajor}`, async (stage) => {
    progress(`installing Node ${nodeMajor} for VS Code (this one is ${process.versions.node})`);
    await unpack(`${name}@${nodeMajor}`, stage, 'package/bin/node', 1);
  });
  return join(folder, 'bin/node');
}

/** Makes `.cache/<name>` unless it is there, complete or not at all. Returns its path. */
async function once(name, make) {
  const target = join(cache, name);
  if (existsSync(target)) return target;
  await mkdir(cache, { recursive: true });
  const stage = await mkdtemp(join(cache, 'stage-'));
  try {
    await make(stage);
    await run('chmod', ['755', stage], '/');
    await rename(stage, target).catch((error) => {
      // Another process was quicker: its folder serves as well.
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
  return target;
}

async function unpack(spec, stage, member, strip) {
  const { stdout } = await run('npm', ['pack', spec, '--silent', '--pack-destination', stage], stage);
  const tar = join(stage, stdout.trim().split('\n').at(-1));
  await run(
    'tar',
    ['-xzf', tar, '-C', stage, `--strip-components=${strip}`, '--no-same-owner', member],
    stage,
  );
  await rm(tar);
}

async function dropDependencies(stage) {
  const file = join(stage, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  for (const name of dropped) delete manifest.dependencies[name];
  const kept = (name) => !dropped.includes(name.replace(/(?<=.)@.*$/, ''));
  manifest.overrides = Object.fromEntries(
    Object.entries(manifest.overrides ?? {}).filter(([name]) => kept(name)),
  );
  await writeFile(file, JSON.stringify(manifest, undefined, 2));
}

async function writeStandIns(stage) {
  for (const [name, source] of Object.entries(standIns)) {
    const folder = join(stage, 'node_modules', name);
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, 'package.json'),
      JSON.stringify({ name, version: '0.0.0', main: 'index.js' }),
    );
    await writeFile(join(folder, 'index.js'), source);
  }
}

/** A process group of its own, so that the extension host and the terminals end with the server. */
function spawnGroup(program, args, env) {
  const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let failure;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (text = (text + String(chunk)).slice(-65_536)));
  }
  child.once('error', (error) => (failure = error.message));
  const ended = new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve((failure ??= `ended with ${code ?? signal}`)));
  });
  const signalGroup = (signal) => {
    try {
      return child.pid !== undefined && process.kill(-child.pid, signal);
    } catch {
      return false;
    }
  };
  const stop = async () => {
    // The extension host outlives its server by some 4 s unless it is told, too.
    signalGroup('SIGTERM');
    const deadline = Date.now() + 8_000;
    while (signalGroup(0)) {
      if (Date.now() > deadline) signalGroup('SIGKILL');
      await delay(50);
    }
  };
  return { output: () => text, failure: () => failure, ended, stop };
}

async function answers(url, server) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (server.failure()) throw new Error(`VS Code's server ${server.failure()}:\n${server.output()}`);
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    if (Date.now() > deadline) throw new Error(`VS Code's server does not answer:\n${server.output()}`);
    await delay(100);
  }
}

/** A loopback port that was free a moment ago. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs to the end; rejects with what it printed when it fails. */
function run(program, args, cwd, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let all = '';
    child.stdout.on('data', (chunk) => ((stdout += String(chunk)), (all += String(chunk))));
    child.stderr.on('data', (chunk) => (all += String(chunk)));
    child.once('error', (error) => reject(new Error(`${program}: ${error.message}`)));
    child.once('close', (code) => {
      if (code === 0) resolve({ stdout });
      else reject(new Error(`${program} ${args.join(' ')} failed with ${code}:\n${all.slice(-4000)}`));
    });
  });
}
