import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { handleServerStreamingCall, handleUnaryCall, ServiceError } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { rpcs } from '../../src/cri/generated/api.js';
import { delay } from '../../src/util/async.js';

export type FakeRpc = keyof typeof rpcs;
type Json = Record<string, unknown>;
/** Anything but a function. */
type FakeMessage = Readonly<Json> | readonly object[];

/**
 * What an RPC answers: the message in protobuf's JSON form (camelCase, 64-bit integers as strings, enums by name, bytes
 * as base64), or a function of the request; a streaming RPC takes an array of messages. A thrown {@link rpcError} is the
 * status of the call.
 */
export type FakeAnswer = FakeMessage | ((request: Json) => object | Promise<object>);

export type FakeAnswers = Partial<Record<FakeRpc, FakeAnswer>>;

/** What goes wrong before an RPC answers. */
export type FakeFault =
  | { readonly hang: true }
  | { readonly delayMs: number }
  | { readonly code: status; readonly details: string };

export interface FakeCriOptions {
  /** An RPC without an answer is UNIMPLEMENTED. */
  readonly answers?: FakeAnswers;
  /** Packages offered; default v1. `none` is a gRPC server without CRI. */
  readonly api?: 'v1' | 'v1alpha2' | 'both' | 'none';
  /** Offer StreamPodSandboxes and StreamContainers, made of the lists' answers, with so many items a message. */
  readonly streamBatch?: number;
  readonly faults?: Partial<Record<FakeRpc, FakeFault>>;
  /** Default: in a private folder that close() removes. */
  readonly socketPath?: string;
}

export interface FakeCall {
  readonly method: FakeRpc;
  readonly api: 'v1' | 'v1alpha2';
  readonly request: Json;
  /** The HTTP/2 :authority. */
  readonly authority: string;
}

export interface FakeCri {
  readonly socketPath: string;
  /** What arrived, in order; requests with zero values left out. */
  readonly calls: readonly FakeCall[];
  /** Changes an answer or a fault from the next call on; undefined takes it away. */
  answer(method: FakeRpc, answer: FakeAnswer | undefined): void;
  fault(method: FakeRpc, fault: FakeFault | undefined): void;
  /** Ends the server and every connection; the socket's file goes too. */
  close(): Promise<void>;
}

export function rpcError(
  code: status,
  details: string,
): Error & { readonly code: status; readonly details: string } {
  return Object.assign(new Error(details), { code, details });
}

/** The lists that the Stream* RPCs give in parts: the list's RPC and field, and the stream's field. */
const streamedLists: Partial<Record<FakeRpc, readonly [FakeRpc, string, string]>> = {
  StreamPodSandboxes: ['ListPodSandbox', 'items', 'podSandboxes'],
  StreamContainers: ['ListContainers', 'containers', 'containers'],
};

/** Encodes JSON answers, once each: a list of 5,000 would else stall the loop that the client is measured on. */
class Encoder {
  readonly #root: protobuf.Root;
  readonly #encoded = new WeakMap<object, Buffer>();

  constructor() {
    const source = readFileSync(new URL('../../proto/runtime/v1/api.proto', import.meta.url), 'utf8');
    this.#root = protobuf.parse(source, new protobuf.Root()).root;
  }

  encode(message: string, json: object): Buffer {
    const known = this.#encoded.get(json);
    if (known) return known;
    const type = this.#type(message);
    const bytes = Buffer.from(type.encode(type.fromObject(json)).finish());
    this.#encoded.set(json, bytes);
    return bytes;
  }

  decode(message: string, bytes: Buffer): Json {
    const type = this.#type(message);
    return type.toObject(type.decode(bytes), { longs: String, enums: String });
  }

  #type(message: string): protobuf.Type {
    return this.#root.lookupType(`runtime.v1.${message}`);
  }
}

/** The answers of one fake, whatever the package they are asked in. */
class Behaviour {
  readonly calls: FakeCall[] = [];
  readonly answers: Map<FakeRpc, FakeAnswer>;
  readonly faults: Map<FakeRpc, FakeFault>;
  readonly #encoder = new Encoder();
  readonly #batches = new WeakMap<object, object[]>();
  readonly #streamBatch: number | undefined;
  readonly #closing = new AbortController();

  constructor({ answers = {}, faults = {}, streamBatch }: FakeCriOptions) {
    this.answers = new Map(Object.entries(answers) as [FakeRpc, FakeAnswer][]);
    this.faults = new Map(Object.entries(faults) as [FakeRpc, FakeFault][]);
    this.#streamBatch = streamBatch;
  }

  /** The encoded messages of an answer. */
  async respond(api: FakeCall['api'], method: FakeRpc, bytes: Buffer, authority: string): Promise<Buffer[]> {
    const { request: requestType, response, stream } = rpcs[method];
    const request = this.#encoder.decode(requestType, bytes);
    this.calls.push({ method, api, request, authority });
    await this.#fail(method);
    const answer = await this.#answer(method, request);
    const messages = stream ? (answer as object[]) : [answer];
    return messages.map((message) => this.#encoder.encode(response, message));
  }

  close(): void {
    this.#closing.abort(rpcError(status.UNAVAILABLE, 'the fake was closed'));
  }

  async #fail(method: FakeRpc): Promise<void> {
    const fault = this.faults.get(method);
    if (!fault) return;
    if ('code' in fault) throw rpcError(fault.code, fault.details);
    await delay('hang' in fault ? 2 ** 31 - 1 : fault.delayMs, this.#closing.signal);
  }

  async #answer(method: FakeRpc, request: Json): Promise<object> {
    const answer = this.answers.get(method);
    if (typeof answer === 'function') return answer(request);
    if (answer !== undefined) return answer;
    const streamed = streamedLists[method];
    if (!streamed || this.#streamBatch === undefined) {
      throw rpcError(status.UNIMPLEMENTED, `unknown method ${method}`);
    }
    const [list, listField, streamField] = streamed;
    const whole = await this.#answer(list, request);
    return this.#split((whole as Json)[listField] as object[], streamField, this.#streamBatch);
  }

  #split(items: object[], field: string, size: number): object[] {
    let batches = this.#batches.get(items);
    if (!batches) {
      batches = Array.from({ length: Math.ceil(items.length / size) }, (_, index) => ({
        [field]: items.slice(index * size, (index + 1) * size),
      }));
      this.#batches.set(items, batches);
    }
    return batches;
  }
}

const identity = (bytes: Buffer): Buffer => bytes;

/** Offers every RPC of both services under one package. */
function register(server: Server, api: FakeCall['api'], behaviour: Behaviour): void {
  for (const method of Object.keys(rpcs) as FakeRpc[]) {
    const path = `/runtime.${api}.${rpcs[method].service}/${method}`;
    const unary: handleUnaryCall<Buffer, Buffer> = (call, callback) => {
      behaviour.respond(api, method, call.request, call.getHost()).then(
        ([message]) => callback(null, message),
        (error: unknown) => callback(error as ServiceError),
      );
    };
    const streaming: handleServerStreamingCall<Buffer, Buffer> = (call) => {
      behaviour.respond(api, method, call.request, call.getHost()).then(
        (messages) => {
          for (const message of messages) call.write(message);
          call.end();
        },
        (error: unknown) => call.emit('error', error),
      );
    };
    if (rpcs[method].stream) server.register(path, streaming, identity, identity, 'serverStream');
    else server.register(path, unary, identity, identity, 'unary');
  }
}

/** Starts a CRI server of the test's own on a unix socket: for scale, for faults, and for runtimes that aren't here. */
export async function startFakeCri(options: FakeCriOptions = {}): Promise<FakeCri> {
  const folder = options.socketPath === undefined ? await mkdtemp(join(tmpdir(), 'fake-cri-')) : undefined;
  const socketPath = options.socketPath ?? join(folder ?? '', 'cri.sock');
  const behaviour = new Behaviour(options);
  const server = new Server({ 'grpc.max_send_message_length': -1 });
  const { api = 'v1' } = options;
  if (api === 'v1' || api === 'both') register(server, 'v1', behaviour);
  if (api === 'v1alpha2' || api === 'both') register(server, 'v1alpha2', behaviour);
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socketPath}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  const set = <T>(map: Map<FakeRpc, T>, method: FakeRpc, value: T | undefined): void => {
    if (value === undefined) map.delete(method);
    else map.set(method, value);
  };
  return {
    socketPath,
    calls: behaviour.calls,
    answer: (method, answer) => set(behaviour.answers, method, answer),
    fault: (method, fault) => set(behaviour.faults, method, fault),
    async close() {
      behaviour.close();
      server.forceShutdown();
      await rm(socketPath, { force: true });
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
