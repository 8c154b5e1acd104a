// `npm ci` where it is needed. Runs before it: no dependencies.
import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/**
 * Installs node_modules when it is missing or older than the lock file.
 * @param {(line: string) => void} progress
 * @param {AbortSignal} [signal]
 */
export async function ensureDependencies(progress, signal) {
  const modified = (name) =>
    stat(join(root, name)).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
  if ((await modified('node_modules/.package-lock.json')) >= (await modified('package-lock.json'))) return;
  progress('installing dependencies with npm ci');
  await runQuietly('npm', ['ci', '--include=dev'], signal);
}

/** Runs in the checkout and shows what it printed only when it fails. */
export async function runQuietly(program, args, signal) {
  let output = '';
  const code = await new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], signal });
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (output += String(chunk)));
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} failed with ${code}:\n${output}`);
}
