/** What no common shell gives a meaning, at the start of a word or within. */
const plain = /^[A-Za-z0-9_./:,@+-][A-Za-z0-9_./:,@+=-]*$/;
// eslint-disable-next-line no-control-regex -- finding them is the purpose
const control = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/**
 * One word for a POSIX shell, which it reads back as `text` exactly. Words with control characters become `$'…'`
 * (bash, zsh, ksh, busybox; POSIX.1-2024), since a terminal would act on them when the line is pasted.
 */
export function quote(text: string): string {
  if (plain.test(text)) return text;
  if (control.test(text)) return `$'${Array.from(text, ansiC).join('')}'`;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function ansiC(character: string): string {
  if (character === '\\' || character === "'") return `\\${character}`;
  if (!control.test(character)) return character;
  return [...new TextEncoder().encode(character)]
    .map((byte) => `\\${byte.toString(8).padStart(3, '0')}`)
    .join('');
}

/** A command line for a POSIX shell. */
export function commandLine(words: readonly string[]): string {
  return words.map(quote).join(' ');
}

/** An operand: a stranger's word that begins with `-` must not become an option. */
const operand = (word: string): readonly string[] => (word.startsWith('-') ? ['--', word] : [word]);

export type CrictlAction = 'inspect' | 'logs' | 'exec' | 'stats' | 'inspectp' | 'ps';

/** As `crictl help` names them. */
const crictlArguments: Readonly<Record<CrictlAction, (id: string) => readonly string[]>> = {
  inspect: (id) => ['inspect', ...operand(id)],
  logs: (id) => ['logs', '--follow', '--tail=100', ...operand(id)],
  exec: (id) => ['exec', '--interactive', '--tty', ...operand(id), 'sh'],
  stats: (id) => ['stats', `--id=${id}`],
  inspectp: (id) => ['inspectp', ...operand(id)],
  ps: (id) => ['ps', '--all', `--pod=${id}`],
};

/** A `crictl` command about a container or sandbox of the runtime behind `endpoint`. */
export function crictlCommand(endpoint: string, action: CrictlAction, id: string): string {
  return commandLine(['crictl', '--runtime-endpoint', endpoint, ...crictlArguments[action](id)]);
}

/** nsenter(1)'s namespaces: all of a container's, all but its files, or its network only. */
export type NsenterScope = 'all' | 'withoutFiles' | 'network';

/**
 * An `nsenter` command that enters the namespaces of a process and starts a shell there: the container's own
 * with `all`, else the node's.
 */
export function nsenterCommand(pid: number, scope: NsenterScope): string {
  const flags = {
    all: ['-m', '-u', '-i', '-n', '-p'],
    withoutFiles: ['-u', '-i', '-n', '-p'],
    network: ['-n'],
  };
  return commandLine(['nsenter', '-t', String(pid), ...flags[scope], '--', 'sh']);
}
