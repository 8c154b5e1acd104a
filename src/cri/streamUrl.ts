import { CriError } from './errors.js';

/** Where a streaming server is, as seen from the node. */
export interface StreamAddress {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** With the query; holds the token, so it isn't to be logged. */
  readonly path: string;
}

const wildcards: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/**
 * Reads the `url` of ExecResponse and AttachResponse. cri-dockerd leaves the scheme out and names the address it
 * listens at (`//[::]:port/…`): that is HTTP, and any address means the loopback one. Throws a CriError otherwise.
 */
export function parseStreamUrl(text: string): StreamAddress {
  const scheme = /^(?:(https?|wss?):)?\/\/[^/]/.exec(text);
  const secure = scheme?.[1] === 'https' || scheme?.[1] === 'wss';
  const full = `${secure ? 'https' : 'http'}:${text.slice(text.indexOf('//'))}`;
  const url = scheme && URL.canParse(full) ? new URL(full) : undefined;
  if (url?.username !== '' || url.password !== '') {
    throw new CriError(
      'protocol',
      "The runtime named no usable address for the connection, so it can't be opened.",
    );
  }
  const named = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    secure,
    host: wildcards.has(named) ? '127.0.0.1' : named,
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    path: `${url.pathname}${url.search}`,
  };
}
