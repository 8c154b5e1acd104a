import {
  findingInterest,
  makingChain,
  type ChainRuntime,
  type SocketInterest,
} from '../model/chain/chainGraph.js';
import type { ChainGraph, ChainScope } from '../model/chain/graph.js';
import type { SocketEvidence } from '../model/chain/sockets.js';
import { parseOpenSockets, parsingPeers, parsingUnixSockets, pidsAt } from '../model/procUnix.js';
import { runInTurns } from '../model/steps.js';
import type { Node } from '../node/node.js';
import { breathe, messageOf } from '../util/async.js';
import type { NodeConnection } from './nodes.js';

/** Processes whose open sockets are read for one picture. */
const pidsAtMost = 100;
/** A daemon's file on a dead network share would hold up for ever who looks at it. */
const patienceMs = 10_000;

/**
 * The chain as it is on the node now: the last snapshots and process table of a node, and what its sockets prove, in two
 * round trips however many containers there are. What can't be read becomes a note; rejects only when `signal` aborts.
 */
export async function readChain(
  connection: Pick<NodeConnection, 'node' | 'runtimes' | 'processes'>,
  scope: ChainScope,
  signal?: AbortSignal,
): Promise<ChainGraph> {
  const runtimes = connection.runtimes.flatMap(({ snapshot, state }): ChainRuntime[] =>
    snapshot ? [{ snapshot, away: state !== 'ready' }] : [],
  );
  const input = { table: connection.processes, runtimes, scope };
  const interest = await runInTurns(findingInterest(input), breathe);
  const read = await readSockets(connection.node, interest, signal).catch((error: unknown) => {
    signal?.throwIfAborted();
    return { notes: [`Who is connected to whom could not be read: ${messageOf(error)}`] };
  });
  return runInTurns(makingChain({ ...input, ...read }), breathe);
}

interface Read {
  readonly sockets?: SocketEvidence;
  readonly notes: readonly string[];
}

async function readSockets(
  node: Node,
  interest: SocketInterest,
  callers: AbortSignal | undefined,
): Promise<Read> {
  const deadline = AbortSignal.timeout(patienceMs);
  const signal = callers ? AbortSignal.any([callers, deadline]) : deadline;
  const run = (command: readonly [string, ...string[]]): Promise<Buffer | undefined> =>
    runOn(node, command, signal);
  const [table, connections, listeners] = await Promise.all([
    run(['cat', '/proc/net/unix']),
    run(['ss', '-xn']),
    // It looks through the open files of all processes.
    interest.unserved.length > 0 ? run(['ss', '-xlpn']) : undefined,
  ]);
  if (!table) return { notes: ['/proc/net/unix could not be read, so all about sockets is inferred.'] };
  const others = listeners ? pidsAt(listeners, interest.unserved) : [];
  const pids = [...new Set([...interest.daemons, ...others, ...interest.shims])].slice(0, pidsAtMost);
  const files =
    pids.length === 0 ? undefined : await run(['sh', '-c', openScript, 'sh', ...pids.map(String)]);
  const text = files?.toString('latin1') ?? '';
  const open = parseOpenSockets(files ?? Buffer.alloc(0));
  const sockets = await runInTurns(parsingUnixSockets(table), breathe);
  const peers = connections && (await runInTurns(parsingPeers(connections), breathe));
  return {
    sockets: { sockets, open, ...(peers ? { peers } : {}) },
    notes: notesOn(interest, aliveIn(text), open, peers !== undefined),
  };
}

/**
 * $@ pids. Prints raw mode, inode and name of each open file, then `alive PID` for those that are still there. stat(1) of the
 * file itself, since the link's text, which ls(1) shows, may hold anything. GNU and busybox.
 */
const openScript = `
for p; do printf '%s\\n' "/proc/$p/fd/"*; done | xargs stat -L -c '%f %i %n' 2>/dev/null
for p; do [ -d "/proc/$p" ] && echo "alive $p"; done
exit 0`;

const aliveIn = (output: string): readonly number[] =>
  [...output.matchAll(/^alive (\d+)$/gm)].map(([, pid]) => Number(pid));

/** What a program printed, if it is there and went well. */
async function runOn(
  node: Node,
  command: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  try {
    const { code, stdout } = await node.run(command, { signal });
    return code === 0 ? stdout : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

function notesOn(
  { daemons }: SocketInterest,
  alive: readonly number[],
  open: ReadonlyMap<number, unknown>,
  peersKnown: boolean,
): string[] {
  const shut = daemons.filter((pid) => alive.includes(pid) && !open.has(pid));
  const rights =
    shut.length === 0
      ? []
      : [
          `The open sockets of ${shut.length === 1 ? 'process' : 'processes'} ${shut.join(', ')} could not be read, ` +
            'so their connections are inferred. The kernel shows them to their owner and root only: ' +
            'use a node with sudo (setting criExplorer.nodes).',
        ];
  const peers = peersKnown
    ? []
    : ['There is no ss (package iproute2) on this node, and nothing else tells who is connected to whom.'];
  return [...rights, ...peers];
}
