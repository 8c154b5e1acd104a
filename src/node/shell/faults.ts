import { NodeError, type NodeErrorKind } from '../node.js';

/** The words of strerror(3) in the C locale, and the shorter ones of dash and busybox. */
const words: readonly { readonly pattern: RegExp; readonly kind: NodeErrorKind; readonly means: string }[] = [
  { pattern: /no such file|nonexistent|not a directory/i, kind: 'missing', means: 'there is no such file' },
  {
    pattern: /permission denied|operation not permitted/i,
    kind: 'denied',
    means: 'permission denied: only another user, mostly root, may read it. Use sudo on this node',
  },
  { pattern: /connection refused/i, kind: 'refused', means: 'nobody listens there' },
  { pattern: /is a directory|not a regular file/i, kind: 'unsupported', means: 'it is not a regular file' },
];

/** What a tool of the node said about a path, as an error fit for people. */
export function faultOf(path: string, stderr: string): NodeError {
  const known = words.find(({ pattern }) => pattern.test(stderr));
  if (known) return new NodeError(known.kind, `${path}: ${known.means}.`);
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return new NodeError(
    'failed',
    `${path}: ${said === '' ? 'the node could not read it, and did not say why' : said}`,
  );
}
