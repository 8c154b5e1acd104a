import type { Steps } from '../steps.js';
import type { Cursor } from './cursor.js';
import { looksSecret } from './secrets.js';
import type { SpecRow } from './spec.js';
import { bytesText } from './units.js';

/** What mount options mean: mount(8), and runtime-spec config.md "Linux mount options" for rro, idmap, tmpcopyup. */
const meanings: ReadonlyMap<string, string> = new Map([
  ['ro', 'read-only'],
  ['rro', 'read-only, mounts below too'],
  ['rw', 'writable'],
  ['bind', 'the same folder or file as the source'],
  ['rbind', 'the same as the source, mounts below too'],
  ['nosuid', 'no set-user-ID programs'],
  ['nodev', 'no device files'],
  ['noexec', 'no programs run'],
  ['nosymfollow', 'no symbolic links followed'],
  ['private', 'later mounts stay on their side'],
  ['rprivate', 'later mounts stay on their side'],
  ['slave', 'later mounts of the node appear here'],
  ['rslave', 'later mounts of the node appear here'],
  ['shared', 'later mounts appear on both sides'],
  ['rshared', 'later mounts appear on both sides'],
  ['unbindable', 'can’t be bound elsewhere'],
  ['runbindable', 'can’t be bound elsewhere'],
  ['idmap', 'owners mapped'],
  ['ridmap', 'owners mapped, mounts below too'],
  ['tmpcopyup', 'filled with what was there before'],
  ['newinstance', 'terminals of its own'],
  ['sync', 'written at once'],
  ['noatime', 'reading leaves no time'],
  ['relatime', 'reading leaves a time now and then'],
  ['strictatime', 'reading leaves its time'],
]);

/** Said in a mount's one line, in this order; the other options only in its details. */
const telling = ['ro', 'rro', 'rw', 'rslave', 'slave', 'rshared', 'shared', 'idmap', 'ridmap'];

/** `mounts`: a row each, named by its destination. */
export function* mountRows(spec: Cursor): Steps<SpecRow[]> {
  const rows: SpecRow[] = [];
  for (const [index, item] of spec.array('mounts').entries()) {
    const mount = spec.reading.object([...spec.at('mounts'), index], item);
    if (mount) rows.push(mountRow(mount));
    yield;
  }
  return rows;
}

function mountRow(mount: Cursor): SpecRow {
  const options = optionRows(mount);
  const type = mount.peek('type');
  const has = new Set(options.map((option) => option.value));
  const bind = type === 'bind' || has.has('bind') || has.has('rbind');
  const said = [
    bind ? 'bind' : (type ?? 'no type'),
    ...telling.filter((option) => has.has(option)).map((option) => optionText(option) ?? option),
  ];
  const source = mount.peek('source') ?? '';
  return {
    path: mount.path,
    name: mount.peek('destination') ?? '(no destination)',
    value: source,
    ...(looksSecret('', source) ? { secret: true } : {}),
    note: said.join(' · '),
    children: [
      ...mount.field('destination', 'Destination', 'string'),
      ...mount.field('type', 'Type', 'string'),
      ...mount.field('source', 'Source', 'string'),
      ...options,
      ...mount.rest(),
    ],
  };
}

function optionRows(mount: Cursor): SpecRow[] {
  return mount.array('options').map((option, index) => {
    const row = mount.reading.row([...mount.at('options'), index], 'Option', option);
    const note = optionText(row.value);
    return note === undefined ? row : { ...row, note };
  });
}

/** What an option means, as far as it is known. */
function optionText(option: string): string | undefined {
  const known = meanings.get(option);
  if (known !== undefined) return known;
  const [, key = '', value = ''] = /^(\w+)=(.*)$/s.exec(option) ?? [];
  switch (key) {
    case 'size':
      return sizeText(value);
    case 'mode':
      return `permissions ${value}`;
    case 'uid':
      return `owned by user ${value}`;
    case 'gid':
      return `owned by group ${value}`;
    default:
      return undefined;
  }
}

/** tmpfs sizes: bytes, or with k, m, g; or a share of the memory. */
function sizeText(value: string): string | undefined {
  const [, digits, unit = ''] = /^(\d+)([kmg%]?)$/i.exec(value) ?? [];
  if (digits === undefined) return undefined;
  if (unit === '%') return `at most ${digits} % of the memory`;
  const scale = { '': 1n, k: 1024n, m: 1024n ** 2n, g: 1024n ** 3n }[unit.toLowerCase()] ?? 1n;
  return `at most ${bytesText(String(BigInt(digits) * scale)) ?? value}`;
}
