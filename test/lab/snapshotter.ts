import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** overlayfs where the folder's file system can carry it; inside another container it often can't. */
export async function chooseSnapshotter(folder: string): Promise<'overlayfs' | 'native'> {
  const probe = await mkdtemp(join(folder, 'overlay-'));
  const at = (name: string): string => join(probe, name);
  try {
    for (const name of ['lower', 'upper', 'work', 'merged']) await mkdir(at(name));
    const layers = `lowerdir=${at('lower')},upperdir=${at('upper')},workdir=${at('work')}`;
    await run('mount', ['-t', 'overlay', 'overlay', '-o', layers, at('merged')]);
    await run('umount', [at('merged')]);
    return 'overlayfs';
  } catch {
    return 'native';
  } finally {
    await rm(probe, { recursive: true, force: true });
  }
}
