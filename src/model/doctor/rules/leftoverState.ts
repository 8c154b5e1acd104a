import type { ProcessTable } from '../../process.js';
import { shortId } from '../containerId.js';
import { isOwnerless, type FolderEntry, type Look, type Suspicion } from '../look.js';
import { parsed, record, text } from '../places.js';
import { iso } from './words.js';

/** What runc or crun wrote about a container, as far as a rule needs it. */
interface State {
  readonly file: string;
  readonly bundle: string;
  readonly pid: number;
  /** In ticks after boot, as in /proc/PID/stat. */
  readonly startTicks: number | undefined;
}

/**
 * State of the low-level runtime for an id that nobody lists, whose process is gone. Its folder is the same for every
 * containerd of a node, so it counts only if the bundle that it names is in a folder of a runtime that we see.
 */
export function leftoverState(look: Look): readonly Suspicion[] {
  return look.entries.flatMap((entry) => {
    const { folder, name, path, identity, modifiedAt } = entry;
    if (folder.kind !== 'state' || !isOwnerless(look, name, modifiedAt)) return [];
    const files = [`${path}/state.json`, `${path}/status`];
    const state = stateOf(look, files);
    if (look.told && (!state || !isOurs(look, state) || isRunning(state, look.table))) return [];
    return {
      finding: {
        id: `leftoverState:${path}:${identity}`,
        kind: 'leftoverState',
        severity: 'info',
        certainty: 'certain',
        title: `The low-level runtime’s state of ${shortId(name)} was left behind`,
        explanation:
          'runc and crun keep a small state file for each container until it is deleted. This one’s container is not listed ' +
          'by any runtime and its process has ended, so a deletion was cut off. A new container could not get the same id.',
        evidence: [...evidenceOf(entry), ...(state ? toldBy(state) : [])],
        advice:
          'It takes some kilobytes of memory (it is on a tmpfs) and goes with a reboot. `runc --root FOLDER delete ID` (or ' +
          'crun’s) removes it together with the cgroup, after you have made sure that the pid is really gone.',
      },
      wants: { files },
    };
  });
}

function evidenceOf({ path, folder, modifiedAt }: FolderEntry): Suspicion['finding']['evidence'] {
  return [
    { label: 'folder', value: path, source: folder.path },
    { label: 'last changed', value: iso(modifiedAt), source: 'stat(2)' },
    { label: 'listed by', value: 'no runtime', source: 'ListPodSandbox and ListContainers' },
  ];
}

function toldBy({ file, bundle, pid }: State): Suspicion['finding']['evidence'] {
  return [
    { label: 'first process', value: `pid ${pid}, gone`, source: file },
    { label: 'bundle', value: bundle, source: file },
  ];
}

function stateOf({ told }: Look, [runc = '', crun = '']: readonly string[]): State | undefined {
  const [runcText, crunText] = [told?.files.get(runc), told?.files.get(crun)];
  if (runcText !== undefined) return runcState(runc, record(parsed(runcText)));
  return crunText === undefined ? undefined : crunState(crun, record(parsed(crunText)));
}

/** runc's state.json (libcontainer/container.go, State and BaseState); the label `bundle=` is runc's own. */
function runcState(file: string, state: Readonly<Record<string, unknown>>): State | undefined {
  const { labels } = record(state.config);
  const label = Array.isArray(labels)
    ? labels.map(text).find((one) => one?.startsWith('bundle='))
    : undefined;
  return made(file, label?.slice('bundle='.length), state.init_process_pid, state.init_process_start);
}

/** crun's status (libcrun/status.c). */
function crunState(file: string, state: Readonly<Record<string, unknown>>): State | undefined {
  return made(file, text(state.bundle), state.pid, state['process-start-time']);
}

function made(file: string, bundle: string | undefined, pid: unknown, start: unknown): State | undefined {
  if (bundle === undefined || typeof pid !== 'number') return undefined;
  return { file, bundle, pid, startTicks: typeof start === 'number' && start > 0 ? start : undefined };
}

function isOurs(look: Look, { bundle }: State): boolean {
  return look.runtimes.some(({ folders }) =>
    folders.some(({ kind, path }) => kind === 'bundle' && bundle.startsWith(`${path}/`)),
  );
}

function isRunning({ pid, startTicks }: State, table: ProcessTable): boolean {
  const process = table.processes.get(pid);
  return process !== undefined && (startTicks === undefined || process.startTicks === startTicks);
}
