import { parseMountinfo, type Mount } from '../../mountinfo.js';
import type { Reality } from '../insight.js';
import type { JsonNode } from '../json.js';
import { isSetAt, isTrueAt, itemsAt, textAt, textsAt } from '../values.js';
import { bareName } from './capabilityBits.js';
import { compared, judged, notesOf, unreadable, type About, type KernelView } from './fact.js';
import { below, cleanPath, lastStep } from '../paths.js';
import { isDeleted, mountOfPath, placesOnNode, sharedEnd, type NodePlace } from './mountTable.js';
import { flags, hasFlag, isReadonly, kernelText, lastOf, specText, whatOf, withFlags } from './mountWords.js';
import { filesystemsOf, specMounts, type SpecMount } from './specMounts.js';

export const mountinfoFile = (pid: number): string => `/proc/${pid}/mountinfo`;

/** More strange mounts are only counted: a container that may mount can make thousands. */
const mostStrangers = 50;

/** `root`, `mounts`, `linux.maskedPaths` and `linux.readonlyPaths` against /proc/PID/mountinfo. */
export function mountFacts(spec: JsonNode, kernel: KernelView): Reality[] {
  const source = mountinfoFile(kernel.pid);
  const read = kernel.read(source);
  if ('reason' in read) {
    return [unreadable({ path: ['mounts'], name: 'mounts', source }, 'as listed', read.reason)];
  }
  const mounts = parseMountinfo(read.text);
  if (mounts.length === 0) {
    const why = 'The process has ended. Refresh to see which one is there now.';
    return [unreadable({ path: ['mounts'], name: 'mounts', source }, 'as listed', why)];
  }
  return new MountComparison(spec, kernel, mounts).facts();
}

class MountComparison {
  readonly #source: string;
  readonly #node: readonly Mount[];
  /** The kernel's mounts by where they are, in the order of mounting. */
  readonly #at = new Map<string, Mount[]>();
  readonly #listed: readonly SpecMount[];
  /** Mount points that the spec accounts for. */
  readonly #known = new Set<string>(['/']);
  /** Mount points below which anything may be. */
  readonly #open: string[] = [];
  readonly #places = new Map<Mount, readonly NodePlace[]>();

  constructor(
    private readonly spec: JsonNode,
    private readonly kernel: KernelView,
    private readonly mounts: readonly Mount[],
  ) {
    this.#source = mountinfoFile(kernel.pid);
    this.#node = kernel.runtimeMounts;
    for (const mount of mounts) {
      const there = this.#at.get(mount.mountPoint);
      if (there) there.push(mount);
      else this.#at.set(mount.mountPoint, [mount]);
    }
    this.#listed = specMounts(spec);
  }

  facts(): Reality[] {
    return [
      ...this.#rootFacts(),
      ...this.#listedFacts(),
      ...this.#maskedFacts(),
      ...this.#readonlyFacts(),
      ...this.#strangers(),
    ];
  }

  #rootFacts(): Reality[] {
    const root = this.#at.get('/')?.at(-1);
    if (!root) return [];
    const about: About = { path: ['root', 'readonly'], name: 'root file system', source: this.#source };
    const expected = isTrueAt(this.spec, about.path) ? 'read-only' : 'writable';
    return [compared(about, expected, isReadonly(root) ? 'read-only' : 'writable')];
  }

  #listedFacts(): Reality[] {
    const wanted = new Map<string, SpecMount[]>();
    for (const mount of this.#listed) {
      const same = wanted.get(mount.destination);
      if (same) same.push(mount);
      else wanted.set(mount.destination, [mount]);
    }
    const exact = new Set([...wanted.keys()].filter((destination) => this.#at.has(destination)));
    for (const destination of exact) this.#known.add(destination);
    return [...wanted].flatMap(([destination, same]) => {
      const last = same.at(-1);
      if (!last) return [];
      const place = exact.has(destination) ? destination : this.#resolved(last);
      if (place !== undefined) {
        this.#known.add(place);
        if (same.some(({ open }) => open)) this.#open.push(place);
      }
      return [this.#listedFact(last, same.length, place)];
    });
  }

  /** Where a mount went whose destination leads over symbolic links of the image, as /var/run often does. */
  #resolved(mount: SpecMount): string | undefined {
    let best: { readonly place: string; readonly score: number } | undefined;
    for (const [place, there] of this.#at) {
      const top = there.at(-1);
      if (!top || this.#known.has(place) || this.#fits(mount, top) === 'no') continue;
      const exactSource = mount.bind && this.#fits(mount, top) === 'yes' ? 1 : 0;
      const score = sharedEnd(place, mount.destination) + exactSource;
      if (score > 0 && score > (best?.score ?? 0)) best = { place, score };
    }
    return best?.place;
  }

  #listedFact(mount: SpecMount, times: number, place: string | undefined): Reality {
    const about: About = { path: mount.path, name: `mount ${mount.destination}`, source: this.#source };
    const top = place === undefined ? undefined : this.#at.get(place)?.at(-1);
    if (place === undefined || !top) {
      return judged(
        about,
        specText(mount),
        'not mounted',
        'drift',
        'It was unmounted, or another mount hides it.',
      );
    }
    const covered = (this.#at.get(place)?.length ?? 0) > times;
    const moved =
      place === mount.destination
        ? undefined
        : `It is at ${place}: the image has a symbolic link on the way.`;
    const gone = isDeleted(top.root) ? 'Its source was removed on the node since.' : undefined;
    const notes = notesOf(moved, gone);
    const fit = this.#fits(mount, top);
    if (fit === 'no') {
      return judged(about, specText(mount), kernelText(top), 'drift', notesOf(elsewhere, notes));
    }
    const text = specText(mount);
    const held = this.#flagsOf(mount, top);
    if (held.drift.length > 0) {
      const found = withFlags(
        whatOf(mount),
        flags.filter(({ option }) => hasFlag(top, option)),
      );
      return judged(about, text, found, 'drift', notesOf(`It is ${held.drift.join(', ')}.`, notes));
    }
    if (covered && !mount.open) {
      return judged(about, text, kernelText(top), 'drift', notesOf('Another mount covers it.', notes));
    }
    const unsure =
      fit === 'unsure'
        ? `It shows ${top.root} of ${top.source}; whether that is the source can’t be told.`
        : undefined;
    return judged(about, text, text, 'same', notesOf(unsure, held.note, notes));
  }

  /** Found once for each, as a mount without a place of its own is held against all. */
  #placesOf(found: Mount): readonly NodePlace[] {
    let places = this.#places.get(found);
    if (!places) this.#places.set(found, (places = placesOnNode(found, this.#node)));
    return places;
  }

  /** Whether a mount of the kernel can be one of the spec. */
  #fits(mount: SpecMount, found: Mount): 'yes' | 'no' | 'unsure' {
    if (!mount.bind) return filesystemsOf(mount).includes(found.fsType) ? 'yes' : 'no';
    const places = this.#placesOf(found);
    const source = cleanPath(mount.source);
    if (places.some(({ path }) => path === source)) return 'yes';
    if (places.length === 0) return this.#node.length === 0 || isDeleted(found.root) ? 'unsure' : 'no';
    return 'unsure';
  }

  /** Options that hold for the mount against those of the spec. */
  #flagsOf(mount: SpecMount, found: Mount): { readonly drift: readonly string[]; readonly note?: string } {
    const sources = mount.bind ? this.#placesOf(found).map((place) => place.mount) : [];
    const held = this.#heldBy(mount, found);
    const drift: string[] = [];
    let inherited: string | undefined;
    for (const { option, off, words, offWords } of flags) {
      const wanted = lastOf(mount.options, [option, `r${option}`], [off, `r${off}`]);
      const holds = held.every((one) => hasFlag(one, option));
      if (wanted && !holds) drift.push(offWords);
      if (wanted || !holds) continue;
      // A bind mount has what its source has, and a user namespace may not take that away.
      const fromSource = sources.some((source) => hasFlag(source, option));
      if (fromSource || (mount.bind && this.#node.length === 0) || ownNamespace(this.spec))
        inherited = `It is ${words}, as its source is.`;
      else drift.push(words);
    }
    return inherited === undefined ? { drift } : { drift, note: inherited };
  }

  /** Of cgroup v1 the folder of the hierarchies is a tmpfs, which some runtimes leave writable; they are what counts. */
  #heldBy(mount: SpecMount, found: Mount): readonly Mount[] {
    if (found.fsType !== 'tmpfs' || mount.type === 'tmpfs') return [found];
    const inside = this.mounts.filter(
      ({ fsType, mountPoint }) => fsType === 'cgroup' && below(mountPoint, found.mountPoint) !== undefined,
    );
    return inside.length === 0 ? [found] : inside;
  }

  #maskedFacts(): Reality[] {
    return this.#pathFacts('maskedPaths', 'masked path', 'hidden', (mount) => {
      const empty =
        mount.fsType === 'tmpfs' || lastStep(mount.root) === 'null' || mount.fsType === 'devtmpfs';
      return empty ? undefined : 'mounted over with something else';
    });
  }

  #readonlyFacts(): Reality[] {
    return this.#pathFacts('readonlyPaths', 'read-only path', 'read-only', (mount) =>
      isReadonly(mount) ? undefined : 'writable',
    );
  }

  /** @param wrong what a mount at such a path is, if it isn't as the spec wants it */
  #pathFacts(key: string, name: string, as: string, wrong: (mount: Mount) => string | undefined): Reality[] {
    return itemsAt(this.spec, ['linux', key]).flatMap((item, index): Reality[] => {
      if (item.type !== 'string') return [];
      const path = cleanPath(item.text);
      const about: About = { path: ['linux', key, index], name: `${name} ${path}`, source: this.#source };
      const top = this.#at.get(path)?.at(-1);
      if (top) {
        this.#known.add(path);
        return [compared(about, as, wrong(top) ?? as)];
      }
      return [this.#withoutMount(about, path, as, wrong)];
    });
  }

  /** Runtimes pass over what isn't there; /proc and /sys have the same in the container as on the node. */
  #withoutMount(
    about: About,
    path: string,
    as: string,
    wrong: (mount: Mount) => string | undefined,
  ): Reality {
    const under = mountOfPath(path, this.mounts);
    if (under && under.mountPoint !== '/' && isHidden(under) && wrong(under) === undefined) {
      return judged(about, as, as, 'same', `By the mount at ${under.mountPoint}.`);
    }
    if (!isOfKernel(path)) {
      return unreadable(about, as, 'Nothing is mounted there: the container may have no such path.');
    }
    return this.kernel.identity(path) === undefined
      ? judged(about, as, as, 'same', 'This kernel has no such path, so there is nothing to do.')
      : judged(about, as, `not ${as}`, 'drift', 'Nothing is mounted there, so it is as the kernel has it.');
  }

  /** Mounts that the spec doesn't account for. */
  #strangers(): Reality[] {
    const devices = deviceFiles(this.spec);
    const strange = [...this.#at].filter(
      ([place, there]) =>
        !this.#known.has(place) &&
        !this.#open.some((folder) => below(place, folder) !== undefined) &&
        !(devices.has(place) && there.length === 1),
    );
    const told = strange.slice(0, mostStrangers).flatMap(([place, there]) => {
      const top = there.at(-1);
      if (!top) return [];
      const about: About = { path: ['mounts'], name: `mount ${place}`, source: this.#source };
      return [judged(about, 'no such mount', kernelText(top), 'drift', this.#whoMounts())];
    });
    if (strange.length > told.length) {
      const about: About = { path: ['mounts'], name: 'more mounts', source: this.#source };
      told.push(judged(about, 'none', String(strange.length - told.length), 'drift'));
    }
    return told;
  }

  #whoMounts(): string {
    if (isSetAt(this.spec, ['hooks'])) return 'A hook of the spec, or something since, mounted it.';
    const may = textsAt(this.spec, ['process', 'capabilities', 'bounding'])
      .map(bareName)
      .includes('SYS_ADMIN');
    return may
      ? 'A process of the container, which has CAP_SYS_ADMIN, or one of the node mounted it.'
      : 'No process of the container may mount, so one of the node did.';
  }
}

const isHidden = ({ fsType }: Mount): boolean => fsType !== 'proc' && fsType !== 'sysfs';

/** Not a process's own, which may lead anywhere. */
const isOfKernel = (path: string): boolean => /^\/(sys|proc\/(?!\d|self|thread-self))/.test(path);

const elsewhere =
  'What is mounted there is no part of the node: it was mounted in the container alone, or the node’s own is gone.';

const ownNamespace = (spec: JsonNode): boolean =>
  itemsAt(spec, ['linux', 'namespaces']).some((item) => textAt(item, ['type']) === 'user');

/** Device files that runtimes bind where a user namespace forbids to make them, and the console of a terminal. */
function deviceFiles(spec: JsonNode): ReadonlySet<string> {
  const files = new Set<string>();
  if (isTrueAt(spec, ['process', 'terminal'])) files.add('/dev/console');
  if (!ownNamespace(spec)) return files;
  for (const name of ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx']) files.add(`/dev/${name}`);
  for (const device of itemsAt(spec, ['linux', 'devices'])) {
    const path = textAt(device, ['path']);
    if (path !== undefined) files.add(cleanPath(path));
  }
  return files;
}

/** Paths below /proc and /sys whose presence on the node decides what a missing mount means. */
export function kernelPaths(spec: JsonNode): string[] {
  return ['maskedPaths', 'readonlyPaths'].flatMap((key) =>
    textsAt(spec, ['linux', key]).map(cleanPath).filter(isOfKernel),
  );
}
