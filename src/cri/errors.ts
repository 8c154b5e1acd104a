import { status } from '@grpc/grpc-js';
import { messageOf } from '../util/async.js';
import { probeSocket, type SocketFault } from './probe.js';

/**
 * missing, denied, refused: what the socket's file says. hung: no answer within the deadline. notCri: a gRPC server
 * without CRI, v1 or v1alpha2. protocol: not a gRPC server, or an answer that can't be decoded. notFound: no such
 * container, sandbox or image. unimplemented: the runtime lacks this RPC. failed: the runtime's own error, or a connection
 * that broke.
 */
export type CriErrorKind =
  SocketFault | 'hung' | 'notCri' | 'protocol' | 'notFound' | 'unimplemented' | 'failed';

/** Why a CRI call failed. `message` is fit for people: the reason, and what to do next where something helps. */
export class CriError extends Error {
  constructor(
    readonly kind: CriErrorKind,
    message: string,
    /** The gRPC status code, where there was one. */
    readonly code?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'CriError';
  }
}

/** What grpc-js rejects with: an Error with `code` and `details`. */
export interface GrpcFailure {
  readonly code: status;
  readonly details: string;
}

export interface FailedCall {
  readonly socketPath: string;
  readonly method: string;
  readonly timeoutMs: number;
  /** Whether the whole of `timeoutMs` went by: a runtime may answer DEADLINE_EXCEEDED for reasons of its own. */
  readonly timedOut: boolean;
}

export function isGrpcFailure(thrown: unknown): thrown is Error & GrpcFailure {
  return (
    thrown instanceof Error && 'code' in thrown && 'details' in thrown && typeof thrown.code === 'number'
  );
}

/** Whether the call never left, for want of a connection (grpc-js's load-balancer-pick-first.js). */
export function neverConnected(failure: GrpcFailure): boolean {
  return failure.details.startsWith('No connection established');
}

/** nghttp2's NGHTTP2_ERR_PROTO: what came first was no HTTP/2 SETTINGS frame. A connection that closes says other words. */
const notHttp2 = 'Protocol error';

/**
 * containerd says NOT_FOUND for an id it doesn't know, CRI-O and cri-dockerd say UNKNOWN and a sentence
 * (runtimes.md): "could not find container …", "No such container: …".
 */
const unknownId = /could not find|not found|no such (container|pod|sandbox|image|object)|does not exist/i;

/** The runtime's words, shortened: an error may quote a whole configuration. */
function words(details: string): string {
  const text = details.trim().replace(/^rpc error: code = \w+ desc = /, '');
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text || 'no reason given';
}

function hung({ socketPath, method, timeoutMs }: FailedCall, code?: number): CriError {
  return new CriError(
    'hung',
    `The runtime at ${socketPath} did not answer ${method} within ${timeoutMs / 1000} s. It may be overloaded or ` +
      'stuck; look at its log on the node, for example with journalctl -u containerd.',
    code,
  );
}

const faultMessages: Readonly<Record<SocketFault, (path: string) => string>> = {
  missing: (path) => `There is no socket at ${path}. The runtime isn't running, or listens elsewhere.`,
  denied: (path) =>
    `Permission denied on ${path}. Use sudo for this node (setting criExplorer.nodes), or run as root.`,
  refused: (path) => `Nothing listens at ${path}. The runtime has stopped; start it on the node.`,
};

export function socketError(fault: SocketFault, path: string, code?: number): CriError {
  return new CriError(fault, faultMessages[fault](path), code);
}

/** grpc-js says UNAVAILABLE for each way of not getting through: the socket itself tells which one it was. */
async function unavailable(call: FailedCall, failure: GrpcFailure): Promise<CriError> {
  const probe = await probeSocket(call.socketPath);
  if (probe.fault) return socketError(probe.fault, call.socketPath, failure.code);
  if (probe.reason !== undefined) {
    return new CriError('failed', `Can't connect to ${call.socketPath}: ${probe.reason}.`, failure.code);
  }
  if (neverConnected(failure) && !failure.details.includes(notHttp2)) {
    return new CriError(
      'failed',
      `The connection to ${call.socketPath} was closed before the runtime said anything. It may be starting or ` +
        'stopping, or the way to it is broken; if this stays so, look whether it is a CRI socket.',
      failure.code,
    );
  }
  if (neverConnected(failure)) {
    return new CriError(
      'protocol',
      `What listens at ${call.socketPath} doesn't speak gRPC, so it isn't a CRI socket. ` +
        'Name the socket of the container runtime instead.',
      failure.code,
    );
  }
  return new CriError(
    'failed',
    `The runtime at ${call.socketPath} isn't ready: ${words(failure.details)}.`,
    failure.code,
  );
}

/** The {@link CriError} for whatever a call failed with. */
export async function explain(call: FailedCall, thrown: unknown): Promise<CriError> {
  if (thrown instanceof CriError) return thrown;
  if (!isGrpcFailure(thrown)) {
    return new CriError('protocol', `${call.method} failed: ${messageOf(thrown)}.`, undefined, {
      cause: thrown,
    });
  }
  const { code, details } = thrown;
  if (code === status.UNAVAILABLE) return unavailable(call, thrown);
  if (code === status.DEADLINE_EXCEEDED && call.timedOut) return hung(call, code);
  if (code === status.NOT_FOUND || (code === status.UNKNOWN && unknownId.test(details))) {
    return new CriError('notFound', `The runtime doesn't know it any more: ${words(details)}.`, code);
  }
  if (code === status.UNIMPLEMENTED) {
    return new CriError('unimplemented', `The runtime doesn't offer ${call.method}.`, code);
  }
  return new CriError('failed', `${call.method} failed: ${words(details)}.`, code);
}
