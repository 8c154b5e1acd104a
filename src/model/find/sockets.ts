/** __SO_ACCEPTCON of include/linux/net.h: the socket listens. */
const LISTENING = 0x10000;

/**
 * The inodes of the unix sockets that listen at a path, from /proc/net/unix: a line a socket, `Num RefCount Protocol Flags
 * Type St Inode Path` (net/unix/af_unix.c, unix_seq_show). /var/run is /run.
 */
export function listenersAt(text: string, path: string): readonly string[] {
  const wanted = withoutVar(path);
  return text.split('\n').flatMap((line) => {
    const [, flags = '0', inode = '', bound = ''] =
      /^[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ ([0-9A-F]+) [0-9A-F]+ [0-9A-F]+ +(\d+) (.*)$/.exec(line) ?? [];
    const listens = (Number.parseInt(flags, 16) & LISTENING) !== 0;
    return listens && withoutVar(bound) === wanted ? [inode] : [];
  });
}

const withoutVar = (path: string): string => path.replace(/^\/var\/run\//, '/run/');

/**
 * Who has sockets open, by inode, from what `ls -l /proc/PID/fd …` prints: a folder's name and a colon, then a line a
 * descriptor that ends with `-> socket:[INODE]` (proc_pid_fd(5)).
 */
export function holdersIn(listing: string): ReadonlyMap<string, readonly number[]> {
  const holders = new Map<string, number[]>();
  let pid: number | undefined;
  for (const line of listing.split('\n')) {
    const folder = /^\/proc\/(\d+)\/fd:$/.exec(line);
    if (folder) pid = Number(folder[1]);
    const inode = / -> socket:\[(\d+)\]$/.exec(line)?.[1];
    if (inode === undefined || pid === undefined) continue;
    const pids = holders.get(inode);
    if (!pids) holders.set(inode, [pid]);
    else if (!pids.includes(pid)) pids.push(pid);
  }
  return holders;
}
