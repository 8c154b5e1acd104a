// Installs Debian packages without letting their services start. Runs before `npm ci`: no dependencies.
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** What the lab (real containerd and runc) needs: package names, each with a path that it brings. */
export const labPackages = {
  containerd: '/usr/bin/containerd',
  runc: '/usr/sbin/runc',
  'containernetworking-plugins': '/usr/lib/cni/bridge',
  'busybox-static': '/bin/busybox',
  iproute2: '/usr/sbin/ip',
};

/** What the end-to-end and webview suites need. */
export const browserPackages = {
  chromium: '/usr/bin/chromium',
  'fonts-dejavu-core': '/usr/share/fonts/truetype/dejavu',
};

/** What the suites over SSH need. */
export const sshPackages = {
  'openssh-server': '/usr/sbin/sshd',
  'openssh-client': '/usr/bin/ssh',
  sudo: '/usr/bin/sudo',
  socat: '/usr/bin/socat',
  'netcat-openbsd': '/bin/nc.openbsd',
  'python3-minimal': '/usr/bin/python3',
  'perl-base': '/usr/bin/perl',
  'busybox-static': '/bin/busybox',
};

/** dpkg's hook that says whether a package may start its service (invoke-rc.d(8)); exit code 101 means no. */
const policy = '/usr/sbin/policy-rc.d';

/** @param {string} program */
export async function onPath(program) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'].filter(Boolean);
  for (const folder of folders) {
    try {
      await access(`${folder}/${program}`, constants.X_OK);
      return true;
    } catch {
      // Next folder.
    }
  }
  return false;
}

/** Why this machine can't install Debian packages; undefined when it can. */
export async function whyNoApt() {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!/^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release)) return 'this is not Debian or Ubuntu';
  if (process.getuid?.() !== 0) return 'this needs root';
  if (!(await onPath('apt-get'))) return 'there is no apt-get';
  return undefined;
}

/**
 * Installs those of `packages` whose file is absent. Keys are package names, values a path that the package brings.
 * @param {Record<string, string>} packages
 * @param {(line: string) => void} progress
 */
export async function ensurePackages(packages, progress) {
  const absent = await missingPackages(packages);
  if (absent.length === 0) return;
  const reason = await whyNoApt();
  if (reason) throw new Error(`missing Debian packages: ${absent.join(' ')}; can't install them: ${reason}`);
  progress(`installing with apt-get: ${absent.join(' ')}`);
  await withoutServices(async () => {
    const install = ['install', '-y', '-qq', '--no-install-recommends', ...absent];
    // Package lists may be absent or old: only then is the slow update needed.
    if (
      await aptGet(install).then(
        () => true,
        () => false,
      )
    )
      return;
    await aptGet(['update', '-qq']);
    await aptGet(install);
  });
  const still = await missingPackages(packages);
  if (still.length > 0)
    throw new Error(`apt-get did not bring ${still.map((name) => packages[name]).join(' ')}`);
}

/** @param {Record<string, string>} packages */
export async function missingPackages(packages) {
  const states = await Promise.all(
    Object.entries(packages).map(async ([name, path]) => {
      return access(path).then(
        () => undefined,
        () => name,
      );
    }),
  );
  return states.filter((name) => name !== undefined);
}

/** @param {() => Promise<void>} action */
async function withoutServices(action) {
  const ours = await writeFile(policy, '#!/bin/sh\nexit 101\n', { flag: 'wx', mode: 0o755 }).then(
    () => true,
    // Someone else's policy is there already: it stays in force.
    () => false,
  );
  try {
    await action();
  } finally {
    if (ours) await rm(policy, { force: true });
  }
}

/** @param {string[]} args */
async function aptGet(args) {
  const lock = ['-o', 'DPkg::Lock::Timeout=120', '-o', 'Dpkg::Use-Pty=0'];
  let output = '';
  const code = await new Promise((resolve, reject) => {
    const child = spawn('apt-get', [...lock, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    });
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (output += String(chunk)));
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  // Lets a mirror that just refused answer the retry.
  await delay(1000);
  throw new Error(`apt-get ${args.join(' ')} failed with code ${code}:\n${output.slice(-2000)}`);
}
