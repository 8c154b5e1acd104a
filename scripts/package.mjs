// Builds what ships and packs it into out/cri-explorer.vsix.
import { spawnSync } from 'node:child_process';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createVSIX } from '@vscode/vsce';

const root = join(import.meta.dirname, '..');
const vsix = join(root, 'out/cri-explorer.vsix');
const limit = 2 * 1024 * 1024;

for (const args of [['scripts/generate.mjs'], ['esbuild.mjs', '--minify']]) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
await mkdir(join(root, 'out'), { recursive: true });
await createVSIX({
  cwd: root,
  packagePath: vsix,
  // esbuild bundled them.
  dependencies: false,
  allowMissingRepository: true,
  rewriteRelativeLinks: false,
});
const { size } = await stat(vsix);
console.log(`out/cri-explorer.vsix: ${(size / 1024).toFixed(0)} KiB`);
if (size > limit) {
  console.error(`that is more than ${limit / 1024} KiB`);
  process.exit(1);
}
