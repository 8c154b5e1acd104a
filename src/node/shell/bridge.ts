import { NodeError } from '../node.js';
import { collect } from './collect.js';
import { faultOf } from './faults.js';
import type { Launcher, ShellCommand } from './launcher.js';

/** A program of the node that joins its stdin and stdout to a socket. */
export type BridgeProgram = 'socat' | 'nc' | 'python3' | 'perl';

/** A unix socket's path, or the host and port of a TCP one. */
export type BridgeTarget = { readonly path: string } | { readonly host: string; readonly port: number };

const programs: readonly BridgeProgram[] = ['socat', 'nc', 'python3', 'perl'];

/** Ends half a second after stdin did, as socat does, so that none stays behind when a link dies. */
const python = `
import os,select,socket,sys
a=sys.argv[1:]
if len(a)==1:
    s=socket.socket(socket.AF_UNIX); s.connect(a[0])
else:
    s=socket.create_connection((a[0],int(a[1])))
i=[0,s]; t=None
while s in i:
    r=select.select(i,[],[],t)[0]
    if not r: break
    if s in r:
        d=s.recv(65536)
        if not d: break
        while d: d=d[os.write(1,d):]
    if 0 in r:
        d=os.read(0,65536)
        if d: s.sendall(d)
        else:
            i.remove(0); s.shutdown(socket.SHUT_WR); t=.5
`;

const perl = `
use strict; use IO::Socket::UNIX; use IO::Socket::INET; use IO::Select;
my $s = @ARGV==1 ? IO::Socket::UNIX->new(Peer=>$ARGV[0]) : IO::Socket::INET->new(PeerAddr=>$ARGV[0],PeerPort=>$ARGV[1]);
$s or die "$!\\n";
my $q=IO::Select->new($s,\\*STDIN); my $t;
sub all { my($h,$d)=@_; my $o=0; while($o<length $d){ my $n=syswrite($h,$d,length($d)-$o,$o); defined $n or exit 0; $o+=$n } }
while (my @r=$q->can_read($t)) { for my $h (@r) {
  my $n=sysread($h,my $d,65536);
  if ($h==$s) { $n or exit 0; all(\\*STDOUT,$d) }
  elsif ($n) { all($s,$d) }
  else { $q->remove(\\*STDIN); shutdown($s,1); $t=0.5 }
} }
`;

/** $1 the program, $2 the target as socat's address, then the path, or the host and port. */
const runBridge = `
case $1 in
  socat) exec socat - "$2";;
  nc) shift 2; h=$(nc -h 2>&1)
    case $h in *'-N'*) n=-N;; *) n=;; esac
    if [ $# -eq 1 ]; then exec nc $n -U "$1"; else exec nc $n "$1" "$2"; fi;;
  python3) shift 2; exec python3 -c "$python" "$@";;
  perl) shift 2; exec perl -e "$perl" "$@";;
esac`;

// Neither text holds a single quote.
const prelude = `python='${python}'\nperl='${perl}'\n`;

/** What a gRPC connection's bridge runs. */
export function bridgeCommand(program: BridgeProgram, target: BridgeTarget, plain = false): ShellCommand {
  return { script: prelude + runBridge, args: [program, ...targetArguments(target)], plain, lasting: true };
}

/**
 * Prints the program that got through to the target, or `none` when the node has no such program, or `failed` and what
 * the last one said. A unix socket is looked at first.
 */
const tryBridges = `
if [ $# -eq 2 ]; then
  m=$(stat -L -c %F -- "$2" 2>&1) || { echo failed; echo "$m"; exit; }
  [ -S "$2" ] || { echo nosocket; exit; }
fi
run() {
${runBridge}
}
m= s=none
for b in ${programs.join(' ')}; do
  command -v $b >/dev/null 2>&1 || continue
  if [ $b = nc ] && [ $# -eq 2 ]; then case $(nc -h 2>&1) in *-U*) ;; *) continue;; esac; fi
  if e=$( (run $b "$@") </dev/null 2>&1 >/dev/null); then echo $b; exit; fi
  s=failed m=$m$e
done
echo $s; echo "$m"`;

/** Finds the first bridge program that gets through to a target. Rejects with the reason when none does. */
export async function findBridge(
  launcher: Launcher,
  target: BridgeTarget,
  options: { readonly plain?: boolean; readonly signal?: AbortSignal | undefined } = {},
): Promise<BridgeProgram> {
  const { plain = false, signal } = options;
  const command = { script: prelude + tryBridges, args: targetArguments(target), plain };
  const { stdout } = await collect(launcher, command, { maxBytes: 1024 * 1024, signal });
  const [word = '', ...said] = stdout.toString('utf8').split('\n');
  const found = programs.find((program) => program === word);
  if (found) return found;
  throw bridgeFault(word, said.join('\n'), targetName(target));
}

function bridgeFault(word: string, said: string, name: string): NodeError {
  if (word === 'failed') return faultOf(name, said);
  if (word === 'nosocket') return new NodeError('unsupported', `${name} is not a socket.`);
  return new NodeError(
    'unsupported',
    `${name} can't be reached: the node has none of socat, nc with -U, python3 and perl, which one is needed of. Install socat there, or log in as a user who may open the socket.`,
  );
}

const targetName = (target: BridgeTarget): string =>
  'path' in target ? target.path : `${target.host}:${target.port}`;

function targetArguments(target: BridgeTarget): string[] {
  if ('path' in target) return [socatPath(target.path), target.path];
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  return [`TCP:${host}:${target.port}`, target.host, String(target.port)];
}

/** socat(1) gives these characters a meaning in an address. */
const socatPath = (path: string): string => `UNIX-CONNECT:${path.replace(/[\\:,!"'()[\]{}]/g, '\\$&')}`;
