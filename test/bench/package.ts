import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median } from './measure.js';
import { result, type Result } from './report.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** The size of the .vsix, and what the extension costs when VS Code activates it. */
export async function packageGroup(emit: (result: Result) => void): Promise<void> {
  await run(process.execPath, ['scripts/package.mjs'], { cwd: root });
  const { size } = await stat(`${root}/out/cri-explorer.vsix`);
  emit(result('package', { name: 'VSIX', ours: size / 1024 / 1024, unit: 'MiB', aim: '<= 2' }));
  const script = fileURLToPath(new URL('activation.cjs', import.meta.url));
  const times: { load: number; activate: number }[] = [];
  for (let index = 0; index < 11; index++) {
    const { stdout } = await run(process.execPath, [script, `${root}/dist/extension.cjs`]);
    times.push(JSON.parse(stdout) as { load: number; activate: number });
  }
  const load = median(times.map((time) => time.load));
  const activate = median(times.map((time) => time.activate));
  emit(result('package', { name: 'loading the bundle', ours: load, unit: 'ms' }));
  emit(result('package', { name: 'activation', ours: activate, unit: 'ms' }));
}
