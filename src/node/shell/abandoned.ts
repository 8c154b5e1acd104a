import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const patienceMs = 5_000;

/** Removes what a process that crashed left: an ssh master outlives it, and is told to end by its control socket. */
export async function removeAbandoned(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const controls = names.filter((name) => /^[0-9a-f]{8}$/.test(name));
  await Promise.all(controls.map((name) => endMaster(join(folder, name))));
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
}

function endMaster(control: string): Promise<void> {
  const args = ['-F', '/dev/null', '-o', 'ProxyCommand=false', '-S', control, '-O', 'exit', '--', 'none'];
  return new Promise((resolve) => execFile('ssh', args, { timeout: patienceMs }, () => resolve()));
}
