import { messageOf } from '../util/async.js';
import type { Disposable } from '../util/dispose.js';
import { Channel, type CallOptions, type RawCall } from './channel.js';
import { decodeList } from './decode.js';
import { CriError } from './errors.js';
import { rpcs, runtime } from './generated/api.js';
import type { Codec, Input, StreamRpcs, UnaryRpcs } from './generated/api.js';
import * as results from './results.js';

export type { CallOptions } from './channel.js';

type ApiVersion = results.VersionResult['apiVersion'];
type Rpc = keyof UnaryRpcs | keyof StreamRpcs;

interface ListRpc<T> {
  readonly list: keyof UnaryRpcs;
  /** The same list in parts (CRI 1.36). Not every runtime has it. */
  readonly stream: keyof StreamRpcs;
  readonly codec: Codec<T>;
}

const sandboxes = {
  list: 'ListPodSandbox',
  stream: 'StreamPodSandboxes',
  codec: runtime.v1.PodSandbox,
} as const;
const containers = {
  list: 'ListContainers',
  stream: 'StreamContainers',
  codec: runtime.v1.Container,
} as const;

export interface ExecParameters {
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
}

const reads = /^(Version|Status|RuntimeConfig|ImageFsInfo|(List|Stream)\w+|\w+(Status|Stats))$/;
const isUnimplemented = (thrown: unknown): boolean =>
  thrown instanceof CriError && thrown.kind === 'unimplemented';

const codecs: Readonly<Record<string, unknown>> = runtime.v1;
const codecOf = <T>(name: string): Codec<T> => codecs[name] as Codec<T>;

function encode<T>(method: Rpc, request: Input<T>): Buffer {
  return Buffer.from(codecOf<T>(rpcs[method].request).encode(request).finish());
}

/**
 * The CRI of one socket of this machine: RuntimeService and ImageService, v1, or v1alpha2 where v1 is unknown (the
 * messages are the same, only the package differs). Every method rejects with a {@link CriError} or the signal's
 * reason. Requests are never logged: they may hold a registry's credentials (AuthConfig).
 */
export class CriClient implements Disposable {
  readonly #channel: Channel;
  /** List streams that this runtime was found to lack. */
  readonly #missing = new Set<Rpc>();
  #api: ApiVersion | undefined;
  #runtimeVersion = '';

  constructor(readonly socketPath: string) {
    this.#channel = new Channel(socketPath);
  }

  /** RPCs sent so far. */
  get rpcCount(): number {
    return this.#channel.rpcCount;
  }

  /** Asks v1, then v1alpha2, and keeps to what answered. Fails with `notCri` when the server has neither. */
  async version(options?: CallOptions): Promise<results.VersionResult> {
    const order: readonly ApiVersion[] = this.#api === 'v1alpha2' ? ['v1alpha2', 'v1'] : ['v1', 'v1alpha2'];
    for (const api of order) {
      try {
        const answer = await this.#unary(api, 'Version', {}, options);
        this.#remember(api, `${answer.runtimeName} ${answer.runtimeVersion}`);
        return { name: answer.runtimeName, version: answer.runtimeVersion, apiVersion: api };
      } catch (thrown) {
        if (!isUnimplemented(thrown)) throw thrown;
      }
    }
    throw new CriError(
      'notCri',
      `The server at ${this.socketPath} speaks gRPC but not CRI. For containerd, take "cri" out of disabled_plugins ` +
        'in /etc/containerd/config.toml and restart it.',
    );
  }

  async status(verbose = false, options?: CallOptions): Promise<results.StatusResult> {
    return results.statusResult(await this.call('Status', { verbose }, options));
  }

  async listPodSandboxes(options?: CallOptions): Promise<results.SandboxResult[]> {
    return this.#list(sandboxes, results.sandboxResult, options);
  }

  async listContainers(options?: CallOptions): Promise<results.ContainerResult[]> {
    return this.#list(containers, results.containerResult, options);
  }

  async containerStatus(
    id: string,
    verbose = false,
    options?: CallOptions,
  ): Promise<results.ContainerStatusResult> {
    const answer = await this.call('ContainerStatus', { containerId: id, verbose }, options);
    return results.containerStatusResult(answer) ?? this.#noStatus('container', id);
  }

  async podSandboxStatus(
    id: string,
    verbose = false,
    options?: CallOptions,
  ): Promise<results.SandboxStatusResult> {
    const answer = await this.call('PodSandboxStatus', { podSandboxId: id, verbose }, options);
    return results.sandboxStatusResult(answer) ?? this.#noStatus('sandbox', id);
  }

  /** @param image a name, a digest or an id */
  async imageStatus(image: string, verbose = false, options?: CallOptions): Promise<results.ImageResult> {
    const answer = await this.call('ImageStatus', { image: { image }, verbose }, options);
    return results.imageResult(answer) ?? this.#noStatus('image', image);
  }

  async imageFilesystems(options?: CallOptions): Promise<results.FilesystemResult[]> {
    return results.filesystemResults(await this.call('ImageFsInfo', {}, options));
  }

  /** The URL of a streaming server that runs the command once, when opened within a minute; see streaming.ts. */
  async exec(
    containerId: string,
    { command, tty, stdin }: ExecParameters,
    options?: CallOptions,
  ): Promise<string> {
    const request = { containerId, cmd: command, tty, stdin, stdout: true, stderr: !tty };
    return (await this.call('Exec', request, options)).url;
  }

  /** Undefined where the runtime doesn't say (containerd before 2.0, CRI-O before 1.28, not Linux). */
  async runtimeConfig(
    options?: CallOptions,
  ): Promise<{ readonly cgroupDriver?: 'systemd' | 'cgroupfs' } | undefined> {
    try {
      const driver = results.cgroupDriver(await this.call('RuntimeConfig', {}, options));
      return driver ? { cgroupDriver: driver } : {};
    } catch (thrown) {
      if (isUnimplemented(thrown)) return undefined;
      throw thrown;
    }
  }

  /** Any unary RPC of both services. */
  async call<M extends keyof UnaryRpcs>(
    method: M,
    request: Input<UnaryRpcs[M]['request']>,
    options?: CallOptions,
  ): Promise<UnaryRpcs[M]['response']> {
    return this.#unary(await this.#negotiated(options), method, request, options);
  }

  /** Any streaming RPC. Leaving the loop early cancels it. */
  async *stream<M extends keyof StreamRpcs>(
    method: M,
    request: Input<StreamRpcs[M]['request']>,
    options?: CallOptions,
  ): AsyncGenerator<StreamRpcs[M]['response'], void, undefined> {
    const call = this.#raw(await this.#negotiated(options), method, encode(method, request));
    const codec = codecOf<StreamRpcs[M]['response']>(rpcs[method].response);
    for await (const bytes of this.#channel.stream(call, options)) yield this.#decode(method, codec, bytes);
  }

  dispose(): void {
    this.#channel.dispose();
  }

  async #negotiated(options?: CallOptions): Promise<ApiVersion> {
    return this.#api ?? (await this.version(options)).apiVersion;
  }

  /** A runtime that was replaced by another version may have learnt the list streams. */
  #remember(api: ApiVersion, version: string): void {
    if (version !== this.#runtimeVersion || api !== this.#api) this.#missing.clear();
    this.#api = api;
    this.#runtimeVersion = version;
  }

  #raw(api: ApiVersion, method: Rpc, request: Buffer): RawCall {
    return {
      path: `/runtime.${api}.${rpcs[method].service}/${method}`,
      request,
      repeatable: reads.test(method),
    };
  }

  async #unary<M extends keyof UnaryRpcs>(
    api: ApiVersion,
    method: M,
    request: Input<UnaryRpcs[M]['request']>,
    options?: CallOptions,
  ): Promise<UnaryRpcs[M]['response']> {
    const bytes = await this.#channel.unary(this.#raw(api, method, encode(method, request)), options);
    return this.#decode(method, codecOf<UnaryRpcs[M]['response']>(rpcs[method].response), bytes);
  }

  async #list<T, R>(rpc: ListRpc<T>, map: (item: T) => R, options?: CallOptions): Promise<R[]> {
    const api = await this.#negotiated(options);
    const items: R[] = [];
    const add = async (method: Rpc, bytes: Buffer): Promise<void> => {
      const part = await decodeList(bytes, rpc.codec, map, options?.signal).catch((thrown: unknown) => {
        throw options?.signal?.aborted ? thrown : this.#garbled(method, thrown);
      });
      for (const item of part) items.push(item);
    };
    const empty = Buffer.alloc(0);
    if (!this.#missing.has(rpc.stream)) {
      try {
        const parts = this.#channel.stream(this.#raw(api, rpc.stream, empty), options);
        for await (const bytes of parts) await add(rpc.stream, bytes);
        return items;
      } catch (thrown) {
        if (!isUnimplemented(thrown)) throw thrown;
        this.#missing.add(rpc.stream);
      }
    }
    await add(rpc.list, await this.#channel.unary(this.#raw(api, rpc.list, empty), options));
    return items;
  }

  #decode<T>(method: Rpc, codec: Codec<T>, bytes: Buffer): T {
    try {
      return codec.decode(bytes);
    } catch (thrown) {
      throw this.#garbled(method, thrown);
    }
  }

  #garbled(method: Rpc, thrown: unknown): CriError {
    return new CriError(
      'protocol',
      `The answer of ${this.socketPath} to ${method} can't be decoded: ${messageOf(thrown)}.`,
      undefined,
      { cause: thrown },
    );
  }

  #noStatus(what: string, id: string): never {
    throw new CriError('notFound', `The runtime at ${this.socketPath} has no status of the ${what} ${id}.`);
  }
}
