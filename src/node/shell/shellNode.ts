import type { Duplex } from 'node:stream';
import type { ProcessTable } from '../../model/process.js';
import type { Disposable } from '../../util/dispose.js';
import type { Logger } from '../../util/logger.js';
import {
  NodeError,
  type CommandResult,
  type FileInfo,
  type FollowEvent,
  type Node,
  type ReachableSocket,
  type ReadOptions,
  type SweepOptions,
} from '../node.js';
import { collect, type Collected, type CollectOptions } from './collect.js';
import { faultOf } from './faults.js';
import { ShellFollow } from './follow.js';
import type { Launcher, ShellCommand } from './launcher.js';
import { isTable, parseEnv, parseFiles, parseLooks, parseStats, parseTables } from './outputs.js';
import * as scripts from './scripts.js';
import { ShellSweep } from './sweep.js';
import { Together } from './together.js';

const mebibyte = 1024 * 1024;
const smallFile = 256 * 1024;
/** Bytes of paths in one command: well below the 128 KiB that Linux allows one argument, quoting included. */
const pathsAtOnce = 32 * 1024;

/** A node whose files, commands and processes are reached by scripts for its shell. */
export abstract class ShellNode implements Node {
  abstract readonly kind: 'local' | 'ssh';
  protected readonly launcher: Launcher;
  protected readonly logger: Logger;
  readonly #sweep: ShellSweep;
  readonly #stats = new Together<FileInfo | NodeError>((paths, signal) =>
    this.#readMany(paths, scripts.statScript, [], parseStats, signal),
  );
  readonly #looks = new Together<'ok' | NodeError>((paths, signal) =>
    this.#readMany(paths, scripts.lookScript, [], parseLooks, signal),
  );
  readonly #variables = new Together<string | undefined>((names, signal) => this.#readEnv(names, signal));
  readonly #follows = new Set<Disposable>();

  /** @param far whether bytes between here and the node cost more than work there */
  constructor(launcher: Launcher, logger: Logger, far = false) {
    this.launcher = launcher;
    this.logger = logger;
    this.#sweep = new ShellSweep(launcher, far);
  }

  abstract socket(path: string, signal?: AbortSignal): Promise<ReachableSocket>;
  abstract dial(host: string, port: number, signal?: AbortSignal): Promise<Duplex>;

  async run(
    command: readonly [string, ...string[]],
    options: { readonly input?: Buffer; readonly maxBytes?: number; readonly signal?: AbortSignal } = {},
  ): Promise<CommandResult> {
    const { input, maxBytes = 16 * mebibyte, signal } = options;
    const script = input ? scripts.runScript : scripts.leashedRunScript;
    const result = await this.#collect({ script, args: command }, { input, leash: !input, maxBytes, signal });
    if (
      (result.code === 127 || result.code === 126) &&
      /not found|permission denied|no such file/i.test(result.stderr)
    ) {
      throw new NodeError(
        result.code === 127 ? 'missing' : 'denied',
        `${command[0]} can't be started: ${result.stderr}`,
      );
    }
    // A shell's exit code for a signal is 128 and its number.
    const code = result.code !== null && result.code > 128 && result.code <= 128 + 64 ? null : result.code;
    return { code, stdout: result.stdout, stderr: Buffer.from(result.stderr) };
  }

  async stat(path: string, signal?: AbortSignal): Promise<FileInfo> {
    return orThrow(await this.#stats.ask(path, signal));
  }

  /** Rejects with the reason when the user can't open a socket. */
  protected async look(path: string, signal?: AbortSignal): Promise<void> {
    orThrow(await this.#looks.ask(path, signal));
  }

  async list(path: string, signal?: AbortSignal): Promise<readonly string[]> {
    const bytes = await this.#read(path, { script: scripts.listScript, args: [path] }, 64 * mebibyte, signal);
    const names = bytes.toString('utf8').split('\0').slice(0, -1);
    return names.map((name) => name.slice(path.length + 3)).sort();
  }

  async readFile(path: string, { offset = 0, length = mebibyte, signal }: ReadOptions = {}): Promise<Buffer> {
    if (length <= 0) return Buffer.alloc(0);
    const command = { script: scripts.readScript, args: [path, String(offset), String(length)] };
    return this.#read(path, command, length, signal);
  }

  async readFiles(
    paths: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, Buffer | NodeError>> {
    const tables = paths.filter(isTable);
    const parts = await Promise.all([
      this.#readMany(tables, scripts.readTablesScript, [], parseTables, signal),
      this.#readMany(
        paths.filter((path) => !isTable(path)),
        scripts.readFilesScript,
        [String(smallFile)],
        parseFiles,
        signal,
      ),
    ]);
    return new Map(parts.flatMap((part) => [...part]));
  }

  /** Reads files in as few commands as their paths fit into. */
  async #readMany<T>(
    paths: readonly string[],
    script: string,
    options: readonly string[],
    parse: (paths: readonly string[], output: Buffer) => ReadonlyMap<string, T>,
    signal: AbortSignal | undefined,
  ): Promise<Map<string, T>> {
    const files = new Map<string, T>();
    for (const some of batches(paths)) {
      const command = { script, args: [...options, ...some] };
      const { stdout } = await this.#collect(command, { maxBytes: 256 * mebibyte, signal });
      parse(some, stdout).forEach((file, path) => files.set(path, file));
    }
    return files;
  }

  follow(path: string, from: number, listener: (event: FollowEvent) => void): Disposable {
    const follow = new ShellFollow(this.launcher, path, from, listener, this.logger);
    this.#follows.add(follow);
    return {
      dispose: () => {
        this.#follows.delete(follow);
        follow.dispose();
      },
    };
  }

  sweep(options: SweepOptions): Promise<ProcessTable> {
    return this.#sweep.sweep(options);
  }

  env(name: string): Promise<string | undefined> {
    return this.#variables.ask(name);
  }

  async #readEnv(
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string | undefined>> {
    const command = { script: scripts.envScript(names), plain: true };
    const { stdout } = await this.#collect(command, { maxBytes: mebibyte, signal });
    return parseEnv(names, stdout);
  }

  dispose(): void {
    for (const follow of this.#follows) follow.dispose();
    this.#follows.clear();
  }

  async #read(path: string, command: ShellCommand, maxBytes: number, signal?: AbortSignal): Promise<Buffer> {
    const { code, stdout, stderr } = await this.#collect(command, { maxBytes, signal });
    if (code !== 0) throw faultOf(path, stderr);
    return stdout;
  }

  #collect(command: ShellCommand, options: CollectOptions): Promise<Collected> {
    return collect(this.launcher, command, options);
  }
}

function orThrow<T>(answer: T | NodeError): T {
  if (answer instanceof NodeError) throw answer;
  return answer;
}

/** Splits paths so that each part fits into one command line. */
function batches(paths: readonly string[]): string[][] {
  const all: string[][] = [];
  let size = Infinity;
  for (const path of paths) {
    size += Buffer.byteLength(path) + 3;
    if (size > pathsAtOnce) {
      all.push([]);
      size = Buffer.byteLength(path);
    }
    all.at(-1)?.push(path);
  }
  return all;
}
