import type { ExecExit, ExecSession } from '../runtime/connection.js';
import { messageOf } from '../util/async.js';
import { HeldSession } from './heldSession.js';

export interface FoundShell {
  readonly shell: string;
  readonly session: HeldSession;
}

/** None of the shells is in the container. */
export interface NoShell {
  readonly tried: readonly string[];
}

export interface ShellSearch {
  /** As the person's setting has them. */
  readonly shells: readonly string[];
  readonly start: (command: readonly [string]) => Promise<ExecSession>;
  /** Told of each try, so that resizes and keys reach it meanwhile. */
  readonly onTry: (session: HeldSession) => void;
  readonly signal: AbortSignal;
}

/** After its first output a shell may turn out to be a runtime's complaint for this long. Milliseconds. */
const settleTime = 150;
/** The same when that output looks like a complaint. */
const complaintTime = 3000;

/**
 * What containerd, CRI-O, dockerd, runc and crun say when the program isn't there or can't be run. With containerd it
 * is the message of a failed stream; with the others it is printed into the terminal, and an exit code follows.
 */
const complaint =
  /executable file .*not found|no such file or directory|exec failed|exec: .*: permission denied|file does not exist/is;
/** execve's failures as shells and runtimes report them, and runc's own failure (crun's was 1 once). */
const complaintCodes: ReadonlySet<number> = new Set([1, 126, 127, 128, 255]);

/** The setting's shells, then where they are when PATH is odd; the last is that of distroless debug images. */
export function candidates(shells: readonly string[]): readonly string[] {
  const named = shells.filter((shell) => shell !== '');
  const absolute = named.filter((shell) => !shell.includes('/')).map((shell) => `/bin/${shell}`);
  return [...new Set([...named, ...absolute, '/busybox/sh'])];
}

/**
 * Tries shells in turn until one runs. A missing one shows nothing; a shell that starts and ends at once is found.
 * Rejects when the exec fails for another reason than a missing program.
 */
export async function findShell(search: ShellSearch): Promise<FoundShell | NoShell> {
  const tried = candidates(search.shells);
  for (const shell of tried) {
    search.signal.throwIfAborted();
    const session = await startOrMiss(shell, search);
    if (session === undefined) continue;
    search.onTry(session);
    const verdict = await judge(session, search.signal);
    if (verdict === 'found') return { shell, session };
    session.close();
    if (verdict === 'failed') throw new Error(session.exit?.message ?? 'the connection ended');
  }
  return { tried };
}

async function startOrMiss(shell: string, search: ShellSearch): Promise<HeldSession | undefined> {
  try {
    return new HeldSession(await search.start([shell]));
  } catch (error) {
    if (complaint.test(messageOf(error))) return undefined;
    throw error;
  }
}

type Verdict = 'found' | 'missing' | 'failed';

/** Waits until a session shows what it is. One that is silent may take as long as it likes. */
function judge(session: HeldSession, signal: AbortSignal): Promise<Verdict> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    let complains = false;
    const decide = (verdict: Verdict): void => {
      clearTimeout(timer);
      subscription.dispose();
      signal.removeEventListener('abort', abandon);
      resolve(verdict);
    };
    const abandon = (): void => decide('found');
    const look = (): void => {
      if (session.exit) {
        decide(judgeExit(session.exit, session.heldText));
        return;
      }
      // Counted from the first output and from the first complaint: one that never stops printing is found too.
      if (complains || session.heldText === '') return;
      complains = complaint.test(session.heldText);
      if (complains) clearTimeout(timer);
      else if (timer) return;
      timer = setTimeout(() => decide('found'), complains ? complaintTime : settleTime);
    };
    const subscription = session.onChanged(look);
    signal.addEventListener('abort', abandon, { once: true });
    look();
  });
}

/** Whether what ended was a shell, a missing program, or the connection. */
export function judgeExit({ code, message }: ExecExit, said: string): Verdict {
  const complains = complaint.test(said) || complaint.test(message ?? '');
  if (code === undefined) return complains ? 'missing' : 'failed';
  if (complains && complaintCodes.has(code)) return 'missing';
  return (code === 126 || code === 127) && said.trim() === '' ? 'missing' : 'found';
}
