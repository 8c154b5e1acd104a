import { NodeError } from '../node.js';

/** Where ssh goes: the arguments that ssh(1) takes for it. */
export interface Destination {
  /** As a person wrote it. */
  readonly text: string;
  /** Options, for example `-p 2222`. */
  readonly options: readonly string[];
  /** The last argument: an alias of the ssh config, `user@host` or `ssh://…`. */
  readonly host: string;
}

/** What a shell would act on, were the name put into a ProxyCommand or a Match exec of the config by its `%h` or `%r`. */
// eslint-disable-next-line no-control-regex -- finding them is the purpose
const unsafe = /[\s\u0000-\u001f\u007f"'`$\\;&<>|(){}!*?~]/;

/**
 * Takes an alias, `host`, `user@host`, `user@host:port`, `[v6]:port` or `ssh://…`.
 * Rejects with a NodeError what ssh would take for an option, and what a shell could.
 */
export function parseDestination(text: string): Destination {
  const trimmed = text.trim();
  if (trimmed === '') throw new NodeError('failed', 'The node has no host name.');
  if (trimmed.startsWith('-') || trimmed.includes('@-')) {
    throw new NodeError(
      'failed',
      `"${trimmed}" is not a host name: it begins with a dash, which ssh takes for an option.`,
    );
  }
  if (unsafe.test(trimmed)) {
    throw new NodeError(
      'failed',
      `"${trimmed}" is not a host name: it holds characters that a shell acts on.`,
    );
  }
  if (trimmed.startsWith('ssh://')) return { text: trimmed, options: [], host: trimmed };
  const bracketed = /^((?:[^@]*@)?)\[([0-9a-fA-F:.%\w]+)\](?::(\d{1,5}))?$/.exec(trimmed);
  if (bracketed) return withPort(trimmed, `${bracketed[1] ?? ''}${bracketed[2] ?? ''}`, bracketed[3]);
  const withColon = /^([^:]+):(\d{1,5})$/.exec(trimmed);
  return withColon
    ? withPort(trimmed, withColon[1] ?? '', withColon[2])
    : { text: trimmed, options: [], host: trimmed };
}

function withPort(text: string, host: string, port: string | undefined): Destination {
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65535)) {
    throw new NodeError('failed', `"${text}" has no port between 1 and 65535.`);
  }
  return { text, options: port === undefined ? [] : ['-p', port], host };
}
