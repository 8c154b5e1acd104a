import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';

/** A streaming server that speaks what the test tells it; see ws-channels.tsv. */
export interface StreamServer {
  readonly port: number;
  /** Each upgrade that arrived. */
  readonly requests: readonly IncomingMessage[];
  readonly dial: (host: string, port: number) => Promise<Duplex>;
  /** Connections that `dial` made and that are still open. */
  openConnections(): number;
  close(): Promise<void>;
}

export const frame = (channel: number, data: Buffer | string = ''): Buffer =>
  Buffer.concat([Buffer.of(channel), Buffer.from(data)]);

function dialer(dialled: Set<Duplex>): StreamServer['dial'] {
  return (host, port) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host, port });
      dialled.add(socket);
      socket.once('close', () => dialled.delete(socket));
      socket.once('connect', () => resolve(socket));
      socket.once('error', reject);
    });
}

/** `serve` gets each open connection. Answers plain requests with 404, as a runtime does for a spent token. */
export async function startStreamServer(
  serve: (socket: WebSocket) => void,
  protocols: readonly string[] = ['v4.channel.k8s.io'],
): Promise<StreamServer> {
  const requests: IncomingMessage[] = [];
  const dialled = new Set<Duplex>();
  const http: Server = createServer((_request, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => [...offered].find((name) => protocols.includes(name)) ?? false,
  });
  const connections = new Set<Duplex>();
  http.on('connection', (connection) => connections.add(connection));
  http.on('upgrade', (request, connection, head) => {
    requests.push(request);
    if (request.url?.startsWith('/spent'))
      connection.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    else if (request.url?.startsWith('/moved')) {
      connection.end('HTTP/1.1 302 Found\r\nLocation: http://203.0.113.1/\r\nContent-Length: 0\r\n\r\n');
    } else if (!request.url?.startsWith('/silent')) sockets.handleUpgrade(request, connection, head, serve);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    port: (http.address() as AddressInfo).port,
    requests,
    dial: dialer(dialled),
    openConnections: () => dialled.size,
    async close() {
      for (const connection of [...dialled, ...connections]) connection.destroy();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
