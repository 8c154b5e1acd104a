/**
 * $@ pairs of what to look at and where, each answered by lines that carry the pair's number N from 1 on:
 * `disk PATH`: `F N available total blockSize inodes freeInodes` (statfs(2), available to others than root).
 * `folder PATH`: `R N ok|denied|missing|failed`, and `D N device:inode seconds PATH/./NAME` for each entry.
 * `mnt PID`: `M N mnt:[INODE]`.
 * Of the whole node: `C seconds.nanoseconds`, its clock; `S cgroups` if it could look, then `G device:inode PATH` for each
 * cgroup named after a container, and `P PATH/cgroup.procs:PID`; `S netns`, then `U INODE` for each network namespace in
 * use, and `X PID` for each process whose namespace this user may not see. POSIX sh with the tools of GNU or of busybox. A name with a newline makes lines of no known form.
 */
export const probeScript = `
LC_ALL=C; export LC_ALL
echo "C $(date +%s.%N)"
i=0
while [ $# -ge 2 ]; do
  k=$1 p=$2 i=$((i+1)); shift 2
  case $k in
  disk) stat -f -c "F $i %a %b %S %c %d" -- "$p" 2>/dev/null;;
  mnt) echo "M $i $(readlink "/proc/$p/ns/mnt" 2>/dev/null)";;
  folder)
    if [ -d "$p" ] && [ -r "$p" ] && [ -x "$p" ]; then
      echo "R $i ok"
      find "$p/." -mindepth 1 -maxdepth 1 -exec stat -c "D $i %d:%i %Y %n" -- {} + 2>/dev/null
    elif e=$(ls -d -- "$p/." 2>&1 >/dev/null); then echo "R $i denied"
    else case $e in *denied*) echo "R $i denied";; *) echo "R $i missing";; esac
    fi;;
  esac
done
if [ -r /sys/fs/cgroup ]; then
  echo 'S cgroups'
  g=$(find /sys/fs/cgroup -type d 2>/dev/null | grep -E '[0-9a-f]{64}(\\.scope)?$')
  if [ -n "$g" ]; then
    printf '%s\\n' "$g" | tr '\\n' '\\0' | xargs -0 stat -c 'G %d:%i %n' -- 2>/dev/null
    printf '%s\\n' "$g" | sed 's|$|/cgroup.procs|' | tr '\\n' '\\0' | xargs -0 grep -H '' 2>/dev/null | sed 's/^/P /'
  fi
fi
echo 'S netns'
printf '%s\\0' /proc/[0-9]*/ns/net | xargs -0 stat -L -c 'U %i' -- 2>&1 |
  sed -n -e '/^U /p' -e 's|.*/proc/\\([0-9]*\\)/ns/net.*enied.*|X \\1|p' | sort -u
exit 0`;

/** The mounts of process 1, the node's own, else those that this user sees. */
export const mountinfoScript = 'cat /proc/1/mountinfo 2>/dev/null || cat /proc/self/mountinfo';
