import { parseUri } from '@grpc/grpc-js/build/src/uri-parser.js';
import { expect, it } from 'vitest';
import { grpcTarget } from '../../../src/cri/target.js';

/** What grpc-js hands to net.connect (its resolver-uds.js). */
function connectPath(target: string): string | undefined {
  const uri = parseUri(target);
  return uri?.authority === '' ? `/${uri.path}` : uri?.path;
}

it.each([
  ['/run/containerd/containerd.sock', '/run/containerd/containerd.sock'],
  ['//run//crio/crio.sock', '/run//crio/crio.sock'],
  ['/tmp/with space/100%/ä:1?x#y.sock', '/tmp/with space/100%/ä:1?x#y.sock'],
  ['relative.sock', 'relative.sock'],
  ['\\\\.\\pipe\\containerd-containerd', '\\\\.\\pipe\\containerd-containerd'],
  ['//./pipe/containerd-containerd', '\\\\.\\pipe\\containerd-containerd'],
  ['//?/pipe/a/b', '\\\\?\\pipe\\a\\b'],
  ['C:\\crio\\run\\crio.sock', 'C:\\crio\\run\\crio.sock'],
])('lets grpc-js connect to %s', (path, connected) => {
  const target = grpcTarget(path);
  expect(parseUri(target)?.scheme).toBe('unix');
  expect(connectPath(target)).toBe(connected);
});
