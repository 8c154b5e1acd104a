/** Words of a name that make its value a secret, split at case changes and at everything but letters. */
const secretWords = new Set([
  ...[
    'token',
    'tokens',
    'password',
    'passwd',
    'passwords',
    'passphrase',
    'pass',
    'pwd',
    'pw',
    'secret',
    'secrets',
  ],
  ...['key', 'keys', 'credential', 'credentials', 'creds', 'auth', 'authorization', 'apikey', 'privatekey'],
  ...['accesskey', 'secretkey', 'cookie', 'dsn', 'jwt', 'salt', 'pin', 'bearer', 'signature'],
]);

/** Written in one word or glued to others. */
const secretParts = /passw(or)?d|passphrase|secret|credential|api_?key|access_?key|private_?key|token/i;

/** Each with bounded repeats: the values are a stranger's, and may be megabytes made to keep a pattern busy. */
const secretValues: readonly RegExp[] = [
  // PEM
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/,
  // JWT (RFC 7519): three base64url parts, the first of them JSON
  /\beyJ[\w-]{8,1000}\.[\w-]{4,8000}\./,
  // A URL's user part with a password (RFC 3986, 3.2.1)
  /:\/\/[^\s/?#@:]{0,200}:[^\s/?#]{1,200}@/,
  // Tokens that say so themselves: GitHub, GitLab, Slack, AWS, Google, npm, Stripe
  /\b(gh[opsur]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abeprs]-[\w-]{10,}|A[KS]IA[0-9A-Z]{16})/,
  /\b(AIza[\w-]{35}|npm_\w{36}|[rs]k_(live|test)_\w{16,})/,
  // HTTP credentials
  /\b(basic|bearer)\s+[\w+/=.~-]{8,}/i,
  // A secret as an assignment within a longer text: a connection string, JSON, an option
  /(passw(or)?d|pwd|secret|token|api_?key)["']?\s*[=:]\s*["']?[^\s"']/i,
];

/** `pwd=x`. */
const shortestSecretText = 5;

/** How much of a value is looked at; more than a view gets to see (view.ts). */
const lookedAt = 8192;

/** Whether a person should have to ask before a value is shown, by its name or its looks. Errs towards asking. */
export function looksSecret(name: string, value: string): boolean {
  return mayBeSecret(value) && (secretName(name) || secretText(value));
}

/** Switches and small numbers are no secrets, whatever their name. */
export function mayBeSecret(value: string): boolean {
  return value !== '' && !/^(true|false|\d{1,5})$/i.test(value);
}

/** Whether a text is a secret, or has one in it, by its looks alone. */
export function secretText(value: string): boolean {
  if (value.length < shortestSecretText) return false;
  const start = value.slice(0, lookedAt);
  return secretValues.some((pattern) => pattern.test(start));
}

/** Whether a name (of a variable, an option, an annotation) promises a secret. */
export function secretName(name: string): boolean {
  // The shell's working folders.
  if (name === 'PWD' || name === 'OLDPWD') return false;
  if (secretParts.test(name)) return true;
  const words = name
    .slice(0, lookedAt)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z]+/);
  return words.some((word) => secretWords.has(word.toLowerCase()));
}
