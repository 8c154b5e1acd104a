import { constants, type BigIntStats } from 'node:fs';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { mapLimit } from '../util/async.js';
import { attempt, nodeErrorOf } from './errors.js';
import { NodeError, type FileInfo, type ReadOptions } from './node.js';

const DEFAULT_LENGTH = 1024 * 1024;
const SMALL_FILE = 256 * 1024;
/** libuv has four threads by default; more at once would only take them from others. */
const AT_ONCE = 4;

export async function statFile(path: string, signal?: AbortSignal): Promise<FileInfo> {
  return attempt(`look at ${path}`, signal, async () => infoOf(await stat(path, { bigint: true })));
}

export async function listFolder(path: string, signal?: AbortSignal): Promise<readonly string[]> {
  return attempt(`list ${path}`, signal, async () => (await readdir(path)).sort());
}

export async function readRange(path: string, options: ReadOptions = {}): Promise<Buffer> {
  const { offset = 0, length = DEFAULT_LENGTH, signal } = options;
  return attempt(`read ${path}`, signal, async () => {
    const file = await openFile(path);
    try {
      return await readAt(file, offset, length, signal);
    } finally {
      await file.close();
    }
  });
}

export async function readSmallFiles(
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Buffer | NodeError>> {
  const files = new Map<string, Buffer | NodeError>();
  await mapLimit([...new Set(paths)], AT_ONCE, async (path) => {
    try {
      files.set(path, await readRange(path, { length: SMALL_FILE, ...(signal ? { signal } : {}) }));
    } catch (error) {
      signal?.throwIfAborted();
      files.set(path, nodeErrorOf(error, `read ${path}`));
    }
  });
  return files;
}

/** Opens a regular file (or one of /proc). A FIFO or a terminal is refused: to open one may wait for ever. */
export async function openFile(path: string): Promise<FileHandle> {
  // Without O_NONBLOCK (none on Windows) the open itself would wait for a FIFO's writer, in one of libuv's few threads.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new NodeError('unsupported', `${path} is not a regular file.`);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Reads until `length` bytes or the end of the file, whose size means nothing in /proc. */
export async function readAt(
  file: FileHandle,
  offset: number,
  length: number,
  signal?: AbortSignal,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  let got = 0;
  while (got < length) {
    signal?.throwIfAborted();
    const part = Buffer.allocUnsafe(Math.min(length - got, 64 * 1024));
    const { bytesRead } = await file.read(part, 0, part.length, offset + got);
    if (bytesRead === 0) break;
    parts.push(part.subarray(0, bytesRead));
    got += bytesRead;
  }
  return Buffer.concat(parts);
}

export function infoOf(stats: BigIntStats): FileInfo {
  return {
    identity: `${stats.dev}:${stats.ino}`,
    size: Number(stats.size),
    modifiedAt: Number(stats.mtimeMs),
    type: typeOf(stats),
  };
}

function typeOf(stats: BigIntStats): FileInfo['type'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSocket()) return 'socket';
  return stats.isFIFO() ? 'fifo' : 'other';
}
