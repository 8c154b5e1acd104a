import { NodeError, type FollowEvent, type Node } from '../../../src/node/node.js';

interface FakeFile {
  readonly identity: string;
  bytes: Buffer;
}

interface Follower {
  readonly path: string;
  /** The file it has open; it goes on with it after a rotation, as a real follow does. */
  file: FakeFile | undefined;
  position: number;
  readonly listener: (event: FollowEvent) => void;
  missing: boolean;
}

/** Files in memory and follows that move only when told, so that a test decides what happens between two reads. */
export class FakeLogNode {
  readonly #files = new Map<string, FakeFile>();
  readonly #followers = new Set<Follower>();
  #made = 0;
  /** Runs before each read of a file. */
  beforeRead: ((offset: number, length: number) => void) | undefined;
  /** Runs before a follow opens its file. */
  beforeFollow: (() => void) | undefined;
  readonly reads: { readonly offset: number; readonly length: number }[] = [];
  denied = false;

  get followers(): number {
    return this.#followers.size;
  }

  /** Makes a new file under a name, the old one of that name lives on for those who have it open. */
  create(path: string, content: Buffer | string = ''): void {
    this.#files.set(path, { identity: `1:${++this.#made}`, bytes: Buffer.from(content) });
  }

  append(path: string, content: Buffer | string): void {
    const file = this.#files.get(path);
    if (!file) throw new Error(`no ${path}`);
    file.bytes = Buffer.concat([file.bytes, Buffer.from(content)]);
  }

  truncate(path: string): void {
    const file = this.#files.get(path);
    if (file) file.bytes = Buffer.alloc(0);
  }

  remove(path: string): void {
    this.#files.delete(path);
  }

  /** Lets follows see what happened. @param pieces bytes an event has at most */
  pump(pieces = Infinity): void {
    for (const follower of this.#followers) this.#pump(follower, pieces);
  }

  #pump(follower: Follower, pieces: number): void {
    for (;;) {
      const { file } = follower;
      if (file && file.bytes.length < follower.position) {
        follower.position = 0;
        follower.listener({ type: 'rotated' });
      }
      while (file && follower.position < file.bytes.length) {
        const bytes = file.bytes.subarray(
          follower.position,
          Math.min(follower.position + pieces, file.bytes.length),
        );
        const offset = follower.position;
        follower.position += bytes.length;
        follower.listener({ type: 'data', offset, bytes });
        if (!this.#followers.has(follower)) return;
      }
      const present = this.#files.get(follower.path);
      if (present === file) return;
      if (!present) {
        if (!follower.missing) follower.listener({ type: 'missing' });
        follower.missing = true;
        return;
      }
      const first = !file && !follower.missing;
      follower.file = present;
      follower.missing = false;
      if (!first) {
        follower.position = 0;
        follower.listener({ type: 'rotated' });
      }
    }
  }

  readonly node = {
    stat: (path: string) => this.#stat(path),
    readFile: (path: string, options: { offset?: number; length?: number } = {}) => this.#read(path, options),
    follow: (path: string, from: number, listener: (event: FollowEvent) => void) => {
      this.beforeFollow?.();
      const file = this.#files.get(path);
      const follower = { path, file, position: from, listener, missing: false };
      this.#followers.add(follower);
      return { dispose: () => void this.#followers.delete(follower) };
    },
  } as unknown as Node;

  #find(path: string): FakeFile {
    if (this.denied) throw new NodeError('denied', 'permission denied');
    const file = this.#files.get(path);
    if (!file) throw new NodeError('missing', 'no such file');
    return file;
  }

  async #stat(path: string): Promise<object> {
    await Promise.resolve();
    const { identity, bytes } = this.#find(path);
    return { identity, size: bytes.length, modifiedAt: 0, type: 'file' };
  }

  async #read(
    path: string,
    { offset = 0, length = 1024 * 1024 }: { offset?: number; length?: number },
  ): Promise<Buffer> {
    await Promise.resolve();
    this.beforeRead?.(offset, length);
    this.reads.push({ offset, length });
    return Buffer.from(this.#find(path).bytes.subarray(offset, offset + length));
  }
}
