import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Debian's suites whose containerd runs on bookworm; their runc needs a newer libc. */
const suites = { '1.7': 'trixie', '2.1': 'sid' } as const;
export type NewerContainerd = keyof typeof suites;

const cache = join(import.meta.dirname, '../../.cache');
const patienceMs = 240_000;

/**
 * A folder with `containerd`, `containerd-shim-runc-v2` and `ctr` of a version that bookworm doesn't have: Debian's own
 * package, unpacked once into .cache and never installed. About 45 MB to fetch, ten of them the suite's list of packages.
 * apt keeps everything in a folder that is removed after: the machine's sources, lists and packages stay as they are.
 */
export async function ensureContainerd(
  version: NewerContainerd,
  progress: (line: string) => void,
): Promise<string> {
  const folder = join(cache, `containerd-${version}`);
  const programs = join(folder, 'usr/bin');
  if (existsSync(programs)) return programs;
  progress(`fetching containerd ${version} from Debian ${suites[version]} (about 45 MB, once, into .cache)`);
  await mkdir(cache, { recursive: true });
  const stage = await mkdtemp(join(cache, `containerd-${version}-`));
  try {
    await fetchPackage(stage, version);
    // Another suite may have been quicker.
    await rename(join(stage, 'unpacked'), folder).catch((error: unknown) => {
      if (!existsSync(programs)) throw error;
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `containerd ${version} can't be had from Debian ${suites[version]}, which the tests of it need: ${reason}`,
      { cause: error },
    );
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
  return programs;
}

async function fetchPackage(stage: string, version: NewerContainerd): Promise<void> {
  const suite = suites[version];
  const at = (name: string): string => join(stage, name);
  for (const name of ['lists/partial', 'cache/archives/partial', 'state', 'deb', 'unpacked']) {
    await mkdir(at(name), { recursive: true });
  }
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const deadline = AbortSignal.timeout(patienceMs);
  const mirror = await ownMirror(stage, deadline);
  await writeFile(at('sources.list'), `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`);
  await writeFile(at('status'), '');
  const options = Object.entries({
    'Dir::Etc::SourceList': at('sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State': at('state'),
    'Dir::State::Lists': at('lists'),
    'Dir::State::status': at('status'),
    'Dir::Cache': at('cache'),
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
    // Else apt only warns that it could not fetch a list.
    'APT::Update::Error-Mode': 'any',
    'Acquire::http::Timeout': '30',
    // apt's own user could not write into the folder.
    'APT::Sandbox::User': 'root',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await run('apt-get', [...options, '-qq', 'update'], stage, deadline);
  await run('apt-get', [...options, '-qq', 'download', 'containerd'], at('deb'), deadline);
  const [file] = await readdir(at('deb'));
  if (!file?.startsWith(`containerd_${version}.`)) {
    throw new Error(
      `the suite has ${file ?? 'no package'} now; choose another in test/lab/containerdVersions.ts`,
    );
  }
  await run('dpkg', ['-x', join(at('deb'), file), at('unpacked')], stage, deadline);
}

/** Where this machine has its own Debian packages from: it has the other suites too. */
async function ownMirror(cwd: string, deadline: AbortSignal): Promise<string> {
  const format = '$(RELEASE) $(REPO_URI)';
  const targets = await run(
    'apt-get',
    ['indextargets', '--format', format, 'Created-By: Packages'],
    cwd,
    deadline,
  );
  const mirror = /^bookworm (\S+)$/m.exec(targets)?.[1];
  if (mirror === undefined) throw new Error('the sources of apt-get name no bookworm');
  return mirror;
}

/** Resolves with what the program printed; rejects with it, or because it took too long. */
async function run(program: string, args: string[], cwd: string, signal: AbortSignal): Promise<string> {
  let output = '';
  const code = await new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (output += String(chunk)));
    child.once('error', (error) => {
      reject(signal.aborted ? new Error(`no end of ${program} after ${patienceMs / 1000} s`) : error);
    });
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${output.trim().slice(-1000)}`);
  return output;
}
