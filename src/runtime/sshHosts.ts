import { readdir, readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { dirname, isAbsolute, join, normalize, parse as parsePath, sep } from 'node:path';
import { parse, LineType } from 'ssh-config';
import { parseDestination } from '../node/ssh/destination.js';
import { messageOf } from '../util/async.js';

/** A host that ssh_config(5) names, with what its own lines say. */
export interface SshHost {
  readonly alias: string;
  readonly hostName?: string;
  readonly user?: string;
  readonly port?: string;
}

/** As deep as OpenSSH follows Include (READCONF_MAX_DEPTH). */
const maxDepth = 16;

/** Why `text` can't be a node's host; undefined when it can. */
export function hostProblem(text: string): string | undefined {
  try {
    parseDestination(text);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** ssh(1) takes the home of the password database, whatever HOME says. */
function home(): string {
  try {
    return userInfo().homedir;
  } catch {
    return homedir();
  }
}

/**
 * The hosts of a person's ssh configuration and of what it includes, in its order. Patterns and names that a node can't
 * have are left out; so is what can't be read or understood: whether it is a fault, ssh itself will say.
 */
export async function readSshHosts(file = join(home(), '.ssh', 'config')): Promise<readonly SshHost[]> {
  const hosts: Hosts = new Map();
  await readInto(hosts, file, dirname(file), new Set());
  return [...hosts].map(([alias, values]) => {
    const [hostName, user, port] = ['hostname', 'user', 'port'].map((keyword) => values.get(keyword));
    return {
      alias,
      ...(hostName === undefined ? {} : { hostName }),
      ...(user === undefined ? {} : { user }),
      ...(port === undefined ? {} : { port }),
    };
  });
}

/** Aliases with the first value of each keyword, in lower case: it is the one that counts (ssh_config(5)). */
type Hosts = Map<string, Map<string, string>>;

/** @param seen the files read before; a file is read once, so that none includes itself for ever */
async function readInto(
  hosts: Hosts,
  file: string,
  folder: string,
  seen: Set<string>,
  depth = 0,
): Promise<void> {
  if (seen.has(file) || depth > maxDepth) return;
  seen.add(file);
  const text = await readFile(file, 'utf8').catch(() => '');
  let section: string[] = [];
  for (const { keyword, values } of directivesOf(text)) {
    if (keyword === 'host') {
      section = values.filter((name) => !/[*?!]/.test(name) && hostProblem(name) === undefined);
      for (const alias of section) if (!hosts.has(alias)) hosts.set(alias, new Map());
    } else if (keyword === 'match') {
      section = [];
    } else if (keyword === 'include') {
      for (const pattern of values)
        for (const path of await expand(pattern, folder))
          await readInto(hosts, path, folder, seen, depth + 1);
    } else {
      for (const alias of section) {
        const known = hosts.get(alias);
        if (known?.has(keyword) === false) known.set(keyword, values[0] ?? '');
      }
    }
  }
}

/** Line by line, so that one that can't be understood leaves the others. */
function* directivesOf(text: string): Iterable<{ keyword: string; values: string[] }> {
  for (const line of text.split(/\r?\n/)) {
    try {
      for (const parsed of parse(line)) {
        if (parsed.type !== LineType.DIRECTIVE || parsed.param === '') continue;
        const { param, value } = parsed;
        const values = typeof value === 'string' ? [value] : value.map(({ val }) => val);
        yield { keyword: param.toLowerCase(), values };
      }
    } catch {
      // ssh will name the line when it is used.
    }
  }
}

/** The files of an Include: relative to ~/.ssh, with `~`, `*` and `?`. */
async function expand(pattern: string, folder: string): Promise<string[]> {
  const whole = pattern.replace(/^~(?=$|[\\/])/, dirname(folder));
  const path = isAbsolute(whole) ? normalize(whole) : join(folder, whole);
  const { root } = parsePath(path);
  let places = [root];
  for (const part of path.slice(root.length).split(sep)) {
    if (/[*?]/.test(part)) places = (await Promise.all(places.map((place) => matching(place, part)))).flat();
    else places = places.map((place) => join(place, part));
  }
  return places;
}

async function matching(folder: string, pattern: string): Promise<string[]> {
  const source = pattern
    .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const names = await readdir(folder).catch(() => []);
  const hidden = pattern.startsWith('.');
  const matches = (name: string): boolean =>
    new RegExp(`^${source}$`, 'su').test(name) && (hidden || !name.startsWith('.'));
  return names
    .filter(matches)
    .sort()
    .map((name) => join(folder, name));
}
