import type { Reality } from '../insight.js';
import type { JsonNode } from '../json.js';
import { integerAt, integerOf, isTrueAt, textsAt } from '../values.js';
import { bitsOf, namesIn, parseBits } from './capabilityBits.js';
import { compared, judged, notesOf, orNone, unreadable, type About, type KernelView } from './fact.js';
import { statusFile, statusOf } from './status.js';

/** The highest capability that the kernel knows. */
export const lastCapabilityFile = '/proc/sys/kernel/cap_last_cap';

const sets = [
  { key: 'bounding', field: 'CapBnd' },
  { key: 'effective', field: 'CapEff' },
  { key: 'permitted', field: 'CapPrm' },
  { key: 'inheritable', field: 'CapInh' },
  { key: 'ambient', field: 'CapAmb' },
] as const;

type SetKey = (typeof sets)[number]['key'];
type Sets = Readonly<Record<SetKey, bigint>>;

/**
 * `process.capabilities` against /proc/PID/status. The runtime sets what the spec lists, but the program starts with what
 * execve(2) makes of it (capabilities(7), "Transformation of capabilities during execve()"), so that is compared.
 */
export function capabilityFacts(spec: JsonNode, kernel: KernelView): Reality[] {
  const status = statusOf(kernel);
  const written = writtenSets(spec, kernel);
  const started = afterStart(written, spec);
  return sets.flatMap(({ key, field }): Reality[] => {
    const about: About = {
      path: ['process', 'capabilities', key],
      name: `${key} capabilities`,
      source: statusFile(kernel.pid),
    };
    const expected = orNone(namesIn(started[key]));
    if ('reason' in status) return key === 'effective' ? [unreadable(about, expected, status.reason)] : [];
    const held = parseBits(status.field(field));
    if (held === undefined) return [unreadable(about, expected, `The kernel’s status has no ${field}.`)];
    const optional = key === 'inheritable' || key === 'ambient';
    if (optional && held === 0n && started[key] === 0n) return [];
    return [
      comparedSet(
        about,
        { written: written[key], started: started[key], held, bounding: started.bounding },
        spec,
      ),
    ];
  });
}

interface OneSet {
  readonly written: bigint;
  readonly started: bigint;
  readonly held: bigint;
  readonly bounding: bigint;
}

function comparedSet(about: About, { written, started, held, bounding }: OneSet, spec: JsonNode): Reality {
  const [expected, found] = [orNone(namesIn(started)), orNone(namesIn(held))];
  const changed =
    written === started
      ? undefined
      : `The spec lists ${orNone(namesIn(written))}; this is what user ${uidOf(spec)} keeps of it when its program starts.`;
  const more = held & ~started;
  const less = started & ~held;
  // A program's own file capabilities are bounded by the bounding set only.
  const byFile = more !== 0n && less === 0n && (more & ~bounding) === 0n && !isRoot(spec);
  if (byFile && (about.path[2] === 'effective' || about.path[2] === 'permitted')) {
    return judged(
      about,
      expected,
      found,
      'same',
      'The rest is from the file capabilities of its program (getcap).',
    );
  }
  return compared(about, expected, found, {
    same: changed,
    drift: notesOf(
      less === 0n
        ? undefined
        : `It lacks ${namesIn(less).join(', ')}: a process may give up capabilities itself.`,
      more === 0n
        ? undefined
        : `It has ${namesIn(more).join(', ')} besides: it was not started by this spec alone.`,
      changed,
    ),
  });
}

function writtenSets(spec: JsonNode, kernel: KernelView): Sets {
  const last = kernel.read(lastCapabilityFile);
  const highest = ('text' in last ? integerOf(last.text.trim()) : undefined) ?? 63n;
  // Runtimes leave out what the kernel doesn't know: a spec may be made for a newer one.
  const known = (1n << (highest < 64n ? highest + 1n : 64n)) - 1n;
  const of = (key: SetKey): bigint => bitsOf(textsAt(spec, ['process', 'capabilities', key])) & known;
  return {
    bounding: of('bounding'),
    effective: of('effective'),
    permitted: of('permitted'),
    inheritable: of('inheritable'),
    ambient: of('ambient'),
  };
}

function afterStart(written: Sets, spec: JsonNode): Sets {
  const { bounding, inheritable, permitted } = written;
  // No ambient capability without the same one permitted and inheritable (prctl(2), PR_CAP_AMBIENT_RAISE).
  const ambient = written.ambient & permitted & inheritable;
  let gained = ambient;
  if (isRoot(spec)) {
    const all = bounding | inheritable;
    gained = isTrueAt(spec, ['process', 'noNewPrivileges']) ? all & permitted : all;
  }
  return { bounding, inheritable, ambient, permitted: gained, effective: gained };
}

const uidOf = (spec: JsonNode): bigint => integerAt(spec, ['process', 'user', 'uid']) ?? 0n;
const isRoot = (spec: JsonNode): boolean => uidOf(spec) === 0n;
