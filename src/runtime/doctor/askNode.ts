import type { Look, Told } from '../../model/doctor/look.js';
import { parsingMountinfo, type Mount } from '../../model/mountinfo.js';
import { runInTurns } from '../../model/steps.js';
import { NodeError, type Node } from '../../node/node.js';
import { breathe, messageOf } from '../../util/async.js';
import { argumentsOf, readingAnswers, type Answers, type Question } from './answers.js';
import type { Gaps } from './gaps.js';
import { mountinfoScript, probeScript } from './script.js';

const mebibyte = 1024 * 1024;

export interface Probed {
  readonly answers: Answers;
  readonly clock?: NonNullable<Look['clock']>;
}

/** Asks all questions in one command. */
export async function probe(
  node: Node,
  questions: readonly Question[],
  gaps: Gaps,
  signal: AbortSignal,
): Promise<Probed> {
  const command = ['sh', '-c', probeScript, 'sh', ...argumentsOf(questions)] as const;
  const asked = node.kind === 'ssh' ? readClock(node, signal) : undefined;
  try {
    const { stdout } = await node.run(command, { maxBytes: 64 * mebibyte, signal });
    const answers = await runInTurns(readingAnswers(stdout.toString('utf8'), questions), breathe);
    if (!answers.cgroups) {
      const reason = 'The node’s cgroups (/sys/fs/cgroup) can’t be seen. Use sudo on this node.';
      gaps.add(['leftoverCgroup'], reason, true);
    }
    if (!answers.netNamespaces) {
      const reason =
        'Which network namespaces are in use can’t be seen: only root may. Use sudo on this node.';
      gaps.add(['leftoverNetns'], reason, true);
    }
    const clock = await asked;
    if (node.kind === 'ssh' && !clock)
      gaps.add(['clockSkew'], 'The node’s clock could not be read with date(1).', true);
    return { answers, ...(clock ? { clock } : {}) };
  } catch (error) {
    signal.throwIfAborted();
    const reason = `Looking at folders, cgroups and namespaces on the node failed: ${messageOf(error)}`;
    gaps.add(
      ['leftoverBundle', 'leftoverState', 'leftoverCgroup', 'leftoverNetns', 'imageFilesystem'],
      reason,
      true,
    );
    if (node.kind === 'ssh') gaps.add(['clockSkew'], reason, true);
    return {
      answers: { folders: new Map(), entries: new Map(), disks: new Map(), mountNamespaces: new Map() },
    };
  }
}

/** A command of its own, since its answer is the nearer to its time the less it does. */
async function readClock(node: Node, signal: AbortSignal): Promise<Look['clock']> {
  const before = Date.now();
  try {
    const { stdout } = await node.run(['sh', '-c', 'echo "C $(date +%s.%N)"'], { signal });
    const within = (Date.now() - before) / 2;
    const { clock } = await runInTurns(readingAnswers(stdout.toString('utf8'), []), breathe);
    return clock === undefined ? undefined : { skew: clock - (before + within), within: within + 500 };
  } catch {
    return undefined;
  }
}

export async function readMounts(node: Node, gaps: Gaps, signal: AbortSignal): Promise<readonly Mount[]> {
  try {
    const { stdout } = await node.run(['sh', '-c', mountinfoScript], { maxBytes: 64 * mebibyte, signal });
    return await runInTurns(parsingMountinfo(stdout.toString('utf8')), breathe);
  } catch (error) {
    signal.throwIfAborted();
    gaps.add(
      ['leftoverMount', 'leftoverNetns'],
      `The node’s mounts can’t be read: ${messageOf(error)}`,
      true,
    );
    return [];
  }
}

/** Files that the first look wanted, in one round trip. */
export async function readWanted(
  node: Node,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Told['files']> {
  if (paths.length === 0) return new Map();
  const files = await node.readFiles(paths, signal);
  const read = new Map<string, string | undefined>();
  for (const [path, file] of files) {
    if (!(file instanceof NodeError)) read.set(path, file.toString('utf8'));
    else if (file.kind === 'missing') read.set(path, undefined);
  }
  return read;
}
