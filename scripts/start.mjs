// npm start: VS Code in the browser with CRI Explorer and something to look at. Needs Node 20 and this checkout.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { whyNoApt } from './debian.mjs';
import { ensureDependencies, runQuietly } from './dependencies.mjs';
import { ensureVsCodeWeb, freePort, installVsix, quietSettings, startVsCodeWeb } from './vscodeWeb.mjs';

const root = join(import.meta.dirname, '..');
const usage = `npm start [-- options]
  --port N    serve on this port of 127.0.0.1 (a free one unless given)
  --no-lab    never touch the system: no packages, no containerd, no pods`;

/** Sockets of CRI servers on Linux, as the extension's own discovery knows them. */
const wellKnown = [
  '/run/containerd/containerd.sock',
  '/run/crio/crio.sock',
  '/run/cri-dockerd.sock',
  '/run/k3s/containerd/containerd.sock',
  '/run/k3s/cri-dockerd/cri-dockerd.sock',
  '/var/snap/microk8s/common/run/containerd.sock',
  '/run/k0s/containerd.sock',
];

const say = (line) => console.log(`cri-explorer: ${line}`);
/** What to undo at the end, last first. */
const undo = [];
const interrupted = new AbortController();

async function main() {
  const options = readOptions();
  const { signal } = interrupted;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(name, () => {
      if (!signal.aborted) say('stopping');
      interrupted.abort(new Error('stopped'));
    });
  }
  try {
    // Not raced against the signal: what a step has started must be in `undo` before that is run.
    const ended = await bringUp(options, signal);
    await Promise.race([ended(), whenAborted(signal)]);
  } catch (error) {
    if (!signal.aborted) {
      console.error(`cri-explorer: ${error.message}`);
      process.exitCode = 1;
    }
  } finally {
    interrupted.abort(new Error('stopped'));
    for (const step of undo.reverse()) await step();
  }
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { port: { type: 'string' }, 'no-lab': { type: 'boolean' }, help: { type: 'boolean' } },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const port = Number(values.port ?? 0);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`not a port: ${values.port}`);
    return { port, lab: !values['no-lab'] };
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    process.exit(2);
  }
}

/** Resolves when a person can open the page, with a function that waits until something ends by itself. */
async function bringUp(options, signal) {
  await ensureDependencies(say, signal);
  await ensureVsCodeWeb(say);
  const source = await findSource(options, signal);
  signal.throwIfAborted();
  say('building the extension');
  await runQuietly(process.execPath, ['scripts/package.mjs'], signal);
  const server = await serve(options.port, source.settings, signal);
  signal.throwIfAborted();
  console.log(`\nOpen ${server.url}\n`);
  say('Ctrl-C ends it');
  return async () => {
    throw new Error(
      await Promise.race([server.ended.then((how) => `VS Code's server ${how}`), source.ended]),
    );
  };
}

/** What there will be to look at: a runtime of this machine, else the lab, else nothing, and then why. */
async function findSource({ lab }, signal) {
  const none = { settings: {}, ended: new Promise(() => undefined) };
  const states = await Promise.all(wellKnown.map(async (path) => ({ path, fault: await openFault(path) })));
  const usable = states.filter(({ fault }) => fault === undefined);
  if (usable.length > 0) {
    say(`found ${usable.map(({ path }) => path).join(', ')}`);
    return none;
  }
  for (const { path, fault } of states) {
    if (fault === 'EACCES') say(`${path} is there, but you may not open it: run npm start as root`);
  }
  const reason = lab ? await whyNoApt() : '--no-lab was given';
  if (reason === undefined) return startLab(signal);
  say('no container runtime to look at: none of the well-known CRI sockets can be opened on this machine');
  say(
    `a private containerd with some pods can be brought up by root on Debian or Ubuntu, but not here: ${reason}`,
  );
  say('in VS Code, name a socket or an SSH host in the setting criExplorer.nodes');
  return none;
}

/** Undefined when the socket can be opened, else the system's error code. */
function openFault(path) {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => resolve(socket.destroy() && undefined));
    socket.once('error', ({ code }) => resolve(code ?? 'failed'));
  });
}

async function startLab(signal) {
  say('no container runtime on this machine: bringing up a lab with a real containerd and some pods');
  // A group of its own: ^C must not reach containerd before the lab has removed the pods.
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/lab/up.ts'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    detached: true,
  });
  const exit = once(child, 'exit');
  undo.push(async () => {
    child.kill('SIGTERM');
    await exit;
  });
  const line = once(createInterface(child.stdout), 'line', { signal });
  const endpoint = await Promise.race([line, exit.then(() => undefined)]);
  if (!endpoint) throw new Error('the lab did not start; npm start -- --no-lab works without it');
  const nodes = [{ name: 'lab', endpoint: endpoint[0] }];
  return {
    settings: { 'criExplorer.nodes': nodes, 'criExplorer.local.enabled': false },
    ended: exit.then(([code, by]) => `the lab ended with ${code ?? by}`),
  };
}

async function serve(port, settings, signal) {
  const folder = await mkdtemp(join(tmpdir(), 'cri-explorer-'));
  undo.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const places = { extensionsDir: join(folder, 'extensions'), userDataDir: join(folder, 'data') };
  const opener = join(places.extensionsDir, 'cri-explorer-start.opener-1.0.0');
  await cp(join(import.meta.dirname, 'opener'), opener, { recursive: true });
  await installVsix({ vsix: join(root, 'out/cri-explorer.vsix'), ...places });
  signal.throwIfAborted();
  const server = await startVsCodeWeb({
    ...places,
    port: port || (await freePort()),
    token: randomBytes(16).toString('hex'),
    settings: { ...quietSettings, ...settings },
    progress: say,
  });
  undo.push(server.stop);
  return server;
}

function whenAborted(signal) {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

await main();
