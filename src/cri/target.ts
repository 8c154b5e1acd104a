const windowsPipe = /^[\\/]{2}[.?][\\/]pipe[\\/]/i;

/**
 * The grpc-js target of a socket path of this machine. grpc-js cuts `unix:` off and hands the rest to `net.connect`
 * (its resolver-uds.js), unless the rest starts with two slashes: its URI pattern (uri-parser.js) would take
 * `//./pipe/x` for the host `.` and the path `pipe/x`. So a pipe is written with backslashes, which Windows prefers
 * anyway and the pattern lets through, and slashes at the start of a unix path are made one.
 */
export function grpcTarget(socketPath: string): string {
  if (windowsPipe.test(socketPath)) return `unix:${socketPath.replaceAll('/', '\\')}`;
  return `unix:${socketPath.replace(/^\/+/, '/')}`;
}
