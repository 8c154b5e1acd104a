import { expect, test } from 'vitest';
import { parseEndpoint } from '../../../src/runtime/endpoint.js';

test.each([
  [
    'unix:///run/containerd/containerd.sock',
    'unix:///run/containerd/containerd.sock',
    '/run/containerd/containerd.sock',
  ],
  ['unix:/run/a.sock', 'unix:///run/a.sock', '/run/a.sock'],
  [' /run/a b.sock ', 'unix:///run/a b.sock', '/run/a b.sock'],
  [
    'npipe:////./pipe/containerd-containerd',
    'npipe:////./pipe/containerd-containerd',
    '\\\\.\\pipe\\containerd-containerd',
  ],
  ['\\\\.\\pipe\\cri-dockerd', 'npipe:////./pipe/cri-dockerd', '\\\\.\\pipe\\cri-dockerd'],
])('%s', (text, uri, path) => {
  expect(parseEndpoint(text)).toEqual({ uri, path });
});

test.each(['', 'containerd.sock', 'tcp://10.0.0.1:1234', 'unix://', 'unix://relative', 'http://x', '/a\0b'])(
  'refuses %j with what would be right',
  (text) => {
    expect(() => parseEndpoint(text)).toThrow(/unix:\/\/\/run\/containerd\/containerd\.sock/);
  },
);
