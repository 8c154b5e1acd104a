import { buildSync } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLocalNode, type LocalNodeOptions } from '../../src/node/local.js';
import type { Node } from '../../src/node/node.js';
import type { Disposable } from '../../src/util/dispose.js';

/** The sweep's worker, bundled as it ships, for a node that is made from the sources. Dispose to remove it. */
export function bundledSweepWorker(): Disposable & { readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'criex-worker-'));
  const path = join(folder, 'sweepWorker.cjs');
  buildSync({
    entryPoints: [fileURLToPath(new URL('../../src/node/sweepWorker.ts', import.meta.url))],
    outfile: path,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  });
  return { path, dispose: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A local node for tests, made from the sources; dispose it. */
export function localNodeFromSource(options: LocalNodeOptions = {}): Node {
  const worker = bundledSweepWorker();
  const node = createLocalNode({ workerPath: worker.path, ...options });
  const dispose = node.dispose.bind(node);
  node.dispose = () => {
    dispose();
    worker.dispose();
  };
  return node;
}
