/**
 * What runs on a node: POSIX sh with tools that GNU coreutils and busybox both have. Each says what it prints.
 */

/**
 * $@ paths. For each prints a line: `+device:inode size seconds rawModeInHex`, or `-` and the reason. What is absent costs
 * no program.
 */
export const statScript = `
set -f
for p; do
  if [ -e "$p" ]; then m=$(stat -L -c '%d:%i %s %Y %f' -- "$p" 2>&1); s=$?
  else m=$({ : <"$p"; } 2>&1); s=1; fi
  if [ $s -eq 0 ]; then printf '+%s\\n' "$m"; else printf '%s ' - $m; echo; fi
done`;

/** $@ paths. For each prints a line: `+` where the user may open a socket, or `-` and the reason. */
export const lookScript = `
set -f
for p; do
  m=
  if [ ! -e "$p" ]; then m=$({ : <"$p"; } 2>&1)
  elif [ ! -S "$p" ]; then m=nosocket
  elif [ ! -r "$p" ] || [ ! -w "$p" ]; then m='Permission denied'; fi
  if [ -z "$m" ]; then echo +; else printf '%s ' - $m; echo; fi
done`;

/** $1 folder. Prints its names, each ended by NUL. The `/.` follows a symbolic link. */
export const listScript = `exec find "$1/." -mindepth 1 -maxdepth 1 -print0`;

/**
 * $1 path, $2 offset, $3 length, both in bytes. Prints the bytes. Where dd(1) can't count bytes (toybox, old busybox),
 * tail and head can.
 */
export const readScript = `
if [ -e "$1" ] && [ ! -f "$1" ]; then echo 'not a regular file' >&2; exit 1; fi
f=iflag=skip_bytes,count_bytes,fullblock
if dd if=/dev/null $f skip=0 count=1 bs=1 >/dev/null 2>&1; then exec dd if="$1" $f skip="$2" count="$3" bs=65536; fi
exec 3<"$1" && tail -c +$(($2+1)) <&3 | head -c "$3"`;

/**
 * $1 bytes at most of each, $2… paths. For each prints a line `+`, then the bytes in hex, or a line `-` and the reason in
 * hex. Hex, since a file can't forge the next line that way.
 */
export const readFilesScript = `
n=$1; shift
for f; do
  if [ -f "$f" ] && [ -r "$f" ]; then echo +; od -An -v -tx1 -N "$n" -- "$f" 2>/dev/null
  else
    echo -
    if [ -e "$f" ] && [ ! -f "$f" ]; then echo 'not a regular file'; else { : <"$f"; } 2>&1; fi | od -An -v -tx1
  fi
done`;

/**
 * $@ paths of text tables of /proc, whose every line ends with a newline. Prints `PATH:LINE` for each line and grep's own
 * `grep: PATH: REASON`: one program for hundreds of files.
 */
export const readTablesScript = `printf '%s\\n' "$@" | xargs grep -aH '' 2>&1; exit 0`;

/**
 * Prints for each variable `+` and its value, or `-` when it isn't set, and a NUL. Not every busybox has printenv(1).
 * @param names those that no shell has would be its syntax: they are taken for unset
 */
export function envScript(names: readonly string[]): string {
  const lines = names.map((name) =>
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
      ? `if [ -n "\${${name}+set}" ]; then printf '+%s\\000' "$${name}"; else printf -- '-\\000'; fi`
      : `printf -- '-\\000'`,
  );
  return lines.join('\n');
}

/** $@ a program with its arguments, which reads our stdin. */
export const runScript = `exec "$@"`;

/**
 * $@ a program with its arguments. The end of stdin ends it: sshd(8) kills nothing when a link dies. The shell's own
 * `read` waits for that, since a cat(1) would stay behind.
 */
export const leashedRunScript = `
exec 3<&0
"$@" </dev/null 3<&- & c=$!
{ read -r x <&3; kill $c; } >/dev/null 2>&1 & l=$!
exec 3<&-
wait $c; s=$?
kill $l 2>/dev/null
exit $s`;

/**
 * $1 path, $2 offset in bytes, $3 the `device:inode` that the offset belongs to or nothing, $4 seconds between looks.
 * Prints frames: `D offset length`, that many bytes and `.`; `R` when the path names another file now or was truncated,
 * once the old one is told to its end; `M` when it names nothing; `I device:inode` for each file that it opens; now and
 * then `H`, by which a dead link is noticed. The end of stdin ends it. Options of dd(1) are POSIX only; with `bs=1 skip=N
 * count=0` it seeks.
 */
export const followScript = `
exec 3<&0
{ read -r x <&3; kill $$; } >/dev/null 2>&1 &
exec 3<&- </dev/null
p=$1 at=$2 want=$3 nap=$4 id= told= beat=0 mine= path=
nl='
'
sleep "$nap" 2>/dev/null || nap=1
look() {
  both=$(stat -L -c '%d:%i %s' -- "/proc/$$/fd/4" "$p" 2>/dev/null)
  mine=\${both%%"$nl"*} path=
  case $both in *"$nl"*) path=\${both#*"$nl"};; esac
  size=\${mine#* }
}
send() {
  while [ "$at" -lt "$size" ]; do
    n=$((size-at)); [ "$n" -gt 1048576 ] && n=1048576
    k=$((n/65536)) r=$((n%65536))
    echo "D $at $n"
    [ "$k" -gt 0 ] && dd bs=65536 count="$k" <&4 2>/dev/null
    [ "$r" -gt 0 ] && dd bs="$r" count=1 <&4 2>/dev/null
    echo .
    at=$((at+n))
  done
}
enter() {
  exec 4<"$p"
  look; id=\${mine%% *} told=
  if [ "$at" -gt "$size" ] || { [ -n "$want" ] && [ "$want" != "$id" ]; }; then echo R; at=0; fi
  want=; echo "I $id"
  [ "$at" -gt 0 ] && dd bs=1 skip="$at" count=0 <&4 >/dev/null 2>&1
}
leave() { exec 4<&-; id=; }
while :; do
  if [ -z "$id" ]; then
    if [ -f "$p" ] && [ -r "$p" ]; then enter; elif [ -z "$told" ]; then echo M; told=1; fi
  else look; fi
  if [ -n "$id" ]; then
    send
    if [ "$size" -lt "$at" ]; then echo R; at=0 told=; leave; continue; fi
    if [ "\${path%% *}" != "$id" ]; then look; send; want=$id; leave; [ -n "$path" ] && continue; fi
  fi
  beat=$((beat+1)); [ "$beat" -ge 100 ] && { beat=0; echo H; }
  sleep "$nap"
done`;
