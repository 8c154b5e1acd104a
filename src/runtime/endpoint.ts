/** Where a CRI server listens: a unix socket or a Windows named pipe. */
export interface Endpoint {
  /** Normal form: `unix:///run/containerd/containerd.sock` or `npipe:////./pipe/containerd-containerd`. */
  readonly uri: string;
  /** What the node opens: `/run/containerd/containerd.sock` or `\\.\pipe\containerd-containerd`. */
  readonly path: string;
}

/**
 * Reads the forms that the kubelet, crictl and people write: `unix:///path`, `unix:/path`, a bare path,
 * `npipe:////./pipe/name`, `\\.\pipe\name`.
 * @throws Error with what is wrong and what would be right
 */
export function parseEndpoint(text: string): Endpoint {
  const trimmed = text.trim();
  const pipe = /^(?:npipe:\/\/)?[\\/]{2}\.[\\/]pipe[\\/](.+)$/i.exec(trimmed)?.[1];
  if (pipe !== undefined) {
    return {
      uri: `npipe:////./pipe/${pipe.replaceAll('\\', '/')}`,
      path: `\\\\.\\pipe\\${pipe.replaceAll('/', '\\')}`,
    };
  }
  const path = /^(?:unix:(?:\/\/)?)?(\/[^/].*)$/s.exec(trimmed)?.[1];
  if (path !== undefined && !path.includes('\0')) return { uri: `unix://${path}`, path };
  throw new Error(
    `"${trimmed}" is not a CRI endpoint: give a socket like unix:///run/containerd/containerd.sock` +
      (/^tcp:/i.test(trimmed) ? ' (TCP endpoints are not supported)' : ''),
  );
}
