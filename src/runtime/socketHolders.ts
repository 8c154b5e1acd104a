import { holdersIn } from '../model/find/sockets.js';
import type { Node } from '../node/node.js';

/** Paths in one command line: SSH passes it as one word, of which Linux takes 128 KiB. */
const atOnce = 4_000;

/**
 * $1 an extended regular expression for sockets, $2… folders, all processes' when there are none. Another argument of ls
 * makes it name the folders even if there is just one.
 */
const script = `p=$1; shift
[ $# -gt 0 ] || set -- /proc/[0-9]*/fd
ls -l "$@" /dev/null 2>/dev/null | grep -E "^/proc/[0-9]+/fd:|-> socket:\\[($p)\\]$"; exit 0`;

/**
 * Which processes have sockets open, by inode; without the right to look (ptrace), nobody.
 * @param pids only these, for they are few; all processes of the node unless given
 */
export async function socketHolders(
  node: Node,
  inodes: readonly string[],
  pids: readonly number[] | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly number[]>> {
  if (inodes.length === 0 || pids?.length === 0) return new Map();
  const folders = pids?.slice(0, atOnce).map((pid) => `/proc/${pid}/fd`) ?? [];
  const { stdout } = await node.run(['sh', '-c', script, 'sh', inodes.join('|'), ...folders], { signal });
  return holdersIn(stdout.toString('latin1'));
}
