import {
  findingInterest,
  makingChain,
  type ChainRuntime,
  type SocketInterest,
} from '../model/chain/chainGraph.js';
import type { ChainGraph, ChainScope } from '../model/chain/graph.js';
import type { SocketEvidence } from '../model/chain/sockets.js';
import { parsingPeers, pidsAt } from '../model/procUnix.js';
import { runInTurns } from '../model/steps.js';
import type { Node } from '../node/node.js';
import { breathe, messageOf } from '../util/async.js';
import type { NodeConnection } from './nodes.js';
import { readOpenSockets, readUnixSockets } from './socketReader.js';

/** Processes whose open sockets are read for one picture. */
const pidsAtMost = 100;
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
  const ss = (flags: string): Promise<Buffer | undefined> =>
    attempt(async () => {
      const { code, stdout } = await node.run(['ss', flags], { signal });
      return code === 0 ? stdout : undefined;
    }, signal);
  const [sockets, connections, listeners] = await Promise.all([
    attempt(() => readUnixSockets(node, signal), signal),
    ss('-xn'),
    // It looks through the open files of all processes.
    interest.unserved.length > 0 ? ss('-xlpn') : undefined,
  ]);
  if (!sockets) return { notes: ['/proc/net/unix could not be read, so all about sockets is inferred.'] };
  const others = listeners ? pidsAt(listeners, interest.unserved) : [];
  const pids = [...new Set([...interest.daemons, ...others, ...interest.shims])].slice(0, pidsAtMost);
  const read = await attempt(() => readOpenSockets(node, pids, signal), signal);
  const peers = connections && (await runInTurns(parsingPeers(connections), breathe));
  return {
    sockets: { sockets, open: read?.open ?? new Map(), ...(peers ? { peers } : {}) },
    notes: notesOn(interest, read?.shut ?? [], peers !== undefined),
  };
}

/** Undefined for what can't be had, unless for the signal. */
async function attempt<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await read();
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

function notesOn({ daemons }: SocketInterest, hidden: readonly number[], peersKnown: boolean): string[] {
  const shut = daemons.filter((pid) => hidden.includes(pid));
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
