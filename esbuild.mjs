// Builds everything that ships: the extension host and its worker to CommonJS, each webview to an ES module.
import { build, context } from 'esbuild';
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';

const watch = process.argv.includes('--watch');
const minify = process.argv.includes('--minify');

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  minify,
  sourcemap: minify ? false : 'linked',
  logLevel: 'warning',
  legalComments: 'none',
};

const panels = readdirSync('webview', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(`webview/${entry.name}/index.ts`))
  .map((entry) => entry.name);

/** @type {import('esbuild').BuildOptions[]} */
const builds = [
  {
    ...common,
    entryPoints: {
      extension: 'src/extension.ts',
      sweepWorker: 'src/node/sweepWorker.ts',
      askpass: 'src/node/ssh/askpass.ts',
    },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['vscode'],
  },
  {
    ...common,
    entryPoints: Object.fromEntries(panels.map((name) => [name, `webview/${name}/index.ts`])),
    outdir: 'dist/webview',
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    loader: { '.ttf': 'file', '.svg': 'text' },
    tsconfig: 'webview/tsconfig.json',
  },
];

if (!watch) await rm('dist', { recursive: true, force: true });
for (const options of builds) {
  if (watch) await (await context(options)).watch();
  else await build(options);
}
if (watch) console.log('[watch] ready');
