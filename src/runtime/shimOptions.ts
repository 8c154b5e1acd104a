import type { Ancestry, ProcessInfo } from '../model/process.js';
import { optionsPath, withOptions } from '../model/runtimes/containerdShim.js';
import type { Node } from '../node/node.js';

/** Files read in one refresh; the others wait for the next. */
const readAtMost = 200;

/** What a shim was started with: one for all containers of a pod, since all have the runtime handler of their sandbox. */
interface Told {
  /** Undefined while it wasn't read, and where it can't be. */
  readonly options?: unknown;
}

/**
 * Tells which low-level runtime containerd's shims for runc really run, by options.json of their bundles: one file for each
 * shim, read once and all new ones in one round trip. Where this user may not read it, the name stays an assumption.
 */
export class ShimOptions {
  readonly #node: Node;
  /** By pid and start of the shim. */
  #shims = new Map<string, Told>();
  /** What was put right before, so that it is the same object again. */
  readonly #refined = new WeakMap<Ancestry, Ancestry>();

  constructor(node: Node) {
    this.#node = node;
  }

  /** Reads what is new among these, and forgets the shims that are gone. */
  async read(ancestries: Iterable<Ancestry>, signal: AbortSignal): Promise<void> {
    const shims = new Map<string, Told>();
    const wanted = new Map<string, string>();
    for (const { links, lowLevel } of ancestries) {
      const path = lowLevel && optionsPath(lowLevel);
      const key = shimKey(links);
      if (path === undefined || key === undefined || shims.has(key) || wanted.has(key)) continue;
      const known = this.#shims.get(key);
      if (known) shims.set(key, known);
      else if (wanted.size < readAtMost) wanted.set(key, path);
    }
    if (wanted.size > 0) {
      const files = await this.#node.readFiles([...wanted.values()], signal);
      for (const [key, path] of wanted) shims.set(key, toldBy(files.get(path)));
    }
    this.#shims = shims;
  }

  /** The ancestry with what is known of its runtime. */
  refine(id: string, ancestry: Ancestry): Ancestry {
    const known = this.#refined.get(ancestry);
    if (known) return known;
    const { links, lowLevel } = ancestry;
    if (!lowLevel || optionsPath(lowLevel) === undefined) return ancestry;
    const told = this.#shims.get(shimKey(links) ?? '');
    if (told?.options === undefined) return ancestry;
    const refined = { ...ancestry, lowLevel: withOptions(lowLevel, id, told.options) };
    this.#refined.set(ancestry, refined);
    return refined;
  }
}

function shimKey(links: readonly ProcessInfo[]): string | undefined {
  const shim = links.findLast(({ role }) => role === 'shim');
  return shim && `${shim.pid} ${shim.startedAt}`;
}

function toldBy(file: unknown): Told {
  try {
    return file instanceof Buffer ? { options: JSON.parse(file.toString('utf8')) as unknown } : {};
  } catch {
    return {};
  }
}
