/** Why an ssh process ended, from what it wrote to stderr. */
export type LoginFailure =
  /** Worth another try: the network, the server. */
  | { readonly type: 'lost'; readonly reason: string }
  /** Another try would be refused in the same way until the person does something. */
  | { readonly type: 'needsAuth' | 'failed'; readonly reason: string };

/** Lines that tell nothing of a failure. */
const noise =
  /^(Warning: Permanently added|debug\d:|Pseudo-terminal|\*\* WARNING: connection is not using a post-quantum|\*\* )/;

const refusedLogin =
  /^(?:.*: )?Permission denied \(.*|.*Too many authentication failures.*|.*No more authentication methods.*/m;
const brokenConfig =
  /Bad configuration option|Bad owner or permissions|terminating, \d+ bad configuration|Can't open user config file|no argument after keyword|keyword .* extra arguments|hostname contains invalid characters|command-line: line \d+/i;

/** Tells a failure by the words of OpenSSH, which has no translations. */
export function failureOf(stderr: string): LoginFailure {
  const text = stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !noise.test(line))
    .join('\n');
  if (text.includes('REMOTE HOST IDENTIFICATION HAS CHANGED')) {
    return { type: 'failed', reason: changedHostKey(text) };
  }
  if (text.includes('Host key verification failed')) {
    return { type: 'needsAuth', reason: 'The host key was not accepted. Reconnect to be asked again.' };
  }
  const refused = refusedLogin.exec(text)?.[0];
  if (refused !== undefined) return { type: 'needsAuth', reason: refused };
  if (brokenConfig.test(text)) return { type: 'failed', reason: text };
  return { type: 'lost', reason: lastLine(text) || 'ssh ended without a word' };
}

/**
 * ssh's own words and the command that forgets the old key. It is made from no more than names of harmless characters,
 * since a person will paste it, and a server could have a say in these words.
 */
function changedHostKey(text: string): string {
  const host = /Host key for ([\w.:[\]-]+) has changed/.exec(text)?.[1] ?? 'HOST';
  const file = /Offending (?:\S+ )?key in ([\w./~+-]+):\d+/.exec(text)?.[1];
  const command = `ssh-keygen ${file === undefined ? '' : `-f '${file}' `}-R '${host}'`;
  return `${text.trim()}\nIf you know why the key changed, forget the old one and reconnect: ${command}`;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
