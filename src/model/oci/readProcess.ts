import type { Steps } from '../steps.js';
import { isScalar, type Cursor, type Reading } from './cursor.js';
import type { JsonNode, JsonPath } from './json.js';
import { schedulingRows } from './readTuning.js';
import { looksSecret, secretName } from './secrets.js';
import type { SpecRow } from './spec.js';
import { octalText, plural } from './units.js';

/** `process` without its env and capabilities (runtime-spec config.md, "Process" and "POSIX process"). */
export function processRows(process: Cursor): SpecRow[] {
  return [
    ...argumentRows(process),
    ...process.field('commandLine', 'Command line (Windows)', 'string'),
    ...process.field('cwd', 'Working directory', 'string'),
    ...process.field('terminal', 'Terminal', 'boolean'),
    ...sizeRows(process),
    ...userRows(process.object('user')),
    ...process.field('noNewPrivileges', 'No new privileges', 'boolean', (text) =>
      text === 'true' ? 'set-user-ID programs gain nothing' : 'set-user-ID programs may gain privileges',
    ),
    ...process.field('oomScoreAdj', 'OOM score adjustment', 'number', oomText),
    ...process.field('apparmorProfile', 'AppArmor profile', 'string'),
    ...process.field('selinuxLabel', 'SELinux label', 'string'),
    ...schedulingRows(process),
    ...rlimitRows(process),
  ];
}

/** `process.env`, or another list of `NAME=value`. */
export function* envRows(reading: Reading, path: JsonPath, items: readonly JsonNode[]): Steps<SpecRow[]> {
  const last = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    last.set(nameOf(item), index);
    yield;
  }
  const rows: SpecRow[] = [];
  for (const [index, item] of items.entries()) {
    rows.push(envRow(reading, [...path, index], item, last.get(nameOf(item)) !== index));
    yield;
  }
  return rows;
}

/** `process.capabilities`, a row a set. */
export function capabilityRows(capabilities: Cursor | undefined): SpecRow[] {
  if (!capabilities) return [];
  const sets = ['effective', 'permitted', 'bounding', 'inheritable', 'ambient'];
  const rows = sets.flatMap((set) =>
    capabilities.listField(set, set).map((row) => {
      const names = row.value.split(', ');
      return {
        ...row,
        value: names.map((name) => name.replace(/^CAP_/, '')).join(', '),
        note: plural(names.length, 'capability', 'capabilities'),
      };
    }),
  );
  return [...rows, ...capabilities.rest()];
}

function argumentRows(process: Cursor): SpecRow[] {
  const path = process.at('args');
  const items = process.array('args');
  if (items.length === 0) return [];
  const texts = items.map((item) => (isScalar(item) ? item.text : ''));
  const children = items.map((item, index): SpecRow => {
    const row = process.reading.row([...path, index], String(index), item);
    return isSecretArgument(texts, index) ? { ...row, secret: true } : row;
  });
  const secret = children.some((child) => child.secret) ? { secret: true as const } : {};
  return [{ path, name: 'Arguments', value: texts.map(quoted).join(' '), ...secret, children }];
}

/** `--password=x`, and `x` after `--password`. */
function isSecretArgument(texts: readonly string[], index: number): boolean {
  const text = texts[index] ?? '';
  const before = texts[index - 1] ?? '';
  const [, option = '', value = ''] = /^-+([^=]+)=(.*)$/s.exec(text) ?? [];
  if (value !== '' && secretName(option)) return true;
  if (looksSecret('', text)) return true;
  return /^--?[a-z][^=]*$/i.test(before) && secretName(before) && !text.startsWith('-');
}

/** As a shell would want it, so that what belongs together is seen. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function sizeRows(process: Cursor): SpecRow[] {
  const size = process.object('consoleSize');
  if (!size) return [];
  const value = `${size.peek('width') ?? '?'} × ${size.peek('height') ?? '?'}`;
  return [{ path: size.path, name: 'Console size', value, children: size.rest() }];
}

function userRows(user: Cursor | undefined): SpecRow[] {
  if (!user) return [];
  const root = (text: string): string | undefined => (text === '0' ? 'root' : undefined);
  return [
    ...user.field('uid', 'User ID', 'number', root),
    ...user.field('gid', 'Group ID', 'number', root),
    ...user.listField('additionalGids', 'Additional group IDs'),
    ...user.field('umask', 'Umask', 'number', octalText),
    ...user.field('username', 'User name', 'string'),
    ...user.rest(),
  ];
}

function rlimitRows(process: Cursor): SpecRow[] {
  return process.array('rlimits').flatMap((item, index) => {
    const path = [...process.at('rlimits'), index];
    const limit = process.reading.object(path, item);
    if (!limit) return [];
    const bound = (key: string): string => limitText(limit.peek(key) ?? '?');
    const name = limit.peek('type') ?? 'Resource limit';
    const value = `soft ${bound('soft')}, hard ${bound('hard')}`;
    return [{ path, name, value, children: limit.rest() }];
  });
}

/** RLIM_INFINITY is the largest unsigned 64-bit number. */
function limitText(text: string): string {
  return text === '18446744073709551615' ? 'unlimited' : text;
}

function oomText(text: string): string | undefined {
  const score = Number(text);
  if (score === -1000) return 'never killed for memory';
  if (score === 1000) return 'killed first for memory';
  return undefined;
}

function envRow(reading: Reading, path: JsonPath, item: JsonNode, again: boolean): SpecRow {
  if (item.type !== 'string') {
    reading.problems.push({ path, message: 'an environment variable should be a string' });
    return { ...reading.raw(path, '(no name)', item), secret: true };
  }
  const equals = item.text.indexOf('=');
  if (equals < 0) {
    const secret = looksSecret('', item.text) ? { secret: true as const } : {};
    return secret.secret
      ? { path, name: '(no name)', value: item.text, note: 'no “=”', ...secret }
      : { path, name: item.text, value: '', note: 'no “=”' };
  }
  const name = item.text.slice(0, equals);
  const value = item.text.slice(equals + 1);
  return {
    path,
    name,
    value,
    ...(again ? { note: 'set again below' } : {}),
    ...(looksSecret(name, value) ? { secret: true } : {}),
  };
}

function nameOf(item: JsonNode): string {
  return isScalar(item) ? (item.text.split('=', 1)[0] ?? '') : '';
}
