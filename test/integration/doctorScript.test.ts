import { execFile } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { ensurePackages, labPackages } from '../../scripts/debian.mjs';
import { runNow } from '../../src/model/steps.js';
import { argumentsOf, readingAnswers, type Question } from '../../src/runtime/doctor/answers.js';
import { probeScript } from '../../src/runtime/doctor/script.js';

const run = promisify(execFile);

// For busybox.
beforeAll(() => ensurePackages(labPackages, () => undefined));

/** A folder with names that are links to busybox, so that the script finds no tool of GNU. */
function busyboxOnly(): string {
  const bin = mkdtempSync(join(tmpdir(), 'criex-bin-'));
  onTestFinished(() => rmSync(bin, { recursive: true }));
  const tools = 'sh date stat readlink ls find grep printf tr xargs sed sort'.split(' ');
  for (const tool of tools) symlinkSync('/bin/busybox', join(bin, tool));
  return bin;
}

test.each(['GNU', 'busybox'])('the script with the tools of %s', async (tools) => {
  const root = mkdtempSync(join(tmpdir(), 'criex-doctor-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "it's $(here)"));
  const questions: Question[] = [
    { kind: 'folder', path: root },
    { kind: 'folder', path: join(root, 'missing') },
    { kind: 'disk', path: root },
    { kind: 'mnt', pid: process.pid },
  ];
  const bin = tools === 'busybox' ? busyboxOnly() : undefined;
  const shell = bin === undefined ? 'sh' : join(bin, 'sh');
  const { stdout } = await run(shell, ['-c', probeScript, 'sh', ...argumentsOf(questions)], {
    env: { ...process.env, ...(bin === undefined ? {} : { PATH: bin }) },
    maxBuffer: 1e8,
  });
  const all = runNow(readingAnswers(stdout, questions));
  expect(all.clock).toBeGreaterThan(1_600_000_000_000);
  expect(all.entries.get(0)).toMatchObject([{ name: "it's $(here)" }]);
  expect([...all.folders]).toEqual([
    [0, 'ok'],
    [1, 'missing'],
  ]);
  expect(all.disks.get(2)!.bytes.total).toBeGreaterThan(0);
  expect(all.mountNamespaces.get(3)).toMatch(/^mnt:\[\d+\]$/);
});
