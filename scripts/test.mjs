// npm test: every suite, in order, to the end. Needs Node 20 and this checkout. The last line is `N passed, N failed`.
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  browserPackages,
  ensurePackages,
  labPackages,
  missingPackages,
  sshPackages,
  whyNoApt,
} from './debian.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { ensureVsCodeWeb } from './vscodeWeb.mjs';

const root = join(import.meta.dirname, '..');
const results = join(root, 'out/results');
const patienceMs = 20 * 60_000;
const browser = process.env.CHROMIUM ? {} : browserPackages;
const usage = `npm test [-- options]
  --only a,b     these suites of: lint, types, unit, webview, integration, e2e
  --no-system    install nothing with apt-get, and leave out the suites that lack something`;

/**
 * In order. `packages` is what Debian must bring; `root` marks suites that start containers; `before` builds what the
 * suite tests; a suite has a `command`, or it is the vitest project of its name.
 */
const suites = [
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'] },
  { name: 'types', command: ['npm', 'run', '--silent', 'typecheck'] },
  { name: 'unit' },
  { name: 'webview', packages: browser, before: ['node', 'esbuild.mjs'] },
  {
    name: 'integration',
    packages: { ...labPackages, ...sshPackages },
    root: true,
    before: ['node', 'esbuild.mjs'],
  },
  {
    name: 'e2e',
    packages: { ...labPackages, ...browser },
    root: true,
    before: ['node', 'scripts/package.mjs'],
    prepare: () => ensureVsCodeWeb(say),
  },
];

const say = (line) => console.log(`test: ${line}`);
const total = { passed: 0, failed: 0 };
let current;

async function main() {
  const { only, system } = readOptions();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => interrupt(signal));
  await ensureDependencies(say);
  await rm(results, { recursive: true, force: true });
  await mkdir(results, { recursive: true });
  if ((await execute(['node', 'scripts/generate.mjs'])) !== 0) total.failed += 1;
  for (const suite of suites.filter(({ name }) => !only || only.includes(name))) {
    const { passed, failed, note } = await runSuite(suite, system);
    total.passed += passed;
    total.failed += failed;
    say(`${suite.name}: ${passed} passed, ${failed} failed${note ? ` (${note})` : ''}`);
  }
}

function readOptions() {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, 'no-system': { type: 'boolean' }, help: { type: 'boolean' } },
  });
  const only = values.only?.split(',');
  const unknown = only?.find((name) => !suites.some((suite) => suite.name === name));
  if (values.help || unknown !== undefined) {
    console.log(unknown === undefined ? usage : `there is no suite ${unknown}\n${usage}`);
    process.exit(unknown === undefined ? 0 : 2);
  }
  return { only, system: !values['no-system'] };
}

/** Counts of one suite. What keeps it from running counts as one failure, unless that was asked for. */
async function runSuite(suite, system) {
  say(`${suite.name} …`);
  try {
    const lack = await whatIsMissing(suite, system);
    if (lack) return { passed: 0, failed: system ? 1 : 0, note: `can't run here: ${lack}` };
    await suite.prepare?.();
    if (suite.before && (await execute(suite.before)) !== 0) {
      return { passed: 0, failed: 1, note: `${suite.before.join(' ')} failed` };
    }
    return suite.command ? await runCommand(suite.command) : await runProject(suite.name);
  } catch (error) {
    return { passed: 0, failed: 1, note: error.message };
  }
}

/** Installs what is missing, where that is possible and wanted. Resolves with what still is. */
async function whatIsMissing({ packages = {}, root: needsRoot }, system) {
  if (needsRoot && process.getuid?.() !== 0) return 'it needs root';
  const missing = await missingPackages(packages);
  if (missing.length === 0) return undefined;
  const reason = system ? await whyNoApt() : '--no-system was given';
  if (reason) return `missing ${missing.join(', ')}; not installed because ${reason}`;
  await ensurePackages(packages, say);
  return undefined;
}

async function runCommand(command) {
  return (await execute(command)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function runProject(name) {
  const file = join(results, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const code = await execute([
    'node',
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    name,
    ...reporters,
  ]);
  const report = await readFile(file, 'utf8').then(JSON.parse, () => undefined);
  if (!report) return { passed: 0, failed: 1, note: `ended with ${code} and no report` };
  // A file whose hooks or imports failed is red without a failed test in it.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = report.numFailedTests + broken.length;
  const passed = report.numPassedTests;
  const skipped = report.numPendingTests > 0 ? { note: `${report.numPendingTests} skipped` } : {};
  // An error outside of any file, such as an unhandled rejection.
  if (code !== 0 && failed === 0) return { passed, failed: 1, note: `vitest ended with ${code}` };
  return { passed, failed, ...skipped };
}

/** Runs with live output, in a process group of its own so that all of it can be ended. Resolves with the code. */
function execute([program, ...args]) {
  return new Promise((resolve, reject) => {
    const child = spawn(program === 'node' ? process.execPath : program, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    });
    current = child;
    const patience = setTimeout(() => {
      say(`no end after ${patienceMs / 60_000} minutes`);
      end(child, 'SIGKILL');
    }, patienceMs);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(patience);
      resolve(code ?? signal);
    });
  });
}

function end(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended.
  }
}

function interrupt(signal) {
  if (current) end(current, signal);
  console.log('test: interrupted');
  process.exit(130);
}

try {
  await main();
} catch (error) {
  console.error(`test: ${error.message}`);
  total.failed += 1;
}
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`${total.passed} passed, ${total.failed} failed`);
