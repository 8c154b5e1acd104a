import type { Destination } from './destination.js';

/** The command lines of ssh(1), without the program itself. */

export interface LoginOptions {
  readonly destination: Destination;
  /** Instead of the person's own (`-F`). */
  readonly configFile?: string | undefined;
  /** A silent link is lost after this many times this many seconds. */
  readonly keepAlive: { readonly seconds: number; readonly count: number };
}

/** What any connection that logs in needs, whatever the person's config says: no terminal, no forwards, no surprises. */
function login({ destination, configFile, keepAlive }: LoginOptions): string[] {
  return [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...['-T', '-a', '-x'],
    ...setting({
      ControlPersist: 'no',
      ClearAllForwardings: 'yes',
      PermitLocalCommand: 'no',
      RemoteCommand: 'none',
      LogLevel: 'INFO',
      ConnectTimeout: '20',
      ServerAliveInterval: String(keepAlive.seconds),
      ServerAliveCountMax: String(keepAlive.count),
    }),
    ...destination.options,
  ];
}

const setting = (options: Readonly<Record<string, string>>): string[] =>
  Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);

/** The master, in the foreground, so that its end is an event. Its forward sockets are ours alone. */
export function masterArguments(options: LoginOptions, control: string): string[] {
  return [
    ...login(options),
    ...['-M', '-N', '-S', control],
    ...setting({ StreamLocalBindUnlink: 'yes', StreamLocalBindMask: '0177' }),
    '--',
    options.destination.host,
  ];
}

/** A connection of its own for one command: where there is no master (Windows), or it takes no more sessions. */
export function aloneArguments(options: LoginOptions, command: string): string[] {
  return [...login(options), ...noMaster, '--', options.destination.host, command];
}

const noMaster = setting({ ControlMaster: 'no', ControlPath: 'none' });

/**
 * A client of the master. It reads no config, since a RemoteCommand, a RequestTTY or a LocalForward there would act
 * again, and never logs in by itself: past sshd's MaxSessions ssh would silently open another connection.
 */
function client(control: string): string[] {
  return ['-F', '/dev/null', '-S', control, ...setting({ ControlMaster: 'no', ProxyCommand: 'false' })];
}

export function sessionArguments(control: string, host: string, command: string): string[] {
  return [...client(control), '-T', '--', host, command];
}

/** `-v`, since only a debug line tells that the connection is there (mux_client_request_stdio_fwd in OpenSSH's mux.c). */
export function dialArguments(control: string, host: string, target: string): string[] {
  return [...client(control), '-v', '-W', target, '--', host];
}

export function controlArguments(
  control: string,
  host: string,
  action: { readonly forward: string } | { readonly cancel: string },
): string[] {
  const [verb, spec] = 'forward' in action ? ['forward', action.forward] : ['cancel', action.cancel];
  const own = setting({ StreamLocalBindUnlink: 'yes', StreamLocalBindMask: '0177' });
  return [...client(control), ...own, '-O', verb, '-L', spec, '--', host];
}

/**
 * `LOCAL:REMOTE` of `-L` for unix sockets; undefined where ssh can't be told the path: it takes `:` for a separator with
 * no way around it but a backslash (parse_fwd_field in OpenSSH's readconf.c), and `%` and `$` for what it expands.
 */
export function socketForward(local: string, remote: string): string | undefined {
  return /^\/[^:%$\\[\]\s]+$/.test(remote) && remote.length <= 100 ? `${local}:${remote}` : undefined;
}

/** `HOST:PORT` of `-W`. */
export function tcpTarget(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
