/**
 * A relay that holds each piece of data back for half of the round trip that it adds, both ways: tc-netem(8) without the
 * kernel's help, which many machines of tests have no module for. Arguments: the port of a server on 127.0.0.1, and the
 * milliseconds to add to a round trip. Prints the port that it listens on, and ends with its stdin.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

const [port, addedMs] = process.argv.slice(2).map(Number) as [number, number];

function carry(from: Socket, to: Socket): void {
  from.setNoDelay(true);
  from.on('data', (chunk) => setTimeout(() => to.write(chunk), addedMs / 2));
  from.on('end', () => setTimeout(() => to.end(), addedMs / 2));
  from.on('error', () => to.destroy());
}

process.stdin.on('end', () => process.exit(0)).resume();
const server = createServer({ allowHalfOpen: true }, (client) => {
  const upstream = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  carry(client, upstream);
  carry(upstream, client);
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
